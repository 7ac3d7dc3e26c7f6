"""Tables of the room: people and companies, how to reach them, what they agreed to.

Keys without an index of their own are found by the beginning of another index of the table, and what a party owns has the
organisation of its party, which no constraint proves again: files bring rows by the million.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from aldia.db.append_only import AppendOnlyModel, MutableModel
from aldia.db.lookups import Begins  # noqa: F401 - registers `__begins`, which the search of this room asks with
from aldia.db.scoping import ScopedAppendOnlyQuerySet, ScopedQuerySet


class PartyKind(models.TextChoices):
    PERSON = "PERSON", _("Persona")
    COMPANY = "COMPANY", _("Empresa")
    UNKNOWN = "UNKNOWN", _("Sin dato")  # the law then takes the strictest reading


class Party(MutableModel):
    """A person or a company, known per organisation. A merge is a reversible pointer (`merged_into`)."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=PartyKind.choices, default=PartyKind.UNKNOWN)
    name = models.CharField(max_length=250)
    name_folded = models.CharField(max_length=250)  # lower case, no accents: what search looks into
    tax_id = models.CharField(max_length=30, blank=True)
    tax_id_kind = models.CharField(
        max_length=20, blank=True
    )  # CUIT, RFC, RUT …; empty when it did not validate
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=10, blank=True)  # ISO 3166-2
    language = models.CharField(max_length=10, blank=True)
    timezone = models.CharField(max_length=40, blank=True)
    known_since_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "tax_id"],
                name="party_by_tax_id",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(
                fields=["merged_into"], name="party_merged", condition=models.Q(merged_into__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartyWord(MutableModel):
    """What search finds a party by: each folded word of its name, and each phone as `#` and its digits from the last to
    the first (people type the end of a number). Derived: it can be rebuilt from the party and its points at any time."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    word = models.CharField(max_length=40)
    party = models.ForeignKey(
        Party, on_delete=models.CASCADE, related_name="words", db_constraint=False, db_index=False
    )
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "word", "party"], name="party_by_word",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(
                fields=["party", "organisation", "word"], name="words_of_party", opclasses=["int8_ops", "int8_ops", "varchar_pattern_ops"],
            ),
        ]  # fmt: skip


class PartyPair(MutableModel):
    """Two parties that may be the same person, how likely, by what, and what somebody decided of them."""

    OPEN, APART, MERGED = "OPEN", "APART", "MERGED"
    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    left = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+", db_index=False)
    right = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+", db_index=False)
    score = models.IntegerField()  # of `engine.duplicates`, rounded
    weights = models.JSONField(default=dict)  # fact -> its weight
    state = models.CharField(
        max_length=10, choices=[(name, name) for name in (OPEN, APART, MERGED)], default=OPEN
    )
    found_at = models.DateTimeField()
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["left", "right"], name="party_pair_once")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "-score", "id"], name="party_pair_open")
        ]


class PartyReference(MutableModel):
    """How one source calls a party: its customer number."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=100)
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="references")
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "source", "external_id"], name="party_reference_once"
            )
        ]


class Channel(models.TextChoices):
    EMAIL = "email", _("Correo")
    CALL = "call", _("Llamada")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    LETTER = "letter", _("Carta")
    VISIT = "visit", _("Visita")


class PointKind(models.TextChoices):
    EMAIL = "EMAIL", _("Correo")
    PHONE = "PHONE", _("Teléfono")
    ADDRESS = "ADDRESS", _("Domicilio")


class PointState(models.TextChoices):
    ACTIVE = "ACTIVE", _("Sirve")
    BOUNCED = "BOUNCED", _("Rebotó")
    WRONG = "WRONG", _("Equivocado")
    RETIRED = "RETIRED", _("Retirado")


class ContactPoint(MutableModel):
    """A mail address, phone or postal address. `creditor` empty: given to the organisation itself."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="points", db_index=False)
    creditor = models.ForeignKey(
        "ledger.Creditor", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=PointKind.choices)
    value = models.CharField(max_length=250)  # e-mail lower case, phone E.164, address as written
    is_mobile = models.BooleanField(null=True, blank=True)  # phones: WhatsApp and SMS need it; null: unknown
    label = models.CharField(max_length=100, blank=True)  # «Nélida Ibarra, pagos a proveedores»
    state = models.CharField(max_length=10, choices=PointState.choices, default=PointState.ACTIVE)
    position = models.PositiveIntegerField(default=0)  # the lowest is used first
    source = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "kind", "value"], name="contact_point_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "kind", "value"], name="contact_point_by_value",
                opclasses=["int8_ops", "varchar_pattern_ops", "varchar_pattern_ops"],
            )
        ]  # fmt: skip


class Consent(AppendOnlyModel):
    """A consent given or withdrawn for a channel towards one creditor; the latest row is what holds."""

    organisation = models.ForeignKey(
        "access.Organisation", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    party_id = models.BigIntegerField()
    creditor_id = models.BigIntegerField(null=True)  # null: every creditor of the organisation
    channel = models.CharField(max_length=10, choices=[*Channel.choices, ("all", _("Todos"))])
    is_granted = models.BooleanField()
    at = models.DateTimeField()
    evidence = models.CharField(max_length=60)  # portal, reply, desk, load:12 …
    recorded_by = models.CharField(max_length=60)
    takes_back_id = models.BigIntegerField(null=True)  # the word that an undone load had said: neither holds
    objects = ScopedAppendOnlyQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "party_id", "channel", "-at"], name="consent_latest")
        ]
