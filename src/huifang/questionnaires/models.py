"""Tables of questionnaires, their versions, invitations, responses and answers."""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from huifang.questionnaires.records import AnswerValue


class VersionState(models.TextChoices):
    """A draft may change; what is published never does."""

    DRAFT = "draft"
    PUBLISHED = "published"


class ResponseState(models.TextChoices):
    """Whether all was answered."""

    STARTED = "started"
    COMPLETED = "completed"


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


class Invitation(models.Model):
    """One customer asked to answer one version. *key* makes inviting idempotent."""

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

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer_id"], name="questionnaires_invitation_of")]

    def __str__(self) -> str:
        return self.key


class Response(models.Model):
    """What one customer answered, with a snapshot of what Feedback and Insights cut it by.

    *context* has more of that: what the inviting room knew (``event``, ``app_version`` …), copied from the
    invitation, or the ``event`` that an imported answer is about.
    """

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="response")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
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
    is_live = models.BooleanField(default=True)
    answered_at = models.DateTimeField()
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
        ]

    def __str__(self) -> str:
        return f"{self.response_id}/{self.question_key}"

    @property
    def value(self) -> AnswerValue:
        """The answer as the rules read it."""
        return AnswerValue(number=self.number, text=self.text, choices=tuple(self.choices))


def answer_fields(value: AnswerValue) -> dict[str, Any]:
    """The columns that hold *value*."""
    return {"number": value.number, "text": value.text, "choices": list(value.choices)}
