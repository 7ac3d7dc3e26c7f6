"""Filling a text: the values as they are, and one point where a name already ends in one."""

import re

import pytest

from aldia.contact.texts import VARIABLES, Text, fill, library
from aldia.domain.sms import segments, simpler
from aldia.domain.tone import tone_of


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("Hola, {nombre}.", "Ferretería Sur S.A.", "Hola, Ferretería Sur S.A."),
        ("Hola, {nombre}. Gracias.", "Nélida", "Hola, Nélida. Gracias."),
        ("{nombre}, gracias.", "Hotel Sol S.R.L.", "Hotel Sol S.R.L., gracias."),
    ],
)
def test_a_name_that_ends_in_a_point_does_not_double_it(text: str, name: str, written: str) -> None:
    assert fill(text, {"nombre": name}) == written


STAGES = (
    "predue_courtesy",
    "due_today",
    "overdue_soft",
    "overdue_reminder",
    "overdue_firm",
    "overdue_final_offer",
)
CHANNELS = ("email", "sms", "whatsapp", "letter")
WAYS = (("es", "tu"), ("es", "usted"), ("es", "vos"), ("en", "tu"), ("pt-br", "tu"))


def _library() -> dict[tuple[str, str, str, str], Text]:
    return {(one.key, one.channel, one.language, one.treatment): one for one in library()}


def test_each_stage_has_its_own_text_by_each_channel_in_each_way_of_speaking() -> None:
    found = _library()
    for stage in STAGES:
        for language, treatment in WAYS:
            bodies = {channel: found[stage, channel, language, treatment].body for channel in CHANNELS}
            assert len(set(bodies.values())) == len(CHANNELS), (stage, language, treatment)


@pytest.mark.parametrize(
    "one", library(), ids=lambda one: f"{one.key}-{one.channel}-{one.language}-{one.treatment}"
)
def test_every_notice_of_ours_passes_the_reader_of_tone(one: Text) -> None:
    told = f"{one.subject}\n{one.body}" if one.channel in {"email", "letter"} else one.body
    assert [remark.text("es") for remark in tone_of(told, one.language).remarks] == []


def test_who_is_spoken_to_as_usted_or_vos_never_reads_a_tu() -> None:
    informal = re.compile(
        r"\b(tú|ti|contigo|puedes|eliges|tienes|prefieres|necesitas|dinos|avísanos|cuéntanos|mándanos)\b",
        re.IGNORECASE,
    )
    for one in library():
        words = f"{one.subject} {one.body}"
        if (one.language, one.treatment) == ("es", "usted"):
            assert not informal.search(words) and not re.search(r"\btus?\b", words, re.IGNORECASE), (
                one.key,
                words,
            )
        if (one.language, one.treatment) == ("es", "vos"):
            assert not informal.search(words), (one.key, one.channel, words)


def test_a_short_message_in_spanish_travels_in_the_cheap_alphabet_and_in_two_parts_at_most() -> None:
    values = {
        **dict.fromkeys(VARIABLES, "x"), "nombre": "Marta", "acreedor": "Distribuidora Andina", "importe": "$\u00a0486.250,00",
        "vencimiento": "29 oct", "enlace": "https://deuda.ejemplo.com/p/Xk3vB2m9QpLr7sTwXk3vB2m9QpLr7sTw",
    }  # fmt: skip
    for one in library():
        if (
            one.channel == "sms"
            and one.key in STAGES
            and (one.language, one.treatment) in {("es", "tu"), ("es", "usted")}
        ):
            travels = segments(simpler(fill(one.body, values)))
            assert (travels.encoding, travels.count <= 2) == ("GSM-7", True), (
                one.key,
                one.treatment,
                travels.foreign,
            )
