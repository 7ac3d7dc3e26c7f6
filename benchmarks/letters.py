"""Letters against bare typst: `./aldia bench letters --n 200`. Processor time of one core, side by side, alternating, median of five.

Bare is what typst needs for the same sheet with the same data when the QR and the figures are there already.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks import disposable

BAR = 0.8
ROUNDS = 5


def main() -> int:
    """Return the exit code: 0 when the bar is reached."""
    parser = argparse.ArgumentParser(prog="aldia bench letters", description=__doc__)
    disposable.add_options(parser, n=40)
    options = parser.parse_args()
    with disposable.database(is_postgresql=options.postgresql):
        told = measure(options.n)
    print(json.dumps({"bench": "letters", **told}))
    return 0 if told["ratio"] >= BAR else 1


def measure(count: int) -> dict[str, Any]:
    """Return letters a second of one core, ours and bare, and their ratio."""
    from aldia.contact.papers import notice, press

    size = max(4, count // ROUNDS)
    bare: list[float] = []
    ours: list[float] = []
    notice.notice_pdf(_letter(999_999))  # the fonts are found once
    for at in range(ROUNDS):
        begin = 2 * at * size  # never a letter twice: typst remembers what it set before
        data = _data([_letter(begin + number) for number in range(size)])
        bare.append(_seconds(lambda each: press.pdf_of("notice", each), data))
        ours.append(_seconds(notice.notice_pdf, [_letter(begin + size + number) for number in range(size)]))
    quick, whole = statistics.median(bare), statistics.median(ours)
    return {
        "letters": size * ROUNDS, "per_second": round(size / whole, 1),
        "bare_per_second": round(size / quick, 1), "ratio": round(quick / whole, 3), "bar": BAR,
    }  # fmt: skip


def _data(letters: list[Any]) -> list[dict[str, Any]]:
    """What typst is given for these letters."""
    from aldia.contact.papers import notice, press

    seen: list[dict[str, Any]] = []
    notice.pdf_of = lambda _sheet, data: seen.append(data) or b""  # type: ignore[func-returns-value]
    try:
        for each in letters:
            notice.notice_pdf(each)
    finally:
        notice.pdf_of = press.pdf_of
    return seen


def _seconds(make: Callable[[Any], bytes], things: list[Any]) -> float:
    begun = time.process_time()
    for each in things:
        make(each)
    return time.process_time() - begun


def _letter(number: int) -> Any:
    from aldia.contact.papers.notice import Notice

    first = Notice(
        creditor="Distribuidora Andina S.A.", creditor_lines=("30-71234567-8", "Av. Siempreviva 742, Córdoba", "+54 351 555-0100"),
        debtor="", address="San Martín 1200\n5000 Córdoba", on="3 mar 2026", code="", subject="Tu saldo pendiente",
        body=("Hola:", "Quedaron pendientes las facturas que siguen.", "Si ya pagaste, cuéntanos cuándo."),
        lines=tuple((f"FC A 0003-{n}", f"{n} feb 2026", f"{20 - n} días", f"$ {n}.000,00") for n in range(1, 8)),
        totals=("$ 28.000,00",), reference="", instructions="Alias ANDINA.COBROS", link="", language="es",
    )  # fmt: skip
    code = f"{number:08X}"
    link = f"https://cobros.andina.example/p/{number:032d}/"
    return replace(first, debtor=f"Cliente número {number}", code=code, reference=code, link=link)


if __name__ == "__main__":
    sys.exit(main())
