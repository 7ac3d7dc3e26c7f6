"""Who comes into question for many bank lines at once: the marks, names, payers and amounts of the lines joined with those of
the creditor's open debts. What speaks for whom is judged afterwards, by `domain.matching`, on these few pairs alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from aldia.db.frames import read_queryset
from aldia.domain.matching import (
    FEW_BEARERS,
    LEGAL_FORMS,
    RUN,
    SHORTEST,
    SHORTEST_TAIL,
    SHORTEST_WORD,
    Client,
    Debt,
    Received,
    identities,
    names_of,
)
from aldia.domain.money import units_of
from aldia.domain.transfer_references import PREFIX
from aldia.ledger import facts as ledger
from aldia.parties import facts as parties
from aldia.payments.models import BankAccount, KnownPayer

VIRTUAL = "virtual"
"""The source of party references that are accounts of the house into which only that client pays (CLABE, virtual account)."""

MOST = 6  # clients judged for a line
RARE = 200  # a word that more clients bear finds nobody
FEW = 3  # an amount that more documents have open finds nobody
SURE, LIKELY, MAYBE = 8, 4, 1  # how the kinds of pairs are weighed when there are more than MOST


@dataclass
class House:
    """What a creditor's clients owe in one currency and in the units that it pays, what of theirs is `received` already and how
    they are known, read once for many lines."""

    currency: str
    debts: pl.DataFrame
    accounts: pl.DataFrame
    people: pl.DataFrame
    received: Mapping[int, tuple[Received, ...]]
    marks: pl.DataFrame = field(init=False)
    words: pl.DataFrame = field(init=False)
    amounts: pl.DataFrame = field(init=False)
    known: pl.DataFrame = field(init=False)
    virtual: pl.DataFrame = field(init=False)

    @classmethod
    def of(cls, account: BankAccount, received: Mapping[int, tuple[Received, ...]]) -> "House":
        """Return the house of the account's creditor and currency, with what is received already, by client's account."""
        organisation_id = account.organisation_id
        money = account.currency
        debts = ledger.open_debts(
            organisation_id, creditor_id=account.creditor_id, currencies=[money, *units_of(money)]
        )
        owned = ledger.account_frame(organisation_id).filter(pl.col("creditor_id") == account.creditor_id)
        accounts = owned.select(account_id="case_id", party_id="party_id", portfolio_id="portfolio_id")
        people = parties.payers_frame(organisation_id).join(accounts, on="party_id", how="semi")
        house = cls(money, debts, accounts, people, received)
        virtual = parties.reference_frame(organisation_id, source=VIRTUAL).join(accounts, on="party_id")
        house.virtual = pl.concat(
            [virtual.select("account_id", mark=_squeezed(pl.col("customer_id"))), _references(house)]
        )
        house.marks = house._marks()
        house.words = house._words()
        house.amounts = house._amounts()
        schema = {"kind": pl.String, "value": pl.String, "party_id": pl.Int64, "times": pl.Int64}
        house.known = read_queryset(KnownPayer.objects.of(organisation_id), schema).join(
            accounts, on="party_id"
        )
        return house

    def _marks(self) -> pl.DataFrame:
        """(account_id, mark): every number, tax id and account by which a line may name somebody."""
        names = ("number", "our_number", "payment_reference")
        whole = pl.concat(
            [
                *(self.debts.select("account_id", mark=_squeezed(pl.col(name))) for name in names),
                self.people.join(self.accounts, on="party_id").select(
                    "account_id", mark=_squeezed(pl.col("tax_id"))
                ),
                self.virtual,
                self._marks_received(),
            ]
        )
        whole = whole.filter(pl.col("mark").str.len_chars() >= SHORTEST)
        return pl.concat([whole, _tails(whole)]).unique()

    def _marks_received(self) -> pl.DataFrame:
        """(account_id, mark): what the documents are called that money covered which is here already."""
        told = [
            (key, mark)
            for key, payments in self.received.items()
            for debt in chain.from_iterable(each.covered for each in payments)
            for mark in {*names_of(debt.number), *debt.marks}
        ]
        return pl.DataFrame(told, schema={"account_id": pl.Int64, "mark": pl.String}, orient="row")

    def _amounts(self) -> pl.DataFrame:
        """(account_id, balance_minor): the amounts that few documents have open, and those that few payments here have.

        What is owed in units is another amount each day: its client is found by what the line says.
        """
        schema = {"account_id": pl.Int64, "balance_minor": pl.Int64}
        here = [(key, each.minor) for key, payments in self.received.items() for each in payments]
        owed = self.debts.filter(pl.col("currency") == self.currency).select(*schema)
        told = (owed, pl.DataFrame(here, schema=schema, orient="row").unique())
        return pl.concat(each.filter(pl.len().over("balance_minor") <= FEW) for each in told).unique()

    def _words(self) -> pl.DataFrame:
        """(account_id, word, is_rare): what tells the clients' names apart."""
        words = _words_of(self.people, "party_id", "name").with_columns(bearers=pl.len().over("word"))
        telling = (pl.col("word").str.len_chars() >= SHORTEST_WORD) & ~pl.col("word").str.contains(r"\d")
        return (
            words.filter(pl.col("bearers") <= RARE)
            .join(self.accounts, on="party_id")
            .select("account_id", "word", is_rare=(pl.col("bearers") <= FEW_BEARERS) & telling)
        )

    def pairs(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Return (line_id, account_id) for lines (id, amount_minor, reference, text, payer, payer_account, payer_tax_id)."""
        written = lines.select("id", text=pl.concat_str("reference", pl.lit(" "), "text"))
        marks = pl.concat([_marks_of(written), lines.select("id", mark=_squeezed(pl.col("payer_tax_id")))])
        told = pl.when(pl.col("payer") != "").then("payer").otherwise("text")
        words = _words_of(lines.select("id", told=told), "id", "told").join(self.words, on="word")
        by_name = words.group_by("id", "account_id").agg(weight=pl.len().cast(pl.Int64) * MAYBE)
        found = [
            marks.join(self.marks, on="mark").select("id", "account_id", weight=pl.lit(SURE, pl.Int64)),
            self._remembered(lines),
            by_name.filter(pl.col("weight") == pl.col("weight").max().over("id")),
            words.filter("is_rare").select("id", "account_id", weight=pl.lit(MAYBE, pl.Int64)).unique(),
            lines.join(self.amounts, left_on="amount_minor", right_on="balance_minor").select(
                "id", "account_id", weight=pl.lit(MAYBE, pl.Int64)
            ),
        ]
        weighed = pl.concat(found).group_by("id", "account_id").agg(pl.col("weight").sum())
        best = weighed.sort(["id", "weight", "account_id"], descending=[False, True, False])
        return (
            best.group_by("id", maintain_order=True).head(MOST).select(line_id="id", account_id="account_id")
        )

    def _remembered(self, lines: pl.DataFrame) -> pl.DataFrame:
        told = pl.concat(
            [
                lines.select("id", kind=pl.lit("account"), value=_squeezed(pl.col("payer_account"))),
                lines.select("id", kind=pl.lit("name"), value=_squeezed(pl.col("payer"))),
            ]
        )
        return told.join(self.known, on=["kind", "value"]).select(
            "id", "account_id", weight=pl.lit(LIKELY, pl.Int64)
        )

    def clients(self, account_ids: Iterable[int]) -> dict[int, Client]:
        """Return these clients with what they owe, by account; debts in units come in their units."""
        chosen = self.accounts.filter(pl.col("account_id").is_in(list(account_ids)))
        debts: dict[int, list[Debt]] = {}
        for row in self.debts.join(chosen, on="account_id", how="semi").iter_rows(named=True):
            marks = identities(row["our_number"], row["payment_reference"])
            unit = row["currency"] if row["currency"] != self.currency else ""
            debts.setdefault(row["account_id"], []).append(
                Debt(row["document_id"], row["number"], row["balance_minor"], row["due_on"], marks, unit)
            )
        virtual = dict(
            self.virtual.join(chosen, on="account_id", how="semi")
            .group_by("account_id")
            .agg("mark")
            .iter_rows()
        )
        rare = dict(
            self.words.filter("is_rare")
            .join(chosen, on="account_id", how="semi")
            .group_by("account_id")
            .agg("word")
            .iter_rows()
        )
        people = chosen.join(self.people, on="party_id").select("account_id", "name", "tax_id")
        return {
            key: Client(
                key,
                name,
                tax_id,
                tuple(debts.get(key, ())),
                frozenset(virtual.get(key, ())),
                rare=frozenset(rare.get(key, ())),
                received=self.received.get(key, ()),
            )
            for key, name, tax_id in people.iter_rows()
        }

    def times(self) -> dict[tuple[str, str, int], int]:
        """Return how often a payer's money was given to an account's client, by kind, value and account."""
        columns = self.known.select("kind", "value", "account_id", "times").iter_rows()
        return {(kind, value, account_id): times for kind, value, account_id, times in columns}


def _references(house: House) -> pl.DataFrame:
    """(account_id, mark): what the transfers of each client with debts carry; the twin of `transfer_references.reference_of`."""
    key = pl.col("account_id")
    check = (98 - key * 100 % 97).cast(pl.String).str.zfill(2)
    mark = pl.concat_str(pl.lit(PREFIX), key.cast(pl.String).str.zfill(8), check)
    return house.debts.select("account_id").unique().select("account_id", mark=mark)


def _squeezed(column: pl.Expr) -> pl.Expr:
    """The twin of `domain.matching.squeezed`."""
    return _folded(column).str.replace_all(r"[^0-9A-Z]", "")


def _folded(column: pl.Expr) -> pl.Expr:
    return column.str.normalize("NFKD").str.to_uppercase().str.replace_all(r"\p{M}", "")


def _tails(whole: pl.DataFrame) -> pl.DataFrame:
    """The twin of `domain.matching.tail`, over a frame with a column of marks."""
    digits = pl.col("mark").str.replace_all(r"\D", "").str.strip_chars_start("0")
    return whole.with_columns(mark=digits).filter(pl.col("mark").str.len_chars() >= SHORTEST_TAIL)


def _marks_of(written: pl.DataFrame) -> pl.DataFrame:
    """The twin of `domain.matching.marks_of`: (id, mark)."""
    runs = written.select("id", mark=_folded(pl.col("text")).str.extract_all(RUN)).explode("mark")
    whole = runs.with_columns(_squeezed(pl.col("mark"))).filter(
        (pl.col("mark").str.len_chars() >= SHORTEST) & pl.col("mark").str.contains(r"\d")
    )
    return pl.concat([whole, _tails(whole)]).unique()


def _words_of(frame: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    """The twin of `domain.matching.name_words`: (key, word)."""
    words = frame.select(key, word=_folded(pl.col(name)).str.to_lowercase().str.extract_all(r"[\p{L}\p{N}]+"))
    return words.explode("word").filter(~pl.col("word").is_in(list(LEGAL_FORMS))).drop_nulls("word").unique()
