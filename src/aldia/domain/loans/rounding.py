"""Where a fraction of a minor unit becomes a whole one: always named, never implied."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Number = int | Fraction | Decimal


class RoundTo(StrEnum):
    """The whole number next to a fraction; `up` and `down` are away from and towards zero."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


def whole(value: Number, how: RoundTo = RoundTo.HALF_UP, step: int = 1) -> int:
    """The multiple of `step` minor units next to the value: 12.5 -> 13, by half_even 12; step 100 gives whole currency units."""
    exact = Fraction(value) / step
    size, sign = abs(exact), -1 if exact < 0 else 1
    floor, rest = divmod(size.numerator, size.denominator)
    twice = 2 * rest
    goes_up = {
        RoundTo.DOWN: False,
        RoundTo.UP: rest > 0,
        RoundTo.HALF_UP: twice >= size.denominator,
        RoundTo.HALF_EVEN: twice > size.denominator or (twice == size.denominator and floor % 2 == 1),
    }[how]
    return sign * (floor + goes_up) * step
