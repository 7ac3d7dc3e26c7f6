"""Labels: three languages or none."""

import pytest

from aldia.domain.labels import Label, base_language


def test_a_label_answers_to_language_tags() -> None:
    label = Label("saldo", "balance", "saldo devedor")
    assert [label.of(tag) for tag in ("es-AR", "en_US", "pt-BR", "fr")] == [
        "saldo",
        "balance",
        "saldo devedor",
        "saldo",
    ]
    assert base_language("PT_br") == "pt"


def test_a_label_without_one_language_is_refused() -> None:
    with pytest.raises(ValueError, match="three languages"):
        Label("saldo", "", "saldo")
