"""What the demo wallet remembers: its customers' phones, what they received, and how far it got."""

from typing import ClassVar

from django.db import models

_IS_DUE = models.Q(act_at__isnull=False)


class Phone(models.Model):
    """The phone of one simulated customer. While it is *held*, a person answers instead of the simulator."""

    external_id = models.TextField(unique=True)
    number = models.PositiveIntegerField()
    name = models.TextField()
    phone = models.TextField(db_index=True)
    email = models.TextField(db_index=True)
    language = models.TextField()
    time_zone = models.TextField()
    wallet_kind = models.TextField()
    is_held = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.external_id


class Received(models.Model):
    """One message that a simulated customer received. *key* is the provider's idempotency key.

    *leave_link* is the address of an e-mail's one-click refusal.
    """

    phone = models.ForeignKey(Phone, on_delete=models.CASCADE, related_name="messages")
    key = models.TextField(unique=True)
    channel = models.TextField()
    subject = models.TextField(blank=True)
    body = models.TextField()
    link = models.TextField(blank=True)
    leave_link = models.TextField(blank=True)
    received_at = models.DateTimeField()
    act_at = models.DateTimeField(null=True)
    act = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["act_at"], name="demo_received_due", condition=models.Q(act_at__isnull=False)
            ),
            models.Index(fields=["phone", "-received_at"], name="demo_received_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.phone_id}"


class Progress(models.Model):
    """How far the simulated wallet got: events before *sent_until* were sent."""

    sent_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"sent until {self.sent_until:%Y-%m-%d %H:%M}"
