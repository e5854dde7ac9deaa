"""Tables of the events room. Events are written and read by the SQL in `store` and `queries` only."""

from typing import ClassVar

from django.db import models


class Source(models.Model):
    """A write key, by its hash, and the place that sends with it."""

    name = models.TextField(unique=True)
    key_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """What one customer did. Partitioned by month of *day*; append-only but for the storage period.

    *day* is the UTC day that the client itself wrote on the message, because it must be the same each time
    a message is sent: together with *message_id* it makes the message unique. *occurred_at* is the best
    estimate of when it happened. *txid* and *seq* give the order in which readers see it.
    """

    pk = models.CompositePrimaryKey("day", "message_id")
    day = models.DateField()
    message_id = models.TextField()
    kind = models.TextField()
    name = models.TextField()
    external_id = models.TextField()
    anonymous_id = models.TextField()
    shard = models.SmallIntegerField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    properties = models.JSONField()
    context = models.JSONField()
    sealed = models.BinaryField(null=True)
    source_id = models.BigIntegerField()
    txid = models.BigIntegerField()
    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class CatalogueEntry(models.Model):
    """A name that was seen, and how often. Sums up tallies that were folded."""

    kind = models.TextField()
    name = models.TextField()
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "name"], name="events_catalogue_name")
        ]

    def __str__(self) -> str:
        return self.name


class SourceDay(models.Model):
    """How many events one source had stored on one day (of receipt, UTC). Sums up folded tallies."""

    source_id = models.BigIntegerField()
    day = models.DateField()
    count = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source_id", "day"], name="events_source_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class Tally(models.Model):
    """What one commit added, by name: written beside the events, so that no two commits share a row.

    A task folds tallies into the catalogue; readers add those that are not folded yet.
    """

    source_id = models.BigIntegerField()
    kind = models.TextField()
    name = models.TextField()
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.count} {self.name}"


class RejectedEvent(models.Model):
    """A message that was refused. The payload is sealed whole, since anything may be in it.

    *fingerprint* is a keyed hash of the message, so that one sent again is one row.
    """

    fingerprint = models.BinaryField(max_length=32, unique=True)
    code = models.TextField()
    detail = models.TextField()
    source_id = models.BigIntegerField()
    kind = models.TextField(blank=True)
    name = models.TextField(blank=True)
    external_id = models.TextField(blank=True)
    message_id = models.TextField(blank=True)
    payload = models.BinaryField()
    is_whole = models.BooleanField(default=True)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    last_received_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="events_rejected_open", condition=models.Q(replayed_at=None)),
            models.Index(fields=["received_at"], name="events_rejected_received"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class DeclaredEvent(models.Model):
    """What an operator says that an event is. *properties* is a list of `records.DeclaredProperty`."""

    name = models.TextField(unique=True)
    about = models.TextField(blank=True)
    owner = models.TextField(blank=True)
    is_strict = models.BooleanField(default=False)
    properties = models.JSONField()
    declared_at = models.DateTimeField()
    declared_by = models.TextField()

    def __str__(self) -> str:
        return self.name


class LearnedEvent(models.Model):
    """What events of one name look like, from a sample of those stored: *count* of them were looked at.

    *properties* maps each key to what was seen of it (see `shapes`), *samples* are some days and message ids.
    """

    name = models.TextField(unique=True)
    count = models.BigIntegerField()
    properties = models.JSONField()
    samples = models.JSONField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class LearningCursor(models.Model):
    """How far learning has come in one shard."""

    shard = models.SmallIntegerField(primary_key=True)
    txid = models.BigIntegerField()
    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"shard {self.shard}"


class Drift(models.Model):
    """One way in which events differ from what is declared or was learned; open until somebody settles it."""

    name = models.TextField()
    code = models.TextField()
    key = models.TextField(blank=True)
    detail = models.TextField(blank=True)
    times = models.BigIntegerField(default=1)
    samples = models.JSONField(default=list)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "code", "key"],
                condition=models.Q(settled_at=None),
                name="events_drift_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.code} {self.key}"
