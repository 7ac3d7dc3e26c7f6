"""What a file says of people reaches them: phones that take messages, consents, refusals."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.intake import services
from aldia.intake.checking.options import LoadOptions
from aldia.intake.checking.tabular import check_table, open_table
from aldia.intake.mapping.fields import Kind
from aldia.intake.mapping.propose import propose_for
from aldia.intake.models import Load
from aldia.intake.requests import LoadRequest
from aldia.parties import facts, selectors
from aldia.parties import services as parties
from aldia.parties.models import Consent, ContactPoint, Party

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
HEAD = "cliente,nombre,factura,vencimiento,importe,telefono,acepta whatsapp,no contactar\n"
DEBTS = "C1,Árbol,F-1,2026-02-14,100,+54 9 11 4000 1234,sí,\nC2,Óptica,F-2,2026-02-14,100,11 4321 5678,no,\nC3,Norte,F-3,2026-02-14,100,,sí,x\n"


@pytest.fixture
def actor(db: None) -> Actor:
    return system(access.create_organisation(key="sur", name="Sur", country="AR", currency="ARS", now=NOW).pk)


def load(actor: Actor, folder: Path, text: str, *, day: int = 0, is_contacts: bool = False) -> None:
    path = folder / "archivo.csv"
    path.write_text(text, encoding="utf-8")
    clock = Clock(TODAY + timedelta(day), NOW + timedelta(day))
    request = LoadRequest(currency="ARS", country="AR", debt_kind="commercial", as_of=TODAY)
    if is_contacts:
        services.load_contacts(actor=actor, path=path, request=request, clock=clock)
    else:
        services.load(actor=actor, path=path, request=request, clock=clock, is_dry_run=False)


def wishes(actor: Actor, name: str) -> tuple[frozenset[str], frozenset[str]]:
    party = Party.objects.of(actor.organisation_id).get(name=name)
    consent = (
        Consent.objects.of(actor.organisation_id).filter(party_id=party.pk, creditor_id__isnull=False).first()
    )
    return selectors.wishes(actor.organisation_id, party.pk, consent.creditor_id if consent else None)


def reach(actor: Actor) -> dict[str, bool]:
    people = facts.people_frame(actor.organisation_id, as_of=TODAY)
    names = facts.names_frame(actor.organisation_id)
    return dict(people.join(names, on="party_id").select("name", "has_whatsapp").rows())


def test_a_mobile_of_a_load_can_be_written_to_and_a_fixed_line_cannot(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    assert reach(actor) == {"Árbol": True, "Óptica": False, "Norte": False}


def test_a_mobile_of_the_contacts_file_can_be_written_to(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    load(actor, tmp_path, "cliente,telefono\nC3,11 15 4000-9999\n", is_contacts=True)
    assert reach(actor)["Norte"]


def test_a_phone_known_before_learns_that_it_is_mobile(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    ContactPoint.objects.of(actor.organisation_id).update(is_mobile=None)
    load(actor, tmp_path, "cliente,telefono\nC1,+5491140001234\n", is_contacts=True)
    assert reach(actor)["Árbol"]


def test_consents_and_refusals_of_a_load_are_kept_with_where_they_were_read(
    actor: Actor, tmp_path: Path
) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    assert wishes(actor, "Árbol") == (frozenset({"whatsapp"}), frozenset())
    assert wishes(actor, "Óptica") == (frozenset(), frozenset({"whatsapp"}))
    agreed, refused = wishes(actor, "Norte")
    assert not agreed and refused == frozenset({"email", "call", "sms", "whatsapp", "letter", "visit"})
    first = Consent.objects.of(actor.organisation_id).get(is_granted=True)
    assert first.evidence.startswith("load:") and first.evidence.endswith("fila 2") and first.at == NOW


def test_the_same_file_again_says_no_word_twice(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    before = Consent.objects.of(actor.organisation_id).count()
    load(actor, tmp_path, HEAD + DEBTS, day=1)
    assert Consent.objects.of(actor.organisation_id).count() == before == 3


def test_a_yes_of_a_file_never_lifts_a_no_of_the_person(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    party = Party.objects.of(actor.organisation_id).get(name="Árbol")
    parties.record_consent(
        actor=actor, party_id=party.pk, creditor_id=None, channel="all", is_granted=False, evidence="portal",
        now=NOW + timedelta(1),
    )  # fmt: skip
    load(actor, tmp_path, HEAD + DEBTS, day=2)
    load(actor, tmp_path, "cliente,acepta whatsapp\nC1,si\n", day=2, is_contacts=True)
    assert wishes(actor, "Árbol")[0] == frozenset()


def test_a_contacts_file_of_consents_alone_is_enough(actor: Actor, tmp_path: Path) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    load(
        actor,
        tmp_path,
        "codigo cliente;consentimiento email;opt-out\nC1;si;\nC2;;si\n",
        day=1,
        is_contacts=True,
    )
    assert wishes(actor, "Árbol")[0] == frozenset({"whatsapp", "email"})
    assert "email" in wishes(actor, "Óptica")[1]


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Acepta WhatsApp", "consent_whatsapp"), ("opt-in SMS", "consent_sms"), ("Consentimiento correo", "consent_email"),
        ("aceita_whatsapp", "consent_whatsapp"), ("autoriza llamadas", "consent_call"), ("Consentimento", "consent"),
        ("Opt-out", "no_contact"), ("Não contatar", "no_contact"), ("Do not contact", "no_contact"), ("No contactar", "no_contact"),
        ("Acepta condiciones", None), ("WhatsApp", None),
    ],
)  # fmt: skip
def test_titles_of_consents_in_three_languages(title: str, field: str | None) -> None:
    sample = pl.DataFrame({"cliente": ["1", "2"], "email": ["a@b.co", "c@d.co"], title: ["si", "no"]})
    found = propose_for(sample.columns, sample, Kind.CONTACTS).columns
    assert next((name for name, column in found.items() if column == title), None) == field


def test_a_word_that_is_neither_yes_nor_no_is_no_consent(actor: Actor, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "cliente,email,acepta correo\nC1,a@b.co,quizá\nC2,c@d.co,si\nC3,e@d.co,no\n", encoding="utf-8"
    )
    table, mapping = open_table(path, "contacts")
    (found,) = check_table(table, mapping, LoadOptions(country="AR"))
    assert found.good["consent_email"].to_list() == [None, True, False]
    assert found.problems["code"].to_list() == ["consent_unreadable"]


def test_undoing_a_load_takes_back_the_words_it_told_and_what_was_said_before_holds_again(
    actor: Actor, tmp_path: Path
) -> None:
    load(actor, tmp_path, HEAD + DEBTS)
    first = Load.objects.of(actor.organisation_id).get()
    portal = {
        "party_id": Party.objects.of(actor.organisation_id).get(name="Norte").pk,
        "creditor_id": None,
        "channel": "sms",
    }
    parties.record_consent(
        actor=actor, **portal, is_granted=False, evidence="portal", now=NOW + timedelta(minutes=5)
    )
    services.undo(actor=actor, load_id=first.pk, clock=Clock(TODAY, NOW + timedelta(hours=1)))
    assert wishes(actor, "Árbol") == wishes(actor, "Óptica") == (frozenset(), frozenset())
    assert wishes(actor, "Norte")[1] == {"sms"}
    out = facts.people_frame(actor.organisation_id, as_of=TODAY).join(
        facts.names_frame(actor.organisation_id), on="party_id"
    )
    assert dict(out.select("name", "opted_out").rows()) == {"Árbol": [], "Óptica": [], "Norte": ["sms"]}
    load(actor, tmp_path, HEAD + DEBTS, day=1)
    assert wishes(actor, "Árbol") == (frozenset({"whatsapp"}), frozenset())
