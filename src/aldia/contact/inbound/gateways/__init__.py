"""How SMS gateways call back: what each one says, in our words. Reading is pure; who may call is checked before."""

from collections.abc import Callable
from typing import Final

from aldia.contact.inbound.gateways import (
    africastalking,
    bandwidth,
    clickatell,
    infobip,
    jasmin,
    kannel,
    messagebird,
    plivo,
    twilio,
    wavy,
    zenvia,
)
from aldia.contact.providers.protocol import Call, Parsed

Reader = Callable[
    [Call, str], Parsed
]  # the second is our own number at that gateway, empty when it is not known

READERS: Final[dict[str, Reader]] = {
    "africastalking": africastalking.read,
    "bandwidth": bandwidth.read,
    "clickatell": clickatell.read,
    "infobip": infobip.read,
    "jasmin": jasmin.read,
    "kannel": kannel.read,
    "messagebird": messagebird.read,
    "plivo": plivo.read,
    "twilio": twilio.read,
    "wavy": wavy.read,
    "zenvia": zenvia.read,
}
