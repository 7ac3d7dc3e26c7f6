"""`conformance` on a small invented folder: what is equal, what differs, what nobody compares."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aldia.ops.conformance.loans.steps import Scenario, perform

QIF = "!Type:Bank\nD13/10/25\nT-1,000.50\n^\n"


def folder(place: Path, topic: str, cases: dict[str, Any], files: dict[str, str]) -> Path:
    where = place / topic
    where.mkdir(parents=True)
    for name, content in files.items():
        (where / name).write_text(content, encoding="utf-8")
    (where / "reference.json").write_text(json.dumps({"topic": topic, "cases": cases}), encoding="utf-8")
    return place


def report(place: Path) -> tuple[dict[str, Any], str]:
    """The topics, and why the command failed if it did."""
    out = StringIO()
    try:
        call_command("conformance", str(place), "--json", stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue())["topics"], str(error)
    return json.loads(out.getvalue())["topics"], ""


def test_equal_files_count_and_differences_say_field_expected_and_found(tmp_path: Path) -> None:
    cases = {
        "a.qif": {"kind": "QIF", "lines": 1, "amounts": ["-1000.5"]},
        "b.qif": {"kind": "QIF", "lines": 1, "amounts": ["1000.5"]},
    }
    topics, failed = report(folder(tmp_path, "bank/qif", cases, {"a.qif": QIF, "b.qif": QIF}))
    assert (topics["bank"]["cases"], topics["bank"]["equal"]) == (2, 1)
    (difference,) = topics["bank"]["differences"]
    assert difference == {
        "file": "bank/qif/b.qif",
        "field": "entries[0].amount",
        "expected": "1000.5",
        "found": "-1000.50",
    }
    assert failed


def test_what_is_not_compared_never_passes_in_silence(tmp_path: Path) -> None:
    place = folder(tmp_path, "loans/x", {"l.json": {"kind": "loan"}}, {"l.json": "{}"})
    folder(
        tmp_path, "bank/otro", {"x.bin": {"kind": "unheard of"}, "gone.qif": {"kind": "QIF"}}, {"x.bin": "?"}
    )
    topics, failed = report(place)
    assert topics["loans"] == {"cases": 1, "equal": 0, "differences": [], "not_compared": ["loans/x/l.json"]}
    assert topics["bank"]["not_compared"] == ["bank/otro/x.bin", "bank/otro/gone.qif"]
    assert not failed


def test_a_file_that_should_be_read_and_was_refused_is_a_difference(tmp_path: Path) -> None:
    cases = {"a.qif": {"kind": "QIF", "lines": 1, "amounts": ["1"]}, "b.xml": {"kind": "invalid"}}
    topics, _failed = report(folder(tmp_path, "bank/x", cases, {"a.qif": "!Type:Bank\n", "b.xml": "<a/>"}))
    assert (topics["bank"]["equal"], [each["file"] for each in topics["bank"]["differences"]]) == (
        1,
        ["bank/x/a.qif"],
    )


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_references_is_an_error(tmp_path: Path, exists: bool) -> None:
    with pytest.raises(CommandError):
        call_command("conformance", str(tmp_path if exists else tmp_path / "no"), stdout=StringIO())


def test_lists_of_people_say_how_many_of_their_pairs_were_found(tmp_path: Path) -> None:
    head = "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id\n"
    one = "1, ana, waller, 6, tullaroop street, willaroo, st james, 4011, wa, 19081209, 6988048\n"
    two = "2, anna, waller, 6, tullaroop stret, willaroo, , 4011, wa, 19081209, 6988084\n"
    three = (
        "3, deakin, sondergeld, 48, goldfinch circuit, kooltuo, canterbury, 2776, vic, 19600210, 2635962\n"
    )
    case = {"kind": "people", "rows": 3, "duplicate_pairs": 1, "truth": [["1", "2"], ["3"]]}
    topics, failed = report(
        folder(tmp_path, "identifiers/x", {"p.csv": case}, {"p.csv": head + one + two + three})
    )
    measured = {"pairs": 1, "shown": 1, "precision": 1.0, "recall": 1.0}
    assert topics["identifiers"]["measured"] == [{"file": "identifiers/x/p.csv", **measured}] and not failed


def test_sentences_of_a_loan_whoever_pays_and_whatever_is_taken_back() -> None:
    loan = Scenario()
    lived = {
        'Admin sets the business date to "01 January 2023"': None,
        'Admin creates a new default Loan with date: "01 January 2023"': 100_000,
        'Admin successfully disburse the loan on "01 January 2023" with "1000" EUR transaction amount': 100_000,
        'Created user makes externalID controlled "REAL_TIME" repayment on "01 January 2023" with 200 EUR transaction amount': 80_000,
        'Refund happens on "01 January 2023" with 100 EUR transaction amount': 70_000,
        'Refund undo happens on "01 January 2023"': 80_000,
        'Customer makes "MERCHANT_ISSUED_REFUND" transaction with "AUTOPAY" payment type on "01 January 2023" with 50 EUR '
        "transaction amount": 75_000,
        'Admin makes "REPAYMENT_ADJUSTMENT_CHARGEBACK" chargeback with 50 EUR transaction amount for MIR nr. 1': 80_000,
        'Customer makes a repayment undo on "01 January 2023"': 100_000,
    }
    for sentence, owed in lived.items():
        assert perform(loan, sentence, []), sentence
        assert owed is None or loan.book().open_minor == owed, sentence
