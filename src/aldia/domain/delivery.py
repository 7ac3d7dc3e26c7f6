"""What became of a message, whatever the order in which its provider tells it: states are a lattice, the highest holds.

`failed` is below `delivered`: a part or a try may fail and the message arrive. `bounced` and `complaint` are above: a mail
server says `delivered` before the mailbox refuses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

RANKS: Final = {
    "accepted": 1, "sent": 2, "failed": 3, "delivered": 4, "read": 5, "bounced": 6, "complaint": 7
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """The highest state told so far (empty before the first), and what was said of the address."""

    state: str = ""
    is_dead: bool = False  # somebody said that nobody can be reached there
    is_opted_out: bool = False

    @property
    def is_reached(self) -> bool:
        """The message is with the person."""
        return self.state in {"delivered", "read"}

    @property
    def is_lost(self) -> bool:
        """The message will not arrive: another way is due."""
        return self.state in {"failed", "bounced"}

    @property
    def retires_address(self) -> bool:
        """Nobody should write there again: it is dead, and this message did not arrive all the same."""
        return self.is_dead and self.is_lost


def joined(standing: Standing, kind: str, address_state: str = "") -> Standing:
    """Return the standing after one more word of the provider; in any order and however often, the same words end the same.

    Raises KeyError for a kind that is none.
    """
    state = kind if RANKS[kind] > RANKS.get(standing.state, 0) else standing.state
    return Standing(
        state,
        standing.is_dead or address_state == "dead",
        standing.is_opted_out or address_state == "opted_out" or kind == "complaint",
    )


def standing_of(told: Iterable[tuple[str, str]]) -> Standing:
    """Return the standing after all these words, each (kind, what was said of the address)."""
    standing = Standing()
    for kind, address_state in told:
        standing = joined(standing, kind, address_state)
    return standing
