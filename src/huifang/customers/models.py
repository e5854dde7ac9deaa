"""Tables of the customers room. Personal values are sealed; the ledger of consent is append-only."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from huifang.kernel import guards


class Customer(models.Model):
    """One customer of the wallet. *stamps* says when each value was last stated, by name.

    *kept*: the customer whom this one turned out to be; what was here is there, and this row only leads
    from its id to it. *birthday_index* is the keyed hash of month and day: all that is kept of a birthday.
    """

    external_id = models.TextField(unique=True)
    wallet_kind = models.TextField(blank=True, default="")
    language = models.TextField(blank=True, default="")
    time_zone = models.TextField(blank=True, default="")
    time_zone_source = models.TextField(blank=True, default="")
    region = models.TextField(blank=True, default="")
    country = models.TextField(blank=True, default="")
    traits = models.JSONField(default=dict)
    stamps = models.JSONField(default=dict)
    sealed_name = models.BinaryField(null=True)
    registered_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    birthday_index = models.BinaryField(max_length=32, null=True)
    kept = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kept"], condition=Q(kept__isnull=False), name="customers_customer_kept"),
            models.Index(
                fields=["birthday_index", "id"],
                condition=Q(birthday_index__isnull=False),
                name="customers_customer_birthday",
            ),
            models.Index(F("last_seen_at").desc(), F("id").desc(), name="customers_customer_seen"),
            models.Index(fields=["region"], name="customers_customer_region"),
            models.Index(OpClass("external_id", name="text_pattern_ops"), name="customers_customer_prefix"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Alias(models.Model):
    """An anonymous id and the customer it turned out to be."""

    anonymous_id = models.TextField(unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="aliases")
    linked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.anonymous_id


class ContactPoint(models.Model):
    """A phone number, e-mail address, device or IM id; at most one of a kind is active.

    *merged_from*: the key of the customer who brought it, where two turned out to be one.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contact_points")
    kind = models.TextField()
    sealed = models.BinaryField()
    blind_index = models.BinaryField(max_length=32)
    state = models.TextField(default="active")
    reason = models.TextField(blank=True, default="")
    seen_at = models.DateTimeField()
    merged_from = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["blind_index"], name="customers_contact_point_blind")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind", "blind_index"], name="customers_contact_point_once"
            ),
            models.UniqueConstraint(
                fields=["customer", "kind"],
                condition=Q(state="active"),
                name="customers_contact_point_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of customer {self.customer_id}"


class Activity(models.Model):
    """How often a customer did one thing. One row a name, kept by the cursor's transaction."""

    customer_id = models.BigIntegerField()
    name = models.TextField()
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    amount_sum = models.DecimalField(max_digits=24, decimal_places=4, default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer_id", "name"], name="customers_activity_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.count}"


class ConsentHead(models.Model):
    """Length and last hash of one chain, signed, so that entries cut off its end are missed."""

    chain = models.SmallIntegerField(primary_key=True)
    length = models.BigIntegerField(default=0)
    last_hash = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"chain {self.chain}"


class ConsentEntry(models.Model):
    """One act of consent or refusal. Append-only and hash-chained; triggers refuse update and delete."""

    chain = models.SmallIntegerField()
    position = models.BigIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consent_entries")
    purpose = models.TextField()
    channel = models.TextField()
    act = models.TextField()
    wording = models.TextField(blank=True)
    source = models.TextField()
    evidence = models.TextField(blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "position"], name="customers_consent_entry_place")
        ]
        triggers: ClassVar = guards.append_only()

    def __str__(self) -> str:
        return f"{self.act} {self.purpose} on {self.channel}"


class ConsentState(models.Model):
    """What the ledger amounts to now for one customer, purpose and channel."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consent_states")
    purpose = models.TextField()
    channel = models.TextField()
    given = models.BooleanField()
    wording = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    chain = models.SmallIntegerField()
    position = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "purpose", "channel"], name="customers_consent_state_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} on {self.channel}: {self.given}"


class Suppression(models.Model):
    """A "no" that overrides consent: of a customer, or (with *contact_hash*) of whoever has that address."""

    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="suppressions")
    contact_hash = models.BinaryField(max_length=32, default=b"")
    channel = models.TextField(default="*")
    reason = models.TextField()
    note = models.TextField(blank=True, default="")
    source = models.TextField()
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_source = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["contact_hash"],
                condition=Q(lifted_at=None) & ~Q(contact_hash=b""),
                name="customers_suppression_hash",
            ),
            models.Index(fields=["customer"], name="customers_suppression_of"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "contact_hash", "channel"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="customers_suppression_once",
            )
        ]

    def __str__(self) -> str:
        return f"no {self.channel}"


class Merge(models.Model):
    """Two customers were one: who stayed, who went into whom, who said so.

    *told_again_at*: rooms above hear of it twice, for work that was under way at the first time.
    """

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    gone = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    merged_by = models.TextField()
    told_again_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["merged_at"], condition=Q(told_again_at=None), name="customers_merge_to_tell"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"


class MergeProposal(models.Model):
    """An event says that two customers are one; a person decides, once.

    *outcome*: "", merged or dismissed.
    """

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    outcome = models.TextField(blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kept", "gone"], name="customers_mergeproposal_pair")
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(outcome=""), name="customers_mergeproposal_open")
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}?"


class Segment(models.Model):
    """A named set of customers, by condition. *version* grows with each save: two people never overwrite."""

    name = models.TextField()
    definition = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    edited_by = models.TextField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(archived_at=None), name="customers_segment_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """A segment as it was saved once, so that a change can be undone. Nothing is ever rewritten."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.TextField()
    definition = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "number"], name="customers_segment_version")
        ]
        triggers: ClassVar = guards.append_only()

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class ImportJob(models.Model):
    """A file that somebody brought to the console: how it is read, how far it is, what came of it.

    *stored_as* is its name in the data folder, "" once it is deleted. *runs* counts beginnings: a run that
    was cut off begins anew and adds nothing twice.
    """

    kind = models.TextField()
    file_name = models.TextField()
    stored_as = models.TextField()
    size = models.BigIntegerField()
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.TextField(default="new")
    done_bytes = models.BigIntegerField(default=0)
    runs = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    refusals = models.JSONField(default=dict)
    problem = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.TextField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=Q(state__in=["queued", "running"]), name="customers_import_open"
            )
        ]

    def __str__(self) -> str:
        return self.file_name
