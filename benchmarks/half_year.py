"""Half a year of a real portfolio, day after day: `python -m benchmarks.half_year INVOICES.csv [--from D] [--days N]`.

Loads the invoices with their settlements as receipts, generates a contacts file, lives every day with the sandbox clock in
a database of its own, checks that each notice left once and none after settlement, and prints the table of each month.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es", "pt")


def main() -> int:
    """Return the exit code: 0 only when nothing left twice or after settlement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("invoices", type=Path)
    parser.add_argument("--from", type=date.fromisoformat, default=date(2013, 1, 1), dest="first")
    parser.add_argument("--days", type=int, default=180)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(ALDIA_HOME=home, DJANGO_SETTINGS_MODULE="aldia.config.settings")
        os.environ.pop("ALDIA_DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        begun = time.perf_counter()
        load(options.invoices, options.first, Path(home))
        days = [one_day(options.first + timedelta(days=number)) for number in range(options.days)]
        faults = [*repeated(), *after_settlement(), *unlawful()]
        print("\n".join(table(days)))
        print(
            f"\n{options.days} días en {time.perf_counter() - begun:.0f} s; faltas: {len(faults)}",
            *faults[:20],
            sep="\n",
        )
        return 1 if faults else 0


def ask(name: str, *words: str) -> dict[str, Any]:
    """Return the JSON that a command answers, as a script gets it."""
    from django.core.management import call_command

    told = io.StringIO()
    call_command(name, *words, "--json", stdout=told)
    answer: dict[str, Any] = json.loads(told.getvalue())
    return answer


def contacts(invoices: Path, path: Path, *, column: str = "customerID") -> Path:
    """Write a contacts file for every customer of the invoices and return its path: name, e-mail, phone, language."""
    with invoices.open(encoding="utf-8", newline="") as file:
        customers = sorted({row[column] for row in csv.DictReader(file)})
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["customer id", "name", "e-mail", "phone", "language"])
        for number, customer in enumerate(customers):
            table.writerow(
                [
                    customer,
                    f"Customer {number + 1:03d} Inc",
                    f"payables{number}@customer.example",
                    f"+1202555{100 + number % 100:04d}",
                    LANGUAGES[number % 3],
                ]
            )
    return path


def load(invoices: Path, first: date, folder: Path) -> dict[str, Any]:
    """Load the invoices as of the first day, with a generated contacts file, and return the answer."""
    reach = contacts(invoices, folder / "contacts.csv")
    return ask(
        "load", str(invoices), "--currency", "USD", "--country", "US", "--debt-kind", "commercial", "--strategy", "b2b_invoices",
        "--contacts", str(reach), "--as-of", first.isoformat(),
    )  # fmt: skip


def one_day(on: date) -> dict[str, Any]:
    """Live a day and return its report; at the end of a month with its indicators."""
    report = ask("day", "--as-of", on.isoformat())
    if (on + timedelta(days=1)).day == 1:
        report["kpi"] = ask("kpi", "--as-of", on.isoformat())
    return report


def sent() -> list[tuple[str, str, tuple[int, ...], date, int, str]]:
    """Return (identity, template, documents, business day, local hour, channel) of every notice that left."""
    from zoneinfo import ZoneInfo

    from aldia.access import selectors as access
    from aldia.access.actors import system
    from aldia.contact import selectors as contact
    from benchmarks.paging import every_row

    left = []
    for organisation in access.organisations():
        for order in every_row(partial(contact.orders, system(organisation.pk), state="sent", limit=200)):
            local = order.sending_at.astimezone(ZoneInfo(organisation.timezone))
            documents = tuple(order.document_ids)
            left.append(
                (order.identity, order.template_key, documents, local.date(), local.hour, order.channel)
            )
    return left


def repeated() -> list[str]:
    """Return every (text, document) that left more than once."""
    times: Counter[tuple[str, int]] = Counter()
    for _identity, template, documents, _on, _hour, _channel in sent():
        times.update((template, document) for document in documents)
    return [f"salió {count} veces: {key}" for key, count in times.items() if count > 1]


def after_settlement() -> list[str]:
    """Return every notice about documents of which none was open on the day it left."""
    from aldia.access import selectors as access
    from aldia.ledger import facts as ledger

    faults, notices = [], defaultdict(list)
    for identity, _template, documents, on, _hour, _channel in sent():
        notices[on].append((identity, documents))
    for organisation in access.organisations():
        for on, some in notices.items():
            frame = ledger.document_frame(organisation.pk, as_of=on)
            still_open = set(frame["document_id"].to_list())
            faults += [
                f"{on}: {identity} tras el pago"
                for identity, documents in some
                if documents and not set(documents) <= still_open
            ]
    return faults


def unlawful() -> list[str]:
    """Return every notice that left at an hour when nobody writes to a customer."""
    return [f"{on} {hour} h: {identity}" for identity, _t, _d, on, hour, _c in sent() if not 7 <= hour < 21]


def table(days: Iterable[dict[str, Any]]) -> list[str]:
    """Return the Markdown table: actions of each month, indicators at its end."""
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for day in days:
        months[day["as_of"][:7]].append(day)
    lines = [
        "| mes | días | avisos | tareas | alarmas | etapas | retenidos | sin hacer | por vencer | 1-30 | 31-60 | DSO | CEI |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for month, some in months.items():
        total = {
            name: sum(day[name] for day in some)
            for name in ("tasks", "alarms", "stages", "withheld", "missed")
        }
        notices = sum(sum(day["notices"].values()) for day in some)
        figures = next((day["kpi"] for day in reversed(some) if "kpi" in day), None)
        lines.append(
            f"| {month} | {len(some)} | {notices} | {total['tasks']} | {total['alarms']} | {total['stages']} |"
            f" {total['withheld']} | {total['missed']} | {_indicators(figures)} |"
        )
    held: Counter[str] = Counter()
    for some in months.values():
        for day in some:
            held.update(day["withheld_by"])
    return [
        *lines,
        "",
        "Retenidos por motivo: "
        + (", ".join(f"{rule} {count}" for rule, count in held.most_common()) or "ninguno"),
    ]


def _indicators(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return " | ".join(["–"] * 5)
    cells = figures["ageing"]["USD"]
    money = [f"{cells[key]['open_minor'] / 100:,.2f}" for key in ("not_due", "1-30", "31-60")]
    return " | ".join([*money, str(figures["dso"]), str(figures["cei"])])


if __name__ == "__main__":
    sys.exit(main())
