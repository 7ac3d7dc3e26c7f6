"""What screens read of strategies: timelines, versions, previews, reasons, segments, policies."""

from datetime import date, timedelta

import pytest

from aldia.access import services as access
from aldia.access.actors import member
from aldia.access.models import User
from aldia.access.permissions import NotAllowed
from aldia.engine.strategy import StrategyInvalid
from aldia.strategy import selectors, services
from aldia.strategy.models import Strategy
from aldia.strategy.reasons import reason_text
from aldia.strategy.shipped import DEFAULTS, KEYS
from tests.rooms.strategy.conftest import BEGIN, NOW, World


def row_of(world: World, key: str = "b2b_invoices") -> Strategy:
    return Strategy.objects.of(world.organisation).get(key=key)


@pytest.mark.covers("S3-32")
def test_the_two_shipped_strategies_are_published_once(world: World) -> None:
    assert services.ensure_catalogue(organisation_id=world.organisation.pk, now=NOW) == 0
    cards = selectors.strategies(world.actor)
    assert {(card.key, card.number, card.has_draft) for card in cards} == {
        ("b2b_invoices", 1, False), ("consumer_instalments", 1, False),
    }  # fmt: skip


@pytest.mark.parametrize(("language", "name", "words"), [
    ("es", "Segundo recordatorio", "el documento está en disputa"),
    ("en", "Second reminder", "the document is disputed"),
    ("pt-BR", "Segundo lembrete", "o documento está em contestação"),
])  # fmt: skip
def test_the_timeline_speaks_the_readers_language(world: World, language: str, name: str, words: str) -> None:
    view = selectors.strategy(world.actor, "b2b_invoices", as_of=BEGIN, language=language)
    step = next(step for stage in view.stages for step in stage.steps if step.key == "reminder")
    assert (step.name, step.day, step.channels[0]) == (name, "D+10", "email")
    assert words in step.explained
    assert [stage.key for stage in view.stages] == ["", "early", "late", "residual"]


def test_a_draft_with_problems_is_kept_and_not_published(world: World) -> None:
    row = row_of(world)
    broken = {**row.draft, "stages": []}
    problems = services.save_draft(actor=world.actor, strategy_id=row.pk, document=broken, now=NOW)
    assert [(problem.place, problem.code) for problem in problems] == [(("stages",), "empty_list")]
    with pytest.raises(StrategyInvalid):
        services.publish(
            actor=world.actor, strategy_id=row.pk, document=broken, note="", clock=world.clock(BEGIN)
        )
    assert {card.number for card in selectors.strategies(world.actor)} == {1}


def test_versions_hold_from_their_day_and_say_what_changed(world: World) -> None:
    row = row_of(world)
    later = BEGIN + timedelta(days=10)
    first, *rest = row.draft["always"]
    document = {**row.draft, "always": [{**first, "offset": -5}, *rest[:-1]]}
    services.publish(
        actor=world.actor, strategy_id=row.pk, document=document, note="antes", clock=world.clock(later)
    )
    before, after = (selectors.version_on(world.actor, row.key, on) for on in (BEGIN, later))
    assert before is not None and after is not None
    assert (before.number, after.number) == (1, 2)
    found = {
        (change.place, change.kind, change.before, change.after)
        for change in selectors.changes(world.actor, row.key, 1, 2)
    }
    assert found == {
        ("step predue.offset", "changed", "-3", "-5"),
        ("step promise_broken", "removed", "step promise_broken", ""),
    }


@pytest.mark.covers("S3-3b")
def test_a_house_makes_its_own_stages_and_each_version_keeps_those_it_had(world: World) -> None:
    row = row_of(world)
    later = BEGIN + timedelta(days=10)
    *stages, last = row.draft["stages"]
    own = {
        "key": "retail",
        "name": dict.fromkeys(("es", "en", "pt"), "Retail"),
        "entry": "dpd > 300",
        "steps": [],
    }
    document = {**row.draft, "stages": [*stages, {**last, "entry": "dpd > 200"}, own]}
    services.publish(
        actor=world.actor, strategy_id=row.pk, document=document, note="", clock=world.clock(later)
    )

    def stages_on(on: date) -> list[str]:
        version = selectors.version_on(world.actor, row.key, on)
        assert version is not None
        return [stage["key"] for stage in version.document["stages"]]

    kept = [stage["key"] for stage in row.draft["stages"]]
    assert (stages_on(BEGIN), stages_on(later)) == (kept, [*kept, "retail"])
    changed = {change.place for change in selectors.changes(world.actor, row.key, 1, 2)}
    assert {f"stage {last['key']}.entry", "stage retail"} <= changed


def test_publishing_the_same_text_again_makes_no_version(world: World) -> None:
    row = row_of(world)
    again = services.publish(
        actor=world.actor, strategy_id=row.pk, document=row.draft, note="", clock=world.clock(BEGIN)
    )
    assert again.number == 1


@pytest.mark.covers("S3-33")
def test_the_preview_says_what_would_happen_and_the_run_does_it(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3), number="A-77")
    world.client("luis", email=None)
    world.owes("luis", 900_000, due=BEGIN - timedelta(days=3))
    world.opens()
    seen = selectors.preview(world.actor, BEGIN, language="es")
    assert (seen.cases, seen.notices, seen.withheld) == (2, {"email": 1}, 1)
    rows = {row.debtor: row for row in seen.rows if row.action == "notice"}
    assert rows["Ana"].documents == ("A-77",)
    assert rows["Ana"].reason == "Le toca hoy por su fecha."
    assert rows["Luis"].reason == "Sin datos de contacto para correo, WhatsApp, SMS."
    assert not world.orders
    report = world.runs()
    assert (report.notices, report.tasks, report.stages) == (seen.notices, seen.tasks, seen.stages)


@pytest.mark.parametrize(("language", "text"), [
    ("es", "Entra en Temprana"), ("en", "Enters Early"), ("pt-BR", "Entra em Inicial"),
])  # fmt: skip
def test_a_case_tells_why(world: World, language: str, text: str) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.opens()
    world.runs()
    told = selectors.why(world.actor, world.clients["ana"], language=language)
    assert text in [row.step_name for row in told]
    assert {row.state for row in told} == {"taken"}


@pytest.mark.parametrize("language", ["es", "en", "pt-BR"])
def test_every_reason_has_its_words(language: str) -> None:
    told = {
        "fallback": {"from": "email"}, "hold": {"kind": "promise"}, "opted_out": {"channels": ["email"]},
        "unreachable": {"channels": ["sms", "call"]}, "closed_day": {"channel": "sms"}, "cap": {"rule": "AR-1", "max": 3},
        "lapsed": {"ended_on": "2026-03-07"}, "due": {}, "stage_entry": {"from": None}, "already_raised": {},
    }  # fmt: skip
    texts = [
        reason_text(reason, arguments, channel="sms", language=language) for reason, arguments in told.items()
    ]
    assert not any("{" in text or text in told for text in texts)
    assert len(set(texts)) == len(told)


def test_segments_count_live(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN - timedelta(days=3))
    world.owes("luis", 1_000, due=BEGIN - timedelta(days=40))
    world.opens()
    for key, rule in (
        ("grandes", "overdue >= 5000"),
        ("viejos", "dpd > 30 AND has_email"),
        ("nadie", "contacts_7d > 0"),
    ):
        services.save_segment(actor=world.actor, key=key, name=key, rule=rule, clock=world.clock(BEGIN))
    counts = {
        segment.key: segment.count for segment in selectors.segments(world.actor, as_of=BEGIN, language="es")
    }
    assert counts == {"grandes": 1, "viejos": 1, "nadie": 0}
    with pytest.raises(services.SegmentRefused) as refusal:
        services.save_segment(
            actor=world.actor, key="x", name="x", rule="deuda > 3", clock=world.clock(BEGIN)
        )
    assert refusal.value.at == 1


@pytest.mark.covers("S0-8")
def test_a_policy_says_which_version_held_on_a_day(world: World) -> None:
    for version, on in ((1, date(2026, 1, 1)), (2, date(2026, 2, 1))):
        draft = services.PolicyDraft("policy", "creditos", "Política", f"Texto {version}", effective_on=on)
        services.write_policy(actor=world.actor, policy=draft, clock=world.clock(BEGIN))
    held = [
        selectors.policy_on(world.actor, "policy", "creditos", on)
        for on in (date(2025, 12, 31), date(2026, 1, 15), BEGIN)
    ]
    assert [row and row.version for row in held] == [None, 1, 2]
    assert [row.version for row in selectors.policies(world.actor, on=BEGIN)] == [2]


def test_a_collector_changes_no_strategy(world: World) -> None:
    collector = member(world.organisation.pk, user_id=1, role="COLLECTOR")
    with pytest.raises(NotAllowed):
        services.save_draft(actor=collector, strategy_id=row_of(world).pk, document={}, now=NOW)
    with pytest.raises(NotAllowed):
        selectors.strategies(collector)


@pytest.mark.covers("S0-3a", "S3-1h", "S3-78a")
@pytest.mark.covers("S4-1a", "S4-13")
@pytest.mark.parametrize("key", [key for key in KEYS if key not in DEFAULTS])
def test_a_strategy_of_the_catalogue_is_taken_once_and_raises_no_doubt(world: World, key: str) -> None:
    assert key in {found for found, _name, _about in selectors.catalogue(world.actor, language="pt-BR")}
    services.adopt(actor=world.actor, key=key, clock=world.clock(BEGIN))
    view = selectors.strategy(world.actor, key, as_of=BEGIN, language="es")
    assert (view.card.number, view.problems, view.doubts) == (1, (), ())
    assert key not in {found for found, _name, _about in selectors.catalogue(world.actor, language="es")}
    with pytest.raises(StrategyInvalid):
        services.adopt(actor=world.actor, key=key, clock=world.clock(BEGIN))


def test_what_is_not_in_the_catalogue_is_not_taken(world: World) -> None:
    with pytest.raises(services.UnknownStrategy):
        services.adopt(actor=world.actor, key="moon", clock=world.clock(BEGIN))


def test_where_two_persons_are_asked_for_who_proposes_does_not_publish(world: World) -> None:
    access.change_settings(actor=world.actor, now=NOW, settings={selectors.TWO_PERSONS: True})
    people = [User.objects.create_user(f"{name}@propia.test", name=name) for name in ("Uno", "Dos")]
    first, second = (member(world.organisation.pk, user_id=one.pk, role="MANAGER") for one in people)
    row = row_of(world)
    document = {**row.draft, "always": row.draft["always"][:-1]}
    about = {"strategy_id": row.pk, "document": document, "clock": world.clock(BEGIN)}
    with pytest.raises(services.NeedsAnother):
        services.publish(actor=first, note="", **about)
    services.propose(actor=first, **about)
    with pytest.raises(services.NeedsAnother):
        services.publish(actor=first, note="", **about)
    with pytest.raises(services.NeedsAnother):
        services.publish(actor=second, note="", **(about | {"document": {**document, "always": []}}))
    views = [selectors.strategy(who, row.key, as_of=BEGIN, language="es") for who in (first, second)]
    assert [(view.proposed_by, view.can_publish) for view in views] == [("Uno", False), ("Uno", True)]
    assert services.publish(actor=second, note="", **about).number == 2
    after = selectors.strategy(first, row.key, as_of=BEGIN, language="es")
    assert (after.proposed_by, after.card.has_draft) == ("", False)


def test_a_case_tells_which_version_worked_it_on_a_past_day(world: World) -> None:
    world.owes("ana", 900_000, due=BEGIN)
    world.opens()
    world.runs()
    case_id = world.clients["ana"]
    assert selectors.version_of_case(world.actor, case_id, BEGIN) == ("b2b_invoices", 1)
    assert selectors.version_of_case(world.actor, case_id, BEGIN - timedelta(days=1)) is None
