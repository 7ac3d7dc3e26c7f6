"""Tax ids, telephones and boleto codes against their reference; kinds that aldia does not check are named, not passed."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from aldia.domain.boleto import NotABoleto, read_boleto
from aldia.intake.checking.identifiers import UnknownKind, identifier
from aldia.intake.checking.identity import TAX_KINDS, phone, tax_id
from aldia.ops.conformance.checks import Case, Checks, Comparison, Found

TAX_IDS = {kind for kinds in TAX_KINDS.values() for kind in kinds}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def numbers(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Tax and bank identifiers: valid or not, and the compact form."""
    unknown: Counter[str] = Counter()
    for row in _rows(path):
        kind, answer = row["kind"], case["answers"][row["id"]]
        try:
            checks.same(row["id"], answer["compact"], _compact(row["raw"], kind))
        except UnknownKind:
            unknown[kind] += 1
    checks.left_out = [f"{kind}: {count}" for kind, count in unknown.most_common()]


def _compact(raw: str, kind: str) -> str | None:
    """As a load finds it among the tax ids of the country, or as a number of a stated kind."""
    if kind not in TAX_IDS:
        return identifier(raw, kind)
    compact, found, is_valid = tax_id(raw, kind[:2].upper())
    return compact if is_valid and found == kind else None


def phones(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Telephones: valid or not, and the E.164 form."""
    for row in _rows(path):
        known = phone(row["raw"], row["default_region"])
        checks.same(row["id"], case["answers"][row["id"]]["e164"], known[0] if known else None)


def boletos(checks: Checks, case: Case, found: Found, path: Path) -> None:
    """Boleto codes: both written forms, amount and due dates."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        answer = case["answers"][row["id"]]
        try:
            ours = read_boleto(row["raw"])
        except NotABoleto:
            checks.same(row["id"], answer["valid"], False)
            continue
        checks.same(f"{row['id']}.valid", answer["valid"], True)
        if answer["valid"]:
            checks.same(f"{row['id']}.bar_code", answer["bar_code"], ours.bar_code)
            checks.same(f"{row['id']}.typed_line", answer["typed_line"], ours.typed_line)
            checks.amount(
                f"{row['id']}.value",
                answer["value"],
                f"{ours.amount_minor // 100}.{ours.amount_minor % 100:02d}",
            )
            for name, own in (("due_old_cycle", ours.due_old_on), ("due_new_cycle", ours.due_new_on)):
                checks.same(f"{row['id']}.{name}", answer[name], own.isoformat() if own else None)


KINDS: dict[str, Comparison] = {"identifiers": numbers, "phones": phones, "boleto codes": boletos}
