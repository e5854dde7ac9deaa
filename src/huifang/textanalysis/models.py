"""Tables of textanalysis. No text is here unmasked, in no column."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class TextState(models.TextChoices):
    """``queued`` waits for the worker; ``parked`` could not be read; ``erased`` has no words any more."""

    QUEUED = "queued"
    DONE = "done"
    PARKED = "parked"
    ERASED = "erased"


class Finding(models.Model):
    """One text, masked, and what holds of it. *digest* changes with its words, its rating and its frame.

    *said* is what the engine said of the fields that people may correct; the columns are what holds. *tries*
    counts readings that were begun and not finished.
    """

    source = models.TextField()
    key = models.TextField()
    state = models.TextField(choices=TextState.choices, default=TextState.QUEUED)
    digest = models.TextField()
    at = models.DateTimeField()
    taken_at = models.DateTimeField()
    found_at = models.DateTimeField(null=True)
    masked = models.TextField(blank=True)
    rating = models.FloatField(null=True)
    given_language = models.TextField(blank=True)
    customer_id = models.BigIntegerField(null=True)
    plan_id = models.BigIntegerField(null=True)
    channel = models.TextField(blank=True)
    version = models.TextField(blank=True)
    region = models.TextField(blank=True)
    event = models.TextField(blank=True)
    language = models.TextField(blank=True)
    sentiment = models.TextField(blank=True)
    sentiment_confidence = models.FloatField(default=0.0)
    topics = ArrayField(models.TextField(), default=list)
    topic_details = models.JSONField(default=list)
    topic_confidence = models.FloatField(default=0.0)
    intent = models.TextField(blank=True)
    urgency = models.PositiveSmallIntegerField(default=0)
    cues = models.JSONField(default=list)
    competitors = models.JSONField(default=list)
    wish = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    engine = models.TextField(blank=True)
    engine_version = models.TextField(blank=True)
    said = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "key"], name="textanalysis_text_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="textanalysis_text_time"),
            models.Index(fields=["id"], name="textanalysis_text_queue", condition=Q(state="queued")),
            models.Index(
                fields=["customer_id"], name="textanalysis_text_of", condition=Q(customer_id__isnull=False)
            ),
            models.Index(fields=["-at"], name="textanalysis_text_wish", condition=~Q(wish="")),
            models.Index(fields=["-at"], name="textanalysis_text_rivals", condition=~Q(competitors=[])),
            GinIndex(fields=["topics"], name="textanalysis_text_topics"),
            # What topics are counted from, without reading any text.
            models.Index(
                fields=["at"],
                include=["id", "topics", "sentiment", "state", "found_at"],
                name="textanalysis_text_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


class Correction(models.Model):
    """What a person says of one field of one finding. It outranks every engine until it is undone."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="corrections")
    field = models.TextField()
    value = models.JSONField()
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["finding", "field"], name="textanalysis_correction_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.finding_id}"


class Label(models.Model):
    """What a person says a text is, for learning. *kind*: ``topics`` or ``sentiment``.

    *is_held_out* is decided once, by the words: such labels measure models and never teach them.
    """

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="labels")
    kind = models.TextField()
    label = models.TextField()
    is_held_out = models.BooleanField()
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["finding", "kind"], name="textanalysis_label_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "at"], name="textanalysis_label_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


class Topic(models.Model):
    """A topic that people added, or a shipped one that they changed."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    parent = models.TextField(blank=True)
    department = models.TextField(blank=True)
    seeds = models.JSONField(default=dict)
    is_retired = models.BooleanField(default=False)
    merged_into = models.TextField(blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class MergedRow(models.Model):
    """What a merge changed, so that it can be undone: no words, only what had *code* before.

    *kind*: ``finding`` (what its engine said), ``correction``, ``label`` or ``topic``; *had_both*: the topic
    that it was merged into stood there already.
    """

    code = models.TextField()
    kind = models.TextField()
    row_id = models.BigIntegerField()
    had_both = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["code", "kind"], name="textanalysis_merged_row")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id} was {self.code}"


class LearntModel(models.Model):
    """One version of a model. *content* is numbers with their sum (``model_files``); old ones lose it.

    *taxonomy*: a sum of the topics that it was learnt with; *before* and *after*: figures, {} where unknown;
    *verdict*: why it was put in use or was not.
    """

    kind = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()
    labels = models.PositiveIntegerField()
    labels_until = models.DateTimeField(null=True)
    classes = ArrayField(models.TextField())
    taxonomy = models.TextField(blank=True)
    has_meaning = models.BooleanField(default=False)
    content = models.BinaryField(null=True)
    version = models.TextField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    verdict = models.TextField(blank=True, db_default="")
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(is_active=True), name="textanalysis_one_active_model"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class EngineMeasure(models.Model):
    """How one engine did on held-out labels when it was last measured."""

    engine = models.TextField()
    kind = models.TextField()
    at = models.DateTimeField()
    accuracy = models.JSONField()
    macro_f1 = models.JSONField()
    abstained = models.FloatField()
    sample = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["engine", "kind"], name="textanalysis_measure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.engine} {self.kind}"


class TopicAlert(models.Model):
    """A topic that rose; at most one is open for each topic."""

    topic = models.TextField()
    by = models.TextField()
    value = models.TextField(blank=True)
    since = models.DateTimeField()
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    expected = models.FloatField()
    chance = models.FloatField()
    evidence = ArrayField(models.BigIntegerField(), default=list)
    closed_at = models.DateTimeField(null=True)
    dismissed_by = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["topic"],
                condition=Q(closed_at=None),
                name="textanalysis_one_open_alert",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-at"], name="textanalysis_alert_time")]

    def __str__(self) -> str:
        return f"{self.topic} rises"


class Proposal(models.Model):
    """Texts that say alike. *kind*: ``topic``, ``question``; *members* are ids of findings."""

    kind = models.TextField()
    words = ArrayField(models.TextField())
    sentiment = models.TextField(blank=True)
    intent = models.TextField(blank=True)
    size = models.PositiveIntegerField()
    members = ArrayField(models.BigIntegerField())
    verbatims = ArrayField(models.BigIntegerField())
    at = models.DateTimeField()
    state = models.TextField(default="open")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "state"], name="textanalysis_proposal_state")]

    def __str__(self) -> str:
        return " ".join(self.words)


class FaqAnswer(models.Model):
    """One entry of the FAQ: ways to ask, and the answer, by language."""

    questions = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    is_retired = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by = models.TextField()

    def __str__(self) -> str:
        return f"faq {self.pk}"


class TextCursor(models.Model):
    """How far a source of texts was read. What lies at or below *settled_id* is complete.

    Up to *pending_id* it was read once, while transactions below *pending_txid* were open; when all of those
    have ended it is read again, because a row may have appeared late below a higher id.
    """

    source = models.TextField(unique=True)
    read_id = models.BigIntegerField(default=0)
    settled_id = models.BigIntegerField(default=0)
    pending_id = models.BigIntegerField(default=0)
    pending_txid = models.BigIntegerField(default=0)
    touched_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.source


class Chore(models.Model):
    """When a recurring piece of work was last done, and up to which text."""

    name = models.TextField(unique=True)
    done_at = models.DateTimeField(null=True)
    until_id = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
