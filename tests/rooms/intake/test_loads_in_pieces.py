"""A file larger than memory is taken piece by piece: what comes out is what the whole file says."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.intake import selectors, services
from aldia.intake.checking.spool import Spool
from aldia.intake.requests import LoadRequest, LoadResult
from aldia.intake.services import checked
from aldia.ledger.models import Document
from aldia.parties.models import Consent, Party
from aldia.payments.models import Receipt

CLOCK = Clock(date(2026, 3, 10), datetime(2026, 3, 10, 15, tzinfo=UTC))
HEAD = "cliente,nombre,factura,emision,vencimiento,importe,fecha de pago,acepta whatsapp\n"
FIRST = "C1,Árbol,F-1,2026-01-15,2026-02-14,1000,,\nC2,Sur,F-2,2026-02-01,2026-03-03,500,,\nC9,Vieja,F-9,2026-02-01,2026-03-03,70,,\n"
LATER = (
    "C1,Árbol,F-1,2026-01-15,2026-02-14,1100,,no\nC3,Norte,F-3,2026-02-20,2026-03-22,99,,sí\nC3,Norte,F-4,sin fecha,,10,,\n"
    "C2,Sur,F-2,2026-02-01,2026-03-03,500,,\nC1,Árbol,F-1,2026-01-15,2026-02-14,1100,,no\nC4,Este,F-5,2026-02-20,2026-03-22,x,,\n"
    "C1,Árbol,F-6,2026-02-20,2026-03-22,30,2026-03-09,sí\n"
)


@pytest.fixture
def actor(db: None) -> Actor:
    now = CLOCK.now
    return system(access.create_organisation(key="sur", name="Sur", country="AR", currency="ARS", now=now).pk)


def load(actor: Actor, folder: Path, text: str, *, is_dry_run: bool = False) -> LoadResult:
    path = folder / "abiertas.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    asked = LoadRequest(currency="ARS", country="AR", debt_kind="commercial", is_full_refresh=True)
    return services.load(actor=actor, path=path, request=asked, clock=CLOCK, is_dry_run=is_dry_run)


def told(result: LoadResult) -> dict[str, object]:
    return {name: value for name, value in result.as_data().items() if name != "load"}


@pytest.mark.parametrize("piece", [1, 2, 50_000])
def test_a_file_in_pieces_says_and_does_what_the_whole_file_does(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    load(actor, tmp_path, FIRST)
    monkeypatch.setattr(checked, "PIECE", piece)
    dry = load(actor, tmp_path, LATER, is_dry_run=True)
    done = load(actor, tmp_path, LATER)
    assert told(dry) == told(done)
    assert (done.rows, done.new, done.changed, done.same, done.rejected, done.settled) == (7, 2, 1, 2, 2, 1)
    assert done.totals == {"ARS": {"documents": 4, "open_minor": 172_900}} and done.receipts == 1
    assert {(problem["row"], problem["field"]) for problem in done.problems if problem["severity"] == "error"} >= {
        (4, "due_on"), (7, "amount"),
    }  # fmt: skip
    assert done.load_id is not None
    kept = selectors.problems(actor, done.load_id).rows
    assert [row.row for row in kept] == sorted(row.row for row in kept)
    assert Receipt.objects.of(actor.organisation_id).get().amount_minor == 3_000
    balances = dict(
        Document.objects.of(actor.organisation_id).filter(state="OPEN").values_list("number", "balance_minor")
    )
    assert balances == {"F-1": 110_000, "F-2": 50_000, "F-3": 9_900}


def test_a_no_in_one_piece_holds_over_a_yes_in_another(
    actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "PIECE", 1)
    load(actor, tmp_path, LATER)
    arbol = Party.objects.of(actor.organisation_id).get(name="Árbol")
    words = Consent.objects.of(actor.organisation_id).filter(party_id=arbol.pk)
    assert list(words.values_list("channel", "is_granted")) == [("whatsapp", False)]


def test_only_the_first_piece_stays_in_memory_and_nothing_stays_on_disk(tmp_path: Path) -> None:
    pieces = [pl.DataFrame({"row": [number], "name": ["ñandú"]}) for number in range(3)]
    spool = Spool(tmp_path / "spool")
    for piece in pieces:
        spool.add(piece)
    assert len(list(tmp_path.rglob("*.arrow"))) == 2
    assert spool.whole().equals(pl.concat(pieces)) and spool.height == 3
    del spool
    assert not list(tmp_path.rglob("*.arrow"))
