"""Which client a bank line pays and which documents: evidence weighed into a confidence from 0 to 100, with its reasons.

Two questions are asked of every client that comes into question. Who: does the line name a document, an account of the client,
the tax id or the name; was this payer's money given to the client before? What: does the amount close documents? A line of money
in has `minor` above zero; amounts are minor units of one currency. Nothing here knows where clients come from.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import accumulate, combinations

RUN = r"[0-9A-Z][0-9A-Z./_-]*"  # what is written together in folded upper case
_OTHER, _NO_DIGIT, _RUNS = re.compile(r"[^0-9A-Z]"), re.compile(r"\D"), re.compile(RUN)
SHORTEST = 4  # a shorter mark says nothing: it may be a day or an amount
WHOLE_RUN = 8  # letters and digits of a run that names its document as well as the whole number does
SHORTEST_TAIL = 5  # digits of a document number without its series and zeros
DAYS_APART = 5  # between what the bank says and what told the same money before
MOST_DEBTS, MOST_TOGETHER = 12, 3  # how far sums of single documents are tried
RIVAL = 10  # two clients this near are a doubt, whoever leads
DOUBT = 75  # and the confidence of a doubt
FEW_BEARERS = 3  # a word that more clients bear is not rare
SHORTEST_WORD = 4  # letters of a word that finds a client by itself
LEGAL_FORMS = frozenset(
    "sa srl sas sc sl slu ltda ltd spa cv rl de cia eirl llc inc gmbh bv me epp y e del la las los el do da dos das s a r l c v".split()
)

NAMED, NAMED_TAIL, MARK, TAX_ID, SAME_ACCOUNT, SAME_PAYER, NAME, NAME_PARTLY, NAME_WORD = (
    "named", "named_tail", "mark", "tax_id", "same_account", "same_payer", "name", "name_partly", "name_word",
)  # fmt: skip
WHO = {
    MARK: 70, NAMED: 60, TAX_ID: 60, SAME_ACCOUNT: 60, NAMED_TAIL: 50, NAME: 45, SAME_PAYER: 45, NAME_PARTLY: 25,
    NAME_WORD: 12,
}  # fmt: skip
ANOTHER = 8  # each further kind of evidence, two at most
RECEIVED, CLOSES_NAMED, CLOSES_ONE, CLOSES_ALL, CLOSES_OLDEST, CLOSES_SOME, NEARLY, WITHHELD, PART, MORE = (
    "received", "closes_named", "closes_one", "closes_all", "closes_oldest", "closes_some", "nearly", "withheld", "part", "more",
)  # fmt: skip
WHAT = {
    RECEIVED: 40, CLOSES_NAMED: 40, CLOSES_ONE: 35, CLOSES_ALL: 32, CLOSES_OLDEST: 30, CLOSES_SOME: 25, NEARLY: 20, WITHHELD: 20, PART: 15,
    MORE: 0,
}  # fmt: skip
RIVALS = "rivals"


@dataclass(frozen=True, slots=True)
class Line:
    """Money in, as the bank tells it; `text` is everything that the payer or the bank wrote."""

    minor: int
    text: str
    payer: str = ""
    payer_account: str = ""
    payer_tax_id: str = ""
    on: date = date.min


@dataclass(frozen=True, slots=True)
class Debt:
    """One open document; `marks` are its other identities: our number, payment reference.

    Where it is owed in an indexed unit, `unit` names it, and `minor` is what that is in money on the line's day.
    """

    document: int
    number: str
    minor: int
    due_on: date
    marks: frozenset[str] = frozenset()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A payment that something else told first and no bank line brought yet: its receipts, each with its minor units, and the
    documents that they covered."""

    receipts: tuple[tuple[int, int], ...]
    on: date
    covered: tuple[Debt, ...] = ()

    @property
    def minor(self) -> int:
        """Return what was received."""
        return sum(minor for _receipt, minor in self.receipts)


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who may have paid, with what is open and what is `received` already. `marks` are accounts that only this client
    pays into (CLABE, virtual account); `by_account` and `by_name` count earlier decisions that gave this payer's money to the
    client; `rare` are the words of its name that hardly another client bears."""

    key: int
    name: str
    tax_id: str
    debts: tuple[Debt, ...]
    marks: frozenset[str] = frozenset()
    by_account: int = 0
    by_name: int = 0
    rare: frozenset[str] = frozenset()
    received: tuple[Received, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What an organisation allows: from which confidence nobody is asked, and how far an amount may be off."""

    threshold: int = 95
    tolerance_minor: int = 0
    withholding_rates: tuple[int, ...] = ()  # in hundredths of a percent


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code of this module; `text` names the document or client, `minor` the difference."""

    code: str
    text: str = ""
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A client and the documents that the line would cover first, in order; `short_minor` is what it would leave open of them.

    Where the money is known already it covers nothing: `receipts` are those that it is, each with its minor units.
    """

    client: int
    confidence: int
    documents: tuple[int, ...]
    reasons: tuple[Reason, ...]
    short_minor: int = 0
    receipts: tuple[tuple[int, int], ...] = ()


def squeezed(text: str) -> str:
    """Return letters and digits only, upper case, without accents: `Fc-A 0001/23` -> `FCA000123`."""
    plain = folded(text)
    return plain if plain.isascii() and plain.isalnum() else _OTHER.sub("", plain)


def folded(text: str) -> str:
    """Return the text in upper case without accents."""
    if text.isascii():
        return text.upper()
    upper = unicodedata.normalize("NFKD", text).upper()
    return "".join(each for each in upper if not unicodedata.category(each).startswith("M"))


def tail(mark: str) -> str:
    """Return the digits of a mark without leading zeros; empty where they are too few to say anything."""
    digits = _NO_DIGIT.sub("", mark).lstrip("0")
    return digits if len(digits) >= SHORTEST_TAIL else ""


@lru_cache(maxsize=100_000)
def names_of(number: str) -> frozenset[str]:
    """Return what a payer writes of a document number: all of it, or the run of digits after the words that tell its kind."""
    runs = (squeezed(run) for run in _RUNS.findall(folded(number)))
    return frozenset({squeezed(number), *(run for run in runs if len(tail(run)) and len(run) >= WHOLE_RUN)})


def identities(*told: str | None) -> frozenset[str]:
    """Return the marks of what a document is called beside its number, each whole and as its tail."""
    whole = {squeezed(text) for text in told if text}
    return frozenset(mark for text in whole for mark in (text, tail(text)) if len(mark) >= SHORTEST)


def marks_of(text: str) -> frozenset[str]:
    """Return every mark that a text carries: each run of letters and digits with a digit in it, whole and as its tail."""
    found = {squeezed(run) for run in _RUNS.findall(folded(text))}
    whole = {mark for mark in found if len(mark) >= SHORTEST and any(map(str.isdigit, mark))}
    return frozenset(whole | {tail(mark) for mark in whole} - {""})


def name_words(text: str) -> frozenset[str]:
    """Return the words that tell a name apart: legal forms and particles are left out."""
    return frozenset(re.findall(r"[^\W_]+", folded(text).lower())) - LEGAL_FORMS


def telling_words(text: str) -> frozenset[str]:
    """Return the words of a name that may find a client by themselves, where they are rare: long enough, and no number."""
    long = (word for word in name_words(text) if len(word) >= SHORTEST_WORD)
    return frozenset(word for word in long if not any(map(str.isdecimal, word)))


def judge(line: Line, client: Client, policy: Policy) -> Proposal | None:
    """Return what speaks for the client, or None where nothing does."""
    marks = marks_of(line.text)
    named = [debt for debt in client.debts if _is_named(debt, marks)]
    if known := _received(line, client.received, named, marks):
        who = _who(line, client, marks, _named_of(known, marks))
        what = Reason(RECEIVED, known.on.isoformat(), known.minor)
        return Proposal(client.key, _confidence(who, what), (), (*who, what), receipts=known.receipts)
    who = _who(line, client, marks, named)
    told, documents, short = _what(line.minor, client.debts, named, policy)
    if not who and (told is None or told.code not in {CLOSES_ONE, CLOSES_ALL}):
        return None
    return Proposal(client.key, _confidence(who, told), documents, (*who, *([told] if told else ())), short)


def _confidence(who: Sequence[Reason], what: Reason | None) -> int:
    best = max((WHO[reason.code] for reason in who), default=0)
    more = ANOTHER * min(max(len(who) - 1, 0), 2)
    return min(best + more + (WHAT[what.code] if what else 0), 100)


def rank(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return the best first; where another client comes near, the first is a doubt and says so."""
    ordered = sorted(proposals, key=lambda each: (-each.confidence, each.client))
    if len(ordered) > 1 and ordered[0].confidence - ordered[1].confidence <= RIVAL:
        first = ordered[0]
        doubt = min(first.confidence, DOUBT)
        ordered[0] = replace(first, confidence=doubt, reasons=(*first.reasons, Reason(RIVALS)))
        ordered[1:] = [replace(each, confidence=min(each.confidence, doubt)) for each in ordered[1:]]
    return ordered


def _received(
    line: Line, received: Sequence[Received], named: Sequence[Debt], marks: frozenset[str]
) -> Received | None:
    """The payment that the line tells again: of just its amount and within DAYS_APART, the one whose documents it names and the
    nearest in days first. A line that names other open documents brings new money."""
    owed = {debt.document for debt in named}
    near = [
        each
        for each in received
        if each.minor == line.minor
        and abs((each.on - line.on).days) <= DAYS_APART
        and (not owed or not each.covered or owed & set(_names(each.covered)))
    ]
    return min(
        near,
        key=lambda each: (not _named_of(each, marks), abs((each.on - line.on).days), each.receipts),
        default=None,
    )


def _named_of(received: Received, marks: frozenset[str]) -> list[Debt]:
    return [debt for debt in received.covered if _is_named(debt, marks)]


def _is_named(debt: Debt, marks: frozenset[str]) -> bool:
    end = tail(squeezed(debt.number))
    return bool((names_of(debt.number) | debt.marks) & marks) or end in marks


def _who(line: Line, client: Client, marks: frozenset[str], named: Sequence[Debt]) -> list[Reason]:
    """Every kind of evidence that the payer is this client, each once."""
    reasons = _by_document(marks, named)
    if client.marks & (marks | {squeezed(line.payer_account)}):
        reasons.append(Reason(MARK))
    tax_id = squeezed(client.tax_id)
    if len(tax_id) >= SHORTEST and tax_id in marks | {squeezed(line.payer_tax_id)}:
        reasons.append(Reason(TAX_ID, client.tax_id))
    if client.by_account:
        reasons.append(Reason(SAME_ACCOUNT, minor=client.by_account))
    elif client.by_name:
        reasons.append(Reason(SAME_PAYER, minor=client.by_name))
    reasons += _by_name(line, client)
    return reasons or _by_rare_word(line, client)


def _by_document(marks: frozenset[str], named: Sequence[Debt]) -> list[Reason]:
    if not named:
        return []
    numbers = ", ".join(debt.number for debt in named[:MOST_TOGETHER])
    if any(debt.marks & marks for debt in named):
        return [Reason(MARK, numbers)]
    return [Reason(NAMED if any(names_of(debt.number) & marks for debt in named) else NAMED_TAIL, numbers)]


def _by_name(line: Line, client: Client) -> list[Reason]:
    mine, told = name_words(client.name), name_words(line.payer or line.text)
    shared = mine & told
    if mine and shared == mine and (len(mine) > 1 or told == mine):
        return [Reason(NAME, client.name)]
    return [Reason(NAME_PARTLY, client.name)] if len(shared) > 1 and 3 * len(shared) >= 2 * len(mine) else []


def _by_rare_word(line: Line, client: Client) -> list[Reason]:
    """A word that few clients bear: where nothing else speaks, it is worth a look and never decides."""
    shared = sorted(client.rare & name_words(line.payer or line.text))
    return [Reason(NAME_WORD, shared[0])] if shared else []


def _what(
    minor: int, debts: Sequence[Debt], named: Sequence[Debt], policy: Policy
) -> tuple[Reason | None, tuple[int, ...], int]:
    """What the amount does to the documents: the reason, the documents it covers first, and what it leaves open of them."""
    chosen = _names(named)
    if named and _sum(named) == minor:
        return Reason(CLOSES_NAMED), chosen, 0
    if not named and (found := _adding_up(minor, debts)):
        return found[0], _names(found[1]), 0
    for code, together in _nearly(minor, debts, named, policy):
        short = _sum(together) - minor
        return Reason(code, minor=short), _names(together), short
    if named:
        short = _sum(named) - minor
        return Reason(PART if short > 0 else MORE, minor=abs(short)), chosen, max(short, 0)
    if debts and minor > _sum(debts):
        return Reason(MORE, minor=minor - _sum(debts)), (), 0
    return None, (), 0


def _adding_up(minor: int, debts: Sequence[Debt]) -> tuple[Reason, Sequence[Debt]] | None:
    """The documents that the amount closes to the cent: one, all, the oldest ones, or some few."""
    if one := [debt for debt in debts if debt.minor == minor]:
        return Reason(CLOSES_ONE, one[0].number), one[:1]
    ordered = sorted(debts, key=lambda debt: (debt.due_on, debt.document))
    for count, total in enumerate(accumulate(debt.minor for debt in ordered), start=1):
        if total == minor:
            code = CLOSES_ALL if count == len(ordered) else CLOSES_OLDEST
            return Reason(code), ordered[:count]
    some = [
        group
        for size in range(2, MOST_TOGETHER + 1)
        for group in combinations(ordered[:MOST_DEBTS], size)
        if _sum(group) == minor
    ]
    return (Reason(CLOSES_SOME), some[0]) if len(some) == 1 else None


def _nearly(
    minor: int, debts: Sequence[Debt], named: Sequence[Debt], policy: Policy
) -> Iterable[tuple[str, Sequence[Debt]]]:
    """What the amount would close but for a bank's charge or a withholding, the smallest difference first."""
    groups: list[Sequence[Debt]] = [named] if named else [*([debt] for debt in debts), debts]
    for together in sorted(groups, key=lambda group: abs(_sum(group) - minor)):
        total = _sum(together)
        if 0 < total - minor <= policy.tolerance_minor:
            yield NEARLY, together
        elif total > minor and any(
            abs(total * rate - (total - minor) * 10_000) <= 10_000 for rate in policy.withholding_rates
        ):
            yield WITHHELD, together


def _sum(debts: Iterable[Debt]) -> int:
    return sum(debt.minor for debt in debts)


def _names(debts: Iterable[Debt]) -> tuple[int, ...]:
    return tuple(debt.document for debt in debts)
