"""What an agreement does to the books: interest of the plan and discount posted, and given back when it falls.

While it runs the debt is what it was, plus the interest; fulfilled, the discount is posted whole; fallen, interest and discount
are reversed: what is owed is the debt of before less what was paid. Nothing is edited.
"""

from collections.abc import Collection, Iterable

import polars as pl

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.cases import services as cases
from aldia.domain.negotiation import When
from aldia.ledger import facts as ledger_facts
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.outcomes.models import Agreement, AgreementState, Plan, PromiseState
from aldia.outcomes.selectors.agreements import instalments_of

SOURCE = "agreements"
"""The source of every posting of this room; references name the agreement by its id."""


def begin(actor: Actor, row: Agreement, clock: Clock) -> None:
    """Post what an accepted agreement starts with: the interest of the plan, and the discount where it comes first."""
    if row.interest_minor:
        row.interest_document_id = _charge_interest(row, clock)
    if row.discount_when == When.START:
        row.discount_posting_id = _discount(actor, row, clock)
    row.save(update_fields=["interest_document_id", "discount_posting_id"])
    cases.refresh(actor=actor, case_ids=[row.case_id], as_of=clock.as_of, now=clock.now)


def conclude(*, actor: Actor, plans: dict[int, str], clock: Clock) -> None:
    """Close the agreements of plans that ended (plan id -> its state): the discount is posted, or the debt put back."""
    rows = Agreement.objects.of(actor.organisation_id).filter(
        plan_id__in=list(plans), state=AgreementState.ACTIVE
    )
    for row in rows.select_related("case").order_by("pk"):
        if plans[row.plan_id] == PromiseState.KEPT:
            _fulfil(actor, row, clock)
        else:
            fall(actor=actor, row=row, clock=clock)


def recheck(*, actor: Actor, case_ids: Collection[int], clock: Clock) -> None:
    """Agreements that were fulfilled with money that went back since are not: their debt is put back."""
    rows = Agreement.objects.of(actor.organisation_id).filter(
        case_id__in=case_ids, state=AgreementState.FULFILLED
    )
    for row in rows.select_related("case", "plan").order_by("pk"):
        plan = row.plan
        if _paid_since(row, plan) < row.total_minor:
            fall(actor=actor, row=row, clock=clock)
            Plan.objects.of(actor.organisation_id).filter(pk=plan.pk).update(state=PromiseState.BROKEN)


def fall(*, actor: Actor, row: Agreement, clock: Clock) -> None:
    """Put the debt back as it was, less what was paid: interest and discount are reversed."""
    portfolio_id = row.case.portfolio_id
    if row.discount_posting_id:
        ledger.reverse(actor=actor, posting_id=row.discount_posting_id, on=clock.as_of, now=clock.now)
    if row.interest_document_id:
        charged = ledger_selectors.posting_ids(
            actor,
            portfolio_id=portfolio_id,
            kind="charge",
            source=_source(row),
            references=[_name(row, "interest")],
        )
        for posting_id in charged:
            ledger.reverse(actor=actor, posting_id=posting_id, on=clock.as_of, now=clock.now)
        _return_paid_interest(actor, row, clock)
    _close(actor, row, AgreementState.FALLEN, clock)


def _fulfil(actor: Actor, row: Agreement, clock: Clock) -> None:
    if row.discount_minor and row.discount_posting_id is None:
        row.discount_posting_id = _discount(actor, row, clock)
        row.save(update_fields=["discount_posting_id"])
    _close(actor, row, AgreementState.FULFILLED, clock)


def _close(actor: Actor, row: Agreement, state: AgreementState, clock: Clock) -> None:
    row.state, row.closed_on = state, clock.as_of
    row.save(update_fields=["state", "closed_on"])
    cases.refresh(actor=actor, case_ids=[row.case_id], as_of=clock.as_of, now=clock.now)
    audit.record(
        actor=actor, verb=f"outcomes.agreement.{state.value}", object_type="agreement", object_id=row.pk, now=clock.now,
        data={"case": row.case_id, "discount_minor": row.discount_minor, "interest_minor": row.interest_minor},
    )  # fmt: skip


def _charge_interest(row: Agreement, clock: Clock) -> int:
    """The interest of waiting is a debit note of its own, due with the first instalment."""
    first_on = max(min(line.due_on for line in instalments_of(row)), clock.as_of)
    told = {
        "account_id": row.case_id, "source": SOURCE, "reference": _name(row, "interest"),
        "number": f"INT-{row.pk}", "kind": "debit_note", "issued_on": clock.as_of, "due_on": first_on,
        "currency": row.currency, "original_minor": row.interest_minor,
    }  # fmt: skip
    added = ledger.add_documents(
        organisation_id=row.organisation_id, portfolio_id=row.case.portfolio_id, documents=pl.DataFrame([told]),
        declared_on=clock.as_of, posting_source=_source(row), now=clock.now,
    )  # fmt: skip
    return int(added["document_id"][0])


def _discount(actor: Actor, row: Agreement, clock: Clock) -> int:
    """Post the whole discount by component over the documents covered, the last due first; what they no longer owe is a credit
    on the last of them."""
    ledger.lock_accounts(organisation_id=row.organisation_id, account_ids=[row.case_id])
    legs = [
        ledger.LegDraft(row.case_id, "receivable", row.currency, -minor, document_id, component)
        for document_id, component, minor in _shares(actor, row)
    ]
    posting = ledger.post(
        actor=actor,
        draft=ledger.PostingDraft(
            portfolio_id=row.case.portfolio_id,
            kind="discount",
            on=clock.as_of,
            source=SOURCE,
            reference=_name(row, "discount"),
            legs=[ledger.LegDraft(row.case_id, "discount", row.currency, row.discount_minor), *legs],
        ),
        now=clock.now,
    )
    return int(posting.pk)


def _shares(actor: Actor, row: Agreement) -> Iterable[tuple[int, str, int]]:
    covered = [document_id for document_id, _minor in row.covers]
    own = {*covered, row.interest_document_id}
    items, _issued = ledger_selectors.open_items(actor, case_id=row.case_id, currency=row.currency)
    mine = [item for item in reversed(items) if int(item.document) in own and item.open_minor > 0]
    for component, minor in sorted(row.discounts.items()):
        left = minor
        for item in sorted(mine, key=lambda one: one.component != component):
            taken = min(left, item.open_minor) if item.component == component else 0
            if taken:
                yield int(item.document), component, taken
            left -= taken
        if left:
            yield covered[-1], component, left


def _return_paid_interest(actor: Actor, row: Agreement, clock: Clock) -> None:
    """Money that had paid interest which is no more pays the debt instead, as far as it is open."""
    items, _issued = ledger_selectors.open_items(actor, case_id=row.case_id, currency=row.currency)
    credit = -sum(item.open_minor for item in items if int(item.document) == row.interest_document_id)
    covered = {document_id for document_id, _minor in row.covers}
    legs, left = [], credit
    for item in items:
        taken = min(left, item.open_minor) if int(item.document) in covered else 0
        if taken > 0:
            legs.append(
                ledger.LegDraft(
                    row.case_id, "receivable", row.currency, -taken, int(item.document), item.component
                )
            )
            left -= taken
    if legs:
        moved = ledger.LegDraft(
            row.case_id, "receivable", row.currency, credit - left, row.interest_document_id
        )
        ledger.post(
            actor=actor,
            draft=ledger.PostingDraft(
                portfolio_id=row.case.portfolio_id,
                kind="allocation",
                on=clock.as_of,
                source=SOURCE,
                reference=_name(row, "returned"),
                legs=[moved, *legs],
            ),
            now=clock.now,
        )


def _paid_since(row: Agreement, plan: Plan) -> int:
    made_on = plan.promises.order_by("pk").values_list("made_on", flat=True)[0]
    frame = ledger_facts.payments_frame(
        row.organisation_id, from_on=made_on, case_ids=[row.case_id], has_deductions=True
    )
    paid = frame.filter(pl.col("currency") == row.currency)["amount_minor"].sum()
    return int(paid) - plan.already_minor


def _source(row: Agreement) -> str:
    return f"agreement:{row.pk}"


def _name(row: Agreement, what: str) -> str:
    return f"agreement:{row.pk}:{what}"
