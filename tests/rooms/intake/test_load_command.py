"""`aldia load` as a newcomer types it: a rehearsal leaves nothing, an undo takes the last load back."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from aldia.access.models import Organisation
from aldia.intake.models import Load
from aldia.ledger.models import Document
from aldia.ops.management.commands.load import Command
from tests.rooms.intake.invoices import SOL, cfdi

pytestmark = pytest.mark.django_db
DEBTS = "cliente,nombre,factura,emision,vencimiento,importe\nC1,Árbol,F-1,2026-01-15,2026-02-14,100.00\n"
WHERE = ("--currency", "ARS", "--country", "AR", "--as-of", "2026-03-10", "--json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "abiertas.csv"
    path.write_text(DEBTS, encoding="utf-8")
    return path


def test_a_rehearsal_on_an_empty_installation_leaves_nothing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load", str(file), "--dry-run", *WHERE)
    assert json.loads(capsys.readouterr().out)["new"] == 1
    assert not Organisation.objects.exists()


def test_the_last_load_is_undone_from_the_command_line(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load", str(file), *WHERE)
    organisation = Organisation.objects.get()
    capsys.readouterr()
    call_command("load", "--undo", "--json")
    told = json.loads(capsys.readouterr().out)
    assert Load.objects.of(organisation).get(pk=told["undone"]).state == "undone"
    assert told["file"] == "abiertas.csv"
    assert not Document.objects.of(organisation).exclude(state="CANCELLED").exists()
    with pytest.raises(CommandError, match="ninguna carga"):
        call_command("load", "--undo")


def test_without_a_file_the_command_says_what_is_missing() -> None:
    with pytest.raises(CommandError, match="Falta el archivo"):
        call_command("load")


def test_a_folder_of_electronic_documents_is_loaded_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "enero"
    (folder / "sur").mkdir(parents=True)
    for place, uuid in enumerate(("1F2E3D4C-0001", "1F2E3D4C-0002")):
        (folder / ("sur" if place else "") / f"{uuid}.xml").write_text(cfdi(uuid), encoding="utf-8")
    told = ("--creditor-tax-id", SOL, "--payment-days", "30", "--country", "MX", "--json")
    call_command("load", str(folder), "--dry-run", *told)
    dry = json.loads(capsys.readouterr().out)
    call_command("load", str(folder), *told)
    done = json.loads(capsys.readouterr().out)
    assert {**done, "load": None} == dry and (done["new"], done["problems"][1]["file"]) == (
        2,
        "sur/1F2E3D4C-0002.xml",
    )
    kept = Load.objects.of(Organisation.objects.get()).get().file
    assert kept is not None and kept.name == "enero.zip"
    other = tmp_path / "abiertas.xlsx"
    other.write_bytes(b"x")
    with pytest.raises(CommandError, match="aparte"):
        call_command("load", str(folder), str(other), *told)


def test_an_answer_in_json_comes_also_when_there_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("load", "nada.csv", *WHERE)
    assert "nada.csv" in json.loads(capsys.readouterr().out)["error"]


def test_what_the_contacts_brought_is_told_beside_the_documents(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "personas.csv"
    people.write_text(
        "cliente,nombre,correo\nC1,Árbol,uno@arbol.example\n,,dos@arbol.example\n", encoding="utf-8"
    )
    call_command("load", str(file), "--contacts", str(people), *WHERE)
    told = json.loads(capsys.readouterr().out)["contacts"]
    assert (told["rows"], told["rejected"]) == (2, 1)
    assert [(each["row"], each["field"]) for each in told["problems"]] == [(3, "customer_id")]


def test_contacts_that_cannot_be_read_are_told_beside_the_documents_that_entered(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "personas.csv"
    people.write_bytes(b"\x7fELF\x00\x00")
    with pytest.raises(CommandError, match=r"personas\.csv"):
        call_command("load", str(file), "--contacts", str(people), *WHERE)
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["contacts"]["rows"], told["contacts"]["problems_total"]) == (1, 0, 1)
    assert Document.objects.of(Organisation.objects.get()).count() == 1


def test_options_that_cannot_be_read_are_answered_in_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Command().run_from_argv(["aldia", "load", "nada.csv", "--as-of", "ayer", "--json"])
    assert "ayer" in json.loads(capsys.readouterr().out)["error"]
