"""What an HTML body says, line by line; what it quotes of another message is marked as mail programs mark it, by `> `."""

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset(
    "p div tr li ul ol table h1 h2 h3 h4 h5 h6 hr pre blockquote section article header footer center dd dt".split()
)
_UNSEEN: Final = frozenset({"style", "script", "head", "title"})
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")
_DEEPEST: Final = 50  # quotes inside quotes: more is hostile


def text_of(html: str) -> str:
    """Return the visible text of an HTML body; never raises, whatever the tags."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._depth = 0
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        if tag == "br":
            self._end_line(keep_empty=True)
        elif tag in _BLOCKS:
            self._end_line()
        if tag == "blockquote":
            self._depth = min(self._depth + 1, _DEEPEST)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._end_line()
        if tag == "blockquote":
            self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._line += _SPACES.sub(" ", data)

    def _end_line(self, *, keep_empty: bool = False) -> None:
        said = self._line.replace("\xa0", " ").strip()
        if said or keep_empty:
            self._lines.append(("> " * self._depth + said).rstrip())
        self._line = ""

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines)
