"""Server time of the screens that people live in, ten agents in turn: `./aldia bench web --n 100000`."""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks import disposable

AGENTS = 10
TEXTS = ("norte delta", "pampa", "c300", "A-00000300")


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench web", description=__doc__)
    disposable.add_options(parser, n=5_000)
    parser.add_argument("--rounds", type=int, default=60, help="cuántas veces se pide cada pantalla (60)")
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql) as kind:
        print(json.dumps({"bench": "web", "database": kind, **measure(options.n, options.rounds)}))
    return 0


def measure(documents: int, rounds: int) -> dict[str, Any]:
    """Return p50 and p95, in milliseconds of server time, of each screen and gesture."""
    from benchmarks.filling import fill

    begun = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - begun:6.0f} s  {text}", file=sys.stderr, flush=True)

    filled = fill(documents, say=say)
    say("reparto, situación e indicadores")
    desk = Desk(filled, rounds)
    told: dict[str, Any] = {"documents": documents, "cases": len(filled.accounts)}
    told["fill_seconds"] = round(time.perf_counter() - begun, 1)
    told["screens"] = {}
    for name, ask in desk.asked().items():
        told["screens"][name] = measured = desk.times(name, ask)
        say(f"{name}: {measured}")
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return told


class Desk:
    """Ten agents and a supervisor, signed in, with the day's work shared out among them."""

    def __init__(self, filled: Any, rounds: int) -> None:
        self.filled, self.rounds, self.dice = filled, rounds, random.Random(7)
        self.serial = 0
        self.agents, self.boss = self._hire()

    def _hire(self) -> tuple[list[Any], Any]:
        from django.test import Client

        from aldia.access import selectors as access
        from aldia.access import services as access_services
        from aldia.access.actors import system
        from aldia.cases import services as cases
        from aldia.kpi import services as kpi
        from benchmarks.filling import NOW, TODAY

        actor = system(self.filled.organisation_id)
        team = access.teams(actor)[0].pk
        clients = []
        for number in range(AGENTS + 1):
            role = "COLLECTOR" if number < AGENTS else "SUPERVISOR"
            member = access_services.add_member(
                actor=actor,
                email=f"p{number}@bench.example",
                name=f"P{number}",
                role=role,
                team_id=team,
                now=NOW,
            )
            client = Client(headers={"accept-encoding": "gzip"})
            client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
            clients.append(client)
        access_services.move_clock(actor=actor, to=TODAY, now=NOW)
        cases.refresh(actor=actor, case_ids=None, as_of=TODAY, now=NOW)
        cases.assign_by_rule(actor=actor, as_of=TODAY, now=NOW)
        kpi.rebuild(actor=actor, from_on=TODAY - timedelta(days=6), to_on=TODAY + timedelta(days=1), now=NOW)
        _analyze()
        return clients[:AGENTS], clients[AGENTS]

    def asked(self) -> dict[str, Callable[[], Any]]:
        """Return what is asked: a call for each screen or gesture."""
        from django.urls import reverse

        cases, any_case = reverse("desk:customers"), lambda: self.dice.choice(self.filled.accounts)
        late_mine = {"holder": "me", "buckets": "over_90"}
        return {
            "list": lambda: self.agent().get(cases),
            "list_supervisor": lambda: self.boss.get(cases),
            "list_late_mine": lambda: self.agent().get(cases, late_mine),
            "case": lambda: self.agent().get(reverse("desk:case", args=[any_case()])),
            "next_case": lambda: self.agent().get(reverse("desk:today")),
            "log_outcome": lambda: self.log(reverse("desk:outcome", args=[any_case(), "no_answer"])),
            "list_text": lambda: self.agent().get(cases, {"text": self.dice.choice(TEXTS)}),
            "search": lambda: self.agent().get(reverse("desk:search"), {"q": self.dice.choice(TEXTS)}),
            "dashboard": lambda: self.boss.get(reverse("desk:indicators")),
        }

    def agent(self) -> Any:
        self.serial += 1
        return self.agents[self.serial % AGENTS]

    def log(self, url: str) -> Any:
        agent = self.agent()
        return agent.post(url, {"channel": "call", "client_id": f"bench-{self.serial}"})

    def times(self, name: str, ask: Callable[[], Any]) -> dict[str, float]:
        """Ask twice to warm up, the second time counting queries, then `rounds` times; refuse to measure an error page."""
        self.ask(name, ask)
        queries = _queries(lambda: self.ask(name, ask))
        asked = [self.ask(name, ask) for _ in range(self.rounds)]
        wall, processor = (sorted(times) for times in zip(*asked, strict=True))
        return {
            "p50_ms": round(statistics.median(wall), 1),
            "p95_ms": round(wall[int(len(wall) * 0.95) - 1], 1),
            "cpu_ms": round(statistics.median(processor), 1),
            "queries": queries,
        }

    def ask(self, name: str, ask: Callable[[], Any]) -> tuple[float, float]:
        """Return the milliseconds that one answer took: by the clock, and of this process's own work."""
        clock, processor = time.perf_counter(), time.process_time()
        answer = ask()
        taken = time.perf_counter() - clock, time.process_time() - processor
        if answer.status_code >= 400:
            raise RuntimeError(f"{name}: {answer.status_code} {answer.content[:300]!r}")
        return taken[0] * 1000, taken[1] * 1000


def _queries(ask: Callable[[], Any]) -> int:
    from django.db import connection

    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        ask()
    return len(statements)


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
