"""Rates above what the law allows are refused, whoever asks for them."""

from datetime import date

from django.utils.translation import gettext as _

from aldia.domain.loans import agreement as agreed
from aldia.domain.loans.schedules import BadSchedule


def check_ceiling(agreement: agreed.Agreement, on: date) -> None:
    """Refuse rates that the law does not allow. Raises BadSchedule of `domain.loans`, with the most that it allows."""
    for over in agreed.over_ceiling(agreement, on):
        raise BadSchedule(
            _("La tasa efectiva de %(rate)s %% pasa el máximo legal de %(allowed)s %% (%(table)s).")
            % {"rate": f"{over.rate * 100:.2f}", "allowed": f"{over.allowed * 100:.2f}", "table": over.table}
        )
