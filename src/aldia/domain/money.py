"""Money as whole minor units of one currency: exponents, exact conversion, and splits that add up.

Amounts are integers of the smallest unit that the currency (or indexed unit) has: 12.34 USD is 1234,
1500 CLP is 1500, 2.5 UF (CLF) is 25000. Nothing here ever touches a float.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

_TWO_DECIMALS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR
IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"

INDEXED_UNITS: dict[str, int] = {"CLF": 4, "COU": 2, "MXV": 2, "UVA": 2, "UYI": 0, "UYW": 4}
"""Units of debt that follow an index: UF, UVR, UDI, UVA, Uruguay's indexed units. UVA has no ISO code."""

MONEY_OF_UNIT: dict[str, str] = {
    "CLF": "CLP", "COU": "COP", "MXV": "MXN", "UVA": "ARS", "UYI": "UYU", "UYW": "UYU",
}  # fmt: skip
"""The money in which each indexed unit is paid."""

LOCAL_NAMES: dict[str, str] = {"UF": "CLF", "UVR": "COU", "UDI": "MXV", "UI": "UYI", "UR": "UYW"}
"""How people write an indexed unit, to its code."""

EXPONENTS: dict[str, int] = (
    dict.fromkeys(_TWO_DECIMALS.split(), 2)
    | dict.fromkeys(_NO_DECIMALS.split(), 0)
    | dict.fromkeys(_THREE_DECIMALS.split(), 3)
    | INDEXED_UNITS
)


class MoneyError(ValueError):
    """Any refusal of this module."""


class UnknownCurrency(MoneyError):
    """The code is in neither the ISO 4217 table nor the indexed units."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(f"unknown currency {currency!r}: expected an ISO 4217 code such as USD, ARS or CLP")


class CurrencyMismatch(MoneyError):
    """Two currencies met where one was expected; they are never added."""

    def __init__(self, left: str, right: str) -> None:
        self.left, self.right = left, right
        super().__init__(f"cannot combine {left} with {right}: convert one of them at a dated rate first")


class TooFine(MoneyError):
    """The amount has more decimals than its currency and nobody said how to round."""

    def __init__(self, amount: Decimal, currency: str, found: int, allowed: int) -> None:
        self.amount, self.currency, self.found, self.allowed = amount, currency, found, allowed
        super().__init__(
            f"{amount} has {found} decimals, {currency} allows {allowed}: state a rounding (half_up or half_even)"
        )


class NotAnAmount(MoneyError):
    """NaN or infinite."""


class Rounding(StrEnum):
    """How an amount finer than its currency becomes whole minor units."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


_DECIMAL_ROUNDING = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}


def currency_code(text: str) -> str:
    """The code behind what people write: ``" uf "`` -> ``"CLF"``, ``"usd"`` -> ``"USD"``.

    Raises UnknownCurrency.
    """
    code = text.strip().upper()
    code = LOCAL_NAMES.get(code, code)
    if code not in EXPONENTS:
        raise UnknownCurrency(text)
    return code


def exponent_of(currency: str) -> int:
    """How many decimals the currency has: USD 2, CLP 0, KWD 3, CLF 4. Raises UnknownCurrency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def units_of(money: str) -> list[str]:
    """Return the indexed units that are paid in this money: CLP -> CLF; UYU -> UYI, UYW."""
    return [unit for unit, paid_in in MONEY_OF_UNIT.items() if paid_in == money]


def is_indexed(currency: str) -> bool:
    """True for units that follow an index (CLF, COU, MXV, UVA, UYI, UYW): paid at the rate of the day."""
    exponent_of(currency)
    return currency in INDEXED_UNITS


def money_of(currency: str) -> str:
    """The money that is handed over: CLF -> CLP; a currency is its own."""
    return MONEY_OF_UNIT.get(currency, currency)


def decimals_of(amount: Decimal) -> int:
    """Significant decimals: 1.50 -> 1, 2 -> 0, 0.125 -> 3. Raises NotAnAmount for NaN and infinity."""
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):
        raise NotAnAmount(f"{amount} is not an amount")
    zeros = 0
    for digit in reversed(digits):
        if digit or zeros >= -exponent:
            break
        zeros += 1
    return 0 if not any(digits) else max(0, -exponent - zeros)


def to_minor(amount: Decimal, currency: str, *, rounding: Rounding | None) -> int:
    """Whole minor units: 12.34 USD -> 1234, 1500 CLP -> 1500, 0.125 USD with HALF_UP -> 13.

    With ``rounding=None`` an amount finer than its currency raises TooFine; trailing zeros do not count.
    Raises UnknownCurrency and NotAnAmount.
    """
    allowed = exponent_of(currency)
    found = decimals_of(amount)
    if found > allowed and rounding is None:
        raise TooFine(amount, currency, found, allowed)
    with localcontext() as context:
        context.prec = max(28, len(amount.as_tuple().digits) + abs(amount.adjusted()) + allowed + 2)
        shifted = amount.scaleb(allowed)
        return int(shifted.to_integral_value(_DECIMAL_ROUNDING[rounding or Rounding.HALF_UP]))


def to_major(minor: int, currency: str) -> Decimal:
    """The amount as people write it, with the currency's decimals: 1230, USD -> Decimal("12.30")."""
    sign = 1 if minor < 0 else 0
    digits = tuple(int(digit) for digit in str(abs(minor)))
    return Decimal((sign, digits, -exponent_of(currency)))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency: ``Money(1234, "USD")`` is 12.34 dollars."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent_of(self.currency)

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str, *, rounding: Rounding | None = None) -> "Money":
        """From major units: ``Money.of("12.34", "USD")``. Raises what to_minor raises."""
        return cls(to_minor(Decimal(amount), currency, rounding=rounding), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return to_major(self.minor, self.currency)

    def _other(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._other(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._other(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._other(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._other(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._other(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._other(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"

    def split(self, parts: "int | Sequence[int]") -> list["Money"]:
        """Shares that add up to this amount; see ``split``."""
        return [Money(minor, self.currency) for minor in split(self.minor, parts)]


def split(total_minor: int, parts: int | Sequence[int]) -> list[int]:
    """Shares of a total that always add up to it, by largest remainder.

    ``parts`` is a count of equal parts or a list of weights. Ties go to the earlier share:
    ``split(100, 3) == [34, 33, 33]``; ``split(10, [1, 1, 2]) == [3, 2, 5]``; ``split(-100, 3) == [-34, -33, -33]``.
    Raises MoneyError for no parts, a negative weight or weights that are all zero.
    """
    weights = [1] * parts if isinstance(parts, int) else list(parts)
    if not weights or min(weights) < 0 or sum(weights) == 0:
        raise MoneyError(
            f"cannot split {total_minor} by {parts!r}: expected parts >= 1 or weights >= 0, not all zero"
        )
    sign, size, whole = (-1 if total_minor < 0 else 1), abs(total_minor), sum(weights)
    shares = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(size * weights[at] % whole), at))
    for at in by_remainder[: size - sum(shares)]:
        shares[at] += 1
    return [sign * share for share in shares]
