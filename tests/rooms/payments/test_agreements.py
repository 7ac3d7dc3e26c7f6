"""Agreements: offered within a policy, accepted with a seal, fulfilled or fallen by what the journal says."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aldia.access.actors import Actor, member
from aldia.access.models import Membership, User
from aldia.access.permissions import NotAllowed
from aldia.cases.models import Hold
from aldia.domain.negotiation import Band, Level, NegotiationPolicy, When
from aldia.ledger.models import Document
from aldia.outcomes import selectors as reads
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import Acceptance, Agreement, Alarm
from aldia.payments import selectors as payments_reads
from aldia.payments import services as payments
from tests.beginnings import beginning
from tests.rooms.payments.conftest import TODAY, Desk, make_desk

RULES = NegotiationPolicy(
    bands=(Band(0, "*", 20, 10),),
    levels=(Level("COLLECTOR", 50, 6), Level("SUPERVISOR", 100, 12)),
    grace_days=2,
)


@dataclass
class Table:
    """A desk with a debt of 1 000.00, 29 days late, its people and a policy."""

    desk: Desk
    ana: Actor
    boss: Actor
    document: Document

    @property
    def case_id(self) -> int:
        return int(self.desk.account.pk)

    def propose(self, who: Actor | None = None, **told: object) -> Agreement:
        on = TODAY + timedelta(days=5)
        draft = outcomes.AgreementDraft(
            **{"currency": "USD", "parts": 3, "first_on": on, "discount_minor": 50_00, **told}
        )  # type: ignore[arg-type]
        return outcomes.propose_agreement(
            actor=who or self.ana, case_id=self.case_id, draft=draft, clock=self.desk.clock
        )

    def accept(self, row: Agreement, how: str = "phone", **told: object) -> Agreement:
        consent = outcomes.Consent(how, **{"evidence": "Marta, por teléfono", **told})  # type: ignore[arg-type]
        return outcomes.accept_agreement(
            actor=self.ana, agreement_id=row.pk, consent=consent, clock=self.desk.clock
        )

    def row(self, row: Agreement) -> Agreement:
        return Agreement.objects.of(self.desk.organisation_id).get(pk=row.pk)

    def live(self, days: int) -> None:
        on = TODAY + timedelta(days=days)
        clock = self.desk.on(on.isoformat())
        outcomes.settle_promises(actor=self.desk.book.actor, as_of=on, now=clock.now)

    def pay(self, minor: int, days: int) -> object:
        clock = self.desk.on((TODAY + timedelta(days=days)).isoformat())
        return self.desk.pay(minor, on=clock.as_of, clock=clock)

    def owed(self) -> int:
        """What the client owes: every balance less the money that waits."""
        rows = Document.objects.of(self.desk.organisation_id)
        waiting = payments_reads.unapplied(self.desk.book.actor)
        return sum(rows.values_list("balance_minor", flat=True)) - sum(row.unapplied_minor for row in waiting)

    def is_proven(self) -> bool:
        return payments_reads.verify(self.desk.organisation_id).ok


def make_table(key: str = "uno", rules: NegotiationPolicy = RULES) -> Table:
    desk = make_desk(key)
    people = {}
    for role in ("COLLECTOR", "SUPERVISOR"):
        user = User.objects.create_user(f"{role}@{key}.test", "clave", name=role)
        Membership.objects.create(organisation_id=desk.organisation_id, user=user, role=role)
        people[role] = member(desk.organisation_id, user_id=user.pk, role=role)
    outcomes.save_negotiation_policy(
        actor=desk.book.actor, draft=outcomes.NegotiationDraft("", "De la casa", rules), clock=desk.clock
    )
    return Table(desk, people["COLLECTOR"], people["SUPERVISOR"], desk.book.charge(1_000_00))


table = beginning(make_table)


@pytest.mark.covers("S3-60d")
def test_what_is_within_the_policy_is_offered_and_what_is_beyond_waits_for_who_may_approve_it(
    table: Table,
) -> None:
    assert table.propose().state == "offered"
    beyond = table.propose(discount_minor=100_00, reason="Cierra hoy")
    assert (beyond.state, beyond.needs) == ("approval", "SUPERVISOR")
    with pytest.raises(NotAllowed):
        outcomes.decide_agreement(
            actor=table.ana, agreement_id=beyond.pk, is_approved=True, reason="", clock=table.desk.clock
        )
    decided = outcomes.decide_agreement(
        actor=table.boss, agreement_id=beyond.pk, is_approved=True, reason="", clock=table.desk.clock
    )
    assert decided.state == "offered"
    assert reads.agreement_counts(table.ana)["withdrawn"] == 1
    with pytest.raises(outcomes.AgreementRefused, match="a nadie"):
        table.propose(discount_minor=100_01)


def test_nobody_approves_their_own_proposal_and_a_refusal_says_why(table: Table) -> None:
    beyond = table.propose(discount_minor=100_00)
    Agreement.objects.of(table.desk.organisation_id).update(proposed_by=table.boss.label)
    with pytest.raises(outcomes.AgreementRefused, match="otra persona"):
        outcomes.decide_agreement(
            actor=table.boss, agreement_id=beyond.pk, is_approved=True, reason="", clock=table.desk.clock
        )
    Agreement.objects.of(table.desk.organisation_id).update(proposed_by=table.ana.label)
    with pytest.raises(outcomes.AgreementRefused, match="por qué"):
        outcomes.decide_agreement(
            actor=table.boss, agreement_id=beyond.pk, is_approved=False, reason=" ", clock=table.desk.clock
        )
    refused = outcomes.decide_agreement(
        actor=table.boss,
        agreement_id=beyond.pk,
        is_approved=False,
        reason="Ya tuvo uno",
        clock=table.desk.clock,
    )
    assert (refused.state, refused.reason) == ("refused", "Ya tuvo uno")


def test_an_accepted_agreement_pauses_the_strategy_in_the_same_transaction_and_is_sealed(
    table: Table,
) -> None:
    row = table.accept(table.propose())
    hold = Hold.objects.of(table.desk.organisation_id).get(released_at=None)
    assert (hold.kind, hold.source) == ("plan", f"plan:{row.plan_id}")
    seal = Acceptance.objects.of(table.desk.organisation_id).get()
    assert outcomes.is_genuine(seal, row.text)
    assert not outcomes.is_genuine(seal, row.text + " ")
    seal.how = "portal"
    assert not outcomes.is_genuine(seal, row.text)
    assert table.owed() == 1_000_00
    assert table.accept(row).plan_id == row.plan_id  # again: the same


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"how": "phone", "evidence": " "}, "quién aceptó"),
        ({"how": "portal", "version": "otra"}, "cambió mientras"),
    ],
)
def test_without_evidence_or_with_another_text_nothing_is_accepted(
    table: Table, told: dict[str, str], text: str
) -> None:
    with pytest.raises(outcomes.AgreementRefused, match=text):
        table.accept(table.propose(), **told)
    assert not Acceptance.objects.of(table.desk.organisation_id).exists()


def test_a_debt_that_changed_or_an_offer_that_expired_is_proposed_anew(table: Table) -> None:
    row = table.propose()
    table.desk.pay(1_00)
    with pytest.raises(outcomes.AgreementRefused, match="cambió desde"):
        table.accept(row)
    late = TODAY + timedelta(days=8)
    assert (
        outcomes.expire_offers(
            actor=table.desk.book.actor, as_of=late, now=table.desk.on(late.isoformat()).now
        )
        == 1
    )
    assert table.row(row).state == "expired"


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("rate", [0, 24])
def test_paid_as_agreed_the_discount_is_posted_and_nothing_is_owed(db: None, when: When, rate: int) -> None:
    table = make_table(rules=replace(RULES, discount_when=when, yearly_rate=Decimal(rate)))
    row = table.accept(table.propose())
    before = row.interest_minor - (row.discount_minor if when is When.START else 0)
    assert table.owed() == 1_000_00 + before
    for _number, on, minor in row.lines:
        table.pay(minor, (date.fromisoformat(on) - TODAY).days)
    assert table.row(row).state == "fulfilled"
    assert table.owed() == 0
    assert table.is_proven()
    assert not Hold.objects.of(table.desk.organisation_id).filter(released_at=None).exists()


@pytest.mark.parametrize("when", list(When))
def test_a_missed_instalment_rings_and_puts_the_debt_back_less_what_was_paid(db: None, when: When) -> None:
    table = make_table(rules=replace(RULES, discount_when=when, yearly_rate=Decimal(24)))
    row = table.accept(table.propose())
    table.pay(row.lines[0][2], 5)
    missed = date.fromisoformat(row.lines[1][1]) + timedelta(days=3)
    table.live((missed - TODAY).days)
    assert table.row(row).state == "fallen"
    assert table.owed() == 1_000_00 - row.lines[0][2]
    assert Alarm.objects.of(table.desk.organisation_id).filter(kind="plan_instalment_missed").count() == 1
    assert table.is_proven()


def test_a_plan_that_bears_one_failure_goes_on_and_may_be_caught_up(db: None) -> None:
    table = make_table(rules=replace(RULES, falls_after=2))
    row = table.accept(table.propose())
    table.live(10)
    assert table.row(row).state == "active"
    table.pay(row.total_minor, 12)
    assert (table.row(row).state, table.owed()) == ("fulfilled", 0)


def test_money_that_goes_back_after_the_end_puts_the_debt_back(table: Table) -> None:
    row = table.accept(table.propose(parts=1, discount_minor=100_00))
    paid = table.pay(row.total_minor, 3)
    assert table.row(row).state == "fulfilled"
    clock = table.desk.on((TODAY + timedelta(days=9)).isoformat())
    payments.reverse_receipt(
        actor=table.desk.book.actor, receipt_id=paid.pk, reason="rebotó", on=clock.as_of, clock=clock
    )  # type: ignore[attr-defined]
    assert (table.row(row).state, table.owed()) == ("fallen", 1_000_00)
    assert table.is_proven()


def test_an_agreement_is_ended_by_who_may_and_never_replaced_by_a_promise(table: Table) -> None:
    row = table.accept(table.propose())
    with pytest.raises(outcomes.PromiseRefused, match="acuerdo vigente"):
        outcomes.make_promise(
            actor=table.ana,
            case_id=table.case_id,
            amount_minor=1_00,
            currency="USD",
            due_on=TODAY,
            clock=table.desk.clock,
        )
    with pytest.raises(NotAllowed):
        outcomes.withdraw_agreement(
            actor=table.ana, agreement_id=row.pk, reason="pidió", clock=table.desk.clock
        )
    outcomes.withdraw_agreement(actor=table.boss, agreement_id=row.pk, reason="pidió", clock=table.desk.clock)
    assert (table.row(row).state, table.owed()) == ("fallen", 1_000_00)
    assert not Hold.objects.of(table.desk.organisation_id).filter(released_at=None).exists()


_MOVES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 700_00), st.booleans()), max_size=5)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(_MOVES, st.sampled_from(list(When)), st.sampled_from([0, 36]), st.integers(1, 3))
def test_any_sequence_of_payments_and_misses_leaves_the_debt_as_agreed(
    db: None, moves: list[tuple[int, int, bool]], when: When, rate: int, falls_after: int
) -> None:
    rules = replace(
        RULES, discount_when=when, yearly_rate=Decimal(rate), falls_after=falls_after, every=(RULES.every[0],)
    )
    table = make_table(f"t{Agreement.objects.across_organisations().count()}", rules)
    row = table.accept(table.propose(parts=2))
    paid = 0
    for days, minor, is_reversed in sorted(moves):
        receipt = table.pay(minor, days)
        paid += minor
        if is_reversed:
            clock = table.desk.on((TODAY + timedelta(days=days)).isoformat())
            payments.reverse_receipt(
                actor=table.desk.book.actor,
                receipt_id=receipt.pk,
                reason="rebotó",
                on=clock.as_of,
                clock=clock,
            )  # type: ignore[attr-defined]
            paid -= minor
        table.live(days)
    table.live(90)
    ended = table.row(row)
    changes = {"fulfilled": row.interest_minor - row.discount_minor, "fallen": 0}
    assert table.owed() == 1_000_00 + changes[ended.state] - paid
    assert (ended.state == "fulfilled") <= (paid >= row.total_minor)
    assert table.is_proven()
