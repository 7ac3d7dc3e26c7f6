"""How a name is folded for search and order (no case, no accents), the words that find it, and the same for whole frames."""

import re
import unicodedata

import polars as pl

MOST_WORDS = 12
LONGEST_WORD = 40
PHONE_MARK = "#"  # a word that starts so is a phone, read from its last digit
_GAPS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return the text in lower case, without accents: `Ibáñez & Cía. S.R.L.` -> `ibanez & cia. s.r.l.`"""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in parts if not unicodedata.category(letter).startswith("M"))


def words(text: str) -> list[str]:
    """Return the different folded words of a text, in order: `Ibáñez & Cía. S.R.L.` -> ibanez, cia, s, r, l."""
    found = [word[:LONGEST_WORD] for word in _GAPS.split(fold(text)) if word]
    return list(dict.fromkeys(found))[:MOST_WORDS]


def phone_word(digits: str) -> str:
    """Return the word that finds a phone by the end of its number: `+54 11 4321-5678` -> `#8765432114` …"""
    return (PHONE_MARK + re.sub(r"\D", "", digits)[::-1])[:LONGEST_WORD]


def folded(column: str) -> pl.Expr:
    """Return the twin of `fold` over a column."""
    return pl.col(column).str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")


def words_of(frame: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Return one row a word (party_id, word) of a frame with party_id and a name column: the twin of `words`."""
    split = folded(name).str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars().str.split(" ")
    return (
        frame.select("party_id", word=split.list.unique(maintain_order=True).list.head(MOST_WORDS))
        .explode("word")
        .with_columns(pl.col("word").str.slice(0, LONGEST_WORD))
        .filter(pl.col("word") != "")
        .unique(maintain_order=True)
    )


def phone_words_of(frame: pl.DataFrame, *, phone: str) -> pl.DataFrame:
    """Return one row a phone (party_id, word): the twin of `phone_word`."""
    digits = pl.col(phone).str.replace_all(r"\D", "").str.reverse().str.slice(0, LONGEST_WORD - 1)
    return frame.select("party_id", word=pl.lit(PHONE_MARK) + digits)
