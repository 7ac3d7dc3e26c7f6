"""Parties as a source tells them, by the hundred thousand: matched, completed, never emptied."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl
from django.db import transaction

from aldia.db.frames import read_frame, reserve_ids, temporary_table, update_from_frame, write_frame
from aldia.parties.models import ContactPoint, Party, PartyKind, PartyReference, PointKind, PointState
from aldia.parties.names import folded
from aldia.parties.words import rewrite_name_words, write_phone_words

UPSERT_COLUMNS: Final[dict[str, pl.DataType]] = {
    "customer_id": pl.String(),
    "name": pl.String(),
    "tax_id": pl.String(),
    "tax_id_kind": pl.String(),  # empty: the tax id did not validate
    "kind": pl.String(),
    "country": pl.String(),
    "region": pl.String(),
    "language": pl.String(),
    "email": pl.String(),
    "phone_e164": pl.String(),
    "phone_is_mobile": pl.Boolean(),
    "address": pl.String(),
}
"""What `upsert_frame` reads; a column that is not there counts as empty. `customer_id` and `name` must be."""

_FACTS: Final = ("name", "tax_id", "tax_id_kind", "kind", "country", "region", "language")
_LONGEST: Final = {
    "customer_id": 100,
    "name": 250,
    "tax_id": 30,
    "email": 250,
    "phone_e164": 250,
    "address": 250,
}


@dataclass(frozen=True)
class Upserted:
    """The party of each customer (`parties`: customer_id, party_id), and how many were new, changed, the same."""

    parties: pl.DataFrame
    new: int
    changed: int
    same: int
    points: int


@transaction.atomic
def upsert_frame(*, organisation_id: int, source: str, frame: pl.DataFrame, now: datetime) -> Upserted:
    """Know every customer of the frame, and return who each one is.

    A customer is found by the source's own id, else by a tax id that validated, else is new. A value is completed or
    replaced, never emptied; an unproven tax id does not replace a proven one. E-mails, phones and addresses become contact
    points once, also those that were retired. The same frame again changes nothing.
    """
    told = _told(frame)
    known = _by_reference(organisation_id, source, told)
    found = _by_tax_id(organisation_id, told.join(known, on="customer_id", how="anti"))
    matched = pl.concat([known, found])
    strangers = told.join(matched, on="customer_id", how="anti")
    fresh = _create(organisation_id, strangers)
    parties = pl.concat([matched, fresh])
    _refer(organisation_id, source, pl.concat([found, fresh]))
    changed = _complete(organisation_id, told.join(matched, on="customer_id"))
    everybody = told.join(parties, on="customer_id")
    points = _add_points(organisation_id, source, everybody, now, known=matched.select("party_id"))
    new = fresh["party_id"].n_unique()
    return Upserted(parties, new, changed, parties["party_id"].n_unique() - new - changed, points)


def _told(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a customer with every column, empty texts as nothing; of several rows the last that says something."""
    columns = []
    for name, dtype in UPSERT_COLUMNS.items():
        column = pl.col(name) if name in frame.columns else pl.lit(None)
        column = column.cast(dtype)
        if dtype == pl.String():
            column = column.str.strip_chars().str.slice(0, _LONGEST.get(name, 20)).replace("", None)
        columns.append(column.alias(name))
    told = frame.select(columns).filter(pl.col("customer_id").is_not_null())
    if told["customer_id"].n_unique() < told.height:
        rest = [pl.col(name).drop_nulls().last() for name in UPSERT_COLUMNS if name != "customer_id"]
        told = told.group_by("customer_id", maintain_order=True).agg(rest)
    return told


_WHO: Final = {"customer_id": pl.String, "party_id": pl.Int64}


def _by_reference(organisation_id: int, source: str, told: pl.DataFrame) -> pl.DataFrame:
    staged = told.select(external_id="customer_id")
    with temporary_table("parties_partyreference", ["external_id"], staged) as asked:
        return read_frame(
            "SELECT r.external_id AS customer_id, r.party_id FROM parties_partyreference r"
            f' JOIN "{asked}" a ON a.external_id = r.external_id WHERE r.organisation_id = %s AND r.source = %s',
            [organisation_id, source],
            _WHO,
        )


def _by_tax_id(organisation_id: int, told: pl.DataFrame) -> pl.DataFrame:
    proven = told.filter(pl.col("tax_id").is_not_null() & pl.col("tax_id_kind").is_not_null())
    if proven.is_empty():
        return pl.DataFrame(schema=_WHO)
    with temporary_table("parties_party", ["tax_id"], proven.select("tax_id").unique()) as asked:
        found = read_frame(
            "SELECT p.tax_id, p.tax_id_kind, MIN(COALESCE(p.merged_into_id, p.id)) AS party_id FROM parties_party p"
            f' JOIN "{asked}" a ON a.tax_id = p.tax_id WHERE p.organisation_id = %s AND p.tax_id_kind <> %s'
            " GROUP BY p.tax_id, p.tax_id_kind",
            [organisation_id, ""],
            {"tax_id": pl.String, "tax_id_kind": pl.String, "party_id": pl.Int64},
        )
    return proven.join(found, on=["tax_id", "tax_id_kind"]).select("customer_id", "party_id")


def _create(organisation_id: int, strangers: pl.DataFrame) -> pl.DataFrame:
    """Two strangers with the same proven tax id are one party."""
    proven = pl.col("tax_id").is_not_null() & pl.col("tax_id_kind").is_not_null()
    identity = pl.when(proven).then(pl.lit("=") + pl.col("tax_id_kind") + pl.lit(" ") + pl.col("tax_id"))
    strangers = strangers.with_columns(identity=identity.otherwise(pl.lit("@") + pl.col("customer_id")))
    people = strangers.unique("identity", keep="first", maintain_order=True).with_columns(
        pl.col("name").fill_null(pl.col("customer_id"))  # who comes without a name is called by his code
    )
    people = people.with_columns(party_id=reserve_ids(Party, people.height))
    empty = {
        name: pl.col(name).fill_null("")
        for name in ("tax_id", "tax_id_kind", "country", "region", "language")
    }
    rows = people.select(
        id="party_id",
        organisation_id=pl.lit(organisation_id, pl.Int64),
        kind=_kind(pl.col("kind")),
        name="name",
        name_folded=folded("name").str.slice(0, 250),
        timezone=pl.lit(""),
        **empty,
    )
    write_frame(Party, rows)
    rewrite_name_words(organisation_id, people.select("party_id", "name"), is_new=True)
    return strangers.join(people.select("identity", "party_id"), on="identity").select(
        "customer_id", "party_id"
    )


def _kind(column: pl.Expr) -> pl.Expr:
    upper = column.str.to_uppercase()
    return pl.when(upper.is_in(PartyKind.values)).then(upper).otherwise(pl.lit(PartyKind.UNKNOWN.value))


def _refer(organisation_id: int, source: str, parties: pl.DataFrame) -> None:
    rows = parties.select(
        organisation_id=pl.lit(organisation_id, pl.Int64),
        source=pl.lit(source),
        external_id="customer_id",
        party_id="party_id",
    )
    write_frame(PartyReference, rows)


def _complete(organisation_id: int, told: pl.DataFrame) -> int:
    """Give known parties what the source tells now; return how many changed."""
    told = told.unique("party_id", keep="last").select("party_id", *_FACTS)
    with temporary_table("parties_party", ["id"], told.select(id="party_id")) as asked:
        stored = read_frame(
            f"SELECT p.id, {', '.join(f'p.{name}' for name in _FACTS)} FROM parties_party p"
            f' JOIN "{asked}" a ON a.id = p.id WHERE p.organisation_id = %s',
            [organisation_id],
            {"party_id": pl.Int64, **dict.fromkeys(_FACTS, pl.String)},
        )
    both = told.join(stored, on="party_id", suffix="_stored")
    keeps_tax_id = pl.col("tax_id_kind").is_null() & (pl.col("tax_id_kind_stored") != "")
    chosen = {name: pl.coalesce(name, f"{name}_stored") for name in _FACTS}
    chosen["kind"] = pl.coalesce(_known_kind(), "kind_stored")
    chosen["tax_id"] = pl.when(keeps_tax_id).then(pl.col("tax_id_stored")).otherwise(chosen["tax_id"])
    after = both.select("party_id", *(f"{name}_stored" for name in _FACTS), **chosen)
    moved = after.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_stored") for name in _FACTS))
    rows = moved.select(*_FACTS, id="party_id", name_folded=folded("name").str.slice(0, 250))
    update_from_frame(Party, rows, key="id", columns=["name_folded", *_FACTS])
    renamed = moved.filter(pl.col("name") != pl.col("name_stored"))
    rewrite_name_words(organisation_id, renamed.select("party_id", "name"), is_new=False)
    return moved.height


def _known_kind() -> pl.Expr:
    kind = _kind(pl.col("kind"))
    return pl.when(kind != PartyKind.UNKNOWN.value).then(kind)


def _add_points(
    organisation_id: int, source: str, told: pl.DataFrame, now: datetime, *, known: pl.DataFrame
) -> int:
    """Keep the ways to reach these people that were not there; return how many. Who is not among the `known` had none."""
    mobile = pl.col("phone_is_mobile")
    none = pl.lit(None, pl.Boolean)
    columns = (
        ("email", PointKind.EMAIL, none),
        ("phone_e164", PointKind.PHONE, mobile),
        ("address", PointKind.ADDRESS, none),
    )
    asked = pl.concat(
        told.filter(pl.col(name).is_not_null()).select(
            "party_id",
            kind=pl.lit(kind.value),
            value=pl.col(name).str.to_lowercase() if kind is PointKind.EMAIL else pl.col(name),
            is_mobile=is_mobile,
        )
        for name, kind, is_mobile in columns
    ).unique(["party_id", "kind", "value"], keep="first", maintain_order=True)
    stored = _points_of(known.join(asked, on="party_id", how="semi").unique())
    _learn_mobile(asked, stored)
    new = asked.join(stored, on=["party_id", "kind", "value"], how="anti")
    taken = stored.group_by("party_id", "kind").agg(taken=pl.len())
    new = new.join(taken, on=["party_id", "kind"], how="left", maintain_order="left")
    new = new.sort("party_id", "kind", maintain_order=True)
    rows = new.select(
        "party_id",
        "kind",
        "value",
        "is_mobile",
        organisation_id=pl.lit(organisation_id, pl.Int64),
        label=pl.lit(""),
        state=pl.lit(PointState.ACTIVE.value),
        position=_place_in_run("party_id", "kind") + pl.col("taken").fill_null(0).cast(pl.Int64),
        source=pl.lit(source),
        created_at=pl.lit(now),
    )
    write_frame(ContactPoint, rows)
    write_phone_words(
        organisation_id, new.filter(pl.col("kind") == PointKind.PHONE.value).select("party_id", "value")
    )
    return rows.height


def _place_in_run(*columns: str) -> pl.Expr:
    """The place, from 0, of each row among its neighbours of the same values; a window over every person costs ten times that."""
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    is_first = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in columns)
    return row - pl.when(is_first).then(row).forward_fill()


def _learn_mobile(asked: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Phones kept before anybody could tell."""
    untold = stored.filter(pl.col("is_mobile").is_null()).drop("is_mobile")
    told = untold.join(asked.filter(pl.col("is_mobile").is_not_null()), on=["party_id", "kind", "value"])
    update_from_frame(ContactPoint, told.select("id", "is_mobile"), key="id", columns=["is_mobile"])


def _points_of(parties: pl.DataFrame) -> pl.DataFrame:
    with temporary_table("parties_contactpoint", ["party_id"], parties) as asked:
        return read_frame(
            "SELECT c.id, c.party_id, c.kind, c.value, c.is_mobile FROM parties_contactpoint c"
            f' JOIN "{asked}" a ON a.party_id = c.party_id',
            [],
            {
                "id": pl.Int64,
                "party_id": pl.Int64,
                "kind": pl.String,
                "value": pl.String,
                "is_mobile": pl.Boolean,
            },
        )
