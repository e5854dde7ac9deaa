"""Tables of delivery: the policy, attempts, the contact ledger, channel accounts, providers' notices."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from huifang.delivery.webhook_models import WebhookDelivery as WebhookDelivery
from huifang.delivery.webhook_models import WebhookEndpoint as WebhookEndpoint
from huifang.kernel import guards

GAP_SCOPE = "gap"


class ContactPolicy(models.Model):
    """One version of the contact policy. The newest holds; none: the one that the product ships with."""

    version = models.PositiveIntegerField(unique=True)
    policy = models.JSONField()
    changed_by = models.TextField()
    changed_at = models.DateTimeField()
    restored_from = models.PositiveIntegerField(null=True)

    class Meta:
        triggers: ClassVar = guards.append_only()

    def __str__(self) -> str:
        return f"version {self.version}"


class HeldPlan(models.Model):
    """A plan whose attempts must not leave: paused, or ended for good."""

    plan_id = models.BigIntegerField(primary_key=True)
    is_ended = models.BooleanField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"plan {self.plan_id}"


class ChannelAccount(models.Model):
    """One account with one provider. Its settings, secrets among them, are sealed."""

    channel = models.TextField()
    provider = models.TextField()
    name = models.TextField()
    sealed_settings = models.BinaryField()
    is_enabled = models.BooleanField(default=True)
    per_second = models.FloatField()
    priority = models.PositiveSmallIntegerField(default=100)
    # Accounts of one priority share the messages of their channel by weight.
    weight = models.PositiveSmallIntegerField(default=1)
    origin = models.TextField(default="console")
    # Real seconds since 1970: a provider counts real time, also where the demo compresses it.
    paced_until = models.FloatField(default=0)
    resting_until = models.FloatField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "name"], name="delivery_account_name")
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.name}"


class Sender(models.Model):
    """A worker that is sending. Its attempts are its own until *alive_until*, by the database's clock.

    A row, no lock of the database session: behind a pooler a session is not the worker's own. Of its attempts
    only those *in_hand* may have left; null where it does not tell, as workers did not once.
    """

    number = models.IntegerField(primary_key=True)
    alive_until = models.DateTimeField()
    in_hand = ArrayField(models.BigIntegerField(), null=True)

    def __str__(self) -> str:
        return str(self.number)


class AccessToken(models.Model):
    """A token that a provider gave an account for a while; one for all processes, sealed."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    sealed_token = models.BinaryField()
    # Real seconds since 1970.
    good_until = models.FloatField()

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:8]


class Wording(models.Model):
    """Templates as they were sent, kept once whatever the number of attempts; found by their hash."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    subject = models.JSONField()
    body = models.JSONField()

    def __str__(self) -> str:
        return next(iter(self.body.values()), "")


class Attempt(models.Model):
    """One try to reach one customer on one channel."""

    key = models.TextField()
    customer_id = models.BigIntegerField()
    channel = models.TextField()
    contact_class = models.TextField()
    purpose = models.TextField()
    round_key = models.TextField()
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+", db_index=False)
    variables = models.JSONField()
    # The first question's answers, each a link, where the message shows them; null: none.
    choices = models.JSONField(null=True)
    is_tracked = models.BooleanField(db_default=True)
    language = models.TextField()
    fallback_language = models.TextField()
    label = models.TextField()
    plan_id = models.BigIntegerField(null=True)
    enrolment_id = models.BigIntegerField(null=True)
    state = models.TextField(default="queued")
    reason = models.TextField(blank=True, default="")
    account = models.ForeignKey(
        ChannelAccount, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    provider = models.TextField(blank=True, default="")
    provider_message_id = models.TextField(blank=True, default="")
    # A keyed hash of where it went, by which a reply finds the attempt that it answers.
    address_index = models.BinaryField(max_length=32, null=True)
    # It may have been handed over before its worker died: only its own account may try again.
    may_have_gone = models.BooleanField(default=False)
    # Security first, then cases, then follow-ups: a long queue must not hold up a warning.
    rank = models.PositiveSmallIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=0)
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    not_after = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.IntegerField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    # When its words were taken out, because the customer was erased or the storage period was over.
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        # A constraint, not ``unique=True``: that would add a second index for LIKE. Each index costs a write.
        constraints: ClassVar = [models.UniqueConstraint(fields=["key"], name="delivery_attempt_key")]
        indexes: ClassVar = [
            models.Index(
                fields=["channel", "rank", "due_at", "id"],
                name="delivery_attempt_due",
                condition=Q(state="queued"),
            ),
            models.Index(fields=["not_after"], name="delivery_attempt_late", condition=Q(state="queued")),
            models.Index(fields=["due_at"], name="delivery_attempt_unknown", condition=Q(state="unknown")),
            models.Index(
                fields=["address_index", "-handed_over_at"],
                name="delivery_attempt_address",
                condition=Q(address_index__isnull=False),
            ),
            models.Index(
                fields=["claimed_by"], name="delivery_attempt_sending", condition=Q(state="sending")
            ),
            models.Index(fields=["customer_id", "-queued_at"], name="delivery_attempt_customer"),
            models.Index(fields=["-queued_at"], name="delivery_attempt_recent"),
            models.Index(fields=["plan_id", "-queued_at"], name="delivery_attempt_plan"),
            models.Index(
                fields=["account", "provider_message_id"],
                name="delivery_attempt_provider",
                condition=~Q(provider_message_id=""),
            ),
            models.Index(
                fields=["not_after"],
                name="delivery_attempt_inbox",
                condition=Q(channel="in_app", state="accepted"),
            ),
        ]

    def __str__(self) -> str:
        return self.key


# A slot may only shrink, or pass to another attempt of its round; it may go only where no contact was made.
# Looked at in the trigger's own condition: nearly every change is one that may be, and calls no function.
_SLOT_GROWS = """
NOT (NEW.during <@ OLD.during) OR NEW.customer_id <> OLD.customer_id OR NEW.scope <> OLD.scope
OR NEW.slot <> OLD.slot OR NEW.round_key <> OLD.round_key
"""
_SLOT_UPDATE = "RAISE EXCEPTION 'contact ledger: a slot only ever shrinks';"
_SLOT_DELETE = """
IF current_setting('huifang.may_erase', true) IS DISTINCT FROM 'yes' AND EXISTS (
    SELECT 1 FROM delivery_attempt a
    WHERE a.id = OLD.attempt_id
      AND (a.handed_over_at IS NOT NULL OR a.state NOT IN ('withheld', 'expired', 'failed'))
) THEN
    RAISE EXCEPTION 'contact ledger: a contact that was made cannot be unmade';
END IF;
RETURN OLD;
"""


class Slot(models.Model):
    """One place in one cap of the contact budget, held by one attempt for the cap's window.

    *scope* names cap and window ("sms/86400"). While the attempt is under way *during* is
    open-ended; once it is handed over it lasts one window from that instant. The database refuses
    two overlapping slots of one number, so a cap of three has room for three, whoever writes.
    The scope "gap" keeps contacts of different rounds apart instead.
    """

    customer_id = models.BigIntegerField()
    scope = models.TextField()
    slot = models.PositiveSmallIntegerField()
    round_key = models.TextField()
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="+")
    window = models.DurationField()
    during = DateTimeRangeField()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="delivery_slot_once",
                expressions=[
                    ("customer_id", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    ("slot", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=~Q(scope=GAP_SCOPE),
            ),
            ExclusionConstraint(
                name="delivery_slot_gap",
                expressions=[
                    ("customer_id", RangeOperators.EQUAL),
                    ("round_key", RangeOperators.NOT_EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(scope=GAP_SCOPE),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="shrinks",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(_SLOT_GROWS),
                func=_SLOT_UPDATE,
            ),
            pgtrigger.Trigger(
                name="stays", operation=pgtrigger.Delete, when=pgtrigger.Before, func=_SLOT_DELETE
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.slot}"


class ProviderNotice(models.Model):
    """A receipt or a reply as the provider told it, stored before it is answered; sealed, handled once."""

    account = models.ForeignKey(ChannelAccount, on_delete=models.CASCADE, related_name="+")
    event_id = models.TextField()
    kind = models.TextField()
    sealed_body = models.BinaryField()
    customer_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    handled_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "event_id"], name="delivery_notice_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"], name="delivery_notice_due", condition=Q(handled_at__isnull=True)
            ),
            models.Index(fields=["customer_id"], name="delivery_notice_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class Reply(models.Model):
    """What a customer wrote back, sealed; once a notice."""

    notice = models.OneToOneField(ProviderNotice, on_delete=models.SET_NULL, null=True, related_name="+")
    attempt = models.ForeignKey(Attempt, on_delete=models.SET_NULL, null=True, related_name="+")
    customer_id = models.BigIntegerField(db_index=True)
    channel = models.TextField()
    sealed_text = models.BinaryField()
    received_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"reply {self.pk}"


class LinkFollow(models.Model):
    """Who opened the link of one attempt, and how often machines did. *first_at*: the person's first time."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, primary_key=True, related_name="+")
    customer_id = models.BigIntegerField(db_index=True)
    plan_id = models.BigIntegerField(null=True)
    first_at = models.DateTimeField(null=True, db_index=True)
    last_at = models.DateTimeField()
    people = models.PositiveIntegerField(default=0)
    machines = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"attempt {self.attempt_id}"


class MessageTemplate(models.Model):
    """A message that plans may use, per language. Its texts stand in its versions."""

    channel = models.TextField()
    name = models.TextField()
    version = models.PositiveIntegerField()
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "name"], name="delivery_template_name")
        ]

    def __str__(self) -> str:
        return self.name


class MessageTemplateVersion(models.Model):
    """One version of a message template, as it was saved."""

    template = models.ForeignKey(MessageTemplate, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    subject = models.JSONField()
    body = models.JSONField()
    fallback_language = models.TextField()
    digest = models.BinaryField(max_length=32)
    changed_by = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="delivery_template_version")
        ]
        triggers: ClassVar = guards.append_only()

    def __str__(self) -> str:
        return f"version {self.number}"
