"""The first look at the text of a rule: only words of the language reach the SQL parser."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from aldia.engine.rules.errors import RuleError

LENGTH_LIMIT: Final = 4_000
TOKEN_LIMIT: Final = 600
DEPTH_LIMIT: Final = 40

WORDS: Final = frozenset({"and", "or", "not", "in", "between", "is", "null", "true", "false", "date"})
FUNCTIONS: Final = frozenset({"starts_with", "contains", "segment"})
_SYMBOLS: Final = frozenset({"(", ")", ",", "=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*"})
_NUMBER: Final = re.compile(r"\d{1,18}(\.\d{1,6})?")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CODES: Final = {
    "==": "double_equals",
    "/": "division",
    "%": "remainder",
    ";": "several_conditions",
    "||": "joined_texts",
    "like": "like",
    "ilike": "like",
    "select": "query",
    "exists": "query",
    "case": "case_when",
    "current_date": "clock",
    "now": "clock",
}
"""Symbols and words of SQL that people try here, each with its own refusal."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one, or an empty text when nothing is near."""
    close = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ""


def scan(text: str, known: Iterable[str]) -> list[Token]:
    """The tokens of the text when it holds only words of the language. Raises RuleError."""
    if not text.strip():
        raise RuleError("empty", at=1)
    if len(text) > LENGTH_LIMIT:
        raise RuleError("too_long", at=LENGTH_LIMIT, limit=LENGTH_LIMIT)
    for at, char in enumerate(text, start=1):
        if not char.isprintable() and char not in "\n\t\r":
            raise RuleError("invisible_character", at=at, found=repr(char))
    try:
        tokens = Tokenizer().tokenize(text)
    except SqlglotError as refusal:
        at = text.rfind("'") + 1 if text.count("'") % 2 else len(text)
        raise RuleError("open_quote", at=max(at, 1)) from refusal
    _check_all(text, tokens, frozenset(known))
    return tokens


def _check_all(text: str, tokens: Sequence[Token], known: frozenset[str]) -> None:
    if not tokens:
        raise RuleError("empty", at=1)
    if len(tokens) > TOKEN_LIMIT:
        raise RuleError("too_many_words", at=tokens[TOKEN_LIMIT].start + 1, limit=TOKEN_LIMIT)
    depth = 0
    end = 0
    for token in tokens:
        if text[end : token.start].strip():
            raise RuleError("foreign_text", at=end + 1, found=text[end : token.start].strip())
        end = token.end + 1
        _check_one(text, token, known)
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth > DEPTH_LIMIT:
            raise RuleError("too_many_brackets", at=token.start + 1, limit=DEPTH_LIMIT)
    if text[end:].strip():
        raise RuleError("foreign_text", at=end + 1, found=text[end:].strip())


def _check_one(text: str, token: Token, known: frozenset[str]) -> None:
    raw = text[token.start : token.end + 1]
    at = token.start + 1
    if token.token_type == TokenType.STRING and raw.startswith("'"):
        if any(not char.isprintable() for char in token.text):
            raise RuleError("broken_text", at=at, found=raw)
        return
    if token.token_type == TokenType.NUMBER:
        if not _NUMBER.fullmatch(raw):
            raise RuleError("not_a_number", at=at, found=raw)
        return
    if raw in _SYMBOLS:
        return
    if not _WORD.fullmatch(raw):
        raise RuleError(_CODES.get(raw, "foreign_symbol"), at=at, found=raw)
    word = raw.lower()
    if word not in WORDS and word not in FUNCTIONS and word not in known:
        raise _unknown(word, at, known)


def _unknown(word: str, at: int, known: frozenset[str]) -> RuleError:
    if word in _CODES:
        return RuleError(_CODES[word], at=at, found=word)
    near = nearest(word, known | FUNCTIONS)
    return RuleError("near_word" if near else "unknown_word", at=at, found=word, near=near)
