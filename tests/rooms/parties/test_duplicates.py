"""Parties that may be one: found, joined, told apart, and every decision taken back."""

from datetime import UTC, datetime

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, system
from aldia.parties import selectors, services
from aldia.parties.models import Party

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)


@pytest.fixture
def actor(db: None) -> Actor:
    made = [
        access.create_organisation(key=key, name=key, country="AR", currency="ARS", now=NOW)
        for key in ("sur", "norte")
    ]
    for organisation in made:
        rows = {
            "customer_id": ["1", "2", "3"],
            "name": ["Ferretería El Árbol S.A.", "Ferreteria el arbol SA", "Óptica Sur"],
            "tax_id": ["30716595540", "30716595504", "20304050607"],
            "phone_e164": ["+541143210000", "+541143210000", "+541143219999"],
        }
        services.upsert_frame(
            organisation_id=organisation.pk, source="erp", frame=pl.DataFrame(rows), now=NOW
        )
    return system(made[0].pk)


def pairs(actor: Actor) -> list[tuple[str, str]]:
    return [(pair.left.name, pair.right.name) for pair, _facts in selectors.possible_duplicates(actor)]


BOTH = [("Ferretería El Árbol S.A.", "Ferreteria el arbol SA")]


def test_two_records_of_one_company_are_found_in_its_own_organisation_alone(actor: Actor) -> None:
    assert services.look_for_duplicates(actor=actor, now=NOW) == 1
    ((pair, facts),) = selectors.possible_duplicates(actor)
    assert pairs(actor) == BOTH and facts["tax_id"] == ("•••••••5540", "•••••••5504")
    assert {name for name, weight in pair.weights.items() if weight > 0} == {"name", "tax_id", "phone"}


def test_a_pair_is_joined_and_taken_back(actor: Actor) -> None:
    services.look_for_duplicates(actor=actor, now=NOW)
    ((pair, _facts),) = selectors.possible_duplicates(actor)
    joined = services.join_pair(actor=actor, pair_id=pair.pk, into_id=pair.right_id, now=NOW)
    assert (joined.pk, joined.merged_into_id) == (pair.left_id, pair.right_id) and not pairs(actor)
    with pytest.raises(services.PairDecided):
        services.tell_apart(actor=actor, pair_id=pair.pk, now=NOW)
    services.ask_again(actor=actor, pair_id=pair.pk, now=NOW)
    assert pairs(actor) == BOTH
    assert not Party.objects.of(actor.organisation_id).filter(merged_into__isnull=False).exists()


def test_what_was_told_apart_does_not_come_back(actor: Actor) -> None:
    services.look_for_duplicates(actor=actor, now=NOW)
    ((pair, _facts),) = selectors.possible_duplicates(actor)
    services.tell_apart(actor=actor, pair_id=pair.pk, now=NOW)
    assert services.look_for_duplicates(actor=actor, now=NOW) == 0 and not pairs(actor)


def test_a_pair_joins_into_one_of_the_two_and_nobody_else(actor: Actor) -> None:
    services.look_for_duplicates(actor=actor, now=NOW)
    ((pair, _facts),) = selectors.possible_duplicates(actor)
    third = Party.objects.of(actor.organisation_id).get(name="Óptica Sur")
    with pytest.raises(services.UnableToMerge):
        services.join_pair(actor=actor, pair_id=pair.pk, into_id=third.pk, now=NOW)
