"""Time of the lists at scale: `python -m benchmarks.web_list --cases 400000 --documents 1000000`.

Makes a portfolio by the product's own services in the database that ALDIA_DATABASE_URL names (a disposable one: it is left
there), then prints one JSON line a measure: p50 and p95 in milliseconds of server time.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = date(2026, 11, 21)
FIRST = "ana luis maria jose carlos nelida sofia diego lucia marta pablo ines hugo elena raul rosa ivan clara bruno olga".split()
LAST = "perez gomez diaz ibarra sosa rojas vega luna silva castro ruiz molina acosta medina herrera suarez pereyra rios".split()
FIRMS = (
    "distribuidora ferreteria logistica agro textil imprenta panaderia constructora farmacia libreria".split()
)


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=4_000)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    bench = Bench(options.rounds)
    bench.fill(options.cases, options.documents)
    bench.measure()
    return 0


class Bench:
    """One organisation and what is asked of it."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.random = random.Random(7)

    def fill(self, cases: int, documents: int) -> None:
        """Make the portfolio, timing each step that a load or a night also does."""
        self.hire()
        accounts = self.load(cases, documents)
        self.live(accounts)
        self.accounts = accounts
        self.analyze()

    def hire(self) -> None:
        from aldia.access import services as access
        from aldia.access.actors import member, system
        from aldia.access.models import Team

        key = f"bench-{time.time_ns()}"
        organisation = access.create_organisation(key=key, name=key, country="AR", currency="USD", now=NOW)
        self.system = system(organisation.pk)
        team = Team.objects.of(organisation).get()
        people = [
            access.add_member(
                actor=self.system, email=f"{n}@{key}.test", name=f"P{n}", role="SUPERVISOR" if n == 0 else "COLLECTOR",
                team_id=team.pk, now=NOW,
            )
            for n in range(11)
        ]  # fmt: skip
        actors = [
            member(row.organisation_id, user_id=row.user_id, role=row.role, team_id=team.pk) for row in people
        ]
        self.boss, self.agents = actors[0], actors[1:]

    def load(self, cases: int, documents: int) -> list[int]:
        from aldia.ledger import services as ledger
        from aldia.parties import services as parties

        organisation_id = self.system.organisation_id
        creditor = ledger.ensure_creditor(actor=self.system, key="propia", name="Propia", now=NOW)
        portfolio = ledger.ensure_portfolio(
            actor=self.system, creditor_id=creditor.pk, key="f", name="F", currency="USD", now=NOW
        )
        told = {
            "organisation_id": organisation_id,
            "source": "erp",
            "frame": self.customers(cases),
            "now": NOW,
        }
        known = self.once("upsert", lambda: parties.upsert_frame(**told))
        self.once("upsert_again", lambda: parties.upsert_frame(**told))
        opened = ledger.open_accounts(
            organisation_id=organisation_id,
            portfolio_id=portfolio.pk,
            party_ids=known.parties["party_id"],
            opened_on=TODAY,
        )
        accounts: list[int] = opened["account_id"].to_list()
        rows = self.documents(accounts, documents)
        self.once("documents", lambda: ledger.add_documents(
            organisation_id=organisation_id, portfolio_id=portfolio.pk, documents=rows, declared_on=TODAY,
            posting_source="load:1", now=NOW,
        ))  # fmt: skip
        return accounts

    def live(self, accounts: list[int]) -> None:
        from aldia.cases import services

        self.today = TODAY + timedelta(days=1)
        today = {"actor": self.system, "as_of": TODAY, "now": NOW}
        next_day = {**today, "as_of": self.today}
        self.once("open_missing", lambda: services.open_missing(**today))
        self.once("refresh_nothing", lambda: services.refresh(case_ids=None, **today))
        changed = self.once("refresh_next_day", lambda: services.refresh(case_ids=None, **next_day)).changed
        print(json.dumps({"name": "refresh_next_day", "changed": changed}), flush=True)
        self.once("assign_by_rule", lambda: services.assign_by_rule(**next_day))
        few = self.random.sample(accounts, max(len(accounts) // 200, 1))
        self.once(
            "change_stages", lambda: services.change_stages(stages=dict.fromkeys(few, "residual"), **next_day)
        )

    def customers(self, count: int) -> Any:
        import polars as pl

        pick = self.random.choice
        names = [
            f"{pick(FIRST)} {pick(LAST)} {pick(LAST)}" if n % 2 else f"{pick(FIRMS)} {pick(LAST)} {n}"
            for n in range(count)
        ]
        numbers = range(count)
        return pl.DataFrame({
            "customer_id": [f"C{n}" for n in numbers], "name": names, "tax_id": [f"{20_000_000_000 + n * 7}" for n in numbers],
            "tax_id_kind": ["CUIT"] * count, "kind": ["PERSON" if n % 2 else "COMPANY" for n in numbers],
            "email": [f"c{n}@example.org" for n in numbers], "phone_e164": [f"+54911{40_000_000 + n * 3}" for n in numbers],
            "phone_is_mobile": [True] * count,
        })  # fmt: skip

    def documents(self, accounts: list[int], count: int) -> Any:
        import polars as pl

        late = [self.random.randint(-60, 200) for _ in range(count)]
        return pl.DataFrame({
            "account_id": [accounts[n % len(accounts)] for n in range(count)], "source": ["erp"] * count,
            "reference": [f"F{n}" for n in range(count)], "number": [f"A-{n:08d}" for n in range(count)],
            "kind": ["invoice"] * count, "issued_on": [TODAY - timedelta(days=230)] * count,
            "due_on": [TODAY - timedelta(days=days) for days in late], "currency": ["USD"] * count,
            "original_minor": [self.random.randint(1_000, 900_000) for _ in range(count)],
        })  # fmt: skip

    def analyze(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        print(json.dumps({"name": name, "seconds": round(time.perf_counter() - start, 2)}), flush=True)
        return result

    def measure(self) -> None:
        from aldia.access.actors import Clock
        from aldia.cases import selectors, services

        lists = {
            "default": {}, "mine": {"holder": "me"}, "over_90": {"buckets": ("over_90",)}, "late_1_30": {"buckets": ("1-30",)},
            "stage_residual": {"stage": "residual"}, "no_holder": {"holder": "none"}, "large": {"min_overdue_minor": 1_500_000},
            "no_contact": {"no_contact_days": 7}, "text_two_words": {"text": "mar iba"}, "text_common": {"text": "perez"},
            "text_phone": {"text": "1140000300"}, "large_mine": {"holder": "me", "min_overdue_minor": 1_500_000},
            "broken": {"promise_state": "broken"}, "in_hold": {"in_hold": True}, "closed": {"is_open": False},
        }  # fmt: skip
        for name, wanted in lists.items():
            self.walk(f"list {name}", lambda wanted=wanted: selectors.CaseFilter(**wanted), "priority")
        for sort in ("overdue", "age", "name", "next_on", "-age"):
            self.walk(f"list by {sort}", selectors.CaseFilter, sort)
        clock = Clock(self.today, NOW)
        pick = self.random.choice
        self.many("next_case", lambda: selectors.next_case(pick(self.agents), clock))
        self.many("queue", lambda: selectors.queue(pick(self.agents), clock))
        self.many("take_next", lambda: services.take_next(actor=pick(self.agents), clock=clock))
        self.many("case", lambda: selectors.case(self.boss, pick(self.accounts), as_of=self.today))
        self.many("refresh one", lambda: services.refresh(
            actor=self.system, case_ids=[pick(self.accounts)], as_of=self.today + timedelta(days=40), now=NOW
        ))  # fmt: skip
        self.many(
            "ageing_totals", lambda: selectors.ageing_totals(self.boss, selectors.CaseQuery(self.today))
        )
        for text in (
            "mar iba",
            "ferr",
            "perez",
            "a",
            "C300@",
            "c300@example",
            "40000300",
            "20000002100",
            "A-00000300",
        ):
            self.many(f"search {text}", lambda text=text: selectors.search(self.boss, text, as_of=self.today))
        self.many("totals large", lambda: selectors.ageing_totals(
            self.boss, selectors.CaseQuery(self.today, selectors.CaseFilter(min_overdue_minor=1_500_000))
        ))  # fmt: skip

    def walk(self, name: str, wanted: Callable[[], Any], sort: str) -> None:
        """Ten pages on, then back, by different people."""
        from aldia.cases import selectors

        cursor = ""

        def page() -> None:
            nonlocal cursor
            actor = self.random.choice(self.agents) if "mine" in name else self.boss
            query = selectors.CaseQuery(self.today, wanted(), sort, cursor)
            cursor = selectors.case_list(actor, query).next_cursor

        self.many(name, page)

    def many(self, name: str, work: Callable[[], Any]) -> None:
        times = []
        for _ in range(self.rounds):
            start = time.perf_counter()
            work()
            times.append((time.perf_counter() - start) * 1000)
        p95 = sorted(times)[int(len(times) * 0.95) - 1]
        print(
            json.dumps({"name": name, "p50": round(statistics.median(times), 1), "p95": round(p95, 1)}),
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
