"""What the people of the demonstration do each working day: calls, promises, money that arrives, customers who answer."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aldia.access import selectors as access
from aldia.access.actors import Actor, Clock, debtor, system
from aldia.cases import selectors as cases
from aldia.contact import services as contact
from aldia.ledger import selectors as ledger
from aldia.ops.demo import banking, billing, lending
from aldia.outcomes import selectors as outcome_selectors
from aldia.outcomes import services as outcomes
from aldia.payments import services as payments

if TYPE_CHECKING:
    from aldia.access.models import Organisation
    from aldia.cases.selectors import CaseRow

CALLS_A_DAY = 4
ANSWERS = (
    ("no_answer", 30), ("promise", 26), ("voicemail", 8), ("informed", 8), ("call_back", 7), ("third_party", 6),
    ("already_paid", 5), ("dispute", 4), ("whatsapp", 4), ("message_left", 2),
)  # fmt: skip
NOTES = (
    "Atendió administración, pide reenviar las facturas.", "Muy amable, espera un cobro propio esta semana.",
    "Pide hablar con quien le vende.", "Dice que el pago sale con la próxima corrida de proveedores.",
)  # fmt: skip
REASONS = ("goods_not_received", "price_or_discount", "invoice_not_received", "amount_wrong")
OPENS = 9
KEPT, PARTLY = 0.62, 0.12  # shares of promises that are paid, whole or in part


class Office:
    """The staff of one organisation at work. Everything is drawn from the dice, so each demonstration is the same."""

    def __init__(self, organisation: Organisation, dice: random.Random, today: date, now: datetime) -> None:
        self.organisation, self.dice, self.today, self.now = organisation, dice, today, now
        self.zone = ZoneInfo(organisation.timezone)
        self.system = system(organisation.pk)
        staff = [access.actor_of(row) for row in access.members(self.system)]
        self.collectors = [actor for actor in staff if actor.role == "COLLECTOR"]
        self.boss = next(actor for actor in staff if actor.role == "SUPERVISOR")
        self.decided: set[int] = set()

    def work(self, on: date) -> None:
        """Do a day: money first, then calls. Nobody is there at the weekend nor before opening; today there are always some news."""
        if on == self.today:
            self.finish(on)
        if on.weekday() > 4 or self.clock(on, OPENS).now == self.now:
            return
        self.receive_promised(on)
        for actor in self.collectors:
            self.call(actor, on)
        self.answer_by_themselves(on)

    def clock(self, on: date, hour: int, minute: int = 0) -> Clock:
        """Return the organisation's clock at an hour of a day, or at the present where that hour has not come yet."""
        return Clock(on, min(self.moment(on, hour, minute), self.now))

    def moment(self, on: date, hour: int, minute: int = 0) -> datetime:
        """Return the instant of an hour of a day where the organisation is."""
        return datetime.combine(on, time(hour, minute), self.zone).astimezone(UTC)

    def call(self, actor: Actor, on: date) -> None:
        """Work the first cases of somebody's queue, as the screen orders them."""
        clock = self.clock(on, OPENS)
        calls = CALLS_A_DAY if on < self.today else 2
        for number, case in enumerate(cases.queue(actor, clock, limit=calls)):
            at = self.clock(on, OPENS + number, self.dice.randint(0, 55))
            kind = self.dice.choices([key for key, _weight in ANSWERS], [weight for _key, weight in ANSWERS])[
                0
            ]
            if kind == "promise" and self.has_agreed(case.case_id):
                kind = "informed"
            outcomes.log_outcome(
                actor=actor,
                case_id=case.case_id,
                draft=outcomes.OutcomeDraft(
                    type_key=kind,
                    channel="whatsapp" if kind == "whatsapp" else "call",
                    answers=self.answers(kind, case, on),
                    client_id=f"demo:{on}:{case.case_id}",
                    seconds=self.dice.randint(20, 400),
                ),
                clock=at,
            )

    def has_agreed(self, case_id: int) -> bool:
        """Return whether an agreement runs: its instalments are its promises."""
        rows = outcome_selectors.agreements_of_case(self.system, case_id)
        return any(row.state == "active" for row in rows)

    def answers(self, kind: str, case: CaseRow, on: date) -> dict[str, Any]:
        """Return what a result asks for, as somebody would fill it in."""
        amount = max(case.overdue_minor or case.total_minor, 1)
        given: dict[str, Any] = {}
        if kind == "promise":
            days = self.dice.choice((2, 3, 5, 7, 10))
            given = {
                "amount": amount,
                "currency": case.currency,
                "due_on": on + timedelta(days=days),
                "means": "transfer",
            }
        elif kind == "already_paid":
            given = {"amount": amount, "currency": case.currency, "paid_on": on - timedelta(days=1)}
        elif kind == "call_back":
            given = {"call_at": self.moment(on + timedelta(days=2), 11)}
        elif kind == "dispute":
            given = {"reason": self.dice.choice(REASONS)}
        if kind in {"informed", "third_party", "dispute"}:
            given["note"] = self.dice.choice(NOTES)
        return given

    def receive_promised(self, on: date) -> None:
        """Most customers pay on the day that they promised, some only a part, some nothing."""
        due = outcome_selectors.CommitmentFilter(state="open", from_on=on, to_on=on + timedelta(days=1))
        for promise in outcome_selectors.promises(self.system, due, limit=200).rows:
            chance = self.dice.random()
            if chance > KEPT + PARTLY or promise.plan_id:
                continue
            amount = promise.amount_minor if chance < KEPT else promise.amount_minor // 3
            self.receive(
                promise.case_id, amount, promise.currency, f"TR-{promise.id:06d}", on, means="transfer"
            )

    def receive(
        self, case_id: int | None, amount: int, currency: str, reference: str, on: date, *, means: str
    ) -> None:
        portfolio_id = (
            ledger.account_of(self.system, case_id)[0] if case_id else ledger.portfolios(self.system)[0].pk
        )
        payments.register_receipt(
            actor=self.boss,
            draft=payments.ReceiptDraft(
                portfolio_id=portfolio_id,
                case_id=case_id,
                amount_minor=max(amount, 1),
                currency=currency,
                on=on,
                means=means,
                source="banco",
                reference=reference,
            ),
            clock=self.clock(on, 10, 15),
        )

    def answer_by_themselves(self, on: date) -> None:
        """Now and then a customer reports a payment from the page of the link, or disagrees."""
        if self.dice.random() > 0.35:
            return
        page = cases.case_list(self.system, cases.CaseQuery(on, cases.CaseFilter(is_overdue=True), limit=30))
        case = self.dice.choice(page.rows) if page.rows else None
        if case is None or not case.overdue_minor:
            return
        who, clock = debtor(self.organisation.pk, party_id=case.party_id), self.clock(on, 20, 10)
        if self.dice.random() < 0.6:
            payments.report_payment(
                actor=who,
                case_id=case.case_id,
                draft=payments.ReportDraft(
                    amount_minor=case.overdue_minor,
                    currency=case.currency,
                    paid_on=on,
                    means="transfer",
                    note="Transferí hoy por la tarde.",
                ),
                clock=clock,
            )
        elif not case.has_dispute:
            outcomes.open_dispute(
                actor=who, case_id=case.case_id, reason="price_or_discount", clock=clock,
                description="El precio no coincide con el pedido.",
            )  # fmt: skip

    def finish(self, on: date) -> None:
        """Today: money that nobody has recognised yet, the bank's statement, and two claims sent by hand."""
        currency = self.organisation.currency
        for number, minor in enumerate((18_250_000, 7_430_050), start=1):
            self.receive(None, minor, currency, f"SIN-IDENTIFICAR-{number}", on, means="transfer")
        lending.stand_at_the_counter(self.boss, self.clock(on, 9, 10))
        banking.read_the_bank(self.boss, self.organisation, self.clock(on, 9, 20))
        if self.organisation.country == "AR":
            billing.leave_invoices(self.system, self.clock(on, 9, 25))
        page = cases.case_list(
            self.system, cases.CaseQuery(on, cases.CaseFilter(is_overdue=True), sort="overdue", limit=8)
        )
        for number, case in enumerate(page.rows[:2], start=1):
            clock = self.clock(on, 9, 30 + number)
            contact.send_now(
                actor=self.boss, case_id=case.case_id, clock=clock,
                claim=contact.ClaimDraft("email", "overdue_firm", f"demo:claim:{case.case_id}"),
            )  # fmt: skip
