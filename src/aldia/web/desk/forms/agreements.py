"""The form of a proposal: an offer as it comes or one's own, read as people write it, with what the policy says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aldia.access.permissions import Role
from aldia.domain.negotiation import BadProposal, Breach, Limit, Verdict, judge, sheet_of
from aldia.domain.promises import Every
from aldia.outcomes import selectors as outcomes
from aldia.outcomes.services import AgreementDraft
from aldia.strategy import selectors as strategy
from aldia.web.desk.forms.outcome import day_of, payment_day_text
from aldia.web.desk.forms.payments import read_amount
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.domain.negotiation import Sheet
    from aldia.web.desk.doors import StaffRequest
    from aldia.web.desk.views.case_sheet import CaseSheet

OWN: Final = "propia"
EVERY: Final = (
    (Every.MONTH.value, gettext_lazy("Mensual")), (Every.FORTNIGHT.value, gettext_lazy("Quincenal")),
    (Every.WEEK.value, gettext_lazy("Semanal")),
)  # fmt: skip
_FIRST_IN: Final = timedelta(days=7)


@dataclass
class ProposalForm:
    """The panel's state: what may be offered, what was written, what is wrong, and what it would be."""

    table: outcomes.Table | None
    currency: str
    told: dict[str, str]
    chosen: str
    offers: list[tuple[str, str, str]]
    draft: AgreementDraft | None = None
    sheet: Sheet | None = None
    verdict: Verdict | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    @property
    def needs(self) -> str:
        """The word of the role that may approve it, when the asker may not."""
        return role_word(self.verdict.needs) if self.verdict and self.verdict.needs else ""

    @property
    def is_forbidden(self) -> bool:
        return bool(self.verdict and self.verdict.breaches and not self.verdict.needs)


def role_word(role: str) -> str:
    """Return the name of a role of a policy."""
    return str(Role(role).label) if role in Role.values else role


def segments_of(request: StaffRequest, case_id: int) -> frozenset[str]:
    """Return the segments, among those that policies name, in which the case is today."""
    named = {row.segment_key for row in outcomes.negotiation_policies(request.actor) if row.segment_key}
    return frozenset(
        key for key in named if strategy.segment_cases(request.actor, key).filter(case_id=case_id).exists()
    )


def proposal_of(sheet: CaseSheet, given: Any) -> ProposalForm:
    """Return the panel of a case: filled with what was given, else with the first offer."""
    request, currency = sheet.request, str(given.get("currency") or sheet.card.currency)
    today, locale = request.clock.as_of, sheet.regional.locale
    usual = payment_day_text(sheet) or formats.day(today + _FIRST_IN, today, commit=True, weekday=False)
    first_text = str(given.get("first_on", "")) or usual
    first_on = day_of(request, first_text) or today + _FIRST_IN
    found = outcomes.table(
        request.actor, sheet.case_id, currency=currency, first_on=first_on, as_of=today,
        segments=segments_of(request, sheet.case_id),
    )  # fmt: skip
    rows = _offers(found, currency, locale) if found else []
    chosen = str(given.get("offer") or (rows[0][0] if rows else OWN))
    told = {key: str(given.get(key, "")) for key in ("discount", "down", "parts", "every", "reason")}
    form = ProposalForm(found, currency, told | {"first_on": first_text}, chosen, rows)
    if day_of(request, first_text) is None:
        form.problems.append(("first_on", _("Di qué día empieza: «mañana», «vie» o 27/11.")))
    form.draft = _draft(form, first_on, locale)
    if found and form.draft:
        _weigh(form, request.actor.role, today, locale)
    return form


def _offers(found: outcomes.Table, currency: str, locale: str) -> list[tuple[str, str, str]]:
    """Each offer by a key that carries it, its title and its detail."""
    rows = []
    for offer in found.offers:
        proposal, sheet = offer.proposal, offer.sheet
        total = formats.money(sheet.total_minor, currency, locale)
        title = (
            _("Todo junto: %(total)s") % {"total": total}
            if proposal.parts == 1
            else _("%(parts)s cuotas de %(each)s")
            % {
                "parts": proposal.parts,
                "each": formats.money(sheet.lines[-1].amount_minor, currency, locale),
            }
        )
        detail = [] if proposal.parts == 1 else [_("total %(total)s") % {"total": total}]
        if proposal.down_minor:
            detail.append(
                _("anticipo %(down)s") % {"down": formats.money(proposal.down_minor, currency, locale)}
            )
        if proposal.discount_minor:
            detail.append(
                _("descuento %(off)s") % {"off": formats.money(proposal.discount_minor, currency, locale)}
            )
        key = f"{proposal.discount_minor}-{proposal.parts}-{proposal.down_minor}"
        rows.append((key, title, " · ".join(detail)))
    return rows


def _draft(form: ProposalForm, first_on: date, locale: str) -> AgreementDraft | None:
    every = form.told["every"] if form.told["every"] in dict(EVERY) else Every.MONTH.value
    if form.chosen != OWN:
        discount, parts, down = (
            [int(part) for part in form.chosen.split("-") if part.isdecimal()] + [0, 1, 0]
        )[:3]
        usual = form.table.policy.rules.every[0] if form.table else Every.MONTH
        return AgreementDraft(
            form.currency, parts, first_on, usual, discount, down, reason=form.told["reason"]
        )
    numbers = {}
    for name in ("discount", "down"):
        try:
            numbers[name] = (
                read_amount(form.told[name], form.currency, locale) if form.told[name].strip(" 0") else 0
            )
        except ValidationError as problem:
            form.problems.append((name, problem.messages[0]))
    if not form.told["parts"].isdecimal() or len(form.told["parts"]) > 3:
        form.problems.append(("parts", _("Escribe en cuántas cuotas, con un número.")))
        return None
    if len(numbers) < 2:
        return None
    return AgreementDraft(
        form.currency, int(form.told["parts"]), first_on, Every(every), numbers["discount"], numbers["down"],
        reason=form.told["reason"],
    )  # fmt: skip


def _weigh(form: ProposalForm, role: str, as_of: date, locale: str) -> None:
    if form.table is None or form.draft is None:
        return
    rules, debt = form.table.policy.rules, form.table.debt
    try:
        form.sheet = sheet_of(rules, debt, form.draft.proposal)
        form.verdict = judge(rules, debt, form.draft.proposal, role=role, as_of=as_of)
    except BadProposal:
        form.problems.append(
            ("discount", _("Con ese descuento y ese anticipo no queda nada para las cuotas."))
        )
        return
    form.breaches = [breach_words(breach, form.currency, locale) for breach in form.verdict.breaches]


def breach_words(breach: Breach, currency: str, locale: str) -> str:
    """Return which limit a proposal goes beyond, in words with the limit itself."""
    amount = formats.money(breach.most, currency, locale)
    told = {
        Limit.DISCOUNT: _("El descuento llega hasta %(most)s.") % {"most": amount},
        Limit.PARTS: ngettext("Como mucho %(count)s cuota.", "Como mucho %(count)s cuotas.", breach.most)
        % {"count": breach.most},
        Limit.DOWN_PAYMENT: _("El anticipo es de %(least)s o más.") % {"least": amount},
        Limit.INSTALMENT: _("Cada cuota es de %(least)s o más.") % {"least": amount},
        Limit.EVERY: _("Esa frecuencia no está entre las permitidas."),
        Limit.FIRST_ON: ngettext(
            "La primera cuota va dentro de %(count)s día.",
            "La primera cuota va dentro de %(count)s días.",
            breach.most,
        )
        % {"count": breach.most},
    }
    return told[breach.limit]
