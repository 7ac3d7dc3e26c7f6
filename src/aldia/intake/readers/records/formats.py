"""Which reader takes which content. A format is one module and one line here; content decides, never the extension.

A module offers `claims(root | head)` and `read(root | data, notes)`.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

from aldia.intake.readers.bank import camt, cnab240, cnab400, mt940, norma43, ofx, pain002, qif
from aldia.intake.readers.einvoice import cfdi, cii, dte, facturae, nfe, rcv, sunat, ubl
from aldia.intake.readers.limits import Limits
from aldia.intake.readers.records import archive, pdf
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer
from aldia.intake.readers.records.text import peeked
from aldia.intake.readers.records.xml import Node, name_of, parsed
from aldia.intake.readers.stop import Stop

XML: tuple[ModuleType, ...] = (camt, pain002, cfdi, dte, ubl, cii, facturae, nfe, sunat)
TEXT: tuple[ModuleType, ...] = (ofx, mt940, cnab400, cnab240, norma43, qif, rcv)
HEAD = 64 * 1024
ENVELOPE_ELEMENTS = 200  # elements of an envelope that are looked at for the first document inside
LISTS = ("statements", "titles", "returns", "documents")


def looks_like_records(head: bytes) -> bool:
    """True when the first bytes of a file belong to one of these formats, or to XML that may."""
    return _text_reader(head) is not None or _is_xml(head)


def read_file(path: Path, limits: Limits) -> Answer:
    """The records of a file, or of all the files in a ZIP. Raises Stop."""
    with path.open("rb") as file:
        is_archive = file.read(4) in archive.SIGNATURES
    return archive.read(path, limits, read) if is_archive else read(path.read_bytes())


def read(data: bytes) -> Answer:
    """The records of one file's content. Raises Stop."""
    if not data.strip(b" \t\r\n\0"):
        raise Stop("empty_file")
    if data.startswith(pdf.SIGNATURE):
        data = pdf.document_in(data)
    notes = Notes()
    answer = _read_text(data, notes)
    if answer is None:
        if not _is_xml(data[:HEAD]):
            raise Stop("not_a_record_file")
        answer = _read_xml(parsed(data), notes)
    answer["problems"] = notes.found
    return answer


def _read_xml(root: Node, notes: Notes) -> Answer:
    """The records of the root, or of all that an envelope holds: whoever sends ten documents in one is owed ten."""
    answers = [_named(module.read(node, notes)) for module, node in _claimed_in(root)]
    if not answers:
        raise Stop("xml_unknown", name=_described(root))
    first, *others = answers
    for answer in others:
        for name in LISTS:
            if name in answer:
                first.setdefault(name, []).extend(answer[name])  # type: ignore[literal-required, misc]
    return first


def _claimed_in(root: Node) -> Iterator[tuple[ModuleType, Node]]:
    """The root or the outermost elements below it that somebody claims, in order, with who does."""
    waiting, strangers = [root], 0
    is_any_found = False
    while waiting and (is_any_found or strangers < ENVELOPE_ELEMENTS):
        node = waiting.pop()
        module = _claimed(XML, node)
        if module is None:
            strangers += 1
            waiting.extend(node.iterchildren("{*}*", reversed=True))
        else:
            is_any_found = True
            yield module, node


def _named(answer: Answer) -> Answer:
    """The answer with its format on each document, since those of an envelope may differ."""
    for document in answer.get("documents", []):
        document["format"] = answer["format"]
    return answer


def _read_text(data: bytes, notes: Notes) -> Answer | None:
    module = _text_reader(data[:HEAD])
    return _named(module.read(data, notes)) if module else None


def _text_reader(head: bytes) -> ModuleType | None:
    return _claimed(TEXT, peeked(head))


def _claimed(modules: Iterable[ModuleType], content: Node | str) -> ModuleType | None:
    claim: Callable[[Node | str], bool]
    for module in modules:
        claim = module.claims
        if claim(content):
            return module
    return None


def _is_xml(head: bytes) -> bool:
    start = head[:512].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return start.startswith(b"<") and not start.startswith((b"<!doctype html", b"<html", b"<table"))


def _described(root: Node) -> str:
    child = next((name_of(each) for each in root if name_of(each)), "")
    return f"{name_of(root)}/{child}" if name_of(root) == "Document" and child else name_of(root)
