"""Who answers the keys of an automatic call: a room above this one, which knows promises and tasks. It says so once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aldia.contact.calls.models import PhoneCall

BEGIN, SILENCE = "", "."
"""Instead of a key: somebody picked up; all was said and nobody pressed one."""


@dataclass(frozen=True)
class Spoken:
    """What an automatic call says next, as sounds of the exchange. Over: it ends when they were heard."""

    sounds: tuple[str, ...]
    is_over: bool = False


class Menu(Protocol):
    """It keeps where it is in `call.menu`, which whoever asks saves."""

    def __call__(self, *, call: PhoneCall, key: str, now: datetime) -> Spoken: ...


_menus: list[Menu] = []


def answers_keys(menu: Menu) -> Menu:
    """Register who answers."""
    _menus[:] = [menu]
    return menu


def answer(call: PhoneCall, key: str, now: datetime) -> Spoken:
    """Return what is said to a key; without anybody who answers, nothing, and the call ends."""
    return _menus[0](call=call, key=key, now=now) if _menus else Spoken((), is_over=True)
