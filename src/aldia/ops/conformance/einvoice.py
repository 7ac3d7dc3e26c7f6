"""Electronic documents against their reference: ids, dates, totals, what is payable, instalments and what they settle."""

from pathlib import Path
from typing import Any

from aldia.ops.conformance.checks import Case, Checks, Comparison, Found, day_of, number, refused


def _only(checks: Checks, found: Found) -> dict[str, Any] | None:
    documents: list[dict[str, Any]] = found["documents"]
    return documents[0] if checks.count("documents", 1, documents) else None


def _folded(text: Any) -> str | None:
    return text.strip().upper() if isinstance(text, str) and text.strip() else None


def cfdi(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """CFDI with its payment complements."""
    ours = _only(checks, found)
    if ours is None:
        return
    for name, expected in (
        ("type_code", "tipo"),
        ("series", "serie"),
        ("number", "folio"),
        ("currency", "moneda"),
    ):
        checks.same(name, case[expected], ours[name])
    checks.same("uuid", _folded(case["uuid"]), _folded(ours["uuid"]))
    checks.same("issued_on", day_of(case["fecha"]), ours["issued_on"])
    checks.amount("total", case["total"], ours["total"])
    checks.same("issuer_id", _folded(case["emisor_rfc"]), ours["issuer_id"])
    checks.same("receiver_id", _folded(case["receptor_rfc"]), ours["receiver_id"])
    if case["tipo"] == "I" and case["metodo_pago"] in {"PPD", "PUE"}:
        checks.amount("payable", case["total"] if case["metodo_pago"] == "PPD" else "0", ours["payable"])
    _settled(checks, case, ours["settles"] if case["pagos"] else [])


def _settled(checks: Checks, case: Case, settles: list[dict[str, Any]]) -> None:
    documents = [document for payment in case["pagos"] for document in payment["documentos"]]
    if not checks.count("settles", len(documents), settles):
        return
    for at, (expected, ours) in enumerate(zip(documents, settles, strict=True)):
        checks.same(f"settles[{at}].uuid", _folded(expected["id_documento"]), _folded(ours["uuid"]))
        checks.same(f"settles[{at}].number", expected["folio"], ours["number"])
        if expected["pagado"] is not None:
            checks.amount(f"settles[{at}].amount", expected["pagado"], ours["amount"])
    for currency, total in case["sum_pagado"].items():
        written = [
            ours["amount"]
            for expected, ours in zip(documents, settles, strict=True)
            if ours["currency"] == currency and expected["pagado"] is not None
        ]
        checks.total(f"sum_settled[{currency}]", total, written)


def dte(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """DTE of Chile."""
    ours = _only(checks, found)
    if ours is None:
        return
    for name, expected in (
        ("type_code", "tipo"),
        ("number", "folio"),
        ("issued_on", "emision"),
        ("due_on", "vencimiento"),
        ("issuer_id", "rut_emisor"),
        ("receiver_id", "rut_receptor"),
    ):
        checks.same(name, case[expected], ours[name])
    checks.amount("total", case["total"], ours["total"])
    if case["tipo"] != "61":
        checks.amount("payable", "0" if case["forma_pago"] == "1" else case["total"], ours["payable"])
    checks.same(
        "related",
        [each["folio"] for each in case["referencias"]],
        [each["number"] for each in ours["related"]],
    )


def rcv(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Registers of purchases and sales of Chile."""
    documents = found["documents"]
    checks.count("documents", case["documents"], documents)
    checks.total("sum", case["monto_total_sum"], [each["total"] for each in documents])
    checks.same("folios", sorted(case["folios"]), sorted(each["number"] for each in documents))
    ids = {each["issuer_id"] or each["receiver_id"] for each in documents}
    checks.same("ruts", sorted(case["ruts"]), sorted(each for each in ids if each))


def ubl(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """UBL of Europe, Colombia and Peru."""
    ours = _only(checks, found)
    if ours is None:
        return
    kinds = {"Invoice": "invoice", "CreditNote": "credit_note", "DebitNote": "debit_note"}
    checks.same("type", kinds[case["kind"]], ours["type"])
    for name, expected in (
        ("number", "id"),
        ("uuid", "uuid"),
        ("type_code", "type_code"),
        ("currency", "currency"),
    ):
        checks.same(name, case[expected], ours[name])
    checks.same("issued_on", day_of(case["issue_date"]), ours["issued_on"])
    checks.same("due_on", day_of(case["due_date"] or case["payment_terms_due"]), ours["due_on"])
    checks.amount("total", case["tax_inclusive"] or case["payable"], ours["total"])
    checks.amount("payable", case["payable"], ours["payable"])
    checks.same("issuer_id", _identity(case["supplier"]), ours["issuer_id"])
    checks.same("receiver_id", _identity(case["customer"]), ours["receiver_id"])
    earlier = list(dict.fromkeys(case["billing_references"]))
    checks.same("related", earlier, [each["number"] for each in ours["related"]])
    if case["kind"] == "CreditNote":
        checks.same("settles", earlier, [each["number"] for each in ours["settles"]])


def _identity(party: Case) -> str | None:
    names = ("tax_id", "legal_id", "party_id", "account_id", "endpoint")
    return next((party[name] for name in names if party[name]), None)


def cii(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Cross industry invoices."""
    ours = _only(checks, found)
    if ours is None:
        return
    checks.same("number", case["id"], ours["number"])
    checks.same("type_code", case["type_code"], ours["type_code"])
    checks.same("currency", case["currency"], ours["currency"])
    checks.same("issued_on", case["issue_date"], ours["issued_on"])
    checks.same("due_on", min(case["due_dates"], default=None), ours["due_on"])
    checks.amount("total", case["grand_total"], ours["total"])
    checks.amount("payable", case["due_payable"], ours["payable"])
    for name, party in (("issuer_id", case["seller"]), ("receiver_id", case["buyer"])):
        own = party["tax_ids"].get("VA") or next(iter(party["tax_ids"].values()), None)
        checks.same(name, own or party["legal_id"] or party["global_id"] or party["id"], ours[name])
    checks.same("related", case["preceding_invoices"], [each["number"] for each in ours["related"]])


def facturae(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Facturae batches; sums that do not add up must be told."""
    if not checks.count("documents", len(case["invoices"]), found["documents"]):
        return
    for at, (expected, ours) in enumerate(zip(case["invoices"], found["documents"], strict=True)):
        where = f"documents[{at}]"
        checks.same(f"{where}.issuer_id", case["seller"]["tax_id"], ours["issuer_id"])
        checks.same(f"{where}.receiver_id", case["buyer"]["tax_id"], ours["receiver_id"])
        for name in ("number", "series", "currency"):
            checks.same(f"{where}.{name}", expected[name], ours[name])
        checks.same(f"{where}.type_code", expected["invoice_class"], ours["type_code"])
        checks.same(f"{where}.issued_on", expected["issue_date"], ours["issued_on"])
        checks.amount(f"{where}.total", expected["total"], ours["total"])
        checks.amount(f"{where}.payable", expected["executable"], ours["payable"])
        _instalments(
            checks, where, [(each["due"], each["amount"]) for each in expected["installments"]], ours
        )
        parts = [number(expected[name]) or 0 for name in ("gross_before_tax", "tax_outputs", "tax_withheld")]
        if parts[0] + parts[1] - parts[2] != number(expected["total"]):
            checks.warned(found, "total_mismatch")


def nfe(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """NF-e with its duplicatas."""
    ours = _only(checks, found)
    if ours is None:
        return
    for name, expected in (
        ("uuid", "chave"),
        ("number", "numero"),
        ("series", "serie"),
        ("issuer_id", "emit_cnpj"),
    ):
        checks.same(name, case[expected], ours[name])
    checks.stated("receiver_id", case["dest_cnpj"], ours["receiver_id"])
    checks.same("issued_on", day_of(case["emissao"]), ours["issued_on"])
    checks.amount("total", case["v_nf"], ours["total"])
    _instalments(
        checks, "document", [(each["vencimento"], each["valor"]) for each in case["duplicatas"]], ours
    )
    if case["duplicatas"]:
        checks.total("payable", ours["payable"], [each["valor"] for each in case["duplicatas"]])
    elif case["finalidade"] != "4":
        deferred = any(each["indicador"] == "1" for each in case["pagamentos"])
        unpaid = any(each["meio"] == "90" for each in case["pagamentos"])
        checks.amount("payable", case["v_nf"] if deferred and not unpaid else "0", ours["payable"])


def _instalments(checks: Checks, where: str, expected: list[tuple[Any, Any]], ours: dict[str, Any]) -> None:
    if checks.count(f"{where}.instalments", len(expected), ours["instalments"]):
        for at, ((due, amount), own) in enumerate(zip(expected, ours["instalments"], strict=True)):
            checks.same(f"{where}.instalments[{at}].due_on", due, own["due_on"])
            checks.amount(f"{where}.instalments[{at}].amount", amount, own["amount"])


KINDS: dict[str, Comparison] = {
    "cfdi": cfdi,
    "DTE": dte,
    "RCV": rcv,
    "Invoice": ubl,
    "CreditNote": ubl,
    "DebitNote": ubl,
    "CII": cii,
    "Facturae": facturae,
    "NFe": nfe,
    "invalid": refused,
}
