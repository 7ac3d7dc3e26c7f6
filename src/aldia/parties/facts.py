"""Frames of the room: people and how each may be reached, for millions."""

from datetime import date
from typing import Final

import polars as pl

from aldia.db.frames import read_frame
from aldia.db.partitions import Partition, within
from aldia.parties.models import Channel, PartyReference, PointKind

CHANNELS: Final = tuple(Channel.values)
_WAYS: Final = {"out": False, "yes": True}
_WORDS: Final = tuple(f"{way}_{name}" for way in _WAYS for name in CHANNELS)
PEOPLE: Final = {
    "party_id": pl.Int64, "kind": pl.String, "country": pl.String, "region": pl.String, "language": pl.String,
    "timezone": pl.String,
}  # fmt: skip
_REACH: Final = {
    "email": pl.col("has_email"), "call": pl.col("has_phone"), "sms": pl.col("has_mobile"), "whatsapp": pl.col("has_mobile"),
    "letter": pl.col("has_address"), "visit": pl.col("has_address"),
}  # fmt: skip


def people_frame(organisation_id: int, *, as_of: date, partition: Partition | None = None) -> pl.DataFrame:
    """Return one row a party: party_id, kind, country, region, language, timezone (empty texts as null), has_email,
    has_phone, has_whatsapp, has_address, opted_out (list of channels).

    Points given to one creditor only and opt-outs towards any creditor count, which is the strict reading; per creditor see
    `reach_frame`. A party merged into another has the points and opt-outs of the whole group. `partition`: those
    of these parties.
    """
    people = _people(organisation_id, partition)
    reach = _reach(organisation_id, as_of, people.select("party_id", "root_id"), by_creditor=False)
    out = reach.select(
        "party_id",
        "has_email",
        "has_phone",
        pl.col("has_mobile").alias("has_whatsapp"),
        "has_address",
        opted_out=pl.concat_list(
            pl.when(pl.col(f"out_{name}")).then(pl.lit(name)).otherwise(None) for name in CHANNELS
        ).list.drop_nulls(),
    )
    return people.drop("root_id").join(out, on="party_id", how="left", maintain_order="left")


def reach_frame(
    organisation_id: int, *, pairs: pl.DataFrame, as_of: date, partition: Partition | None = None
) -> pl.DataFrame:
    """Return one row for each pair (party_id, creditor_id): what `engine.frames.PEOPLE` asks of this room.

    Columns: party_id, creditor_id, has_email, has_phone, has_whatsapp, has_address, language, timezone, can_<channel> (a
    usable point that serves that creditor, and no opt-out), out_<channel>, yes_<channel> (agreed to it).
    `partition`: that of all the pairs, if they share one.
    """
    people = _people(organisation_id, partition).join(
        pairs.select("party_id").unique(), on="party_id", how="semi"
    )
    asked = (
        pairs.select("party_id", "creditor_id")
        .unique(maintain_order=True)
        .join(people, on="party_id", maintain_order="left")
    )
    reach = _reach(
        organisation_id,
        as_of,
        asked.select("party_id", "creditor_id", "root_id"),
        by_creditor=True,
        partition=partition,
    )
    return asked.select("party_id", "creditor_id", "language", "timezone").join(
        reach.select(
            "party_id",
            "creditor_id",
            "has_email",
            "has_phone",
            pl.col("has_mobile").alias("has_whatsapp"),
            "has_address",
            *((has & ~pl.col(f"out_{name}")).alias(f"can_{name}") for name, has in _REACH.items()),
            *_WORDS,
        ),
        on=["party_id", "creditor_id"],
        how="left",
        maintain_order="left",
    )


def names_frame(organisation_id: int, *, partition: Partition | None = None) -> pl.DataFrame:
    """Return one row a party: party_id, name."""
    where, params = within("p.id", partition)
    sql = f"SELECT p.id, p.name FROM parties_party p WHERE p.organisation_id = %s{where}"
    return read_frame(sql, [organisation_id, *params], {"party_id": pl.Int64, "name": pl.String})


def _people(organisation_id: int, partition: Partition | None) -> pl.DataFrame:
    where, params = within("p.id", partition)
    people = read_frame(
        "SELECT p.id, p.kind, p.country, p.region, p.language, p.timezone, COALESCE(p.merged_into_id, p.id)"
        f" FROM parties_party p WHERE p.organisation_id = %s{where} ORDER BY p.id",
        [organisation_id, *params],
        {**PEOPLE, "root_id": pl.Int64},
    )
    return people.with_columns(pl.col("country", "region", "language", "timezone").replace("", None))


def _reach(
    organisation_id: int,
    as_of: date,
    asked: pl.DataFrame,
    *,
    by_creditor: bool,
    partition: Partition | None = None,
) -> pl.DataFrame:
    """`asked` with has_<kind of point> and out_<channel>; when by creditor, only what concerns the pair's creditor."""
    keys = ["party_id", "creditor_id"] if by_creditor else ["party_id"]
    points = _concerning(asked, _points(organisation_id, partition), by_creditor)
    has = points.group_by(keys).agg(
        has_email=(pl.col("kind") == PointKind.EMAIL.value).any(),
        has_phone=(pl.col("kind") == PointKind.PHONE.value).any(),
        has_mobile=((pl.col("kind") == PointKind.PHONE.value) & pl.col("is_mobile").fill_null(False)).any(),
        has_address=(pl.col("kind") == PointKind.ADDRESS.value).any(),
    )
    words = _consents(organisation_id, as_of, partition)
    out = _latest(words if words.is_empty() else _concerning(asked, words, by_creditor), keys)
    flags = [
        "has_email",
        "has_phone",
        "has_mobile",
        "has_address",
        *(n for n in out.columns if n not in keys),
    ]
    joined = asked.join(has, on=keys, how="left", maintain_order="left").join(
        out, on=keys, how="left", maintain_order="left"
    )
    return joined.with_columns(pl.col(flags).fill_null(False))


def wishes_frame(organisation_id: int, *, creditor_id: int | None, as_of: date) -> pl.DataFrame:
    """Return the latest word towards a creditor by group of parties and channel: root_id, channel, is_granted, evidence.

    A word about every creditor concerns each; `creditor_id` None reads only those.
    """
    words = _consents(organisation_id, as_of)
    mine = words.filter(pl.col("of_creditor").is_null() | pl.col("of_creditor").eq_missing(creditor_id))
    return mine.sort("at", "id").group_by("root_id", "channel").agg(pl.col("is_granted", "evidence").last())


def roots_of(organisation_id: int) -> pl.DataFrame:
    """Return (party_id, root_id): the party that each one is, itself when nobody merged it."""
    sql = "SELECT id, COALESCE(merged_into_id, id) FROM parties_party WHERE organisation_id = %s"
    return read_frame(sql, [organisation_id], {"party_id": pl.Int64, "root_id": pl.Int64})


def _concerning(asked: pl.DataFrame, rows: pl.DataFrame, by_creditor: bool) -> pl.DataFrame:
    """The rows of each asked party's group; `rows` are of the group's root, with `of_creditor` empty for every creditor."""
    joined = asked.join(rows, on="root_id")
    if by_creditor:
        joined = joined.filter(
            pl.col("of_creditor").is_null() | (pl.col("of_creditor") == pl.col("creditor_id"))
        )
    return joined


def _latest(words: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """out_<channel> and yes_<channel> by the latest word on each channel; without a creditor in the keys, by the latest word of each creditor."""
    each = [*keys, "channel", *([] if "creditor_id" in keys else ["of_creditor"])]
    if words.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(keys, pl.Int64) | dict.fromkeys(_WORDS, pl.Boolean))
    latest = words.sort("at", "id").group_by(each, maintain_order=True).agg(pl.col("is_granted").last())
    return latest.group_by(keys).agg(
        ((pl.col("channel") == name) & (pl.col("is_granted") == granted)).any().alias(f"{way}_{name}")
        for way, granted in _WAYS.items()
        for name in CHANNELS
    )


def _of_people(table: str, organisation_id: int, partition: Partition | None) -> tuple[str, list[int]]:
    """How the rows `c` of a table are read of a partition's parties `p`, and of every group of merged ones: its root may live in
    another partition than its members. CROSS JOIN and `+ 0` have SQLite begin with the parties, also without statistics."""
    if partition is None:
        return f"{table} c, parties_party p WHERE c.party_id = p.id AND c.organisation_id = %s", [
            organisation_id
        ]
    groups = "SELECT m.merged_into_id FROM parties_party m WHERE m.merged_into_id IS NOT NULL"
    mine = f"p.id BETWEEN %s AND %s OR p.merged_into_id IS NOT NULL OR p.id IN ({groups})"
    people = f"(SELECT p.id, p.merged_into_id FROM parties_party p WHERE {mine}) AS p"
    where = "c.party_id = p.id AND c.organisation_id + 0 = %s"
    return f"{people} CROSS JOIN {table} c WHERE {where}", [*partition, organisation_id]


def _points(organisation_id: int, partition: Partition | None = None) -> pl.DataFrame:
    source, params = _of_people("parties_contactpoint", organisation_id, partition)
    return read_frame(
        f"SELECT COALESCE(p.merged_into_id, p.id), c.creditor_id, c.kind, c.is_mobile FROM {source}"
        " AND c.state = %s",
        [*params, "ACTIVE"],
        {"root_id": pl.Int64, "of_creditor": pl.Int64, "kind": pl.String, "is_mobile": pl.Boolean},
    )


def _consents(organisation_id: int, as_of: date, partition: Partition | None = None) -> pl.DataFrame:
    """The words given, and not taken back, up to the end of the day; `all` becomes one row a channel."""
    source, params = _of_people("parties_consent", organisation_id, partition)
    rows = read_frame(
        "SELECT c.id, COALESCE(p.merged_into_id, p.id), c.creditor_id, c.channel, c.is_granted, c.at, c.evidence,"
        f" c.takes_back_id FROM {source}",
        params,
        {
            "id": pl.Int64, "root_id": pl.Int64, "of_creditor": pl.Int64, "channel": pl.String, "is_granted": pl.Boolean,
            "at": pl.Datetime("us", "UTC"), "evidence": pl.String, "takes_back_id": pl.Int64,
        },
    )  # fmt: skip
    if rows.is_empty():
        return rows
    rows = rows.filter(pl.col("at").dt.date() <= as_of)
    gone = rows["takes_back_id"].drop_nulls()
    rows = rows.filter(pl.col("takes_back_id").is_null() & ~pl.col("id").is_in(gone.implode()))
    channels = (
        pl.when(pl.col("channel") == "all").then(pl.lit(list(CHANNELS))).otherwise(pl.concat_list("channel"))
    )
    return rows.with_columns(channel=channels).explode("channel")


def reference_frame(organisation_id: int, *, source: str) -> pl.DataFrame:
    """Return how a source calls its customers: (customer_id, party_id)."""
    sql = (
        "SELECT external_id, party_id FROM parties_partyreference WHERE organisation_id = %s AND source = %s"
    )
    return read_frame(sql, [organisation_id, source], {"customer_id": pl.String, "party_id": pl.Int64})


def payers_frame(organisation_id: int) -> pl.DataFrame:
    """Return one row a party: party_id, name, tax_id (empty where it has none)."""
    sql = "SELECT id, name, tax_id FROM parties_party WHERE organisation_id = %s"
    return read_frame(sql, [organisation_id], {"party_id": pl.Int64, "name": pl.String, "tax_id": pl.String})


def references(organisation_id: int, party_id: int) -> list[dict[str, str]]:
    """Return how each of the organisation's systems calls a party: its `source` and its `external_id`, the customer number.

    How WhatsApp calls the person is nobody else's business.
    """
    rows = PartyReference.objects.of(organisation_id).filter(party_id=party_id).exclude(source="whatsapp")
    return list(rows.order_by("source", "external_id").values("source", "external_id"))


def opt_out_frame(organisation_id: int, *, from_on: date, to_on: date) -> pl.DataFrame:
    """Return who asked for no more messages in [from_on, to_on), by the day (UTC) of the word: party_id, on."""
    sql = """
        SELECT party_id, DATE(at) FROM parties_consent
        WHERE organisation_id = %s AND NOT is_granted AND takes_back_id IS NULL AND DATE(at) >= %s AND DATE(at) < %s
    """
    return read_frame(sql, [organisation_id, from_on, to_on], {"party_id": pl.Int64, "on": pl.Date})
