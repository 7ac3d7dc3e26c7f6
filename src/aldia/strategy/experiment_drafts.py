"""An experiment as somebody plans it, and what makes it one that cannot be."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from aldia.domain.experiments import CHALLENGER, CHAMPION, CONTROL, Plan, sequential_size

_LONGEST = 180


class ExperimentRefused(ValueError):
    """What was asked cannot be an experiment: says why and how to repair it."""


@dataclass(frozen=True)
class ExperimentDraft:
    """An experiment as somebody plans it; shares and rates in whole points of a hundred, the horizon in days.

    `challenger_key`: the strategy that is tried against the one in use; empty when both ways are steps of that one.
    """

    name: str
    strategy_key: str
    challenger_key: str = ""
    challenger: int = 50
    control: int = 0
    base: int = 30
    effect: int = 5
    horizon: int = 30

    @property
    def shares(self) -> dict[str, int]:
        """The parts of a hundred of each arm."""
        return {
            CHAMPION: 100 - self.challenger - self.control,
            CHALLENGER: self.challenger,
            CONTROL: self.control,
        }

    def size(self) -> int:
        """Return how many people each arm needs. Raises ExperimentRefused for figures that cannot be."""
        if min(self.shares[CHAMPION], self.challenger) < 1 or self.control < 0:
            raise ExperimentRefused(
                _("Deja parte de los clientes con cada forma: entre las tres suman cien.")
            )
        if not 1 <= self.horizon <= _LONGEST:
            raise ExperimentRefused(_("Los días van de 1 a %(most)s.") % {"most": _LONGEST})
        try:
            return sequential_size(Plan(base=self.base / 100, effect=self.effect / 100))
        except ValueError as wrong:
            raise ExperimentRefused(_("Los porcentajes van de 1 a 99, y juntos no llegan a 100.")) from wrong
