"""What the shell of every page needs: navigation, formats, theme, clock, bell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from aldia.access import selectors as access
from aldia.web.ui import formats, navigation, toasts

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "aldia_theme"
KEYS_COOKIE = "aldia_keys"

Counter = Callable[[Any, Any], dict[str, int]]
_counters: list[Counter] = []


def counter(function: Counter) -> Counter:
    """Register a function (actor, clock) -> counts for `today`, `visits`, `alarms` or `conversations`; the desk does so once."""
    _counters.append(function)
    return function


@dataclass
class Shell:
    """Lazily computed: a fragment that shows no bar asks for nothing."""

    request: HttpRequest = field(repr=False)

    @property
    def actor(self) -> Any:
        return getattr(self.request, "actor", None)

    @cached_property
    def regional(self) -> formats.Regional:
        return formats.regional_of(self.request)

    @cached_property
    def nav(self) -> list[navigation.Link]:
        return navigation.links(self.actor, self.request, self._counts)

    @cached_property
    def settings(self) -> navigation.Link | None:
        return navigation.settings_link(self.actor, self.request)

    @cached_property
    def bottom(self) -> list[navigation.Link]:
        return navigation.bottom(self.nav)

    @property
    def place(self) -> str:
        """The name of the section, for the phone's top bar."""
        links = [*self.nav, self.settings] if self.settings else self.nav
        here = next((link.word for link in links if link.is_current), "")
        match = self.request.resolver_match
        return str(here or navigation.ASIDE.get(match.view_name if match else "", "aldia"))

    @cached_property
    def _counts(self) -> dict[str, int]:
        clock = getattr(self.request, "clock", None)
        return {
            name: total
            for count in _counters
            if self.actor and not self.actor.is_limited
            for name, total in count(self.actor, clock).items()
        }

    @cached_property
    def unread(self) -> int:
        return access.unread(self.actor) if self.actor else 0

    @property
    def clock(self) -> str:
        return formats.clock(self.regional) if getattr(self.request, "organisation", None) else ""

    @property
    def memberships(self) -> list[Any]:
        return list(getattr(self.request, "memberships", []))

    @property
    def theme(self) -> str:
        user = _user(self.request)
        chosen = user.theme if user else self.request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def has_keys(self) -> bool:
        user = _user(self.request)
        return user.has_shortcuts if user else self.request.COOKIES.get(KEYS_COOKIE) != "off"

    @property
    def toasts(self) -> list[toasts.Toast]:
        return toasts.pending(self.request)

    def _of_the_desk(self, route: str) -> str:
        """An address of the desk; none for whoever comes in from outside."""
        return "" if self.actor and self.actor.is_limited else _address(route)

    @property
    def search_url(self) -> str:
        return self._of_the_desk("desk:search")

    @property
    def help_url(self) -> str:
        """The manual, opened at what it says of this page."""
        manual = self._of_the_desk("desk:manual")
        return f"{manual}?{urlencode({'pagina': self.request.path})}" if manual else ""

    @property
    def notifications_url(self) -> str:
        return self._of_the_desk("desk:notifications")

    @property
    def switch_url(self) -> str:
        return _address("desk:switch")


def _user(request: HttpRequest) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return `shell`, `actor` and `organisation` for every template."""
    return {
        "shell": Shell(request),
        "actor": getattr(request, "actor", None),
        "organisation": getattr(request, "organisation", None),
    }
