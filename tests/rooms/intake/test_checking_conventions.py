"""The order of dates, the decimal sign and the currency are proven by the file, or asked by name."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.domain.money import Rounding, exponent_of, to_minor
from aldia.intake.checking.amounts import AmbiguousDecimals, DecimalTally, parse_amounts
from aldia.intake.checking.currencies import CurrencyNeeded
from aldia.intake.checking.dates import AmbiguousDates, DateTally, parse_dates
from aldia.intake.checking.documents import check_documents
from aldia.intake.checking.options import Checked, LoadOptions
from aldia.intake.mapping.mapping import Mapping


def order_of(*cells: str) -> str:
    tally = DateTally()
    tally.add("fecha", pl.Series(cells))
    return tally.order(None)


def decimal_of(*cells: str, whole_units: bool = False) -> str:
    tally = DecimalTally()
    values = pl.Series(cells)
    tally.add("importe", values, pl.Series([False] * len(cells)))
    return tally.decimal(None, whole_units=whole_units)


def minors(
    cells: list[str], decimal: str, currency: str = "USD", rounding: Rounding | None = None
) -> list[int | None]:
    values = pl.Series(cells, dtype=pl.String)
    plain = pl.Series([False] * len(cells), dtype=pl.Boolean)
    places = pl.Series([exponent_of(currency)] * len(cells))
    return parse_amounts(values, plain, places, decimal=decimal, rounding=rounding)["minor"].to_list()


def loaded(rows: list[dict[str, str]], options: LoadOptions | None = None, **settings: str) -> Checked:
    base = {"cliente": "7", "factura": "A-1", "vencimiento": "31/12/2025", "importe": "10,50"}
    full = [base | row for row in rows]
    names = list(full[0])
    frame = pl.DataFrame(full).select(
        pl.int_range(2, len(rows) + 2).alias("_row"),
        pl.lit(len(names), pl.Int32).alias("_cells"),
        pl.lit("").alias("_types"),
        *names,
    )
    fields = {
        "customer_id": "cliente",
        "document_number": "factura",
        "due_on": "vencimiento",
        "amount": "importe",
    }
    if "moneda" in names:
        fields["currency"] = "moneda"
    return check_documents(
        frame, Mapping.from_dict({"columns": fields, **settings}), options or LoadOptions(currency="USD")
    )


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (("3/4/2025", "13/4/2025"), "dmy"),
        (("3/4/2025", "4/13/2025"), "mdy"),
        (("2025-04-03", "20250403"), "dmy"),
        (("4/4/2025", "5/5/2025"), "dmy"),
        (("31-01-20", "1-2-20"), "dmy"),
        (("99/01/31", "99/02/01"), "ymd"),
    ],
)
def test_one_day_above_twelve_proves_the_order(cells: tuple[str, ...], order: str) -> None:
    assert order_of(*cells) == order


def test_dates_that_could_be_either_are_refused_naming_the_option() -> None:
    with pytest.raises(AmbiguousDates) as caught:
        order_of("3/4/2025", "2025-04-03")
    assert '"date_order": "dmy"' in str(caught.value.hint)
    assert "3/4/2025" in str(caught.value.found)


def test_a_short_year_beside_days_that_begin_with_theirs_is_asked_and_not_guessed() -> None:
    with pytest.raises(AmbiguousDates) as caught:
        order_of("2026-08-30", "26-8-31")
    assert "26-8-31" in str(caught.value.found)
    assert order_of("30/08/2026", "26-8-31") == "dmy"
    assert parse_dates(pl.Series(["26-8-31"]), "ymd")[0].item() == date(2026, 8, 31)


def test_an_hour_that_no_clock_shows_is_no_part_of_a_day() -> None:
    assert parse_dates(pl.Series(["2026-08-31 25:61", "2026-08-31 23:59"]), "dmy")[0].to_list() == [
        None,
        date(2026, 8, 31),
    ]


def test_both_orders_in_one_file_are_refused_but_a_slip_is_not() -> None:
    with pytest.raises(AmbiguousDates) as caught:
        order_of("13/4/2025", "4/13/2025")
    assert caught.value.code == "dates_mixed"
    assert order_of("13/4/2025", "14/4/2025", "15/4/2025", "4/16/2025") == "dmy"


def test_dates_are_proven_by_any_date_column_of_the_file() -> None:
    good = loaded([{"vencimiento": "3/4/2025"}, {"vencimiento": "30/4/2025", "factura": "A-2"}]).good
    assert good["due_on"].to_list() == [date(2025, 4, 3), date(2025, 4, 30)]


def test_a_stated_order_settles_it() -> None:
    assert loaded([{"vencimiento": "3/4/2025"}], date_order="mdy").good["due_on"].item() == date(2025, 3, 4)
    assert loaded([{"vencimiento": "3/4/2025"}], LoadOptions(currency="USD", date_order="dmy")).good[
        "due_on"
    ].item() == date(2025, 4, 3)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2020-03-30",
            "2020/03/30",
            "30/03/2020",
            "30.3.20",
            "20200330",
            "20200330.0",
            "30032020",
            "30 Mar 2020",
        ),
        *("30-mar-2020", "30 de marzo de 2020", "March 30, 2020", "2020-03-30T10:00:00Z", "30/03/2020 00:00"),
        *("30MAR2020", "30 março 2020"),
    ],
)
def test_one_day_written_in_many_ways(cell: str) -> None:
    assert parse_dates(pl.Series([cell]), "dmy")[0].item() == date(2020, 3, 30)


def test_spreadsheet_day_numbers() -> None:
    assert parse_dates(pl.Series(["43920", "43921.5"]), "dmy")[0].to_list() == [
        date(2020, 3, 30),
        date(2020, 3, 31),
    ]


@settings(deadline=None)
@given(
    st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from(["dmy", "mdy"]), st.sampled_from("/-.")
)
def test_every_day_comes_back(day: date, order: str, sign: str) -> None:
    parts = [day.day, day.month] if order == "dmy" else [day.month, day.day]
    long = sign.join(map(str, [*parts, day.year]))
    short = sign.join(f"{part:02d}" for part in [*parts, day.year % 100])
    assert parse_dates(pl.Series([long, short, day.isoformat()]), order)[0].to_list() == [day] * 3


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (("1.234,56",), "comma"),
        (("1,234.56",), "dot"),
        (("1234.5",), "dot"),
        (("1 234,56",), "comma"),
        (("1.234", "5,5"), "comma"),
        (("1.234.567",), "comma"),
        (("64982.589",), "dot"),
        (("0.125",), "dot"),
        (("1'234.50",), "dot"),
        (("100", "250"), "dot"),
    ],
)
def test_one_amount_proves_the_decimal_sign(cells: tuple[str, ...], decimal: str) -> None:
    assert decimal_of(*cells) == decimal


def test_amounts_that_could_be_either_are_refused_naming_the_option() -> None:
    with pytest.raises(AmbiguousDecimals) as caught:
        decimal_of("1.234", "12.500")
    assert "decimal" in str(caught.value.hint) and "1.234" in str(caught.value.found)
    with pytest.raises(AmbiguousDecimals):
        decimal_of("1,5", "1.5")


def test_a_currency_without_decimals_settles_the_thousands() -> None:
    assert decimal_of("1.234", whole_units=True) == "comma"
    assert loaded([{"importe": "1.234"}], LoadOptions(currency="CLP")).good["original_minor"].item() == 1234
    with pytest.raises(AmbiguousDecimals):
        loaded([{"importe": "1.234"}], LoadOptions(currency="KWD"))


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("1.234,56", 123456), ("1 234,56", 123456), ("1\u202f234,56", 123456), ("1'234,56", 123456), ("12", 1200), (",5", 50),
        ("(1.234,56)", -123456), ("1.234,56-", -123456), ("-1.234,56", -123456), ("− 5", -500), ("$ 10,10", 1010),
        ("USD 10", 1000),
        ("10 €", 1000), ("R$ 1,5", 150), ("-$ 3,10", -310), ("$ -3,10", -310), ("10,500", 1050), ("S/. 7", 700),
        ("1.23.4", None), ("12,34,5", None), ("diez", None), ("1,2E+05", None), ("1.2345", None),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(cell: str, minor: int | None) -> None:
    assert minors([cell], "comma") == [minor]


AMOUNTS = st.decimals(
    min_value=Decimal("-99999999999"), max_value=Decimal("99999999999"), places=3, allow_nan=False
)


@settings(deadline=None)
@given(
    st.lists(AMOUNTS, min_size=1, max_size=20),
    st.sampled_from(["USD", "CLP", "KWD", "CLF"]),
    st.sampled_from(list(Rounding)),
    st.sampled_from(["dot", "comma"]),
)
def test_the_vectorised_amount_is_the_domain_s(
    amounts: list[Decimal], currency: str, rounding: Rounding, decimal: str
) -> None:
    written = [f"{amount:,f}" for amount in amounts]
    if decimal == "comma":
        written = [text.translate(str.maketrans(".,", ",.")) for text in written]
    assert minors(written, decimal, currency, rounding) == [
        to_minor(amount, currency, rounding=rounding) for amount in amounts
    ]


def test_no_currency_is_refused_naming_the_option() -> None:
    with pytest.raises(CurrencyNeeded) as caught:
        loaded([{}], LoadOptions())
    assert "--currency" in str(caught.value.hint)
    with pytest.raises(CurrencyNeeded) as unknown:
        loaded([{}], LoadOptions(currency="ZZZ"))
    assert unknown.value.code == "currency_option_unknown"


def test_the_currency_may_stand_in_the_cell_or_in_its_column() -> None:
    assert loaded([{"importe": "USD 10,50"}], LoadOptions()).good["currency"].item() == "USD"
    rows = [
        {"moneda": "ars"},
        {"moneda": "UF", "factura": "A-2", "importe": "10,1234"},
        {"moneda": "US$", "factura": "A-3"},
    ]
    good = loaded(rows, LoadOptions()).good
    assert good["currency"].to_list() == ["ARS", "CLF", "USD"]
    assert good["original_minor"].to_list() == [1050, 101234, 1050]


def test_a_code_says_more_than_a_sign_that_many_share() -> None:
    found = loaded([{"importe": "$ 10,50 EUR", "moneda": "USD"}])
    assert found.problems["code"].to_list() == ["currency_conflict"]
    assert loaded([{"importe": "$ 10,50", "moneda": "USD"}]).good["currency"].item() == "USD"


def test_a_too_fine_amount_is_rounded_only_when_asked() -> None:
    assert loaded([{"importe": "10.002,505"}]).problems["code"].to_list() == ["amount_too_fine"]
    up = LoadOptions(currency="USD", round=Rounding.HALF_UP)
    even = LoadOptions(currency="USD", round=Rounding.HALF_EVEN)
    rows = [{"importe": "10.002,505"}]
    assert loaded(rows, up).good["original_minor"].item() == 1000251
    assert loaded(rows, even).good["original_minor"].item() == 1000250
