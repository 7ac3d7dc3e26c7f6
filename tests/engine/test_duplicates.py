"""Which records may be the same person: what they share brings them together, what they deny keeps them apart."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aldia.engine.duplicates import FACTS, LIKELY, RECORDS, find_pairs

ANA = {
    "name": "ana maria gonzalez", "tax_id": "27301234567", "phone": "+5491140001234", "email": "ana@sur.example",
    "address": "av. rivadavia 4520 piso 3 caballito",
}  # fmt: skip


def records(*people: dict[str, str | None]) -> pl.DataFrame:
    rows = [{"key": number, **dict.fromkeys(FACTS), **person} for number, person in enumerate(people)]
    return pl.DataFrame(rows, schema=RECORDS)


@pytest.mark.parametrize(
    "other",
    [
        {**ANA, "name": "gonzalez ana maria", "email": None},
        {**ANA, "name": "ana m. gonzales", "tax_id": None, "email": None},
        {**ANA, "tax_id": "27301234576", "phone": None, "address": "rivadavia 4520 caballito"},
        {"name": "ana maria gonzalez", "tax_id": "27301234567"},
    ],
)
def test_errors_of_typing_gaps_and_words_in_another_order_do_not_hide_a_person(
    other: dict[str, str | None],
) -> None:
    (pair,) = find_pairs(records(ANA, other)).to_dicts()
    assert (pair["left"], pair["right"]) == (0, 1) and pair["score"] >= LIKELY


@pytest.mark.parametrize(
    "other",
    [
        {"name": "ana maria gonzalez", "tax_id": "27285550001", "address": "san martin 15 rosario"},
        {"name": "pedro lopez", "tax_id": "20111111112", "address": ANA["address"]},
        {"name": "pedro lopez", "phone": ANA["phone"], "tax_id": "20111111112"},
        {
            "name": "ana paz",
            "tax_id": "27301998877",
            "phone": "+5491140007788",
            "email": "pedidos@sur.example",
        },
    ],
)
def test_a_namesake_a_neighbour_and_a_shared_phone_are_not_one_person(other: dict[str, str | None]) -> None:
    assert find_pairs(records(ANA, other)).is_empty()


def test_what_nobody_told_weighs_nothing_and_the_score_is_the_sum_of_what_was() -> None:
    (pair,) = find_pairs(records(ANA, {**ANA, "phone": None})).to_dicts()
    assert pair["phone"] is None and pair["born_on"] is None
    assert pair["score"] == sum(pair[name] for name in FACTS if pair[name] is not None)


@given(
    st.permutations([ANA, {**ANA, "email": None}, {"name": "luz paz"}, {"name": "luz pas", "tax_id": "1"}])
)
def test_the_order_of_the_records_changes_nothing(people: list[dict[str, str | None]]) -> None:
    found = find_pairs(records(*people)).select("left", "right", "score")
    names = [(people[left]["name"], people[right]["name"], score) for left, right, score in found.rows()]
    assert names == [("ana maria gonzalez", "ana maria gonzalez", names[0][2])]


def test_what_many_share_brings_nobody_together() -> None:
    crowd = records(*({"name": f"{chr(97 + n)}x", "phone": "+541100000000"} for n in range(20)))
    assert find_pairs(crowd).is_empty()
    assert find_pairs(records()).is_empty()
