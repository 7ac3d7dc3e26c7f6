"""What goes into the cell of a table that somebody will open in a spreadsheet."""

_BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def inert(cell: object) -> object:
    """The cell so that no spreadsheet calculates it: ``=1+1`` -> ``'=1+1``; what is no text stays as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_BEGIN_A_FORMULA) else cell
