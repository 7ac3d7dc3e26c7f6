"""Bank files, electronic documents and identifiers as published: equal to the reference, or each exception argued."""

from pathlib import Path

import pytest

from aldia.ops.conformance.running import run


@pytest.mark.covers("S3-30")
@pytest.mark.parametrize(
    "folder",
    [
        "bank/cnab",
        "bank/iso20022",
        "bank/mt940",
        "bank/n43",
        "bank/ofx",
        "einvoice/br_nfe",
        "einvoice/cl_dte",
        "einvoice/co_ubl",
        "einvoice/es_facturae",
        "einvoice/eu_cii",
        "einvoice/eu_ubl",
        "einvoice/mx_cfdi",
        "einvoice/pe_ubl",
        "identifiers/boleto_codes",
    ],
)
def test_every_file_is_read_as_published(shared_data: Path, folder: str) -> None:
    ((name, topic),) = run(shared_data / folder)["topics"].items()
    assert name == folder.split("/")[0]
    assert [each for each in topic["differences"] if not each.get("why")] == []
    assert topic["not_compared"] == []
    assert topic["cases"] - topic["equal"] <= 1  # Santander's CNAB 240, argued


def test_topics_that_are_not_compared_are_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "reference.json").write_text('{"topic": "weather", "cases": {"rain.csv": {"kind": "rain"}}}')
    topic = run(tmp_path)["topics"]["weather"]
    assert (topic["equal"], len(topic["not_compared"])) == (0, topic["cases"])


@pytest.mark.parametrize(
    "folder", ["credit/german_credit", "credit/card_default_uci", "campaigns/telemarketing_uci"]
)
@pytest.mark.covers("S4-51c")
def test_outcomes_as_published_are_scored_on_rows_never_seen(shared_data: Path, folder: str) -> None:
    (topic,) = run(shared_data / folder)["topics"].values()
    assert topic["differences"] == []
    assert topic["not_compared"] == []
    (told,) = topic["measured"]
    assert told["auc"] >= told["at_least"]
    assert told["held_out"] > 0
    assert told["fairness"]


@pytest.mark.covers("S4-1c")
@pytest.mark.parametrize("folder", ["loans/rates", "loans/legal_rates"])
def test_every_figure_of_rates_is_found_again(shared_data: Path, folder: str) -> None:
    topic = run(shared_data / folder)["topics"]["loans"]
    assert (topic["equal"], topic["differences"], topic["not_compared"]) == (topic["cases"], [], [])


@pytest.mark.covers("S4-1c", "S4-1d")
@pytest.mark.parametrize(("folder", "equal"), [("loans/fineract", 0.96), ("loans/consumer_schedules", 0.84)])
def test_lives_of_loans_come_out_as_published_and_what_is_outside_is_named(
    shared_data: Path, folder: str, equal: float
) -> None:
    topic = run(shared_data / folder)["topics"]["loans"]
    assert all(": outside: " in each for each in topic["not_compared"])
    assert topic["equal"] / (topic["cases"] - len(topic["not_compared"])) >= equal
