"""Rejected rows are corrected on the screen: cell by cell or all of a kind, and enter as a further load of their source."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, system
from aldia.access.models import AuditEvent
from aldia.intake import selectors, services
from aldia.intake.models import Load, LoadState, Source
from aldia.intake.requests import LoadRequest
from aldia.ledger.models import Document

CLOCK = Clock(date(2026, 3, 10), datetime(2026, 3, 10, 15, tzinfo=UTC))
HEAD = "Cliente;Nombre;Factura;Vence;Importe;Moneda\n"
ROWS = (
    "C1;Árbol;F-1;14/02/2026;1.000,50;ARS\nC2;Sur;F-2;31/02/2026;500;ARS\nC3;Norte;F-3;cuando pueda;70;ARS\n"
    "C4;Este;F-4;20/02/2026;diez;ARS\nC5;Oeste;F-5;03/04/2026;1.234,567;ARS\nC6;Centro;F-6;20/02/2026;80;\n"
)


@pytest.fixture
def actor(db: None) -> Actor:
    now = CLOCK.now
    return system(access.create_organisation(key="sur", name="Sur", country="AR", currency="ARS", now=now).pk)


def load(actor: Actor, folder: Path, text: str = HEAD + ROWS, **asked: object) -> Load:
    path = folder / "abiertas.csv"
    path.write_text(text, encoding="utf-8")
    request = LoadRequest(country="AR", debt_kind="commercial", **asked)  # type: ignore[arg-type]
    result = services.load(actor=actor, path=path, request=request, clock=CLOCK, is_dry_run=False)
    return Load.objects.of(actor.organisation_id).get(pk=result.load_id)


def corrected(actor: Actor, first: Load, **answers: str) -> Load:
    return services.check_repairs(actor=actor, load_id=first.pk, answers=answers, clock=CLOCK)


def balances(actor: Actor) -> dict[str, int]:
    rows = Document.objects.of(actor.organisation_id).filter(state="OPEN")
    return dict(rows.values_list("number", "balance_minor"))


def wrong(actor: Actor, load_: Load) -> list[tuple[int, str]]:
    rows = selectors.problems(actor, load_.pk).rows
    return [(row.row, row.field) for row in rows if row.is_error]


def test_corrected_cells_enter_as_a_further_load_and_the_rest_stays_out_with_its_row_numbers(
    actor: Actor, tmp_path: Path
) -> None:
    first = load(actor, tmp_path)
    assert balances(actor) == {"F-1": 100_050}
    assert wrong(actor, first) == [
        (3, "due_on"),
        (4, "due_on"),
        (5, "amount"),
        (6, "amount"),
        (7, "currency"),
    ]
    cells = {3: {"due_on": "28/02/2026"}, 5: {"amount": "10,00"}, 6: {"amount": "1.234,567"}}
    assert services.write_cells(actor=actor, load_id=first.pk, cells=cells) == 2
    again = corrected(actor, first)
    assert (again.counts["new"], again.counts["rejected"]) == (3, 2) and again.source_id == first.source_id
    assert wrong(actor, again) == [
        (4, "due_on"),
        (6, "amount"),
    ]  # the portfolio, there by now, says the currency
    services.merge(actor=actor, load_id=again.pk, clock=CLOCK)
    assert balances(actor) == {"F-1": 100_050, "F-2": 50_000, "F-4": 1_000, "F-6": 8_000}
    entry = AuditEvent.objects.of(actor.organisation_id).get(verb="intake.load.repair")
    assert entry.object_id == str(first.pk) and entry.data["rows"] == 2


def test_one_answer_for_all_repairs_a_whole_group(actor: Actor, tmp_path: Path) -> None:
    first = load(actor, tmp_path)
    filled = services.fill_group(
        actor=actor, load_id=first.pk, code="date_unreadable", field="due_on", text="28/02/2026"
    )
    again = corrected(actor, first, currency="ARS", rounding="half_up")
    assert filled == 1 and wrong(actor, again) == [(3, "due_on"), (5, "amount")]
    services.merge(actor=actor, load_id=again.pk, clock=CLOCK)
    assert balances(actor) == {"F-1": 100_050, "F-3": 7_000, "F-5": 123_457, "F-6": 8_000}


def test_what_was_corrected_is_undone_before_the_load_it_came_from(actor: Actor, tmp_path: Path) -> None:
    first = load(actor, tmp_path)
    again = corrected(actor, first, currency="ARS")
    services.merge(actor=actor, load_id=again.pk, clock=CLOCK)
    with pytest.raises(services.UnableToUndo):
        services.undo(actor=actor, load_id=first.pk, clock=CLOCK)
    services.undo(actor=actor, load_id=again.pk, clock=CLOCK)
    assert balances(actor) == {"F-1": 100_050}
    assert corrected(actor, first, currency="ARS").state == LoadState.PREVIEWED


def test_the_next_file_of_the_source_is_read_as_its_own_not_as_the_corrections(
    actor: Actor, tmp_path: Path
) -> None:
    first = load(actor, tmp_path)
    services.merge(actor=actor, load_id=corrected(actor, first, currency="ARS").pk, clock=CLOCK)
    (mapping,) = Source.objects.of(actor.organisation_id).get().mappings.values()
    assert "header_row" not in mapping
    assert load(actor, tmp_path, HEAD + "C9;Nueva;F-9;20/02/2026;5,5;ARS\n").counts["new"] == 1


def test_looking_again_forgets_the_look_before(actor: Actor, tmp_path: Path) -> None:
    first = load(actor, tmp_path)
    seen = [corrected(actor, first).pk, corrected(actor, first).pk]
    kept = Load.objects.of(actor.organisation_id).filter(repairs=first)
    assert list(kept.values_list("pk", flat=True)) == seen[1:]


def test_rows_are_corrected_once_and_only_after_the_good_ones_are_in(actor: Actor, tmp_path: Path) -> None:
    path = tmp_path / "abiertas.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    waiting = services.preview(actor=actor, path=path, request=LoadRequest(country="AR"), clock=CLOCK)
    with pytest.raises(services.UnableToRepair, match="Primero"):
        corrected(actor, waiting)
    services.merge(actor=actor, load_id=waiting.pk, clock=CLOCK)
    again = corrected(actor, waiting, currency="ARS")
    services.merge(actor=actor, load_id=again.pk, clock=CLOCK)
    with pytest.raises(services.UnableToRepair, match="ya se corrigieron"):
        services.write_cells(actor=actor, load_id=waiting.pk, cells={3: {"due_on": "28/02/2026"}})


def test_rows_far_apart_keep_their_number(actor: Actor, tmp_path: Path) -> None:
    good = "".join(f"C{n};Árbol;G-{n};14/02/2026;1,50;ARS\n" for n in range(400))
    first = load(actor, tmp_path, HEAD + good + 'C9;"Lejos;\nsí";F-9;nunca;1,50;ARS\n')
    assert wrong(actor, first) == [(402, "due_on")]
    again = corrected(actor, first)
    assert wrong(actor, again) == [(402, "due_on")]
