"""Rates and ceilings that aldia ships, each with who published it; an organisation adds rows and corrects them as data."""

from datetime import date
from decimal import Decimal

from aldia.domain.loans.rate_tables import DatedRate, RateTable

ECB = "BCE, tipo de operaciones principales de financiación; directiva 2011/7/UE art. 2.6: más 8 puntos"
BUDGET = "Leyes de Presupuestos Generales del Estado"
SUPERFINANCIERA = "Superintendencia Financiera de Colombia: 1,5 veces el interés bancario corriente"


def _half_years(first: int, rates: str) -> list[DatedRate]:
    """Percentages for each half year from January of the first year."""
    rows = []
    for at, percent in enumerate(rates.split()):
        year, is_second = first + at // 2, at % 2
        start, end = (7, (12, 31)) if is_second else (1, (6, 30))
        rows.append(DatedRate(date(year, start, 1), date(year, *end), Decimal(percent) / 100, ECB))
    return rows


def _years(source: str, *rows: tuple[int, int | None, str]) -> list[DatedRate]:
    return [
        DatedRate(date(first, 1, 1), date(last, 12, 31) if last else None, Decimal(percent) / 100, source)
        for first, last, percent in rows
    ]


SPAIN_COMMERCIAL = RateTable.of(
    "ES: interés de demora en operaciones comerciales",
    _half_years(2014, "8.25 8.15 8.05 8.05 8.05 " + "8.00 " * 13 + "10.50 12.00 12.50 12.25 11.15 10.15"),
)
SPAIN_LEGAL = RateTable.of(
    "ES: interés legal del dinero",
    _years(BUDGET, (2010, 2014, "4.00"), (2015, 2015, "3.50"), (2016, 2022, "3.00"), (2023, 2025, "3.25")),
)
SPAIN_TAX = RateTable.of(
    "ES: interés de demora tributario",
    _years(BUDGET, (2010, 2014, "5.00"), (2015, 2015, "4.375"), (2016, 2022, "3.75"), (2023, 2025, "4.0625")),
)
COLOMBIA_USURY = RateTable.of(
    "CO: tasa de usura, crédito de consumo y ordinario",
    [
        DatedRate(date(2025, month, 1), date(2025, month, last), Decimal(percent) / 100, SUPERFINANCIERA)
        for month, last, percent in (
            (3, 31, "24.92"), (9, 30, "25.01"), (10, 31, "24.36"), (11, 30, "24.99"), (12, 31, "25.02"),
        )
    ],
)  # fmt: skip

CEILINGS = {"CO": "CO-usury"}
"""By country, the table above which nobody may lend or charge a delay."""

TABLES = {
    "ES-commercial": SPAIN_COMMERCIAL,
    "ES-legal": SPAIN_LEGAL,
    "ES-tax": SPAIN_TAX,
    "CO-usury": COLOMBIA_USURY,
}
