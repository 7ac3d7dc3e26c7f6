"""A negotiation policy and the agreements made under it: one that runs, one missed, one fulfilled, one that waits for approval."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from aldia.cases import selectors as cases
from aldia.domain.money import to_minor
from aldia.domain.negotiation import Band, Level, NegotiationPolicy
from aldia.domain.promises import Every
from aldia.ledger import selectors as ledger
from aldia.ops.demo.lending import NAME as LENT
from aldia.outcomes import selectors as outcome_selectors
from aldia.outcomes import services as outcomes

if TYPE_CHECKING:
    from datetime import date

    from aldia.access.actors import Actor, Clock
    from aldia.cases.selectors import CaseRow
    from aldia.ops.demo.working import Office

_SKIPPED: Final = 10  # the largest debts are worked by telephone in the demonstration
_BANDS: Final = (
    Band(31, "*", 5, 0),
    Band(61, "*", 10, 5),
    Band(91, "*", 20, 10),
    Band(1, "late_interest", 50, 30),
)
_LEVELS: Final = (
    Level("COLLECTOR", 50, 6, 20),
    Level("SUPERVISOR", 100, 12, 10),
    Level("MANAGER", 100, 24, 0),
)


def write_policy(actor: Actor, currency: str, clock: Clock) -> None:
    """Write the policy of the house."""
    rules = NegotiationPolicy(
        bands=_BANDS, levels=_LEVELS, every=(Every.MONTH, Every.FORTNIGHT), grace_days=1, valid_days=10,
        minimum_minor={currency: to_minor(Decimal(5_000), currency, rounding=None)},
    )  # fmt: skip
    draft = outcomes.NegotiationDraft("general", "Política general", rules)
    outcomes.save_negotiation_policy(actor=actor, draft=draft, clock=clock)


def agree(office: Office, on: date, day_number: int) -> None:
    """Do what the day brings: agreements on the second day, the payment of one on the fourth, a question to the boss at the end."""
    if day_number == 1:
        for number, case in enumerate(_chosen(office, on)[:3]):
            _accept(office, case, on, number)
    elif day_number == 3:
        _pay_whole(office, on)
    elif on == office.today:
        _ask(office, on)


def _chosen(office: Office, on: date) -> list[CaseRow]:
    query = cases.CaseQuery(
        on, cases.CaseFilter(is_overdue=True, has_dispute=False), sort="overdue", limit=60
    )
    rows = cases.case_list(office.system, query).rows[_SKIPPED:]
    lent = {row.pk for row in ledger.portfolios(office.system) if row.name == LENT}
    return [row for row in rows if row.promise_state != "open" and row.portfolio_id not in lent]


def _accept(office: Office, case: CaseRow, on: date, number: int) -> None:
    """The first runs by the month, the second begins too soon for its client, the third is paid at once."""
    parts, wait = ((3, 20), (2, 1), (1, 5))[number]
    clock = office.clock(on, 12, number)
    draft = outcomes.AgreementDraft(
        case.currency, parts, on + timedelta(wait), reason="Lo propuso por teléfono."
    )
    row = outcomes.propose_agreement(actor=office.system, case_id=case.case_id, draft=draft, clock=clock)
    consent = outcomes.Consent("phone", evidence="Aceptó por teléfono, desde el número de su ficha.")
    outcomes.accept_agreement(actor=office.system, agreement_id=row.pk, consent=consent, clock=clock)


def _pay_whole(office: Office, on: date) -> None:
    for row in outcome_selectors.agreements(office.system, state="active").rows:
        if len(row.lines) == 1:
            office.receive(
                row.case_id, row.total_minor, row.currency, f"ACUERDO-{row.id}", on, means="transfer"
            )


def _ask(office: Office, on: date) -> None:
    """A collector asks for more instalments than it may grant."""
    for case in _chosen(office, on)[:1]:
        draft = outcomes.AgreementDraft(
            case.currency, 9, on + timedelta(10), reason="Cobra por quincena y paga por mes."
        )
        outcomes.propose_agreement(
            actor=office.collectors[0], case_id=case.case_id, draft=draft, clock=office.clock(on, 10, 40)
        )
