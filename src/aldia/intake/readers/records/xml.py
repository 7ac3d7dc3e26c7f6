"""XML read safely and asked by short paths, whatever its namespaces, prefixes and versions.

A path is names joined by `/`, with `@name` at the end for an attribute: `Acct/Id/IBAN`, `Amt/@Ccy`.
"""

import codecs
import re
from functools import lru_cache

from lxml import etree

from aldia.intake.readers.records.text import PADDING
from aldia.intake.readers.stop import Stop

Node = etree._Element
DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
ONE_BYTE = re.compile(
    rb"<\?xml[^>]*encoding\s*=\s*[\"'](?:iso-?8859-\d+|windows-125\d|latin-?1)[\"']", re.IGNORECASE
)
NO_MEMORY = 2  # libxml2's XML_ERR_NO_MEMORY


def parsed(data: bytes) -> Node:
    """The root of the document. Raises Stop: no entities, no DTD, nothing truncated, nothing from the network."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data[:4096]:
        raise Stop("xml_entities")
    try:
        root = etree.fromstring(_marked(_bare(data)), parser)
    except etree.XMLSyntaxError as error:
        raise _reason(error, data) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Stop("xml_entities")
    return root


def embedded(document: str) -> Node:
    """The root of a document that another carries as text: whatever its own first line declares, it is letters already."""
    return parsed(DECLARATION.sub("", document.lstrip("\ufeff \t\r\n"), count=1).encode())


def _bare(data: bytes) -> bytes:
    """The document without what systems leave around it; in UTF-16 a zero at the end is half a letter."""
    is_wide = b"\0" in data[:4]
    return data if is_wide else data.lstrip(b" \t\r\n").rstrip(PADDING)


def _marked(data: bytes) -> bytes:
    """The document with the mark of UTF-8 where it declares one byte a letter and is UTF-8 all the same: text of another set is
    not UTF-8 by accident, and many systems keep an old first line."""
    if data.isascii() or not ONE_BYTE.search(data[:200]) or not _is_utf8(data):
        return data
    return codecs.BOM_UTF8 + data.removeprefix(codecs.BOM_UTF8)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _reason(error: etree.XMLSyntaxError, data: bytes) -> Stop:
    line = error.lineno or 1
    text = str(error)
    if getattr(error, "code", None) == NO_MEMORY:
        return Stop("too_much_memory")
    if "encoding" in text.lower() or "not proper UTF-8" in text:
        return Stop("xml_encoding", line=line)
    if "Entity" in text or "entity" in text:
        return Stop("xml_entities")
    if not data[-200:].rstrip(PADDING).endswith(b">"):
        return Stop("xml_truncated", line=line)
    return Stop("xml_damaged", line=line)


def name_of(node: Node) -> str:
    """The name without its namespace."""
    return str(node.tag).rpartition("}")[2]


def line_of(node: Node) -> int | None:
    """The line where the element begins."""
    line: object = node.sourceline
    return line if isinstance(line, int) else None


def nodes(node: Node, path: str) -> list[Node]:
    """The elements at the path, in the order of the file."""
    return node.findall("/".join(_steps(path)[0]))


def node_at(node: Node, path: str) -> Node | None:
    """The first element at the path."""
    return _walk(node, _steps(path)[0], 0)


def text(node: Node | None, *paths: str) -> str | None:
    """The first text that any of the paths finds, trimmed; None where all are absent or empty."""
    if node is None:
        return None
    for path in paths:
        found = _value(node, path)
        if found:
            return found
    return None


def texts(node: Node, path: str) -> list[str]:
    """All texts at the path that are not empty."""
    return [found for each in nodes(node, path) if (found := (each.text or "").strip())]


def attribute(node: Node | None, *names: str) -> str | None:
    """The first of the attributes that is there, trimmed."""
    if node is None:
        return None
    for name in names:
        found = node.get(name)
        if found is not None and found.strip():
            return found.strip()
    return None


def descendants(root: Node, *names: str) -> list[Node]:
    """The root itself or every element below it that has one of the names, in order."""
    return list(root.iter(*(f"{{*}}{name}" for name in names)))


def _value(node: Node, path: str) -> str | None:
    steps, last = _steps(path)
    found = _walk(node, steps, 0) if steps else node
    if last:
        return attribute(found, last)
    return found.text.strip() if found is not None and found.text else None


def _walk(node: Node, steps: tuple[str, ...], at: int) -> Node | None:
    """The first element at the end of the steps: half the price of `find`, which a statement asks millions of times."""
    if at == len(steps):
        return node
    for child in node.iterchildren(steps[at]):
        found = _walk(child, steps, at + 1)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=2048)
def _steps(path: str) -> tuple[tuple[str, ...], str]:
    """The names of the path in any namespace, and the attribute at its end."""
    names = path.split("/")
    last = names.pop()[1:] if names[-1].startswith("@") else ""
    return tuple(f"{{*}}{name}" for name in names), last
