"""Loans: rates, legal rates, consumer schedules and life cycles, held against their reference to the cent."""

from aldia.ops.conformance.checks import Comparison
from aldia.ops.conformance.loans import consumer, figures, legal, lifecycles

KINDS: dict[str, Comparison] = {
    "reference figures": figures.figures,
    "rate table": legal.rate_table,
    "loan scenario": lifecycles.life_cycle,
    "schedule": consumer.schedule,
    "interest cases": legal.interest_cases,
}
