"""Read, map, check, plan: then show it (dry run, preview) or carry it out (merge). One plan serves all three."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.intake.mapping.mapping import signature
from aldia.intake.models import Load, LoadProblem, LoadState, RejectedRow
from aldia.intake.planning import Plan, plan_documents, plan_papers, plan_receipts, with_growth
from aldia.intake.requests import MOST_PROBLEMS, LoadRequest, LoadResult
from aldia.intake.services import einvoices, merging
from aldia.intake.services.checked import CheckedFile, check_file
from aldia.intake.services.places import Places, check_full_refresh, make_places, places_of
from aldia.intake.services.progress import OnStep, quiet
from aldia.ledger import facts as ledger
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger_services
from aldia.payments import facts as payments

if TYPE_CHECKING:
    from aldia.ledger.models import Portfolio


def load(
    *,
    actor: Actor,
    path: Path,
    request: LoadRequest,
    clock: Clock,
    is_dry_run: bool,
    on_step: OnStep = quiet,
) -> LoadResult:
    """Return what loading the file does; with `is_dry_run` what it would do, and nothing is stored.

    The good rows merge in one transaction or not at all; with `is_strict` one bad row refuses the file. Raises the named
    refusals of readers, mapping and checking, which tell the option that settles them.
    """
    actor.check(Permission.LOAD_FILES)
    look = _look(actor, path, request, request.as_of or clock.as_of, on_step)
    request, checked, plan = look.request, look.checked, look.plan
    is_refused = request.is_strict and checked.rejected > 0
    if is_dry_run or is_refused:
        return _result(checked, plan, is_refused=is_refused)
    with transaction.atomic():
        made = make_places(
            actor=actor,
            request=request,
            currency=request.currency.upper() or checked.main_currency,
            clock=clock,
        )
        row = _keep_load(actor, path, request, made, checked, clock, LoadState.MERGING)
        moved = merging.merge_plan(
            actor=actor, load=row, plan=plan, places=made, clock=clock, on_step=on_step
        )
        _finish(row, checked, plan, made, clock)
    on_step("cases", 0, moved.len())
    merging.refresh_cases(actor=actor, clock=clock, accounts=moved)
    return _result(checked, plan, load_id=row.pk)


def preview(*, actor: Actor, path: Path, request: LoadRequest, clock: Clock, on_step: OnStep = quiet) -> Load:
    """Return a load that shows what the file would do, its rejected rows and its counts; the file is kept for the merge.

    Creditor, portfolio and source that are new are made by the merge, not before.
    """
    actor.check(Permission.LOAD_FILES)
    look = _look(actor, path, request, request.as_of or clock.as_of, on_step)
    with transaction.atomic():
        row = _keep_load(actor, path, look.request, look.places, look.checked, clock, LoadState.PREVIEWED)
        _fill(row, look.checked, look.plan)
        row.save()
    return row


@transaction.atomic
def discard(*, actor: Actor, load_id: int, clock: Clock) -> None:
    """Forget a load that was looked at and not carried out. Raises Load.DoesNotExist when it was, or is being, merged."""
    actor.check(Permission.LOAD_FILES)
    waiting = Load.objects.of(actor.organisation_id).filter(pk=load_id, state=LoadState.PREVIEWED)
    if not waiting.delete()[0]:
        raise Load.DoesNotExist(f"load {load_id} is not waiting")
    audit.record(
        actor=actor, verb="intake.load.discard", object_type="load", object_id=load_id, now=clock.now
    )


def merge(*, actor: Actor, load_id: int, clock: Clock, on_step: OnStep = quiet) -> Load:
    """Carry out a previewed load with the file it kept. Raises Load.DoesNotExist when it was merged or undone already."""
    actor.check(Permission.LOAD_FILES)
    row: Load = Load.objects.of(actor.organisation_id).get(pk=load_id, state=LoadState.PREVIEWED)
    request = LoadRequest.from_data(row.options)
    _stored, path = ledger_selectors.open_file(actor, _file_of(row))
    look = _look(actor, path, request, row.as_of, on_step, name=_stored.name)
    checked = look.checked
    with transaction.atomic():
        taken = Load.objects.of(actor.organisation_id).filter(pk=load_id, state=LoadState.PREVIEWED)
        if not taken.update(state=LoadState.MERGING):
            raise Load.DoesNotExist(f"load {load_id} is being merged by somebody else")
        plan = _plan(actor, checked, request, look.places, row.as_of)
        made = make_places(
            actor=actor,
            request=request,
            currency=request.currency.upper() or checked.main_currency,
            clock=clock,
        )
        row.source = made.source
        moved = merging.merge_plan(
            actor=actor, load=row, plan=plan, places=made, clock=clock, on_step=on_step
        )
        _finish(row, checked, plan, made, clock)
    on_step("cases", 0, moved.len())
    merging.refresh_cases(actor=actor, clock=clock, accounts=moved)
    return row


@dataclass(frozen=True)
class _Look:
    """A file read, checked and planned; nothing of it is stored. `request` says where it goes, also when the file says so."""

    request: LoadRequest
    places: Places
    checked: CheckedFile
    plan: Plan


def _look(
    actor: Actor, path: Path, request: LoadRequest, as_of: date, on_step: OnStep, *, name: str = ""
) -> _Look:
    on_step("check", 0, 0)
    reading = einvoices.reading_of(path, request, name=name)
    if reading is not None:
        request = einvoices.routed(actor=actor, request=request, reading=reading)
    places = places_of(actor=actor, request=request)
    check_full_refresh(actor, request, places, as_of)
    if reading is not None:
        checked = einvoices.check_einvoices(actor, reading, request, places)
    else:
        checked = check_file(actor, path, request, places, on_step)
    on_step("plan", 0, checked.good.height)
    return _Look(request, places, checked, _plan(actor, checked, request, places, as_of))


def _plan(actor: Actor, checked: CheckedFile, request: LoadRequest, places: Places, as_of: date) -> Plan:
    plan = _planned(actor, checked, request, places, as_of)
    if plan.receipts.is_empty() or places.portfolio is None or places.source is None:
        return plan
    source = merging.receipts_source(request.kind, places.source)
    if request.kind != "receipts" and plan.papers is None:
        told = payments.receipts_of_source(
            actor.organisation_id, portfolio_id=places.portfolio.pk, source=source
        )
        plan = replace(plan, receipts=with_growth(plan.receipts, told))
    known = payments.known_receipts(
        actor.organisation_id, portfolio_id=places.portfolio.pk, references=plan.receipts["reference"], source=source
    )  # fmt: skip
    of_rows = request.kind == "receipts"  # elsewhere the row is its document's
    rows = plan.shares.join(known, on="reference", how="semi").height if of_rows else 0
    counts = {**plan.counts, "same": plan.counts["same"] + rows}
    return replace(plan, counts=counts, known_receipts=known.height)


def _planned(actor: Actor, checked: CheckedFile, request: LoadRequest, places: Places, as_of: date) -> Plan:
    if request.kind == "receipts":
        return plan_receipts(checked.good.whole())
    portfolio = places.portfolio
    known = ledger.known_documents(
        actor.organisation_id,
        portfolio_id=portfolio.pk if portfolio else 0,
        source=places.source.key if places.source else None,
    )
    if checked.papers is not None:
        return plan_papers(checked.good, known, checked.papers, as_of=as_of)
    return plan_documents(
        checked.good,
        _with_authority(actor, known, request, portfolio),
        as_of=as_of,
        closes_missing=request.is_full_refresh
        and checked.is_whole
        and (places.source is None or places.source.closes_missing),
        unread=checked.rejected_numbers["document_number"],
    )


def _with_authority(
    actor: Actor, known: pl.DataFrame, request: LoadRequest, portfolio: Portfolio | None
) -> pl.DataFrame:
    """Whose balance is the file's to tell: of all, where an external system is the authority; else of those that nothing
    here has moved."""
    if portfolio is None or known.is_empty() or request.is_full_refresh or portfolio.authority == "EXTERNAL":
        return known.with_columns(follows_file=pl.lit(True), is_untouched=pl.lit(True))
    moved = ledger.moved_here(actor.organisation_id, portfolio_id=portfolio.pk)
    is_untouched = ~pl.col("document_id").is_in(moved.implode())
    return known.with_columns(follows_file=pl.lit(False), is_untouched=is_untouched)


def _keep_load(
    actor: Actor,
    path: Path,
    request: LoadRequest,
    places: Places,
    checked: CheckedFile,
    clock: Clock,
    state: LoadState,
) -> Load:
    stored = ledger_services.store_file(
        actor=actor,
        name=path.name,
        content_type="application/octet-stream",
        content=path.read_bytes(),
        now=clock.now,
    )
    row: Load = Load.objects.create(
        organisation_id=actor.organisation_id,
        source=places.source,
        kind=request.kind,
        file=stored,
        as_of=request.as_of or clock.as_of,
        is_full_refresh=request.is_full_refresh,
        options=request.as_data(),
        mapping=checked.mapping.to_dict(),
        reading=checked.conventions.to_dict(),
        state=state,
        made_by=actor.label,
        made_at=clock.now,
    )
    _keep_problems(row, checked)
    return row


def _keep_problems(load: Load, checked: CheckedFile) -> None:
    """What is wrong with the file, and the rows that were left out, as they came."""
    LoadProblem.objects.bulk_create(
        LoadProblem(
            organisation_id=load.organisation_id,
            load=load,
            file=str(problem.get("file") or "")[:200],
            row=problem["row"] or 0,
            field=str(problem["field"])[:60],
            code=str(problem["code"])[:40],
            found=str(problem["found"] or "")[:200],
            expected=str(problem["expected"])[:200],
            hint=str(problem["hint"])[:300],
            is_error=problem["severity"] == "error",
        )
        for problem in checked.problems().sort("row", maintain_order=True).iter_rows(named=True)
    )
    RejectedRow.objects.bulk_create(
        RejectedRow(organisation_id=load.organisation_id, load=load, row=cells.pop("row"), cells=cells)
        for piece in checked.left_out
        for cells in piece.iter_rows(named=True)
    )


def _fill(row: Load, checked: CheckedFile, plan: Plan) -> None:
    result = _result(checked, plan)
    row.counts = {
        name: getattr(result, name)
        for name in ("rows", "new", "changed", "same", "rejected", "receipts", "settled")
    } | {"moved_minor": plan.moved_minor}
    row.totals, row.problems_total = result.totals, result.problems_total


def _finish(row: Load, checked: CheckedFile, plan: Plan, places: Places, clock: Clock) -> None:
    """The load is done, and its source remembers the mapping and the day."""
    _fill(row, checked, plan)
    row.state, row.merged_at = LoadState.MERGED, clock.now
    row.save()
    source = places.source
    if source is None:
        raise LookupError("a merged load has a source")
    if (
        row.repairs_id is None and checked.columns
    ):  # what was corrected here is a file of our own, not of the source
        source.mappings = {**source.mappings, signature(checked.columns): checked.mapping.to_dict()}
    if row.is_full_refresh:
        source.last_full_on = row.as_of
    source.save()


def _result(
    checked: CheckedFile, plan: Plan, *, load_id: int | None = None, is_refused: bool = False
) -> LoadResult:
    names = ["row", "field", "found", "expected", "hint", "code", "severity"]
    problems = checked.problems(MOST_PROBLEMS)
    return LoadResult(
        rows=checked.rows,
        new=0 if is_refused else plan.counts["new"],
        changed=0 if is_refused else plan.counts["changed"],
        same=0 if is_refused else plan.counts["same"] + checked.repeated,
        rejected=checked.rows if is_refused else checked.rejected,
        receipts=0 if is_refused else plan.receipts.height - plan.known_receipts,
        settled=0 if is_refused else plan.gone.height,
        totals={} if is_refused else plan.totals,
        problems=problems.select(*names, *({"file"} & set(problems.columns))).to_dicts(),
        problems_total=checked.problems_total,
        load_id=load_id,
        is_refused=is_refused,
    )


def _file_of(row: Load) -> int:
    if row.file_id is None:
        raise LookupError(f"load {row.pk} kept no file")
    return row.file_id
