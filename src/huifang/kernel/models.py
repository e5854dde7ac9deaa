"""Tables of the kernel: the outbox and the audit log. No other room writes them directly."""

from typing import ClassVar

from django.db import models

from huifang.kernel import guards


class OutboxEntry(models.Model):
    """One fact on its way to one listener. Deleted once the listener has heard it."""

    fact_type = models.TextField()
    listener = models.TextField()
    payload = models.JSONField()
    recorded_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    is_parked = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"], name="kernel_outbox_due", condition=models.Q(is_parked=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact_type} to {self.listener}"


class AuditEntry(models.Model):
    """Who did what, when. Append-only and hash-chained; triggers refuse update and delete."""

    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "-id"], name="kernel_audit_subject")]
        triggers: ClassVar = guards.append_only()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.subject}"
