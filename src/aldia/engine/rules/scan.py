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
FUNCTIONS: Final = frozenset({"starts_with", "contains"})
_SYMBOLS: Final = frozenset({"(", ")", ",", "=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*"})
_NUMBER: Final = re.compile(r"\d{1,18}(\.\d{1,6})?")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HINTS: Final = {
    "==": "write = to compare",
    "/": "division is not allowed: multiply the other side instead",
    "%": "remainders are not allowed",
    ";": "a rule is one condition",
    "||": "texts cannot be joined",
    "like": "write contains(fact, 'text') or starts_with(fact, 'text')",
    "ilike": "write contains(fact, 'text'): case and accents do not count",
    "select": "a rule is a condition, not a query",
    "case": "write the conditions with AND and OR",
    "current_date": "use a fact in days, such as dpd or days_since_contact",
    "now": "use a fact in days, such as dpd or days_since_contact",
    "exists": "a rule is a condition over facts, not a query",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean dpd?``, or an empty text when nothing is near."""
    close = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def scan(text: str, known: Iterable[str]) -> list[Token]:
    """The tokens of the text when it holds only words of the language. Raises RuleError."""
    if not text.strip():
        raise RuleError(
            "the rule is empty", at=1, hint="write a condition, such as dpd > 30, or TRUE for all"
        )
    if len(text) > LENGTH_LIMIT:
        raise RuleError(
            f"the rule is longer than {LENGTH_LIMIT} characters", at=LENGTH_LIMIT, hint="split it"
        )
    for at, char in enumerate(text, start=1):
        if not char.isprintable() and char not in "\n\t\r":
            raise RuleError("a character that cannot be seen", at=at, found=repr(char), hint="delete it")
    try:
        tokens = Tokenizer().tokenize(text)
    except SqlglotError as refusal:
        at = text.rfind("'") + 1 if text.count("'") % 2 else len(text)
        raise RuleError(
            "the text cannot be read", at=max(at, 1), hint="close every quote with ' and write one condition"
        ) from refusal
    _check_all(text, tokens, frozenset(known))
    return tokens


def _check_all(text: str, tokens: Sequence[Token], known: frozenset[str]) -> None:
    if not tokens:
        raise RuleError("the rule is empty", at=1, hint="write a condition; comments are not allowed")
    if len(tokens) > TOKEN_LIMIT:
        raise RuleError(
            f"the rule has more than {TOKEN_LIMIT} words", at=tokens[TOKEN_LIMIT].start + 1, hint="split it"
        )
    depth = 0
    end = 0
    for token in tokens:
        if text[end : token.start].strip():
            raise RuleError("something here is not part of the language", at=end + 1, found=text[end : token.start].strip(),
                            hint="comments are not allowed; for minus a negative number write +")  # fmt: skip
        end = token.end + 1
        _check_one(text, token, known)
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth > DEPTH_LIMIT:
            raise RuleError(
                f"more than {DEPTH_LIMIT} open brackets", at=token.start + 1, hint="simplify the rule"
            )
    if text[end:].strip():
        raise RuleError("something here is not part of the language", at=end + 1, found=text[end:].strip(),
                        hint="comments are not allowed")  # fmt: skip


def _check_one(text: str, token: Token, known: frozenset[str]) -> None:
    raw = text[token.start : token.end + 1]
    at = token.start + 1
    if token.token_type == TokenType.STRING and raw.startswith("'"):
        if any(not char.isprintable() for char in token.text):
            raise RuleError(
                "a line break or tab within a text", at=at, found=raw, hint="write the text on one line"
            )
        return
    if token.token_type == TokenType.NUMBER:
        if not _NUMBER.fullmatch(raw):
            raise RuleError(
                "not a plain number", at=at, found=raw, hint="write digits and a decimal point, as 1500.50"
            )
        return
    if raw in _SYMBOLS:
        return
    if not _WORD.fullmatch(raw):
        hint = _HINTS.get(raw, "texts go between single quotes '…', facts without quotes")
        raise RuleError("this symbol is not part of the language", at=at, found=raw, hint=hint)
    word = raw.lower()
    if word not in WORDS and word not in FUNCTIONS and word not in known:
        hint = _HINTS.get(word) or nearest(word, known | FUNCTIONS)
        raise RuleError(
            "unknown word", at=at, found=raw, hint=hint or "see the vocabulary for the facts that exist"
        )
