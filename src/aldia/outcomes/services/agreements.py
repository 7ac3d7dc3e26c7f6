"""Agreements: proposed within a policy or sent for approval, offered, accepted with a seal, and ended by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aldia.access import audit
from aldia.access import selectors as access
from aldia.access import services as access_services
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.contact.certificates import letterhead
from aldia.domain.negotiation import BadProposal, Proposal, judge, share_discount, sheet_of
from aldia.domain.promises import Every, PromiseTerms
from aldia.ledger import facts as ledger_facts
from aldia.ledger import selectors as ledger
from aldia.ledger import services as ledger_services
from aldia.outcomes.agreement_seals import may_approve, signature_of, version_of
from aldia.outcomes.agreement_text import agreement_text
from aldia.outcomes.casework import Work, resume, work_on
from aldia.outcomes.models import Acceptance, Agreement, AgreementState, Plan, Promise, PromiseState
from aldia.outcomes.papers import agreement_paper
from aldia.outcomes.selectors.agreements import Table, instalments_of, negotiable, table
from aldia.outcomes.services.fulfilling import begin, fall
from aldia.outcomes.services.promises import begin_plan

_OPEN = (AgreementState.APPROVAL, AgreementState.OFFERED)


class AgreementRefused(ValueError):
    """An agreement that cannot be made, approved or accepted; `field` says which answer to repair."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class UnknownAgreement(LookupError):
    """There is no such agreement in this organisation, or it is no longer waiting for that."""


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """What somebody proposes to a client; amounts in minor units of the currency. `reason` is for who approves."""

    currency: str
    parts: int
    first_on: date
    every: Every = Every.MONTH
    discount_minor: int = 0
    down_minor: int = 0
    down_on: date | None = None
    reason: str = ""

    @property
    def proposal(self) -> Proposal:
        """The draft as the domain reads it; a down payment without a day is with the first instalment."""
        down_on = (self.down_on or self.first_on) if self.down_minor else None
        return Proposal(self.discount_minor, self.parts, self.first_on, self.every, self.down_minor, down_on)


@transaction.atomic
def propose_agreement(
    *, actor: Actor, case_id: int, draft: AgreementDraft, clock: Clock, segments: Collection[str] = ()
) -> Agreement:
    """Return the agreement, offered when the actor's level grants it, else waiting for who may approve it.

    What was proposed to the case before and nobody accepted is withdrawn. Raises AgreementRefused, NotAllowed, UnknownCase.
    """
    actor.check(Permission.WORK_CASES)
    work = work_on(actor, case_id, clock)
    found = _table(actor, case_id, draft, clock, segments)
    try:
        verdict = judge(found.policy.rules, found.debt, draft.proposal, role=actor.role, as_of=clock.as_of)
        sheet = sheet_of(found.policy.rules, found.debt, draft.proposal)
    except BadProposal as problem:
        raise AgreementRefused(
            "amount", _("Con ese descuento y ese anticipo no queda nada para las cuotas.")
        ) from problem
    if not verdict.is_within and not verdict.needs:
        raise AgreementRefused(
            "amount", _("La política no permite este acuerdo a nadie: acércalo a lo que ofrece.")
        )
    if min(line.due_on for line in sheet.lines) < clock.as_of:
        raise AgreementRefused("first_on", _("La primera cuota no puede quedar en el pasado."))
    _withdraw_waiting(actor, case_id, clock)
    rules = found.policy.rules
    row = Agreement(
        organisation_id=actor.organisation_id, case=work.case, version_id=found.policy.version_id, currency=draft.currency,
        covers=[list(pair) for pair in found.covers], discounts=share_discount(rules, found.debt, draft.proposal),
        debt_minor=found.debt.total_minor, discount_minor=sheet.discount_minor, interest_minor=sheet.interest_minor,
        total_minor=sheet.total_minor, every=draft.every.value, grace_days=rules.grace_days, falls_after=rules.falls_after,
        lines=[[line.number, line.due_on.isoformat(), line.amount_minor] for line in sheet.lines],
        discount_when=rules.discount_when.value, needs=verdict.needs, reason=draft.reason.strip()[:300],
        state=AgreementState.APPROVAL if verdict.needs else AgreementState.OFFERED,
        valid_until_on=clock.as_of + timedelta(days=rules.valid_days), proposed_by=actor.label, proposed_at=clock.now,
    )  # fmt: skip
    row.text = _text(actor, row, clock)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as conflict:
        raise AgreementRefused("amount", _already()) from conflict
    _record(actor, row, "propose", clock.now, state=row.state, total_minor=row.total_minor)
    if verdict.needs:
        _ask_for_approval(actor, row, clock)
    return row


@transaction.atomic
def decide_agreement(
    *, actor: Actor, agreement_id: int, is_approved: bool, reason: str, clock: Clock
) -> Agreement:
    """Return the agreement approved (now offered) or refused, by somebody of the level it needs who did not propose it.

    Raises UnknownAgreement, AgreementRefused, NotAllowed.
    """
    row = _waiting(actor, agreement_id, AgreementState.APPROVAL)
    if not may_approve(actor, row.needs):
        raise NotAllowed(Permission.APPROVE_AGREEMENTS)
    if row.proposed_by == actor.label:
        raise AgreementRefused("reason", _("Lo propusiste tú: tiene que autorizarlo otra persona."))
    if not is_approved and not reason.strip():
        raise AgreementRefused("reason", _("Escribe por qué: lo lee quien lo propuso."))
    row.state = AgreementState.OFFERED if is_approved else AgreementState.REFUSED
    row.decided_by, row.reason = actor.label, reason.strip()[:300] or row.reason
    fields = ["state", "decided_by", "reason"]
    if not is_approved:
        row.closed_on = clock.as_of
        fields.append("closed_on")
    row.save(update_fields=fields)
    _record(actor, row, "approve" if is_approved else "refuse", clock.now)
    _tell_proposer(actor, row, clock)
    return row


@transaction.atomic
def withdraw_agreement(*, actor: Actor, agreement_id: int, reason: str, clock: Clock) -> Agreement:
    """Return the agreement, withdrawn before it was accepted; an active one falls, and its debt is put back.

    An active one is ended only by who may approve. Raises UnknownAgreement, AgreementRefused, NotAllowed.
    """
    actor.check(Permission.WORK_CASES)
    row = _waiting(actor, agreement_id, *_OPEN, AgreementState.ACTIVE)
    if not reason.strip():
        raise AgreementRefused("reason", _("Escribe por qué se retira."))
    row.reason = reason.strip()[:300]
    if row.state == AgreementState.ACTIVE:
        actor.check(Permission.APPROVE_AGREEMENTS)
        row.save(update_fields=["reason"])
        _end_plan(actor, row, clock)
        fall(actor=actor, row=row, clock=clock)
        return row
    row.state, row.closed_on = AgreementState.WITHDRAWN, clock.as_of
    row.save(update_fields=["state", "reason", "closed_on"])
    _record(actor, row, "withdraw", clock.now)
    return row


@dataclass(frozen=True, slots=True)
class Consent:
    """How a client said yes: `portal` with the version that was read, the link and the address; `phone` with a note."""

    how: str
    version: str = ""
    link_id: int | None = None
    address: str = ""
    evidence: str = ""


@transaction.atomic
def accept_agreement(*, actor: Actor, agreement_id: int, consent: Consent, clock: Clock) -> Agreement:
    """Return the agreement, in force: its plan pauses the strategy, its acceptance is sealed. Accepted again it stays as it is.

    The debt must be the one that was agreed about. Raises UnknownAgreement, AgreementRefused, NotAllowed.
    """
    row = _waiting(actor, agreement_id, AgreementState.OFFERED, AgreementState.ACTIVE)
    work = work_on(actor, row.case_id, clock)
    if row.state == AgreementState.ACTIVE:
        return row
    _check_consent(row, consent, clock)
    ledger_services.lock_accounts(organisation_id=row.organisation_id, account_ids=[row.case_id])
    debt, covers = negotiable(actor, row.case_id, row.currency, as_of=clock.as_of)
    owed = dict(covers)
    if debt.total_minor < row.debt_minor or any(owed.get(pk) != minor for pk, minor in row.covers):
        raise AgreementRefused(
            "amount", _("La deuda cambió desde que se propuso: hace falta una propuesta nueva.")
        )
    row.plan = _plan_of(actor, work, row, clock)
    row.state, row.evidence, row.decided_by = AgreementState.ACTIVE, consent.evidence.strip(), actor.label
    row.save(update_fields=["plan", "state", "evidence", "decided_by"])
    seal = _seal(actor, row, consent, clock)
    stored = ledger_services.store_file(
        actor=actor, name=f"{_('acuerdo')}-{row.pk}.pdf", content_type="application/pdf", now=clock.now,
        content=agreement_paper(actor, row, seal, as_of=clock.as_of),
    )  # fmt: skip
    row.file_id = stored.pk
    row.save(update_fields=["file"])
    begin(actor, row, clock)
    _record(actor, row, "accept", clock.now, version=version_of(row.text), how=consent.how)
    return row


@transaction.atomic
def expire_offers(*, actor: Actor, as_of: date, now: datetime) -> int:
    """Close the offers that nobody accepted in their time; return how many."""
    rows = Agreement.objects.of(actor.organisation_id).filter(state__in=_OPEN, valid_until_on__lt=as_of)
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        rows.update(state=AgreementState.EXPIRED, closed_on=as_of)
        audit.record(
            actor=actor, verb="outcomes.agreement.expire", object_type="organisation", object_id=actor.organisation_id,
            now=now, data={"agreements": keys},
        )  # fmt: skip
    return len(keys)


def _table(
    actor: Actor, case_id: int, draft: AgreementDraft, clock: Clock, segments: Collection[str]
) -> Table:
    if (
        Agreement.objects.of(actor.organisation_id)
        .filter(case_id=case_id, state=AgreementState.ACTIVE)
        .exists()
    ):
        raise AgreementRefused("amount", _already())
    found = table(
        actor, case_id, currency=draft.currency, first_on=draft.first_on, as_of=clock.as_of, segments=segments
    )
    if found is None:
        raise AgreementRefused("amount", _("No hay una política de negociación para esta cartera."))
    if found.debt.total_minor <= 0:
        raise AgreementRefused("currency", _("No hay deuda en esa moneda."))
    return found


def _already() -> str:
    return _("Ya hay un acuerdo vigente con este cliente.")


def _withdraw_waiting(actor: Actor, case_id: int, clock: Clock) -> None:
    rows = Agreement.objects.of(actor.organisation_id).filter(case_id=case_id, state__in=_OPEN)
    rows.update(state=AgreementState.WITHDRAWN, closed_on=clock.as_of)


def _text(actor: Actor, row: Agreement, clock: Clock) -> str:
    head = letterhead(actor, row.case_id, as_of=clock.as_of)
    lines = ledger.documents(actor, case_id=row.case_id, as_of=clock.as_of, is_open=True)
    covered = {document_id for document_id, _minor in row.covers}
    return agreement_text(row, head, [line.number for line in lines if line.id in covered])


def _waiting(actor: Actor, agreement_id: int, *states: str) -> Agreement:
    rows = Agreement.objects.of(actor.organisation_id).select_for_update(of=("self",)).select_related("case")
    row: Agreement | None = rows.filter(pk=agreement_id, state__in=states).first()
    if row is None:
        raise UnknownAgreement(_("Ese acuerdo no existe o ya se decidió."))
    return row


def _check_consent(row: Agreement, consent: Consent, clock: Clock) -> None:
    if row.valid_until_on < clock.as_of:
        raise AgreementRefused("amount", _("La propuesta venció. Pide una nueva: te la preparamos."))
    if consent.how == "phone" and not consent.evidence.strip():
        raise AgreementRefused(
            "evidence", _("Escribe quién aceptó, cuándo y por dónde: es la prueba del acuerdo.")
        )
    if consent.how == "portal" and consent.version != version_of(row.text):
        raise AgreementRefused(
            "amount", _("El texto cambió mientras lo leías. Léelo otra vez antes de aceptar.")
        )


def _plan_of(actor: Actor, work: Work, row: Agreement, clock: Clock) -> Plan:
    """The lines as promises without tolerance. Money of today that came before does not pay them: it made the debt smaller."""
    today = ledger_facts.payments_frame(
        row.organisation_id,
        from_on=clock.as_of,
        to_on=clock.as_of + timedelta(days=1),
        case_ids=[row.case_id],
        has_deductions=True,
    )
    already = int(today.filter(pl.col("currency") == row.currency)["amount_minor"].sum())
    terms = [
        PromiseTerms(line.amount_minor, max(line.due_on, clock.as_of), 0, row.grace_days)
        for line in instalments_of(row)
    ]
    return begin_plan(
        actor=actor, work=work, currency=row.currency, terms=terms, clock=clock, falls_after=row.falls_after,
        already_minor=already,
    )  # fmt: skip


def _end_plan(actor: Actor, row: Agreement, clock: Clock) -> None:
    promises = Promise.objects.of(actor.organisation_id).filter(plan_id=row.plan_id, state=PromiseState.OPEN)
    promises.update(state=PromiseState.CANCELLED, decided_on=clock.as_of)
    Plan.objects.of(actor.organisation_id).filter(pk=row.plan_id).update(state=PromiseState.CANCELLED)
    resume(actor, f"plan:{row.plan_id}", clock.now)


def _seal(actor: Actor, row: Agreement, consent: Consent, clock: Clock) -> Acceptance:
    seal = Acceptance(
        organisation_id=row.organisation_id, agreement_id=row.pk, version=version_of(row.text), how=consent.how,
        by=actor.label, link_id=consent.link_id, at=clock.now,
        address_hash=salted_hmac("aldia.agreement.address", consent.address, algorithm="sha256").hexdigest() if consent.address else "",
    )  # fmt: skip
    seal.signature = signature_of(seal)
    seal.save()
    return seal


def _ask_for_approval(actor: Actor, row: Agreement, clock: Clock) -> None:
    """Everybody who may approve it hears of it, but not who proposed it."""
    people = [
        member.user_id
        for member in access.members(actor)
        if may_approve(access.actor_of(member), row.needs) and member.user_id != actor.user_id
    ]
    _notify(
        actor, row, people, gettext_lazy("%(name)s: un acuerdo espera tu autorización"), "approval", clock
    )


def _tell_proposer(actor: Actor, row: Agreement, clock: Clock) -> None:
    kind, _colon, key = row.proposed_by.partition(":")
    if kind == "user":
        title = (
            gettext_lazy("%(name)s: acuerdo autorizado, ya se puede ofrecer")
            if row.state == AgreementState.OFFERED
            else gettext_lazy("%(name)s: el acuerdo no se autorizó")
        )
        _notify(actor, row, [int(key)], title, row.state, clock)


def _notify(
    actor: Actor, row: Agreement, people: list[int], title: LazyText, what: str, clock: Clock
) -> None:
    news = access_services.News(
        kind="agreement", key=f"agreement:{row.pk}:{what}", url=f"/compromisos/acuerdos/{row.pk}/",
        title=title, body=row.reason, facts={"name": row.case.debtor_name},
    )  # fmt: skip
    access_services.notify(actor=actor, user_ids=people, news=news, now=clock.now)


def _record(actor: Actor, row: Agreement, verb: str, now: datetime, **data: Any) -> None:
    audit.record(
        actor=actor, verb=f"outcomes.agreement.{verb}", object_type="agreement", object_id=row.pk, now=now,
        data={"case": row.case_id, **data},
    )  # fmt: skip
