"""Parties as a source tells them: matched, completed, never emptied, the same twice."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.parties.models import ContactPoint, Party, PartyReference, PartyWord
from aldia.parties.names import fold, phone_word, words
from tests.rooms.parties.conftest import Source

ACME = {
    "customer_id": "1", "name": "Acme S.A.", "tax_id": "30712345678", "tax_id_kind": "CUIT", "kind": "COMPANY", "country": "AR",
    "email": "Pagos@Acme.test", "phone_e164": "+5491143215678", "phone_is_mobile": True, "address": "Mitre 100",
}  # fmt: skip


def test_a_new_client_is_known_with_everything_that_was_told(erp: Source) -> None:
    told = erp.tells(ACME)
    party = erp.party("Acme S.A.")
    assert (told.new, told.changed, told.same, told.points) == (1, 0, 0, 3)
    assert told.parties.rows() == [("1", party.pk)]
    assert (party.tax_id, party.kind, party.name_folded) == ("30712345678", "COMPANY", "acme s.a.")
    points = {row.kind: row for row in ContactPoint.objects.of(erp.actor.organisation_id)}
    assert (points["EMAIL"].value, points["PHONE"].is_mobile, points["ADDRESS"].value) == (
        "pagos@acme.test",
        True,
        "Mitre 100",
    )


def test_the_same_again_changes_nothing(erp: Source) -> None:
    erp.tells(ACME)
    words_before = PartyWord.objects.of(erp.actor.organisation_id).count()
    again = erp.tells(ACME)
    assert (again.new, again.changed, again.same, again.points) == (0, 0, 1, 0)
    assert PartyWord.objects.of(erp.actor.organisation_id).count() == words_before


def test_empty_never_replaces_what_is_known(erp: Source) -> None:
    erp.tells(ACME)
    assert (
        erp.tells({"customer_id": "1", "name": "Acme S.A.", "tax_id": "", "country": None, "email": " "}).same
        == 1
    )
    assert erp.party("Acme S.A.").tax_id == "30712345678"


def test_an_unproven_tax_id_does_not_replace_a_proven_one(erp: Source) -> None:
    erp.tells(ACME)
    erp.tells({"customer_id": "1", "name": "Acme S.A.", "tax_id": "123", "tax_id_kind": ""})
    assert (erp.party("Acme S.A.").tax_id, erp.party("Acme S.A.").tax_id_kind) == ("30712345678", "CUIT")


def test_another_source_finds_the_client_by_a_proven_tax_id(erp: Source) -> None:
    first = erp.tells(ACME)
    other = erp.tells({**ACME, "customer_id": "X-9", "email": "otra@acme.test"}, source="banco")
    assert other.parties["party_id"].to_list() == first.parties["party_id"].to_list()
    assert PartyReference.objects.of(erp.actor.organisation_id).count() == 2
    mails = ContactPoint.objects.of(erp.actor.organisation_id).filter(kind="EMAIL").order_by("position")
    assert [row.value for row in mails] == ["pagos@acme.test", "otra@acme.test"]


def test_an_unproven_tax_id_joins_nobody(erp: Source) -> None:
    erp.tells({**ACME, "tax_id_kind": ""})
    assert erp.tells({**ACME, "customer_id": "2", "tax_id_kind": ""}).new == 1


def test_what_reaches_a_party_is_used_in_the_order_of_the_file(erp: Source) -> None:
    told = [
        {**ACME, "customer_id": str(row), "email": mail}
        for row, mail in enumerate(["z@acme.test", "b@acme.test", "m@acme.test"])
    ]
    erp.tells(*told, {**ACME, "customer_id": "otra", "tax_id": "30500000007", "email": "a@otra.test"})
    mails = (
        ContactPoint.objects.of(erp.actor.organisation_id).filter(kind="EMAIL").order_by("position", "value")
    )
    assert [(row.value, row.position) for row in mails] == [
        ("a@otra.test", 0), ("z@acme.test", 0), ("b@acme.test", 1), ("m@acme.test", 2),
    ]  # fmt: skip


def test_two_customers_of_one_file_with_one_tax_id_are_one_party(erp: Source) -> None:
    told = erp.tells(ACME, {**ACME, "customer_id": "2"})
    assert (told.new, told.parties["party_id"].n_unique(), told.parties.height) == (1, 1, 2)


def test_several_rows_of_a_customer_say_one_thing(erp: Source) -> None:
    told = erp.tells({**ACME, "email": ""}, {**ACME, "email": "b@acme.test"}, {**ACME, "email": None})
    assert (told.new, told.points) == (1, 3)
    assert ContactPoint.objects.of(erp.actor.organisation_id).get(kind="EMAIL").value == "b@acme.test"


def test_a_retired_point_does_not_come_back_by_a_file(erp: Source) -> None:
    from aldia.parties import services
    from tests.rooms.parties.conftest import NOW

    erp.tells(ACME)
    mail = ContactPoint.objects.of(erp.actor.organisation_id).get(kind="EMAIL")
    services.retire_point(actor=erp.actor, point_id=mail.pk, now=NOW)
    assert erp.tells(ACME).points == 0
    mail.refresh_from_db()
    assert mail.state == "RETIRED"


def test_a_new_name_is_found_and_the_old_one_not(erp: Source) -> None:
    from aldia.parties import selectors

    erp.tells(ACME)
    assert erp.tells({**ACME, "name": "Ñandú Express"}).changed == 1
    assert [hit.name for hit in selectors.search(erp.actor, "nandu")] == ["Ñandú Express"]
    assert selectors.search(erp.actor, "acme") == []
    assert [hit.matched for hit in selectors.search(erp.actor, "4321 5678")] == ["phone"]
    assert [hit.matched for hit in selectors.search(erp.actor, "30-71234567")] == ["tax_id"]


def test_organisations_do_not_know_each_others_clients(erp: Source, source_of: Any) -> None:
    from aldia.parties import selectors

    other = source_of("dos")
    erp.tells(ACME)
    assert other.tells(ACME).new == 1
    assert len(selectors.search(other.actor, "acme")) == 1
    assert Party.objects.of(other.actor.organisation_id).count() == 1


LETTERS = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=30)


@settings(max_examples=25)
@given(names=st.lists(LETTERS.filter(lambda text: text.strip()), min_size=1, max_size=6))
def test_frames_fold_names_as_one_row_does(erp: Source, names: list[str]) -> None:
    rows = [{"customer_id": f"k{number}", "name": name} for number, name in enumerate(names)]
    told = erp.tells(*rows, source=f"s{PartyReference.objects.of(erp.actor.organisation_id).count()}")
    keys = dict(told.parties.rows())
    for number in range(len(names)):
        party = Party.objects.of(erp.actor.organisation_id).get(pk=keys[f"k{number}"])
        stored = (
            PartyWord.objects.of(erp.actor.organisation_id).filter(party=party).values_list("word", flat=True)
        )
        assert party.name_folded == fold(party.name)
        assert sorted(stored) == sorted(words(party.name))


def test_the_database_keeps_references_and_points_single(erp: Source) -> None:
    from django.db import IntegrityError, transaction

    from tests.rooms.parties.conftest import NOW

    erp.tells(ACME)
    party = erp.party("Acme S.A.")
    for make, name in (
        (lambda: PartyReference.objects.create(organisation_id=party.organisation_id, source="erp", external_id="1", party=party),
         "party_reference_once"),
        (lambda: ContactPoint.objects.create(
            organisation_id=party.organisation_id, party=party, kind="PHONE", value="+5491143215678", created_at=NOW),
         "contact_point_once"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            make()
        assert name in str(refusal.value) or "UNIQUE" in str(refusal.value)


def test_a_phone_is_read_from_its_end() -> None:
    assert phone_word("+54 9 11 4321-5678") == "#8765123411945"
