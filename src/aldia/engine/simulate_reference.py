"""The oracle of simulate(): one future, case by case, in plain Python, with the same draws. As obvious as possible and slow.

Decisions and the ageing of facts come from ``decide_reference`` and ``rolling``; what clients answer is written here again.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from math import floor
from typing import Any

import polars as pl

from aldia.engine.draws import salt, uniform
from aldia.engine.forecast import Law
from aldia.engine.frames import Frames
from aldia.engine.reference import decide_reference
from aldia.engine.response import ECHO, NO_CONTACT, Response, age_band, size_band
from aldia.engine.rolling import after_night, lightened, next_morning
from aldia.engine.strategy import Strategy

Row = dict[str, Any]


def simulate_reference(
    frames: Frames, strategy: Strategy, law: Law, response: Response, *, as_of: date, days: int, seed: int
) -> list[tuple[date, int, int]]:
    """Every payment of the first future: (day, case_id, minor units), by day and case."""
    return list(_Life(frames, response, seed).lived(strategy, law, as_of, days))


class _Life:
    def __init__(self, frames: Frames, response: Response, seed: int) -> None:
        self.frames, self.response, self.seed = frames, response, seed
        self.contact: dict[int, tuple[str, date]] = {}
        self.promise: dict[int, tuple[date, bool]] = {}

    def lived(self, strategy: Strategy, law: Law, as_of: date, days: int) -> Iterator[tuple[date, int, int]]:
        self._begin(as_of)
        for ahead in range(days):
            on = as_of + timedelta(days=ahead)
            if ahead:
                self.frames = next_morning(self.frames, as_of=on)
            self.frames = lightened(self.frames, as_of=on)
            calendars, policies = law(on)
            rows = decide_reference(self.frames, strategy, calendars, policies, as_of=on)
            self.frames = after_night(self.frames, rows, as_of=on)
            self._answer(rows.to_dicts(), on, ahead)
            yield from self._receive(on, ahead)

    def _draw(self, case_id: int, day: int, purpose: str) -> float:
        return uniform(salt(self.seed, day, purpose), case_id)

    def _begin(self, as_of: date) -> None:
        for row in sorted(self.frames.contacts.to_dicts(), key=lambda row: (row["on"], row["channel"])):
            if row["case_id"] is not None:
                self.contact[row["case_id"]] = row["channel"], row["on"]
        for case in self.frames.cases.to_dicts():
            due = case["promise_due_on"]
            if case["promise_state"] == "open" and due is not None and due >= as_of:
                self.promise[case["case_id"]] = (
                    due,
                    self._draw(case["case_id"], 0, "before") < self.response.kept,
                )

    def _answer(self, rows: list[Row], on: date, day: int) -> None:
        taken = [row for row in rows if row["state"] == "take"]
        for row in taken:
            if row["channel"] is not None:
                self.contact[row["case_id"]] = row["channel"], on
        called = {row["case_id"] for row in taken if row["action"] == "task" and row["target"] == "call"}
        for case in self.frames.cases.to_dicts():
            case_id = case["case_id"]
            if case_id not in called or self._draw(case_id, day, "reach") >= self.response.reach:
                continue
            self.contact[case_id] = "call", on
            self._append("contacts", {"party_id": case["party_id"], "case_id": case_id, "creditor_id": case["creditor_id"],
                                      "channel": "call", "on": on, "is_contact": True})  # fmt: skip
            waits = case_id in self.promise and self.promise[case_id][0] >= on
            if not waits and self._draw(case_id, day, "promise") < self.response.promise:
                self._promise(case_id, on + timedelta(days=self.response.delay), day)

    def _promise(self, case_id: int, due: date, day: int) -> None:
        self.promise[case_id] = due, self._draw(case_id, day, "keep") < self.response.kept
        self._append(
            "holds",
            {"case_id": case_id, "document_id": None, "kind": "promise", "until_on": due + timedelta(days=1)},
        )
        cases = [
            row | {"promise_state": "open", "promise_due_on": due} if row["case_id"] == case_id else row
            for row in self.frames.cases.to_dicts()
        ]
        self.frames = replace(
            self.frames, cases=pl.DataFrame(cases, schema=self.frames.cases.schema, orient="row")
        )

    def _append(self, name: str, row: Row) -> None:
        frame = getattr(self.frames, name)
        self.frames = replace(
            self.frames, **{name: pl.concat([frame, pl.DataFrame([row], schema=frame.schema, orient="row")])}
        )

    def _receive(self, on: date, day: int) -> Iterator[tuple[date, int, int]]:
        documents = sorted(
            self.frames.documents.to_dicts(), key=lambda row: (row["due_on"], row["document_id"])
        )
        for case in sorted(self.frames.cases.to_dicts(), key=lambda row: row["case_id"]):
            own = [
                row
                for row in documents
                if row["case_id"] == case["case_id"] and row["document_open"] is not None
            ]
            asked = sum(row["document_open"] for row in own if row["due_on"] < on) or (
                own[0]["document_open"] if own else 0
            )
            amount = self._amount(case, own, asked, (on, day)) if asked > 0 else 0
            if not amount:
                continue
            yield on, case["case_id"], amount
            for row in own:
                covered = min(amount, row["document_open"])
                row["document_open"] -= covered
                amount -= covered
        left = [row for row in documents if row["document_open"] is None or row["document_open"] > 0]
        self.frames = replace(
            self.frames, documents=pl.DataFrame(left, schema=self.frames.documents.schema, orient="row")
        )

    def _amount(self, case: Row, own: list[Row], asked: int, now: tuple[date, int]) -> int:
        (on, day), case_id, response = now, case["case_id"], self.response
        due, keeps = self.promise.get(case_id, (None, False))
        if due is not None and due == on and keeps:
            return asked
        if due is not None and due >= on:
            return 0
        channel, since = self.contact.get(case_id, (NO_CONTACT, on))
        echo = channel if (on - since).days < ECHO else NO_CONTACT
        late = max((on - own[0]["due_on"]).days, 0)
        cell = (
            age_band(late),
            size_band(asked, response.sizes.get(case["currency"], ())),
            str(case["portfolio_id"]),
            echo,
        )
        if self._draw(case_id, day, "pay") >= response.chance(cell):
            return 0
        share = 1.0 if self._draw(case_id, day, "full") < response.full else response.part
        return max(floor(asked * share), 1)
