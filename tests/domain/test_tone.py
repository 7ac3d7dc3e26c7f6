"""The tone of a notice: what is hard, long, shouted, threatening or like a court is told with its word; plain words pass."""

import pytest

from aldia.domain.readability import read, syllables_of
from aldia.domain.tone import tone_of


@pytest.mark.parametrize(
    ("language", "word", "syllables"),
    [
        ("es", "día", 2), ("es", "aquí", 2), ("es", "pendiente", 3), ("es", "averigüe", 4), ("es", "poeta", 3), ("es", "hoy", 1),
        ("es", "guía", 2), ("pt", "coração", 3), ("pt", "não", 1), ("pt", "atenção", 3), ("en", "table", 2), ("en", "paid", 1),
        ("en", "needed", 2), ("en", "reminder", 3),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_they_are_said(language: str, word: str, syllables: int) -> None:
    assert syllables_of(word, language) == syllables


def test_the_index_is_the_published_formula() -> None:
    found = read("La casa es azul. El mar es azul.", "es")
    assert (found.words, found.sentences, found.syllables) == (8, 2, 11)
    assert found.index == pytest.approx(206.835 - 62.3 * 11 / 8 - 4)


PLAIN = "Hola, {nombre}. Quedó sin pagar {importe}. Puedes pagar hoy o elegir otro día. Si hay un error, dinos y lo vemos."


def test_plain_words_have_nothing_to_mend() -> None:
    assert tone_of(PLAIN, "es").remarks == ()


@pytest.mark.enforces("conduct_ban")
@pytest.mark.parametrize(
    ("language", "text", "code", "word"),
    [
        ("es", "Si no pagas, habrá EMBARGO.", "threat", "EMBARGO"),
        ("es", "De lo contrario iniciaremos acciones legales.", "threat", "acciones legales"),
        ("es", "No seas moroso.", "shame", "moroso"),
        ("es", "Cédula de notificación", "court", "Cédula de notificación"),
        ("es", "Paga inmediatamente.", "hurry", "inmediatamente"),
        ("es", "PAGA YA tu DEUDA", "capitals", "DEUDA"),
        ("es", "Paga hoy 😀", "emoji", "😀"),
        ("es", "¡¡Paga!!", "shout", "!!"),
        ("en", "Or we take legal action.", "threat", "legal action"),
        ("en", "Court summons", "court", "summons"),
        ("pt-br", "Sob pena de penhora.", "threat", "penhora"),
        ("pt-br", "Cliente inadimplente", "shame", "inadimplente"),
    ],
)
def test_what_must_not_be_said_is_found_with_its_word(language: str, text: str, code: str, word: str) -> None:
    assert (code, word) in {(remark.code, remark.word) for remark in tone_of(text, language).remarks}


def test_words_that_only_look_alike_pass_and_initials_are_no_shout() -> None:
    text = "Tu CUIT está bien. El pago del mes llegó. Juicio sano: paga cuando puedas."
    assert tone_of(text, "es").remarks == ()
    assert tone_of("We sent a courtesy note.", "en").remarks == ()


def test_long_sentences_and_hard_words_are_measured_against_their_bars() -> None:
    hard = (
        "Procederemos indefectiblemente a la regularización administrativa correspondiente a las obligaciones "
        "oportunamente contraídas con nuestra organización comercial en los términos contractuales establecidos"
    )
    codes = {remark.code: remark for remark in tone_of(hard, "es").remarks}
    assert codes["hard"].bar == 65 and codes["long"].value > 15
    assert "Pon un punto" in codes["long"].text("es")
