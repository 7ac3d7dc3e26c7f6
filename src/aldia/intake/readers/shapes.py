"""What a cell looks like, cheaply: enough to tell a heading from data."""

import re

NUMBER = re.compile(
    r"[-+(]?\s?(?:[$€£]|[A-Z]{3}\s)?\s?\d[\d.,' \u00a0]{0,30}\s?[-%)]?(?:\s?(?:[€$£]|[A-Z]{3}))?"
)
DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].{0,20})?|\d{1,2}[- ](?:de )?[A-Za-zç]{3,10}\.?[- ](?:de )?\d{2,4}"
)
BUCKET = re.compile(
    r"\d{1,3}\s?[-–]\s?\d{1,3}|[<>+]\s?\d{1,3}|\d{1,3}\s?\+"
)  # 31-60 and +90, of days overdue
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")


def is_label(cell: str) -> bool:
    """True for a text that may be a heading: neither number, date nor e-mail address, unless days from and to."""
    text = cell.strip()[:80]
    if BUCKET.fullmatch(text):
        return True
    if not any(character.isalpha() for character in text):
        return False
    return not (NUMBER.fullmatch(text) or DATE.fullmatch(text) or EMAIL.fullmatch(text))


def filled(row: list[str]) -> int:
    """Number of cells that are not blank."""
    return sum(1 for cell in row if cell.strip())


def find_header(rows: list[list[str]], *, look: int = 40) -> int | None:
    """Index of the heading row among the first rows, or None when the data start at once.

    A heading is the first row of labels that covers most of the table's width; titles above it are narrower.
    """
    for index, row in enumerate(rows[:look]):
        count = filled(row)
        if not count:
            continue
        width = max((len(trimmed(other)) for other in rows[index : index + 25]), default=0)
        if count < 0.6 * width or (count < 2 <= width) or _is_titled(row):
            continue
        labels = sum(1 for cell in row if cell.strip() and is_label(cell))
        if labels >= 0.7 * count:
            return index
        return None
    return None


def _is_titled(row: list[str]) -> bool:
    """True for «Cliente: | C-10 | Acme»: a word with what it says beside, no names of columns."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return cells[0].endswith(":") and not cells[-1].endswith(":")


def trimmed(row: list[str]) -> list[str]:
    """The row without its blank cells at the end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def unique_names(cells: list[str], width: int, *, blank: str = "columna") -> list[str]:
    """Column names: blanks get a number, repetitions a suffix, own marks (`_row`) are kept free."""
    names: list[str] = []
    seen = {"_row", "_cells", "_types"}
    for index in range(width):
        text = " ".join(cells[index].split())[:200] if index < len(cells) else ""
        text = "".join(character for character in text if character.isprintable()).strip()
        base = text or f"{blank} {index + 1}"
        name, again = base, 2
        while name in seen:
            name, again = f"{base} ({again})", again + 1
        seen.add(name)
        names.append(name)
    return names
