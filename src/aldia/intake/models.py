"""Tables of the room: sources with their remembered mapping, loads, rejected rows, what a load changed, and links."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import MutableModel
from aldia.db.fields import KeyField
from aldia.db.scoping import ScopedQuerySet

EINVOICES = "einvoices"
"""The kind of a load of electronic documents; the others are of tables."""


class Source(MutableModel):
    """Where files come from. The mapping and conventions that worked last time are proposed the next."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    key = KeyField()
    name = models.CharField(max_length=120)
    portfolio = models.ForeignKey("ledger.Portfolio", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, default="documents")
    mappings = models.JSONField(default=dict, blank=True)  # signature of the columns -> mapping
    closes_missing = models.BooleanField(
        default=True
    )  # full refresh: a document that is gone was settled outside
    last_full_on = models.DateField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="source_key_once")
        ]


class LoadState(models.TextChoices):
    PREVIEWED = "previewed", _("Revisado")
    MERGING = "merging", _("Importando")
    MERGED = "merged", _("Importado")
    REFUSED = "refused", _("Rechazado")
    UNDONE = "undone", _("Deshecho")


class Load(MutableModel):
    """One file given once. A dry run and its commit have the same counts."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    # Null: looked at, and the source is made when it is carried out.
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.CASCADE, related_name="loads")
    kind = models.CharField(max_length=10)
    file = models.ForeignKey(
        "ledger.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    as_of = models.DateField()
    is_full_refresh = models.BooleanField(default=False)
    options = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    reading = models.JSONField(default=dict)  # how dates, decimals and money were read
    # The load whose rejected rows these are, corrected. It was merged, so it is never deleted.
    repairs = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.DO_NOTHING, related_name="repaired_by", db_index=False
    )
    state = models.CharField(max_length=10, choices=LoadState.choices)
    counts = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    problems_total = models.PositiveIntegerField(default=0)
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    merged_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    @property
    def place(self) -> str:
        """Return the name of where it goes: its source, or the portfolio that was asked for and is not there yet."""
        return str(self.source.name if self.source else self.options.get("portfolio") or _("Cartera general"))


class LoadProblem(MutableModel):
    """A rejected or doubtful cell: which row, which field, what was found, what was expected, how to repair it."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="problems")
    file = models.CharField(max_length=200, blank=True)  # which of the files of a ZIP
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=60)
    code = models.CharField(max_length=40)
    found = models.CharField(max_length=200)
    expected = models.CharField(max_length=200)
    hint = models.CharField(max_length=300)
    is_error = models.BooleanField(default=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["load", "row"], name="problem_of_load")]


class RejectedRow(MutableModel):
    """A row that did not enter, as the file has it, and what a person wrote over some of its cells."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="left_out", db_index=False)
    row = models.PositiveIntegerField()
    cells = models.JSONField(default=dict)  # column -> text
    repaired = models.JSONField(default=dict)  # column -> text
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["load", "row"], name="rejected_row_once")]


class LoadChange(MutableModel):
    """What a load did to one document, with the values before: what an undo reads."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="changes")
    document_id = models.BigIntegerField()
    action = models.CharField(
        max_length=10, choices=[(a, a) for a in ("new", "changed", "settled", "absorbed")]
    )
    before = models.JSONField(default=dict)
    posting_id = models.BigIntegerField(null=True)
    objects = ScopedQuerySet.as_manager()


class Link(MutableModel):
    """Another system's books, read into one portfolio and told what was paid here. `mark` begins what we write there."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    portfolio_name = models.CharField(max_length=60)
    system = KeyField()  # a folder of `intake.links`
    url = models.CharField(max_length=300)
    database = models.CharField(max_length=120)
    user = models.CharField(max_length=120)
    secret = models.TextField(blank=True)  # sealed
    method = models.CharField(
        max_length=120, blank=True
    )  # how it calls the way money comes in; empty: its first
    mark = models.CharField(max_length=20)
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField()  # receipts older than this are none of the link's
    seen_at = models.DateTimeField(
        null=True, blank=True
    )  # the newest writing read, by the other system's clock
    full_on = models.DateField(null=True, blank=True)
    load_id = models.BigIntegerField(null=True, blank=True)  # the last one; undone, the next reads everything
    tried_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    busy_until_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    problem = models.JSONField(default=dict, blank=True)  # code, found, hint
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation"], name="link_once")]


class DeliveryState(models.TextChoices):
    SENDING = "sending", _("En camino")
    DELIVERED = "delivered", _("Asentado")
    REFUSED = "refused", _("No se pudo")
    TAKEN_BACK = "taken_back", _("Anulado")


class LinkDelivery(MutableModel):
    """One receipt told to the other system: written before it is told, so that a fall between them asks instead of repeating."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    receipt_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.SENDING)
    theirs = models.CharField(max_length=60, blank=True)  # how they call it
    problem = models.JSONField(default=dict, blank=True)
    tried_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["link", "receipt_id"], name="delivery_of_receipt_once")
        ]


class ActivityFile(MutableModel):
    """A file in which an agency told what it did: how it went, and the rows that did not enter, as they came."""

    organisation = models.ForeignKey("access.Organisation", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey("access.Team", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)
    result = models.JSONField(default=dict)  # as a load says it
    columns = models.JSONField(default=list)
    rejected = models.JSONField(default=list)  # [row, cells, what to repair]
    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["team", "-id"], name="activity_file_of_team")]
