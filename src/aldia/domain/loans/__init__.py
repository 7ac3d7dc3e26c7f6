"""Loans: from the rate agreed to the last cent paid. Pure functions of values, exact inside, whole minor units outside.

Read in this order: `day_counts` and `rates` (how long, how dear), `calendars` (when), `schedules` and `extras` (what falls due),
`events`, `book` and `replay` (what happened, and what is owed after it), `payoff` and `late_interest` (what it costs to end or to
be late), `daily_balance` (loans whose interest runs by the day on what is really owed).
"""
