"""Who calls a door with a signature that is not one: it is refused as any other, and never ends in a fault of ours."""

from collections.abc import Callable

import pytest

from aldia.contact.providers.kannel import events as kannel
from aldia.contact.providers.protocol import Call, CallRefused, Parsed
from aldia.contact.providers.twilio import events as twilio
from aldia.contact.providers.whatsapp import events as whatsapp

URL, SECRET = "https://aldia.example/ganchos/x/abc", "clavé"
BODY = b'{"entry": []}'
FORM = b"MessageSid=SM1&MessageStatus=delivered"
RECEIPT = "?uuid=1&status=1&clave="
Reader = Callable[[Call, str], Parsed]


def _meta(given: str) -> Call:
    return Call(URL, BODY, {"x-hub-signature-256": given})


def _twilio(given: str) -> Call:
    return Call(URL, FORM, {"x-twilio-signature": given})


def _kannel(given: str) -> Call:
    return Call(f"{URL}{RECEIPT}{given}", method="GET")


DOORS = [
    (whatsapp.read, _meta, whatsapp.signature(BODY, SECRET)),
    (twilio.read, _twilio, twilio.signature(URL, FORM, SECRET)),
    (kannel.read, _kannel, "clav%C3%A9"),
]


@pytest.mark.parametrize(("read", "call", "right"), DOORS)
def test_a_right_signature_is_taken_and_no_variant_of_it(
    read: Reader, call: Callable[[str], Call], right: str
) -> None:
    assert read(call(right), SECRET)
    for wrong in (
        "",
        "ñandú",
        "\udce9",
        "sha256=",
        right[:-1],
        f"{right},{right}",
        right.swapcase(),
        "é" * 10_000,
    ):
        with pytest.raises(CallRefused):
            read(call(wrong), SECRET)


@pytest.mark.parametrize(("read", "call", "right"), DOORS)
def test_a_changed_secret_refuses_what_the_old_one_signed(
    read: Reader, call: Callable[[str], Call], right: str
) -> None:
    with pytest.raises(CallRefused):
        read(call(right), "otra")
