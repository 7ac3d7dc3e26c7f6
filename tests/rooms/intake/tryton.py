"""A small Tryton that answers JSON-RPC over a transport of its own: the calls, domains, fields and refusals that the link uses.

It keeps moves, lines and invoices as Tryton does: a draft weighs nothing, posted lines do not change, an invoice owes its lines
less its payments, a reconciliation needs lines that sum zero. `cut` names a call whose answer is lost after it was done.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from aldia.intake.links.protocol import LinkAddress
from aldia.intake.links.tryton.books import TrytonBooks
from aldia.intake.links.tryton.rpc import _decoded, _encoded

Row = dict[str, Any]
PASSWORD = "una-clave"
LINE, MOVE, INVOICE, PARTY = "account.move.line", "account.move", "account.invoice", "party.party"


class UserError(Exception):
    """What Tryton says to a person."""


@dataclass
class Tryton:
    """Its tables by model and id. `calls`: every method asked, in order."""

    tables: dict[str, dict[int, Row]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    cut: str = ""
    now: datetime = datetime(2026, 3, 10, 12)  # noqa: DTZ001 - its clock has no zone
    keys: int = 100

    def __post_init__(self) -> None:
        self.add("account.invoice.payment.method", name="Banco", company=1, journal=3, debit_account=12)
        self.tables["company.company"] = {1: {"id": 1, "rec_name": "Andina"}}
        self.open_period()

    def open_period(self) -> None:
        """A year that takes entries."""
        told = {
            "start_date": date(2026, 1, 1),
            "end_date": date(2026, 12, 31),
            "type": "standard",
            "state": "open",
        }
        self.add("account.period", company=1, **told)

    def books(self, address: LinkAddress) -> TrytonBooks:
        """Return aldia's side of the conversation."""
        return TrytonBooks(address, transport=httpx.MockTransport(self._answer))

    def add(self, model: str, **values: Any) -> int:
        """Write a record; return its id."""
        self.keys += 1
        self.now += timedelta(seconds=1)
        row = {"id": self.keys, "create_date": self.now, "write_date": None, **values}
        self.tables.setdefault(model, {})[self.keys] = row
        return self.keys

    def invoice(self, number: str, code: str, *parts: tuple[str, date]) -> int:
        """A posted invoice of a customer, a line for each part that falls due."""
        party = next((key for key, row in self._table(PARTY).items() if row["code"] == code), 0) or self.add(
            PARTY, code=code, name=f"Cliente {code}", email="", phone="", mobile="", account_receivable_used=11, **{"tax_identifier.": None}
        )  # fmt: skip
        on = min(due for _amount, due in parts) - timedelta(days=30)
        move = self.add(
            MOVE, number=f"M{number}", state="posted", description="", date=on, origin=None, lines=[]
        )
        for amount, due in parts:
            owed = Decimal(amount)
            self._line(
                move,
                party=party,
                account=11,
                debit=max(owed, Decimal(0)),
                credit=max(-owed, Decimal(0)),
                maturity_date=due,
            )
        return self.add(
            INVOICE, number=number, type="out", party=party, account=11, move=move, additional_moves=[], state="posted", invoice_date=on,
            lines_to_pay=list(self._table(MOVE)[move]["lines"]), payment_lines=[],
        )  # fmt: skip

    def pay(self, number: str, amount: str) -> None:
        """Somebody pays an invoice there, with its own wizard."""
        key = next(key for key, row in self._table(INVOICE).items() if row["number"] == number)
        row = self._table(INVOICE)[key]
        move = self.add(
            MOVE,
            number="X",
            state="posted",
            description="mostrador",
            date=self.now.date(),
            origin=None,
            lines=[],
        )
        self._line(
            move, party=row["party"], account=11, debit=Decimal(0), credit=Decimal(amount), maturity_date=None
        )
        self._write(INVOICE, [key], {"payment_lines": [["add", list(self._table(MOVE)[move]["lines"])]]})
        if not self._seen(INVOICE, row)["amount_to_pay"]:
            self._reconcile([*row["lines_to_pay"], *row["payment_lines"]])

    def owed(self) -> dict[str, Decimal]:
        """Return what each invoice has left, by number."""
        return {
            row["number"]: self._seen(INVOICE, row)["amount_to_pay"] for row in self._table(INVOICE).values()
        }

    def entries(self, state: str = "posted") -> list[str]:
        """Return the descriptions of the entries in a state that say anything."""
        return [
            row["description"]
            for row in self._table(MOVE).values()
            if row["state"] == state and row["description"]
        ]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content, object_hook=_decoded)
        method, params = asked["method"], asked["params"]
        self.calls.append(method)
        if request.url.path != "/libros/rpc/":
            return httpx.Response(404)
        if method == "common.db.login":
            is_right = params[1]["password"] == PASSWORD
            return self._said([7, "sesion", None]) if is_right else httpx.Response(401)
        if not request.headers.get("Authorization", "").startswith("Session "):
            return httpx.Response(401)
        try:
            told = self._done(method, params)
        except UserError as error:
            return self._said(None, error=["UserError", str(error), ""])
        if self.cut and method.endswith(self.cut):
            self.cut = ""
            raise httpx.ReadTimeout("cut", request=request)
        return self._said(told)

    def _said(self, result: Any, error: Any = None) -> httpx.Response:
        body = {"id": 0, "error": error} if error else {"id": 0, "result": result}
        return httpx.Response(200, content=json.dumps(body, default=_encoded))

    def _done(self, method: str, params: list[Any]) -> Any:
        kind, _dot, rest = method.partition(".")
        name, _dot, verb = rest.rpartition(".")
        if kind == "common":
            return None
        context = params.pop()
        if kind == "wizard":
            return self._wizard(name, verb, params, context)
        verbs: dict[str, Callable[..., Any]] = {
            "get_preferences": lambda *_told: {"company": 1, "language": "en"}, "search": self._search, "read": self._read,
            "create": self._create, "write": self._write, "delete": self._delete, "post": self._post,
        }  # fmt: skip
        return verbs[verb](name, *params)

    def _table(self, model: str) -> dict[int, Row]:
        return self.tables.get(model, {})

    def _search(self, model: str, domain: list[Any], _offset: int, limit: int, _order: Any) -> list[int]:
        found = [
            key for key, row in sorted(self._table(model).items()) if _holds(domain, self._seen(model, row))
        ]
        return found[:limit]

    def _read(self, model: str, ids: list[int], names: list[str]) -> list[Row]:
        rows = [self._seen(model, self._table(model)[key]) for key in ids if key in self._table(model)]
        wanted = {name.partition(".")[0] + ("." if "." in name else "") for name in names} | {"id"}
        return [{name: row[name] for name in wanted} for row in rows]

    def _seen(self, model: str, row: Row) -> Row:
        """A record with the fields that Tryton works out."""
        if model == LINE:
            move = self._table(MOVE)[row["move"]]
            paid = next(
                (key for key, each in self._table(INVOICE).items() if row["id"] in each["payment_lines"]),
                None,
            )
            return {
                **row, "account.type.receivable": row["account"] == 11, "move.state": move["state"], "move.": {"number": move["number"]},
                "date": move["date"], "invoice_payment": paid, "currency.": {"code": "usd"}, "second_currency.": None,
                "second_currency": None, "amount_second_currency": None,
            }  # fmt: skip
        if model == INVOICE:
            lines = [self._table(LINE)[key] for key in (*row["lines_to_pay"], *row["payment_lines"])]
            is_paid = all(self._table(LINE)[key]["reconciliation"] for key in row["lines_to_pay"])
            left = sum(
                (each["debit"] - each["credit"] for each in lines if not each["reconciliation"]), Decimal(0)
            )
            return {**row, "state": "paid" if is_paid else row["state"], "amount_to_pay": left}
        return row

    def _create(self, model: str, rows: list[Row]) -> list[int]:
        made = []
        for values in rows:
            lines = values.pop("lines")[0][1]
            move = self.add(model, number=None, state="draft", origin=None, lines=[], **values)
            for each in lines:
                self._line(move, **{"party": None, "maturity_date": None, **each})
            made.append(move)
        return made

    def _line(self, move: int, **values: Any) -> int:
        key = self.add(LINE, move=move, reconciliation=None, **{"description": None, **values})
        self._table(MOVE)[move]["lines"].append(key)
        return key

    def _post(self, model: str, ids: list[int]) -> None:
        for key in ids:
            row = self._table(model)[key]
            lines = [self._table(LINE)[each] for each in row["lines"]]
            if sum(each["debit"] - each["credit"] for each in lines):
                raise UserError("no balancea")
            row["state"], row["number"] = "posted", str(key)

    def _delete(self, model: str, ids: list[int]) -> None:
        for key in ids:
            if self._table(model)[key]["state"] == "posted":
                raise UserError("un asiento contabilizado no se borra")
            for line in self._table(model).pop(key)["lines"]:
                self._table(LINE).pop(line)

    def _write(self, model: str, ids: list[int], values: Row) -> None:
        self.now += timedelta(seconds=1)
        for key in ids:
            row = self._table(model)[key]
            for verb, lines in values["payment_lines"]:
                kept = [each for each in row["payment_lines"] if each not in lines]
                row["payment_lines"] = kept + (lines if verb == "add" else [])
            row["write_date"] = self.now

    def _wizard(self, name: str, verb: str, params: list[Any], context: Row) -> Any:
        if verb == "create":
            self.keys += 1
            return [self.keys, "default" if name == "account.move.cancel" else "start", "end"]
        if verb == "delete":
            return None
        ids, state = context["active_ids"], params[2]
        if name == "account.move.reconcile_lines":
            self._reconcile(ids)
        elif name == "account.move.unreconcile_lines":
            gone = {self._table(LINE)[key]["reconciliation"] for key in ids}
            for row in self._table(LINE).values():
                row["reconciliation"] = None if row["reconciliation"] in gone else row["reconciliation"]
                row["write_date"] = self.now
        elif name == "account.move.cancel" and state == "cancel":
            self._cancel(ids[0], params[1]["default"]["description"])
        return {}

    def _cancel(self, key: int, description: str) -> None:
        old = self._table(MOVE)[key]
        move = self.add(
            MOVE,
            number="A",
            state="posted",
            description=description,
            date=old["date"],
            origin=f"{MOVE},{key}",
            lines=[],
        )
        for line in list(old["lines"]):
            row = self._table(LINE)[line]
            other = self._line(
                move,
                party=row["party"],
                account=row["account"],
                debit=row["credit"],
                credit=row["debit"],
                maturity_date=None,
            )
            if row["account"] == 11:
                self._reconcile([line, other])

    def _reconcile(self, ids: list[int]) -> None:
        self.now += timedelta(seconds=1)
        rows = [self._table(LINE)[key] for key in ids]
        if sum(row["debit"] - row["credit"] for row in rows):
            raise UserError("no suman cero")
        self.keys += 1
        for row in rows:
            row["reconciliation"], row["write_date"] = self.keys, self.now


def _holds(domain: list[Any], row: Row) -> bool:
    if domain and domain[0] == "OR":
        return any(_holds([each], row) for each in domain[1:])
    return all(
        _holds(each, row) if (each and isinstance(each[0], list)) or each[0] == "OR" else _is(each, row)
        for each in domain
    )


def _is(clause: list[Any], row: Row) -> bool:
    name, operator, value = clause
    found = row.get(name)
    if operator == "in":
        return bool(set(found) & set(value)) if isinstance(found, list) else found in value
    if operator == "like":
        return str(found or "").startswith(value.rstrip("%"))
    if operator in {"=", "!="}:
        return (found == value) == (operator == "=")
    orders = {">": lambda: found > value, ">=": lambda: found >= value, "<=": lambda: found <= value}
    return found is not None and orders[operator]()
