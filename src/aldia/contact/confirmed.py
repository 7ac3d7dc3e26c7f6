"""Which notices somebody is known to have received: the provider said so, their link was opened, or the person came to us."""

from datetime import date
from typing import Any, Final

import polars as pl

from aldia.db.frames import read_frame

NOTICES: Final[dict[str, Any]] = {
    "order_id": pl.Int64, "case_id": pl.Int64, "channel": pl.String, "on": pl.Date, "documents": pl.String,
    "is_confirmed": pl.Boolean,
}  # fmt: skip


def notice_frame(organisation_id: int, *, since_on: date) -> pl.DataFrame:
    """Return the notices that left from a day on, one row for each document that they told of: order_id, case_id, channel, on,
    document_id, is_confirmed."""
    sql = """
        SELECT o.id, o.case_id, o.channel, o.as_of, CAST(o.document_ids AS text),
               EXISTS (SELECT 1 FROM contact_deliveryevent AS e WHERE e.order_id = o.id AND e.kind IN ('delivered', 'read'))
               OR EXISTS (SELECT 1 FROM contact_debtorlink AS k WHERE k.case_id = o.case_id AND k.opened_at IS NOT NULL
                          AND k.origin = 'order:' || CAST(o.id AS text))
               OR EXISTS (SELECT 1 FROM contact_touch AS t WHERE t.organisation_id = o.organisation_id
                          AND t.case_id = o.case_id AND t.is_inbound AND t.local_on >= o.as_of)
        FROM contact_order AS o
        WHERE o.organisation_id = %s AND o.as_of >= %s AND o.state = 'sent' AND o.purpose = 'collection'
    """
    told = read_frame(sql, [organisation_id, since_on], NOTICES)
    ids = pl.col("documents").str.json_decode(pl.List(pl.Int64))
    return (
        told.with_columns(document_id=ids).drop("documents").explode("document_id").drop_nulls("document_id")
    )
