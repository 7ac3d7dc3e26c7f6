"""What the strategies that ship say is read in the language of who reads, however the night wrote it down."""

import pytest
from django.utils.translation import override

from aldia.cases.steps import shown

WORDS = {"es": "Llamar: saldo grande", "en": "Call: large balance", "pt-br": "Ligar: saldo grande"}


@pytest.mark.parametrize("reader", WORDS)
@pytest.mark.parametrize("house", WORDS)
def test_a_task_of_the_night_is_told_in_the_readers_language(house: str, reader: str) -> None:
    with override(reader):
        assert shown(WORDS[house]) == WORDS[reader]


def test_what_a_person_wrote_stays_as_it_is() -> None:
    with override("en"):
        assert shown("Llamar a Marta por el cheque") == "Llamar a Marta por el cheque"
