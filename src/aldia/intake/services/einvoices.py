"""Electronic documents on their way into the ledger: read in the limited child, routed by who issued them, judged, settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.utils.translation import gettext as _

from aldia.db.frames import write_frame
from aldia.domain.matching import DAYS_APART
from aldia.domain.money import Rounding
from aldia.intake.checking.options import Conventions
from aldia.intake.checking.problems import ERROR
from aldia.intake.checking.spool import Spool
from aldia.intake.einvoices.bundle import contents
from aldia.intake.einvoices.debts import PART, Odd, Terms, identity_of
from aldia.intake.einvoices.issuers import compact, spellings
from aldia.intake.einvoices.oddities import FILED
from aldia.intake.einvoices.taking import PAYMENT, Around, Taken, take
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.mapping import Mapping
from aldia.intake.models import EINVOICES, Load, LoadChange
from aldia.intake.readers.limits import DEFAULT
from aldia.intake.readers.refusals import Refused
from aldia.intake.readers.registry import Normalised, reader_of
from aldia.intake.services.checked import CheckedFile
from aldia.ledger import facts as ledger
from aldia.ledger import invoices
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger_services
from aldia.payments import facts as payments
from aldia.payments import services as payment_services

if TYPE_CHECKING:
    from aldia.access.actors import Actor, Clock
    from aldia.intake.planning import Plan
    from aldia.intake.requests import LoadRequest
    from aldia.intake.services.places import Places
    from aldia.ledger.models import Portfolio

_FAULTS: Final = frozenset({"total_mismatch", "test_document"})


class EinvoicesRefused(Refused):
    """A file of electronic documents that has no place to go: nobody here issued it, or it is something else."""


@dataclass(frozen=True)
class Reading:
    """What the child read of a file: documents, each with the file that it came in, and what it found odd."""

    path: Path
    records: list[dict[str, Any]]
    oddities: list[dict[str, Any]]


def receipts_source(key: str) -> str:
    """Return how the payments that electronic documents tell are named, by the key of the source."""
    return f"{key[:40]}:einvoice"


def reading_of(path: Path, request: LoadRequest, *, name: str = "") -> Reading | None:
    """Return what the file (called `name`) reads as when it is of electronic documents; None for a table.

    Raises FileRefused, EinvoicesRefused.
    """
    if request.kind not in {"documents", EINVOICES}:
        return None
    reader = reader_of(path)
    if reader.name != "records":
        return None
    answer: Normalised = reader.read(path, None)
    records: list[dict[str, Any]] = answer.get("documents") or []
    if not records:
        raise EinvoicesRefused(
            "bank_file",
            found=_("Es un archivo de banco: %(format)s.") % {"format": answer.get("format")},
            expected=_("Facturas, notas o complementos de pago."),
            hint=_("Llévalo a Pagos → Conciliación, o usa aldia reconcile."),
        )
    name = name or path.name
    for record in records:
        record.setdefault("member", name)
    oddities = [
        {**each, "file": name if each["field"] == "file" else each["field"]} for each in answer["problems"]
    ]
    return Reading(path, records, oddities)


def routed(*, actor: Actor, request: LoadRequest, reading: Reading) -> LoadRequest:
    """Return the request with the portfolio of whoever issued the documents. Raises EinvoicesRefused."""
    if request.is_full_refresh:
        raise EinvoicesRefused(
            "einvoices_full_refresh",
            found=_("Facturas electrónicas como lista completa."),
            expected=_("Una planilla con todo lo que se debe."),
            hint=_("Importa las facturas sin --full-refresh."),
            field="is_full_refresh",
        )
    issuers = Counter(str(each["issuer_id"]) for each in reading.records if each.get("issuer_id"))
    portfolios = list(ledger_selectors.portfolios(actor))
    if request.portfolio:
        chosen = [row for row in portfolios if request.portfolio in {row.key, row.name}]
    else:
        chosen = [row for row in portfolios if any(_is_issuer(row, issuer) for issuer in issuers)]
    if len(chosen) > 1:
        chosen = _in_currency(chosen, reading)
    if chosen:
        return _to_known(request, chosen[0], issuers)
    return _to_new(actor, request, reading, issuers, has_any=bool(portfolios))


def _is_issuer(portfolio: Portfolio, issuer: str) -> bool:
    country = portfolio.country or portfolio.creditor.country
    return bool(spellings(issuer, country) & spellings(portfolio.creditor.tax_id, country))


def _in_currency(portfolios: list[Portfolio], reading: Reading) -> list[Portfolio]:
    """The one portfolio in the currency of most documents."""
    main = Counter(str(each.get("currency")) for each in reading.records).most_common(1)[0][0]
    fitting = [row for row in portfolios if row.currency == main]
    if len(fitting) == 1:
        return fitting
    names = ", ".join(f"«{row.name}»" for row in fitting or portfolios)
    raise EinvoicesRefused(
        "several_portfolios",
        found=_("Quien emitió tiene varias carteras: %(names)s.") % {"names": names},
        expected=_("Una cartera."),
        hint=_("Elige una, o dila con --portfolio."),
        field="portfolio",
    )


def _to_known(request: LoadRequest, portfolio: Portfolio, issuers: Counter[str]) -> LoadRequest:
    own = portfolio.creditor.tax_id or request.creditor_tax_id
    if not own:
        raise _no_tax_id(portfolio.creditor.name, issuers)
    return replace(request, kind=EINVOICES, portfolio=portfolio.key, creditor_tax_id=own)


def _to_new(
    actor: Actor, request: LoadRequest, reading: Reading, issuers: Counter[str], *, has_any: bool
) -> LoadRequest:
    """A portfolio that the load will make, for the creditor that the request names by its tax id."""
    creditors = [
        row for row in ledger_selectors.creditors(actor)
        if request.creditor in {row.name, row.key} or any(spellings(each, row.country) & spellings(row.tax_id, row.country) for each in issuers)
    ]  # fmt: skip
    own = next((row.tax_id for row in creditors if row.tax_id), "") or request.creditor_tax_id
    if not own:
        raise _no_tax_id(request.creditor or _("la organización"), issuers)
    told = [
        str(each["issuer_name"])[:200] for each in reading.records
        if each.get("issuer_name") and compact(each.get("issuer_id")) == compact(own)
    ]  # fmt: skip
    name = request.creditor or (creditors[0].name if creditors else next(iter(told), ""))
    portfolio = request.portfolio or (name if has_any else "")
    return replace(request, kind=EINVOICES, creditor=name, portfolio=portfolio, creditor_tax_id=own)


def _no_tax_id(creditor: str, issuers: Counter[str]) -> EinvoicesRefused:
    issuer = issuers.most_common(1)[0][0] if issuers else "?"
    return EinvoicesRefused(
        "issuer_unknown",
        found=_("Las emitió %(issuer)s, y no sabemos si es %(creditor)s.") % {"issuer": issuer, "creditor": creditor},
        expected=_("La identificación fiscal del acreedor, para reconocer lo que emitió."),
        hint=_("Escríbela en Ajustes → Carteras → Acreedor, o dila con --creditor-tax-id %(issuer)s.") % {"issuer": issuer},
        field="creditor_tax_id",
    )  # fmt: skip


def check_einvoices(actor: Actor, reading: Reading, request: LoadRequest, places: Places) -> CheckedFile:
    """Return the documents judged against each other and against what is known; `papers` has what is not a row."""
    taken = take(reading.records, _terms(request, places), _around(actor, reading, places))
    good = pl.DataFrame(taken.rows, schema=_ROWS, orient="row")
    refused = [each for each in reading.oddities if each["severity"] == ERROR]
    spool = Spool(Path(settings.HOME) / "spool")
    spool.add(good)
    told = [{name: each.get(name) for name in FILED} for each in refused] + taken.problems
    problems = pl.DataFrame(told, schema=FILED, orient="row")
    checked = CheckedFile(
        [], Mapping(Kind.DOCUMENTS, {}), Conventions("ymd", "dot", request.currency or places.organisation.currency), spool,
        rows=taken.read + len(refused), rejected=taken.rejected + len(refused), repeated=taken.repeated,
        problems_total=problems.height, papers=taken,
        _errors=problems.filter(pl.col("severity") == ERROR), _warnings=problems.filter(pl.col("severity") != ERROR),
    )  # fmt: skip
    checked.currencies.update(each["currency"] for each in taken.rows)
    if taken.left_out:
        checked.left_out.append(pl.DataFrame(taken.left_out, infer_schema_length=None))
    return checked


_ROWS: Final[dict[str, Any]] = {
    "row": pl.Int64, "reference": pl.String, "document_number": pl.String, "document_kind": pl.String, "issued_on": pl.Date,
    "due_on": pl.Date, "currency": pl.String, "original_minor": pl.Int64, "open_minor": pl.Int64, "is_disputed": pl.Boolean,
    "attributes": pl.String, "customer_id": pl.String, "customer_name": pl.String, "tax_id": pl.String,
    "tax_id_kind": pl.String, "is_tax_id_valid": pl.Boolean, "country": pl.String, "settled_on": pl.Date,
    "settled_minor": pl.Int64, "language": pl.String, "email": pl.String, "phone_e164": pl.String,
    "phone_is_mobile": pl.Boolean, "address": pl.String, "region": pl.String,
}  # fmt: skip


def _terms(request: LoadRequest, places: Places) -> Terms:
    told = places.portfolio.settings if places.portfolio else {}
    days = request.payment_days if request.payment_days is not None else told.get("payment_days")
    return Terms(
        request.creditor_tax_id,
        request.country or places.country,
        Rounding(request.rounding) if request.rounding else None,
        days,
        {compact(number): int(each) for number, each in told.get("payment_days_of", {}).items()},
        takes_tests=places.organisation.is_sandbox,
    )


def _around(actor: Actor, reading: Reading, places: Places) -> Around:
    faults = {
        (each["file"], str(each["number"])): (str(each["code"]), str(each["found"]))
        for each in reading.oddities
        if each["code"] in _FAULTS and "number" in each
    }
    portfolio = places.portfolio
    if portfolio is None:
        return Around(faults=faults)
    known = ledger.known_documents(actor.organisation_id, portfolio_id=portfolio.pk)
    named = [name for identity in _identities(reading) for name in (identity, f"{identity}{PART}1")]
    elsewhere = invoices.held_elsewhere(
        actor.organisation_id, portfolio_id=portfolio.pk, creditor_id=portfolio.creditor_id, references=named
    )
    source = receipts_source(portfolio.key)
    return Around(
        known=known.iter_rows(named=True),
        elsewhere={reference.partition(PART)[0]: name for reference, name in elsewhere.items()},
        paid=payments.receipt_references(actor.organisation_id, portfolio_id=portfolio.pk, source=source),
        named=payments.named_references(actor.organisation_id, portfolio_id=portfolio.pk, source=source),
        received=_received(actor, reading, portfolio.pk, source),
        faults=faults,
        replaced=invoices.replaced_identities(actor.organisation_id, portfolio_id=portfolio.pk),
        waiting=invoices.waiting_notes(actor.organisation_id, portfolio_id=portfolio.pk),
    )


def _received(actor: Actor, reading: Reading, portfolio_id: int, source: str) -> Iterable[dict[str, Any]]:
    """The money that came by other ways on the days that the file tells payments of; nothing where it tells none."""
    paid = [record for record in reading.records if record["type"] == PAYMENT]
    told = [
        each.get("on") or record.get("issued_on") for record in paid for each in record.get("settles") or ()
    ]
    days = [date.fromisoformat(each) for each in told if each]
    if not days:
        return ()
    apart = timedelta(days=DAYS_APART)
    money = payments.nameable_money(
        actor.organisation_id, portfolio_id=portfolio_id, source=source, from_on=min(days) - apart,
        to_on=max(days) + apart + timedelta(days=1),
    )  # fmt: skip
    return money.iter_rows(named=True)


def _identities(reading: Reading) -> list[str]:
    found = []
    for record in reading.records:
        try:
            found.append(identity_of(record))
        except Odd:
            continue  # told when it is judged
    return found


def settle(*, actor: Actor, load: Load, plan: Plan, places: Places, clock: Clock) -> pl.Series:
    """Lower what notes name, end what was cancelled and attach each file to its documents; return the accounts that moved."""
    if plan.papers is None or places.portfolio is None:
        return pl.Series("account_id", [], dtype=pl.Int64)
    held = ledger.known_documents(actor.organisation_id, portfolio_id=places.portfolio.pk).unique("reference")
    lowered = _lower(actor, load, plan.papers, held, places.portfolio.pk, clock)
    ended = _end(actor, load, plan.papers, held, places.portfolio.pk, clock)
    _attach(actor, load, plan.papers, held, clock)
    source = receipts_source(places.portfolio.key)
    payment_services.name_receipts(actor=actor, source=source, names=plan.papers.named, load_id=load.pk)
    return pl.concat([lowered, ended])


def _lower(
    actor: Actor, load: Load, papers: Taken, held: pl.DataFrame, portfolio_id: int, clock: Clock
) -> pl.Series:
    """One posting a note and document: the note is used, the document is owed that much less, from the later of their days."""
    planned = pl.DataFrame(
        papers.credits, schema={"note": pl.String, "document": pl.String, "minor": pl.Int64}, orient="row"
    )
    which = ["document_id", "account_id", "currency", "issued_on"]
    rows = (
        planned.join(held.select(*which, note="reference"), on="note", maintain_order="left")
        .join(held.select(*which, document="reference"), on="document", suffix="_of", maintain_order="left")
        .filter(
            (pl.col("account_id") == pl.col("account_id_of")) & (pl.col("currency") == pl.col("currency_of"))
        )
        .with_columns(key=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    postings = rows.select(
        "key", portfolio_id=pl.lit(portfolio_id, pl.Int64), on=pl.max_horizontal("issued_on", "issued_on_of"),
        kind=pl.lit("allocation"), source=pl.lit(f"load:{load.pk}"), recorded_at=pl.lit(clock.now),
        reference=pl.format("note:{}:{}", "document_id", "document_id_of"),
    )  # fmt: skip
    common = {"book": pl.lit("receivable")}
    note = rows.select("key", "account_id", "document_id", "currency", amount_minor="minor", **common)
    debt = rows.select(
        "key", "account_id", "currency", document_id="document_id_of", amount_minor=-pl.col("minor"), **common
    )
    ledger_services.post_frame(
        organisation_id=actor.organisation_id,
        postings=postings,
        legs=pl.concat([note, debt.select(note.columns)]),
    )
    return rows["account_id"]


def _end(
    actor: Actor, load: Load, papers: Taken, held: pl.DataFrame, portfolio_id: int, clock: Clock
) -> pl.Series:
    """What was cancelled is no longer owed; what was paid of it stays as a balance in favour."""
    rows = held.filter(pl.col("reference").is_in(papers.cancelled)).with_columns(
        key=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    postings = rows.select(
        "key", "reference", portfolio_id=pl.lit(portfolio_id, pl.Int64), kind=pl.lit("adjustment"),
        on=pl.max_horizontal("issued_on", pl.lit(load.as_of)), source=pl.lit(f"load:{load.pk}"), recorded_at=pl.lit(clock.now),
    )  # fmt: skip
    debt = rows.select(
        "key",
        "account_id",
        "document_id",
        "currency",
        book=pl.lit("receivable"),
        amount_minor=-pl.col("original_minor"),
    )
    sale = debt.with_columns(
        document_id=pl.lit(None, pl.Int64), book=pl.lit("sales"), amount_minor=-pl.col("amount_minor")
    )
    ledger_services.post_frame(
        organisation_id=actor.organisation_id, postings=postings, legs=pl.concat([debt, sale])
    )
    whole = rows.filter(pl.col("balance_minor") == pl.col("original_minor"))
    if whole.height:
        before = pl.struct("state").struct.json_encode()
        write_frame(
            LoadChange,
            whole.select(
                "document_id", organisation_id=pl.lit(actor.organisation_id), load_id=pl.lit(load.pk),
                action=pl.lit("settled"), before=before,
            ),
        )  # fmt: skip
        ledger_services.change_documents(
            organisation_id=actor.organisation_id,
            changes=whole.select("document_id", state=pl.lit("CANCELLED")),
            columns=["state"],
        )
    return rows["account_id"]


def _attach(actor: Actor, load: Load, papers: Taken, held: pl.DataFrame, clock: Clock) -> None:
    if not papers.files or load.file is None:
        return
    ids = held.filter(pl.col("reference").is_in(list(papers.files))).select("document_id", "reference")
    documents = {document_id: papers.files[reference] for document_id, reference in ids.iter_rows()}
    stored, path = ledger_selectors.open_file(actor, load.file.pk)
    names = set(papers.files.values())
    received = ((name if name in names else stored.name, content) for name, content in contents(path, names, limit=DEFAULT.record_bytes))  # fmt: skip
    ledger_services.attach_received(actor=actor, documents=documents, contents=received, now=clock.now)
