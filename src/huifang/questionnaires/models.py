"""Tables of questionnaires, their versions, links, invitations, responses, answers and files."""

import uuid
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from huifang.questionnaires.records import AnswerValue


class VersionState(models.TextChoices):
    """A draft may change; what is published never does."""

    DRAFT = "draft"
    PUBLISHED = "published"


class ResponseState(models.TextChoices):
    """Whether all was answered, or enough others had answered already."""

    STARTED = "started"
    COMPLETED = "completed"
    FULL = "full"


class Questionnaire(models.Model):
    """A questionnaire through all its versions."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.JSONField(default=dict)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Version(models.Model):
    """One version. A trigger refuses any change to a published one: answers keep their meaning."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.TextField(choices=VersionState.choices, default=VersionState.DRAFT)
    definition = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    published_by = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="questionnaires_version_number"),
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=models.Q(state="draft"),
                name="questionnaires_one_draft",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="published_is_fixed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="published"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} v{self.number}"


class DraftStep(models.Model):
    """What a draft was before a change, so that the change can be undone."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="+")
    definition = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["questionnaire", "-id"], name="questionnaires_step_of")]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} at {self.made_at}"


class LibraryQuestion(models.Model):
    """A question that somebody keeps for other questionnaires."""

    definition = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    def __str__(self) -> str:
        return f"question {self.pk}"


class OpenLink(models.Model):
    """A printed or posted address at which anybody may answer. *place* says where it hangs."""

    slug = models.SlugField(max_length=60, unique=True)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    place = models.TextField(blank=True)
    is_open = models.BooleanField(default=True)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    responses_max = models.PositiveIntegerField(null=True)
    response_count = models.PositiveIntegerField(default=0)
    is_once_a_device = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.TextField()

    def __str__(self) -> str:
        return self.slug


class AddressTally(models.Model):
    """How often one address began to answer in one hour; a keyed hash that is swept when the hour is over."""

    id = models.BinaryField(primary_key=True)
    count = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.expires_at}"


class Ballot(models.Model):
    """Anonymous answers that wait to be mixed among others. Knows no invitation, no customer and no time.

    *id* is a hash of what the customer's own page holds; *touched_on* is a day.
    """

    id = models.UUIDField(primary_key=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    is_done = models.BooleanField(default=False)
    touched_on = models.DateField()

    def __str__(self) -> str:
        return f"ballot for {self.version_id}"


class QuotaTally(models.Model):
    """How many completed responses fall under one quota of a questionnaire."""

    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="+")
    key = models.TextField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["questionnaire", "key"], name="questionnaires_quota_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class Invitation(models.Model):
    """One customer asked to answer one version. *key* makes inviting idempotent.

    *is_spent*: an anonymous answer was begun with it. Which one, nothing tells.
    """

    key = models.TextField(unique=True)
    customer_id = models.BigIntegerField(null=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    plan_id = models.BigIntegerField(null=True)
    channel = models.TextField(blank=True)
    mode = models.TextField()
    language = models.TextField(blank=True)
    context = models.JSONField(default=dict)
    thanks_path = models.TextField(blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    is_spent = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id"], name="questionnaires_invitation_of")]

    def __str__(self) -> str:
        return self.key


class Response(models.Model):
    """What one customer answered, with a snapshot of what Feedback and Insights cut it by.

    *context* has more of that: what the inviting room knew (``event``, ``app_version`` …), copied from the
    invitation, or the ``event`` that an imported answer is about.
    """

    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, related_name="response", null=True
    )
    open_link = models.ForeignKey(OpenLink, on_delete=models.PROTECT, related_name="+", null=True)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+", null=True)
    version_number = models.PositiveIntegerField()
    customer_id = models.BigIntegerField(null=True)
    plan_id = models.BigIntegerField(null=True)
    channel = models.TextField(blank=True)
    mode = models.TextField()
    language = models.TextField(blank=True)
    wallet_kind = models.TextField(blank=True)
    region = models.TextField(blank=True)
    app_version = models.TextField(blank=True)
    context = models.JSONField(default=dict)
    place = models.TextField(blank=True)
    seed = models.TextField(blank=True)
    state = models.TextField(choices=ResponseState.choices, default=ResponseState.STARTED)
    skipped = ArrayField(models.TextField(), default=list)
    low_score = models.BooleanField(default=False)
    has_text = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    last_answered_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-last_answered_at", "-id"], name="questionnaires_response_time"),
            models.Index(fields=["customer_id"], name="questionnaires_response_of"),
            models.Index(fields=["plan_id", "-last_answered_at"], name="questionnaires_response_plan"),
        ]
        constraints: ClassVar = [
            # The same press of a button twice begins one response.
            models.UniqueConstraint(
                fields=["open_link", "seed"],
                condition=models.Q(open_link__isnull=False),
                name="questionnaires_open_seed",
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"


class Answer(models.Model):
    """One answer; answering again rewrites it. *is_live* is false while a branch leaves it off the path."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question_key = models.TextField()
    place = models.PositiveSmallIntegerField()
    kind = models.TextField()
    metric = models.TextField(blank=True)
    number = models.SmallIntegerField(null=True)
    text = models.TextField(blank=True)
    choices = ArrayField(models.TextField(), default=list)
    amount = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    day = models.DateField(null=True)
    file = models.UUIDField(null=True)
    option_order = ArrayField(models.TextField(), default=list)
    is_live = models.BooleanField(default=True)
    answered_at = models.DateTimeField()
    mode = models.TextField(blank=True, default="", db_default="")
    questionnaire_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True)
    plan_id = models.BigIntegerField(null=True)
    channel = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "question_key"], name="questionnaires_answer_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["metric", "-answered_at"],
                name="questionnaires_answer_score",
                condition=~models.Q(metric=""),
            ),
            models.Index(fields=["-answered_at", "-id"], name="questionnaires_answer_time"),
            # Pairs of characters, so that a word of two Chinese characters is found by the index too.
            GinIndex(
                models.Func(models.F("text"), function="questionnaires_pairs"),
                name="questionnaires_answer_words",
                condition=~models.Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}/{self.question_key}"

    @property
    def value(self) -> AnswerValue:
        """The answer as the rules read it."""
        return AnswerValue(
            number=self.number,
            text=self.text,
            choices=tuple(self.choices),
            amount=self.amount,
            day=self.day,
            file=str(self.file) if self.file else "",
        )


VALUE_FIELDS = ("number", "text", "choices", "amount", "day", "file")


def answer_fields(value: AnswerValue) -> dict[str, Any]:
    """The columns that hold *value*."""
    return {
        "number": value.number,
        "text": value.text,
        "choices": list(value.choices),
        "amount": value.amount,
        "day": value.day,
        "file": uuid.UUID(value.file) if value.file else None,
    }


class Upload(models.Model):
    """A voice note or an image, sealed; in the database so that it comes and goes with its answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="uploads")
    question_key = models.TextField()
    media_type = models.TextField()
    size = models.PositiveIntegerField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "question_key"], name="questionnaires_upload_once"),
        ]

    def __str__(self) -> str:
        return f"{self.media_type} of {self.response_id}/{self.question_key}"


class TakenReply(models.Model):
    """What became of one reply by message. *words* stand beside the response as a comment.

    A reply that is *left* answered nothing; its words stay sealed where replies are kept.
    """

    reply_id = models.BigIntegerField(primary_key=True)
    customer_id = models.BigIntegerField(db_index=True, null=True)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="comments", null=True)
    mode = models.TextField()
    words = models.TextField(blank=True)
    outcome = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="questionnaires_reply_left", condition=models.Q(outcome="left"))
        ]

    def __str__(self) -> str:
        return f"reply {self.reply_id}: {self.outcome}"


class WidgetSite(models.Model):
    """A page or app of the wallet in which the widget stands. Its secrets are sealed, and shown once.

    *key* is public. *sealed_secrets* holds at most two that vouch, each with its number and its end.
    """

    key = models.SlugField(max_length=40, unique=True)
    name = models.TextField(unique=True)
    origins = ArrayField(models.TextField(), default=list)
    sealed_secrets = models.BinaryField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class FeedbackView(models.Model):
    """A way to look at Feedback that somebody keeps under a name: the query of its address."""

    owner = models.TextField()
    name = models.TextField()
    query = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="questionnaires_view_name"),
        ]

    def __str__(self) -> str:
        return self.name
