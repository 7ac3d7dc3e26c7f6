"""Callbacks of gateways in the shapes that their manuals leave open, and bodies that nobody should send."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.contact.inbound import whatsapp
from aldia.contact.inbound.gateways import READERS
from aldia.contact.providers.protocol import Arrived, Call, CallRefused, Parsed

ZENVIA = {
    "type": "MESSAGE", "id": "z1", "timestamp": "2026-01-02T03:04:05Z", "channel": "sms",
    "message": {"id": "m1", "from": "5491122223333", "contents": [{"text": "Hola"}], "visitor": {"name": "Ana"}},
}  # fmt: skip
WAVY = {"id": "1", "correlationId": "2", "deliveredStatusCode": 4}
CLICKATELL = {"messageId": "1", "fromNumber": "5491122223333", "text": "Hola", "timestamp": 1767323045000}
BANDWIDTH = [
    {"type": "message-received", "message": {"id": "1", "from": "+5491122223333", "time": "2026-01-02T03:04:05Z", "media": ["u"]}}
]  # fmt: skip
WHATSAPP = {"entry": [{"changes": [{"value": {"messages": [
    {"id": "w1", "from": "5491122223333", "type": "interactive", "interactive": {"list_reply": {"id": "a", "title": "b"}}}
]}}]}]}  # fmt: skip
BODIES = {"zenvia": ZENVIA, "wavy": WAVY, "clickatell": CLICKATELL, "bandwidth": BANDWIDTH}


def _read(gateway: str, body: str, query: str = "") -> Parsed:
    return READERS[gateway](Call(f"https://aldia.example/x{query}", body.encode()), "")


def _message(gateway: str, body: str, query: str = "") -> Arrived:
    (only,) = _read(gateway, body, query).messages
    return only


@pytest.mark.parametrize("date", ["2026-01-02T03:04:05Z", "2026-01-02 03:04:05"])
def test_an_instant_without_a_zone_is_utc_at_africastalking(date: str) -> None:
    arrived = _message("africastalking", f"id=1&to=2&from=%2B5491122223333&text=Hola&date={date}")
    assert arrived.at and arrived.at.isoformat() == "2026-01-02T03:04:05+00:00"


def test_an_empty_text_message_is_a_message() -> None:
    assert _message("kannel", "", "?id=1&sender=%2B5491122223333&message=&ts=1").text == ""


def test_messagebird_brings_pictures_in_json_and_forgets_to_escape_the_plus() -> None:
    told = {
        "originator": "5491122223333",
        "createdDatetime": "2026-01-02T03:04:05+00:00",
        "mediaURLs": ["https://f"],
    }
    assert _message("messagebird", json.dumps(told)).media == ("https://f",)
    form = "originator=5491122223333&body=Hola&createdDatetime=2026-01-02T03:04:05+00:00"
    assert _message("messagebird", form).text == "Hola"


def test_a_report_of_twilio_that_tells_no_state_is_no_news() -> None:
    assert _read("twilio", "MessageSid=SM1&MessageStatus=") == Parsed()


@pytest.mark.parametrize("gateway", ["whatsapp", *BODIES])
def test_a_body_of_countless_brackets_is_refused_as_any_other_that_is_none(gateway: str) -> None:
    with pytest.raises(CallRefused):
        whatsapp.changes(b"[" * 100_000) if gateway == "whatsapp" else _read(gateway, "[" * 100_000)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_body_of_any_shape_is_read_or_refused(data: st.DataObject) -> None:
    gateway = data.draw(st.sampled_from(["whatsapp", *BODIES]))
    body = json.loads(json.dumps(BODIES.get(gateway, WHATSAPP)))
    here, key = {"": body}, ""
    while isinstance(here[key], (dict, list)) and here[key] and data.draw(st.booleans() | st.just(True)):
        here = here[key]
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
    here[key] = data.draw(st.sampled_from([None, 5, -1.5, "", "x", [], [None], {}, {"a": 1}, True]))
    try:
        if gateway == "whatsapp":
            read = whatsapp.parsed(whatsapp.changes(json.dumps(body).encode()))
        else:
            read = _read(gateway, json.dumps(body))
    except CallRefused:
        return  # the way to say no
    assert isinstance(read, Parsed)
