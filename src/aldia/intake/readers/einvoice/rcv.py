"""RCV of Chile: the tax office's register of purchases or sales as CSV. Rows without a first cell go on with other taxes."""

import csv
import io

from aldia.intake.readers.einvoice.dte import TYPES
from aldia.intake.readers.records.notes import Notes
from aldia.intake.readers.records.shapes import Answer, Document, Settled
from aldia.intake.readers.records.text import decoded
from aldia.intake.readers.records.values import amount, day
from aldia.intake.readers.stop import Stop

OTHER_SIDE = ("rut cliente", "rut proveedor")


def claims(head: str) -> bool:
    """True for a text whose heading is the register's."""
    first = head.lstrip("\ufeff").split("\n")[0].lower()
    return first.startswith("nro;tipo doc;tipo ") and "folio" in first and "monto total" in first


def read(data: bytes, notes: Notes) -> Answer:
    """The documents of the register. Raises Stop `bad_amount`, `no_document`."""
    rows = csv.reader(io.StringIO(decoded(data)), delimiter=";")
    heading = [" ".join(cell.split()).lower() for cell in next(rows, [])]
    is_sale = OTHER_SIDE[0] in heading
    documents: list[Document] = []
    try:
        for row in rows:
            cells = dict(zip(heading, (cell.strip() for cell in row), strict=False))
            if cells.get("nro"):
                documents.append(_document(cells, rows.line_num, notes, is_sale=is_sale))
    except csv.Error as error:
        raise Stop("bad_line", line=rows.line_num, found=str(error)) from error
    if not documents:
        raise Stop("no_document")
    return {"format": "RCV", "version": "venta" if is_sale else "compra", "documents": documents}


def _document(cells: dict[str, str], line: int, notes: Notes, *, is_sale: bool) -> Document:
    code = cells.get("tipo doc") or None
    kind = TYPES.get(code or "", "other")
    total = amount(cells.get("monto total") or "0", line=line)
    other = cells.get(OTHER_SIDE[0 if is_sale else 1]) or None
    name = cells.get("razon social") or None
    return {
        "type": kind,
        "type_code": code,
        "number": cells.get("folio") or None,
        "uuid": None,
        "issued_on": day(cells.get("fecha docto", "").replace("/", ""), "DDMMYYYY", notes, line=line),
        "due_on": None,
        "currency": "CLP",
        "total": total,
        "payable": total if kind != "other" else None,
        "issuer_id": None if is_sale else other,
        "issuer_name": None if is_sale else name,
        "receiver_id": other if is_sale else None,
        "receiver_name": name if is_sale else None,
        "instalments": [],
        "settles": _settled(cells) if kind == "credit_note" else [],
        "related": [],
    }


def _settled(cells: dict[str, str]) -> list[Settled]:
    number = cells.get("folio docto. referencia")
    return [{"uuid": None, "number": number, "amount": None}] if number and number != "0" else []
