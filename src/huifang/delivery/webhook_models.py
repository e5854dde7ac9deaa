"""Tables of the webhooks that tell programs of the operator what happened."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class WebhookEndpoint(models.Model):
    """A program of the operator's that hears facts. Its secrets are sealed, and shown once."""

    name = models.TextField(unique=True)
    url = models.TextField()
    kinds = models.JSONField()
    sealed_secrets = models.BinaryField()
    is_enabled = models.BooleanField(default=True)
    stopped_reason = models.TextField(blank=True, default="")
    failing_since = models.DateTimeField(null=True)
    # Until when one worker is the only one to call it, by the database's clock.
    busy_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One fact for one endpoint: told at least once, with the same number whenever it is told again."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    message_id = models.TextField()
    kind = models.TextField()
    # What is posted, with what can be spent blotted out; whole in sealed_body, where anything was.
    body = models.TextField()
    sealed_body = models.BinaryField(null=True)
    state = models.TextField(default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "message_id"], name="delivery_webhook_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                name="delivery_webhook_due",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "-created_at"], name="delivery_webhook_recent"),
        ]

    def __str__(self) -> str:
        return self.message_id
