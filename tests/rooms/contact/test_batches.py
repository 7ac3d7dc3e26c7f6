"""Notices are claimed several at a time: what happens between the claim and the hand-over of one still stops it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Event

import polars as pl
import pytest

from aldia.cases import services as cases
from aldia.contact.models import Attempt, ChannelSetting, Message, Order
from aldia.contact.outbox import carrying, claiming, handing, passes, watching
from aldia.contact.outbox.claiming import claim
from aldia.contact.providers.protocol import Accepted, Capabilities, Outgoing, ProviderError
from aldia.ledger import services as ledger
from aldia.parties import services as parties
from aldia.parties.models import Party
from tests.rooms.contact.conftest import NOON, TUESDAY, Post

pytestmark = pytest.mark.django_db


class Line:
    """A provider that keeps to whom it was told to write, and does something at the first message."""

    key = "smtp"
    capabilities = Capabilities(frozenset({"email"}), leaves_machine=True)

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.at_first: Callable[[], object] = lambda: None

    def send(self, message: Outgoing) -> Accepted:
        self.sent.append(message.recipient)
        if len(self.sent) == 1:
            self.at_first()
        return Accepted(message.reference)

    def close(self) -> None:
        return None


@pytest.fixture
def line(post: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    made = Line()
    monkeypatch.setattr(carrying, "provider", lambda _key, _config: made)
    type(post.organisation).objects.filter(pk=post.organisation.pk).update(is_sandbox=False)
    ChannelSetting.objects.update_or_create(
        organisation=post.organisation, channel="email",
        defaults={"provider": "smtp", "is_live": True, "sender": "Sur <sur@sur.example>"},
    )  # fmt: skip
    yield made


def _neighbour(post: Post, number: int) -> tuple[int, int, int]:
    """Another customer with one invoice: its case, party and document."""
    party = Party.objects.create(
        organisation=post.organisation,
        kind="COMPANY",
        name=f"Vecino {number}",
        name_folded="vecino",
        country="AR",
    )
    parties.add_point(
        actor=post.actor,
        party_id=party.pk,
        point=parties.PointDraft(kind="EMAIL", value=f"v{number}@vecino.example"),
        now=NOON,
    )
    opened = ledger.open_accounts(
        organisation_id=post.organisation.pk,
        portfolio_id=post.portfolio_id,
        party_ids=pl.Series([party.pk]),
        opened_on=TUESDAY,
    )
    case_id = int(opened["account_id"][0])
    invoice = {
        "account_id": case_id, "source": "erp", "reference": f"V{number}", "number": f"V {number}", "kind": "invoice",
        "issued_on": TUESDAY - timedelta(days=60), "due_on": TUESDAY - timedelta(days=30), "currency": "ARS",
        "original_minor": 50_000,
    }  # fmt: skip
    added = ledger.add_documents(
        organisation_id=post.organisation.pk, portfolio_id=post.portfolio_id, documents=pl.DataFrame([invoice]),
        declared_on=TUESDAY, posting_source=f"load:{number}", now=NOON,
    )  # fmt: skip
    cases.open_missing(actor=post.actor, as_of=TUESDAY, now=NOON)
    return case_id, party.pk, int(added["document_id"][0])


def _two(post: Post) -> tuple[Order, Order, int]:
    """An order to each of two customers, claimed together, and the second one's document."""
    first = post.order(has_statement=False)
    case_id, party_id, document_id = _neighbour(post, 1)
    second = post.order(has_statement=False, case_id=case_id, party_id=party_id)
    return first, second, document_id


@pytest.mark.parametrize("what", ["payment", "pause", "opt_out", "address", "channel", "house"])
def test_what_happens_while_the_one_before_leaves_stops_the_next(post: Post, line: Line, what: str) -> None:
    _first, second, document_id = _two(post)
    happen: dict[str, Callable[[], object]] = {
        "payment": lambda: post.pay(second.case_id, [document_id]),
        "pause": lambda: cases.place_hold(
            actor=post.actor, case_id=second.case_id, hold=cases.HoldDraft("dispute", TUESDAY, None), now=NOON
        ),
        "opt_out": lambda: parties.record_consent(
            actor=post.actor, party_id=second.party_id, creditor_id=post.creditor_id, channel="email", is_granted=False,
            evidence="portal", now=NOON,
        ),
        "address": lambda: parties.mark_point(actor=post.actor, point_id=_point(second), state="BOUNCED", now=NOON),
        "channel": lambda: ChannelSetting.objects.of(post.organisation).update(is_paused=True),
        "house": lambda: type(post.organisation).objects.update(is_paused=True),
    }  # fmt: skip
    line.at_first = happen[what]
    assert post.send() == {"sent": 1, "set_aside": 1}
    assert len(line.sent) == 1 and post.again(second).state == "queued"
    post.send()
    assert len(line.sent) == 1


def _point(order: Order) -> int:
    return int(Order.objects.of(order.organisation_id).get(pk=order.pk).contact_point_id or 0)


def test_a_batch_whose_rest_nothing_touched_leaves_whole_and_once(post: Post, line: Line) -> None:
    first, second, _document = _two(post)
    line.at_first = lambda: _neighbour(post, 2)  # something is written meanwhile, of nobody in the batch
    assert post.send() == {"sent": 2}
    assert post.send() == {}
    assert len(line.sent) == 2 and {post.again(each).state for each in (first, second)} == {"sent"}
    assert Attempt.objects.of(post.organisation).count() == 2


def test_what_waits_too_long_behind_a_slow_server_is_asked_again(
    post: Post, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, second, _document = _two(post)
    clock = [0.0]
    monkeypatch.setattr(watching, "monotonic", lambda: clock[0])
    line.at_first = lambda: clock.append(clock.pop() + watching.PATIENCE + 1)
    assert post.send() == {"sent": 1, "set_aside": 1}
    assert post.again(second).state == "queued"
    assert post.send() == {"sent": 1}
    assert Message.objects.of(post.organisation).filter(order=second).count() == 1


def test_a_server_in_trouble_is_not_asked_for_the_rest_of_the_batch(post: Post, line: Line) -> None:
    _first, second, _document = _two(post)

    def fall() -> None:
        raise ProviderError("421 try later", is_certain=True, is_permanent=False)

    line.at_first = fall
    assert post.send() == {"queued": 1, "set_aside": 1}
    assert post.again(second).state == "queued" and len(line.sent) == 1


def test_a_fault_in_the_middle_loses_neither_what_left_nor_what_waits(
    post: Post, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _document = _two(post)

    def fault(_watch: object, claimed: object) -> bool:
        if claimed.order.pk == second.pk:  # type: ignore[attr-defined]
            raise RuntimeError("fault")
        return True

    monkeypatch.setattr(watching.Watch, "lets", fault)
    with pytest.raises(RuntimeError):
        post.send()
    assert (post.again(first).state, post.again(second).state) == ("sent", "queued")


def test_two_notices_to_one_person_are_never_in_the_same_batch(post: Post) -> None:
    orders = [post.order(has_statement=False) for _each in range(2)]
    case_id, party_id, _document = _neighbour(post, 1)
    orders.append(post.order(has_statement=False, case_id=case_id, party_id=party_id))
    assert passes._together(orders, 20) == [orders[0]]
    assert passes._together(orders[1:], 20) == [orders[1], orders[2]]


def test_papers_are_made_one_notice_at_a_time(post: Post) -> None:
    case_id, party_id, _document = _neighbour(post, 1)
    plain, letter = (
        post.order(has_statement=False),
        post.order(channel="letter", case_id=case_id, party_id=party_id),
    )
    assert passes._together([plain, letter], 20) == [plain]
    assert passes._together([letter, plain], 20) == [letter]


def test_a_slow_provider_gets_small_batches_and_a_quick_one_grows_into_big_ones() -> None:
    carriers = carrying.Carriers()
    sizes = []
    for seconds in (0.004, 0.004, 0.008, 0.016, 0.5, 60.0):
        carriers.note_pace(carriers.most, seconds)
        sizes.append(carriers.most)
    assert sizes == [4, 8, 16, 20, 4, 1]


def test_two_records_of_one_person_are_claimed_one_after_the_other(post: Post, line: Line) -> None:
    first, second, _document = _two(post)
    parties.merge(actor=post.actor, party_id=second.party_id, into_id=first.party_id, now=NOON)
    house = type(post.organisation).objects.get(pk=post.organisation.pk)
    batch = claim([first.pk, second.pk], organisation=house, business_now=NOON, real_now=NOON)
    assert [each.order.pk for each in batch.claimed] == [first.pk]


def test_a_provider_with_several_lanes_carries_that_many_at_once(
    post: Post, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(2)  # breaks unless two are on their way at the same time

    class Lane(Line):
        capabilities = Capabilities(frozenset({"email"}), leaves_machine=True, lanes=2)

        def send(self, message: Outgoing) -> Accepted:
            together.wait(60)
            return super().send(message)

    lanes = [Lane(), Lane(), Lane()]
    opened = iter(lanes)
    monkeypatch.setattr(carrying, "provider", lambda _key, _config: next(opened))
    first, second, _document = _two(post)
    assert post.send() == {"sent": 2}
    assert [len(each.sent) for each in lanes] == [1, 1, 0]
    assert {post.again(each).state for each in (first, second)} == {"sent"}


class Lane(Line):
    """One of two that carry at once, when the gate is open."""

    capabilities = Capabilities(frozenset({"email"}), leaves_machine=True, lanes=2)

    def __init__(self, gate: Callable[[], object]) -> None:
        super().__init__()
        self._gate = gate

    def send(self, message: Outgoing) -> Accepted:
        self._gate()
        return super().send(message)


@pytest.fixture
def quick(line: Line, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Lane]]:
    """A provider that is quick enough for the next batch to be claimed while it carries this one."""

    def made(gate: Callable[[], object], *, first: int) -> list[Lane]:
        lanes = [Lane(gate), Lane(gate)]
        opened = iter(lanes)
        monkeypatch.setattr(carrying, "provider", lambda _key, _config: next(opened))
        for module, name, value in (
            (carrying, "FIRST", first),
            (carrying, "MOST", first),
            (handing, "QUICK", 1),
        ):
            monkeypatch.setattr(module, name, value)
        return lanes

    return made


def test_the_next_batch_is_claimed_while_this_one_leaves(
    post: Post, quick: Callable[..., list[Lane]]
) -> None:
    together = Barrier(2)  # breaks unless one of each batch are on their way at the same time
    lanes = quick(lambda: together.wait(60), first=1)
    first, second, _document = _two(post)
    assert post.send() == {"sent": 2}
    assert [len(each.sent) for each in lanes] == [1, 1]
    assert {post.again(each).state for each in (first, second)} == {"sent"}


def _three_and_one(post: Post) -> tuple[list[Order], list[int]]:
    """Three orders of one batch and one of the next, each to somebody else, and their documents."""
    orders, documents = [post.order(has_statement=False)], [post.document_ids[0]]
    for number in (1, 2, 3):
        case_id, party_id, document_id = _neighbour(post, number)
        orders.append(post.order(has_statement=False, case_id=case_id, party_id=party_id))
        documents.append(document_id)
    return orders, documents


def test_what_waits_for_a_lane_while_more_is_claimed_is_looked_at_before_it_leaves(
    post: Post, quick: Callable[..., list[Lane]], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Event()
    lanes = quick(lambda: gate.wait(60), first=3)
    orders, documents = _three_and_one(post)
    real = passes.claim

    def claimed(order_ids: list[int], **told: object) -> object:
        if order_ids == [orders[3].pk]:  # both lanes are busy and the third of the first batch waits
            post.pay(orders[2].case_id, [documents[2]])
            gate.set()
        return real(order_ids, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(passes, "claim", claimed)
    assert post.send() == {"sent": 3, "set_aside": 1}
    assert [post.again(each).state for each in orders] == ["sent", "sent", "queued", "sent"]
    assert sorted(to for each in lanes for to in each.sent) == [
        "pagos@elarbol.example", "v1@vecino.example", "v3@vecino.example",
    ]  # fmt: skip


def test_a_claim_that_fails_takes_back_nothing_of_what_left_beside_it(
    post: Post, quick: Callable[..., list[Lane]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes = quick(lambda: None, first=1)
    first, second, _document = _two(post)
    real = claiming._Taking.write

    def write(taking: claiming._Taking, until: object) -> None:
        if taking.ready[0].order.pk == second.pk:
            raise RuntimeError("the disk is full")
        real(taking, until)  # type: ignore[arg-type]

    monkeypatch.setattr(claiming._Taking, "write", write)
    with pytest.raises(RuntimeError):
        post.send()
    assert [post.again(each).state for each in (first, second)] == ["sent", "queued"]
    assert sum(len(each.sent) for each in lanes) == 1
    assert Attempt.objects.of(post.organisation).count() == 1


def test_the_next_to_one_person_waits_until_it_is_known_how_the_last_ended(
    post: Post, quick: Callable[..., list[Lane]]
) -> None:
    def refuse() -> None:
        raise ProviderError("550 no such user", is_certain=True, is_permanent=True)

    quick(refuse, first=1)
    first, second = (post.order(has_statement=False) for _each in range(2))
    assert post.send() == {"failed": 2}
    assert {post.again(each).reason for each in (first, second)} == {"provider_refused"}
