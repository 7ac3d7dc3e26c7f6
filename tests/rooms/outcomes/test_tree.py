"""The outcome tree is data that the organisation edits."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aldia.access.permissions import NotAllowed
from aldia.domain.outcome_tree import DEFAULT_TREE
from aldia.domain.outcomes import tree_as_data
from aldia.outcomes import selectors
from aldia.outcomes import services as outcomes
from aldia.outcomes.models import OutcomeType
from tests.rooms.outcomes.conftest import Desk


def promised() -> dict[str, Any]:
    return next(row for row in tree_as_data(DEFAULT_TREE) if row["key"] == "promise")


@pytest.mark.covers("S1-11c")
def test_the_tree_that_ships_is_written_once_and_reads_back_the_same(desk: Desk) -> None:
    outcomes.ensure_outcome_tree(organisation_id=desk.organisation.pk)
    rows = OutcomeType.objects.of(desk.organisation).count()

    assert outcomes.ensure_outcome_tree(organisation_id=desk.organisation.pk) == DEFAULT_TREE
    assert selectors.outcome_tree(desk.ana) == DEFAULT_TREE
    assert OutcomeType.objects.of(desk.organisation).count() == rows
    levels = OutcomeType.objects.of(desk.organisation).filter(parent=None).values_list("key", flat=True)
    assert set(levels) == {"contact.right_party", "contact.third_party", "contact.no_contact"}


@pytest.mark.covers("S1-11c", "S2-6")
def test_an_administrator_adds_a_result_and_people_log_it(desk: Desk) -> None:
    data = {
        "key": "moved_away", "contact": "third_party", "label": {"es": "Se mudó", "en": "Moved", "pt": "Mudou-se"},
        "effect": "next_task", "letter": "M", "next_step": {"kind": "find_contact", "business_days": 2, "counts_from": ""},
        "fields": [], "reasons": [{"key": "abroad", "label": {"es": "Afuera", "en": "Abroad", "pt": "Fora"}}],
    }  # fmt: skip
    outcomes.save_outcome_type(actor=desk.system, data=data, now=desk.clock.now)

    desk.log("moved_away", reason="abroad")

    assert selectors.outcome_tree(desk.ana).get("moved_away").letter == "M"
    assert desk.case().next_step == "Buscar otro dato de contacto"
    with pytest.raises(outcomes.OutcomeRefused):
        desk.log("moved_away", reason="martian")


def test_a_changed_result_keeps_its_place_and_loses_its_reasons(desk: Desk) -> None:
    data = {**promised(), "reasons": [], "letter": "Q"}
    outcomes.save_outcome_type(actor=desk.system, data=data, now=desk.clock.now)

    tree = selectors.outcome_tree(desk.ana)
    assert [one.key for one in tree.outcomes] == [one.key for one in DEFAULT_TREE.outcomes]
    assert (tree.get("promise").letter, tree.get("promise").reasons) == ("Q", ())


@pytest.mark.covers("S1-11d")
@pytest.mark.parametrize(
    "broken",
    [
        {"next_step": {"kind": "call", "business_days": 0, "counts_from": ""}},
        {"next_step": {}},
        {"letter": "N"},
        {"fields": []},
        {"contact": "martian"},
    ],
)
def test_a_result_that_breaks_the_tree_is_refused(desk: Desk, broken: dict[str, Any]) -> None:
    with pytest.raises(outcomes.OutcomeTypeRefused):
        outcomes.save_outcome_type(actor=desk.system, data={**promised(), **broken}, now=desk.clock.now)
    assert selectors.outcome_tree(desk.ana) == DEFAULT_TREE


def test_what_is_deactivated_is_not_offered_but_keeps_its_name(desk: Desk) -> None:
    desk.log("voicemail")
    outcomes.deactivate_outcome_type(actor=desk.system, key="voicemail", now=desk.clock.now)

    with pytest.raises(outcomes.OutcomeRefused):
        desk.log("voicemail")
    assert selectors.outcome_labels(desk.ana, "es")["voicemail"] == "Buzón de voz"
    with pytest.raises(outcomes.UnknownOutcomeType):
        outcomes.deactivate_outcome_type(actor=desk.system, key="nothing", now=desk.clock.now)


def test_collectors_do_not_edit_it(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        outcomes.save_outcome_type(actor=desk.ana, data=promised(), now=desk.clock.now)


def test_outcome_type_once_holds_in_the_database(desk: Desk) -> None:
    outcomes.ensure_outcome_tree(organisation_id=desk.organisation.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeType.objects.create(organisation=desk.organisation, key="promise")
