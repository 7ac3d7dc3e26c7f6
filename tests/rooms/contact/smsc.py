"""A real SMSC on loopback for the tests: the server side of smpp34, in a thread, that takes, refuses, throttles or hangs up."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from smpp34 import ESME_RINVDSTADR, ESME_RTHROTTLED, Esme, Server, SubmitSmEvent

from aldia.domain.gsm import text_in_gsm

_STATUS = {"refused": ESME_RINVDSTADR, "busy": ESME_RTHROTTLED}


@dataclass
class Smsc:
    """What came to it, how it behaves, and what it keeps for whoever binds to fetch."""

    port: int
    mood: str = "taken"
    taken: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)  # to what it delivered
    binds: int = 0
    hang_up: Callable[[], Any] = lambda: None
    refuses_from: int = 10_000  # which message begins to be refused

    @property
    def config(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port, "user": "aldia", "password": "secreta"}

    def texts(self) -> str:
        """All that came, as people read it."""
        return "".join(each["text"] for each in self.taken)

    def keep_receipt(self, name: str, stat: str, **more: Any) -> None:
        """Keep a delivery receipt, as the standard writes it, for who binds next."""
        text = f"id:{name} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:{stat} err:000 text:Hola"
        self.waiting.append(
            {"short_message": text.encode(), "esm_class": 0x04, "source_addr": "5491155550123", **more}
        )

    def keep_message(self, sender: str, text: str) -> None:
        """Keep what a person wrote, for who binds next."""
        self.waiting.append(
            {"short_message": text.encode("utf-16-be"), "data_coding": 8, "source_addr": sender}
        )


async def _serve(smsc: Smsc, ready: threading.Event, ended: asyncio.Event) -> None:
    server = Server("127.0.0.1", smsc.port)
    await server.start()
    ready.set()
    held: list[Any] = []
    loop = asyncio.get_running_loop()

    async def deliver(esme: Esme) -> None:
        for told in list(smsc.waiting):
            smsc.waiting.remove(told)
            smsc.answers.append(await esme.deliver_sm("5491100000000", **told))

    async def go_on() -> None:
        while True:
            event = await server.next()
            if isinstance(event, Esme):
                smsc.binds += 1
                smsc.hang_up = lambda esme=event: asyncio.run_coroutine_threadsafe(_hang_up(esme), loop)
                held.append(asyncio.create_task(deliver(event))) if event.can_receive else None
            elif isinstance(event, SubmitSmEvent):
                smsc.taken.append(_read(event))
                if smsc.mood == "silent":
                    held.append(event)  # unanswered, and the centre hangs up
                    smsc.hang_up()
                    continue
                if smsc.mood in _STATUS or len(smsc.taken) >= smsc.refuses_from:
                    event.reject(_STATUS.get(smsc.mood, ESME_RTHROTTLED))
                else:
                    event.accept(f"{len(smsc.taken):X}A")

    running = asyncio.create_task(go_on())
    await ended.wait()
    running.cancel()
    await server.stop()


async def _hang_up(esme: Esme) -> None:
    await esme.unbind()


def _read(event: SubmitSmEvent) -> dict[str, Any]:
    content = bytes(event.short_message)
    heading = content[: content[0] + 1] if event.esm_class & 0x40 else b""
    body = content[len(heading) :]
    text = body.decode("utf-16-be") if event.data_coding == 8 else text_in_gsm(body)
    return {
        "to": event.destination_addr, "from": event.source_addr, "text": text, "heading": heading, "size": len(content),
        "registered": event.registered_delivery,
    }  # fmt: skip


@contextmanager
def smsc() -> Iterator[Smsc]:
    """An SMSC that listens until the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made = Smsc(probe.getsockname()[1])
    ready, loop = threading.Event(), asyncio.new_event_loop()
    ended = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(made, ready, ended)), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
