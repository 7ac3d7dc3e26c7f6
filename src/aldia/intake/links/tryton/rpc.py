"""Tryton's JSON-RPC: sign in, call, run a wizard. Its errors become ours, in words that say how to repair them."""

from __future__ import annotations

import base64
import json
import ssl
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

import httpx
from django.utils.translation import gettext_lazy as _

from aldia.intake.links.protocol import LinkAddress, LinkBroken, LinkRefused

PATIENCE: Final = httpx.Timeout(60.0, connect=5.0)
_BATCH: Final = 500


class Session:
    """One signed-in conversation; use it as a context. Reads come in batches, so that no answer is unbounded."""

    def __init__(self, address: LinkAddress, *, transport: httpx.BaseTransport | None = None) -> None:
        self._address = address
        self._http = httpx.Client(
            timeout=PATIENCE, follow_redirects=False, verify=_certificates(), transport=transport
        )
        self._url = f"{address.url.rstrip('/')}/{quote(address.database, safe='')}/rpc/"
        self._headers: dict[str, str] = {}
        self.context: dict[str, Any] = {}

    def open(self) -> None:
        """Sign in and take up the user's own company and language. Raises LinkBroken."""
        told = self._post("common.db.login", [self._address.user, {"password": self._address.secret}, "en"])
        user_id, session = told[0], told[1]
        token = base64.b64encode(f"{self._address.user}:{user_id}:{session}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Session {token}"}
        self.context = self._post("model.res.user.get_preferences", [True, {}])

    def close(self) -> None:
        """Sign out and hang up; a session that is gone already is no harm."""
        try:
            if self._headers:
                self._post("common.db.logout", [])
        except (LinkBroken, LinkRefused):
            pass
        finally:
            self._http.close()

    def call(self, method: str, *told: Any, **context: Any) -> Any:
        """Return what a method of the API answers. Raises LinkRefused with Tryton's words, LinkBroken."""
        return self._post(method, [*told, {**self.context, **context}])

    def ids(self, model: str, domain: list[Any]) -> list[int]:
        """Return the ids of all records of the domain, in order."""
        found: list[int] = []
        while True:
            last = [["id", ">", found[-1]]] if found else []
            some = self.call(f"model.{model}.search", [*domain, *last], 0, _BATCH, [["id", "ASC"]])
            found += some
            if len(some) < _BATCH:
                return found

    def read(self, model: str, ids: list[int], fields: list[str]) -> dict[int, dict[str, Any]]:
        """Return the named fields of the records, by id."""
        rows: dict[int, dict[str, Any]] = {}
        for start in range(0, len(ids), _BATCH):
            some = self.call(f"model.{model}.read", ids[start : start + _BATCH], fields)
            rows |= {row["id"]: row for row in some}
        return rows

    def wizard(self, name: str, model: str, ids: list[int], *steps: tuple[str, dict[str, Any]]) -> None:
        """Run a wizard over the records: each step is a state with what its form says."""
        about = {"active_model": model, "active_ids": ids, "active_id": ids[0]}
        session, begin, _end = self.call(f"wizard.{name}.create", **about)
        for state, form in steps or ((begin, {}),):
            self.call(f"wizard.{name}.execute", session, form, state, **about)
        self.call(f"wizard.{name}.delete", session)

    def _post(self, method: str, params: list[Any]) -> Any:
        body = json.dumps({"id": 0, "method": method, "params": params}, default=_encoded)
        try:
            answer = self._http.post(
                self._url, content=body, headers={**self._headers, "Content-Type": "application/json"}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LinkBroken(
                "no_answer", found=f"{type(error).__name__}: {error}"[:200], field="url",
                hint=_("Comprueba que la dirección es la de tu Tryton y que llega hasta aquí."),
            ) from error  # fmt: skip
        if answer.status_code != httpx.codes.OK:
            raise _by_status(answer)
        try:
            told = json.loads(answer.text, object_hook=_decoded)
        except ValueError as error:
            raise LinkBroken(
                "not_tryton", found=answer.text[:80], field="url",
                hint=_("Eso no es un Tryton: la dirección termina donde empieza el nombre de la base."),
            ) from error  # fmt: skip
        if isinstance(told, dict) and "error" in told:
            raise _by_words(method, told["error"])
        return told["result"] if isinstance(told, dict) and "result" in told else told


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Whom this machine trusts: reading that costs more than a turn that finds nothing."""
    return ssl.create_default_context()


def _by_status(answer: httpx.Response) -> LinkBroken:
    found = f"HTTP {answer.status_code}"
    if answer.status_code in {401, 403}:
        hint, field = _("El usuario o la clave no son los de ese Tryton: escríbelos otra vez."), "user"
    elif answer.status_code == httpx.codes.NOT_FOUND:
        hint, field = _("No hay una base con ese nombre: mira cuál ve tu Tryton al entrar."), "database"
    elif answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        hint, field = (
            _("Tryton pide esperar: demasiados intentos con otra clave. Vuelve en unos minutos."),
            "user",
        )
    else:
        hint, field = _("Tryton falló al responder: su registro dice por qué."), "url"
    return LinkBroken("refused_by_status", found=found, hint=hint, field=field)


def _by_words(method: str, error: Any) -> LinkRefused | LinkBroken:
    """What Tryton says of a call: a user error is of one thing; a module or a right that is missing is of everything."""
    words = [str(each) for each in (error if isinstance(error, list) else [error]) if isinstance(each, str)]
    found = " · ".join(words)[:300]
    if any(name in found for name in ("KeyError", "AccessError", "access", "Calling method")):
        return LinkBroken(
            "not_given", found=f"{method}: {found}"[:300], field="user",
            hint=_("El usuario necesita los grupos de contabilidad, y la base los módulos account e account_invoice."),
        )  # fmt: skip
    return LinkRefused(
        "refused_by_tryton",
        found=found,
        hint=_("Arréglalo en Tryton; aldia lo intenta otra vez en la próxima vuelta."),
    )


def _encoded(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{name: getattr(value, name) for name in parts}}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(type(value).__name__)


def _decoded(told: dict[str, Any]) -> Any:
    kind = told.get("__class__")
    if kind == "Decimal":
        return Decimal(told["decimal"])
    if kind == "date":
        return date(told["year"], told["month"], told["day"])
    if kind == "datetime":
        rest = {name: value for name, value in told.items() if name != "__class__"}
        return datetime(**rest)  # noqa: DTZ001 - theirs: without zone, only ever compared among themselves
    return told
