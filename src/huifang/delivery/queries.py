"""What can be asked of delivery: the policy, contacts, attempts, the inbox, counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Q, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, TruncDate

from huifang.decisions.policy import Policy
from huifang.delivery import accounts, ledger, library, names, policies, replies
from huifang.delivery import extracts as extracts
from huifang.delivery import inbox as _inbox
from huifang.delivery import webhooks as _webhooks
from huifang.delivery.models import (
    Attempt,
    ChannelAccount,
    LinkFollow,
    Reply,
    WebhookDelivery,
    WebhookEndpoint,
)
from huifang.delivery.records import (
    AccountHealth,
    AttemptCount,
    AttemptRecord,
    AttemptState,
    ChannelAccountRecord,
    ChannelQueue,
    Contact,
    InboxMessage,
    PlanHealth,
    PolicyVersion,
    SmsLength,
    TemplateRecord,
    WebhookDeliveryRecord,
    WebhookRecord,
    WithheldCount,
)
from huifang.delivery.rules.segments import measure
from huifang.delivery.rules.wording import PLACEHOLDERS
from huifang.kernel.ids import AttemptId, CustomerId, EnrolmentId, PlanId

_HEALTH_SPAN = timedelta(days=7)


def policy() -> Policy:
    """The contact policy that holds now."""
    return policies.current()


def policy_versions() -> list[PolicyVersion]:
    """Every version of the contact policy, newest first."""
    return policies.versions()


def contacts(*, customer_ids: Sequence[CustomerId], since: datetime) -> dict[CustomerId, list[Contact]]:
    """Contacts made after *since* and all that are under way, by customer, oldest first.

    Customers without any are left out.
    """
    return ledger.contacts_since(customer_ids, since=since)


def attempts_of(*, customer_id: CustomerId, limit: int) -> list[AttemptRecord]:
    """Attempts on one customer, newest first."""
    found = Attempt.objects.filter(customer_id=customer_id).order_by("-queued_at", "-id")
    return [record_of(row) for row in found[:limit]]


def attempt(*, attempt_id: AttemptId) -> AttemptRecord | None:
    """One attempt, or None."""
    row = Attempt.objects.filter(pk=attempt_id).first()
    return record_of(row) if row else None


def record_of(row: Attempt) -> AttemptRecord:
    """The record of a stored attempt."""
    return AttemptRecord(
        id=AttemptId(row.pk),
        key=row.key,
        customer_id=CustomerId(row.customer_id),
        channel=row.channel,
        contact_class=row.contact_class,
        purpose=row.purpose,
        language=row.language,
        state=AttemptState(row.state),
        reason=row.reason,
        label=row.label,
        plan_id=None if row.plan_id is None else PlanId(row.plan_id),
        enrolment_id=None if row.enrolment_id is None else EnrolmentId(row.enrolment_id),
        provider=row.provider,
        tries=row.tries,
        queued_at=row.queued_at,
        due_at=row.due_at,
        not_after=row.not_after,
        handed_over_at=row.handed_over_at,
        settled_at=row.settled_at,
    )


def inbox(*, customer_id: CustomerId, now: datetime) -> list[InboxMessage]:
    """What waits for the customer in the app, newest first. Delivers nothing: see `services.fetch_inbox`."""
    return _inbox.shown(_inbox.waiting(customer_id, now=now))


def placeholders() -> Mapping[str, str]:
    """What a template may name, each with an English explanation that is in the catalogue."""
    return PLACEHOLDERS


def channel_accounts() -> list[ChannelAccountRecord]:
    """Every channel account, without its secrets, in the order in which they are used."""
    rows = ChannelAccount.objects.order_by("channel", "-is_enabled", "priority", "pk")
    return [accounts.record_of(row) for row in rows]


def account_health(*, now: datetime) -> dict[int, AccountHealth]:
    """How each account did in the last seven days; those that did nothing are left out."""
    sent = Q(state__in=("accepted", "delivered"))
    rows = (
        Attempt.objects.filter(queued_at__gt=now - _HEALTH_SPAN, account__isnull=False)
        .values("account_id")
        .annotate(
            sent=Count("pk", filter=sent),
            failed=Count("pk", filter=Q(state="failed")),
            unknown=Count("pk", filter=Q(state="unknown")),
            last_sent_at=Max("handed_over_at", filter=sent),
        )
    )
    return {
        row["account_id"]: AccountHealth(
            sent=row["sent"],
            failed=row["failed"],
            unknown=row["unknown"],
            last_sent_at=row["last_sent_at"],
        )
        for row in rows
        if row["account_id"] is not None
    }


def channel_queues() -> dict[str, ChannelQueue]:
    """What waits now, by channel; channels on which nothing does are left out."""
    rows = (
        Attempt.objects.filter(state__in=("queued", "sending"))
        .values("channel")
        .annotate(waiting=Count("pk"), throttled=Count("pk", filter=Q(reason="throttled")))
        .order_by("channel")
    )
    return {row["channel"]: ChannelQueue(waiting=row["waiting"], throttled=row["throttled"]) for row in rows}


def attempt_counts(
    *, start: datetime, end: datetime, by: Sequence[str], zone: str = "UTC"
) -> list[AttemptCount]:
    """Attempts asked for from *start* up to *end*, counted *by* day, channel, state, reason, plan or class.

    Days are those of *zone*, written as 2025-03-31; a plan is its number, "" for none.
    """
    groups: dict[str, Combinable] = {
        "day": Cast(TruncDate("queued_at", tzinfo=ZoneInfo(zone)), TextField()),
        "channel": F("channel"),
        "state": F("state"),
        "reason": F("reason"),
        "plan": Cast("plan_id", TextField()),
        "class": F("contact_class"),
    }
    chosen = {f"by_{name}": groups[name] for name in by}
    found = Attempt.objects.filter(queued_at__gte=start, queued_at__lt=end).annotate(**chosen)
    counted = found.values_list(*chosen).order_by(*chosen).annotate(Count("pk"))
    return [
        AttemptCount(group=tuple("" if value is None else str(value) for value in row[:-1]), count=row[-1])
        for row in counted
    ]


def withheld_reasons(*, start: datetime, end: datetime, plan_id: PlanId | None = None) -> list[WithheldCount]:
    """Why attempts asked for from *start* up to *end* ended without contact, the most frequent first."""
    found = Attempt.objects.filter(
        queued_at__gte=start, queued_at__lt=end, state__in=(AttemptState.WITHHELD, AttemptState.EXPIRED)
    )
    if plan_id is not None:
        found = found.filter(plan_id=plan_id)
    counted = found.values_list("reason").annotate(number=Count("pk")).order_by("-number", "reason")
    return [WithheldCount(reason=reason, count=number) for reason, number in counted]


def plan_health(*, plan_ids: Sequence[PlanId], since: datetime) -> dict[PlanId, PlanHealth]:
    """Of what each plan handed over or failed to since *since*: how much failed, how many then refused."""
    found = Attempt.objects.filter(plan_id__in=plan_ids, queued_at__gte=since)
    counted = (
        found.values_list("plan_id")
        .order_by("plan_id")
        .annotate(
            tried=Count("pk", filter=Q(handed_over_at__isnull=False) | Q(state=AttemptState.FAILED)),
            broken=Count("pk", filter=Q(state=AttemptState.FAILED)),
            said_no=Count("pk", filter=Q(refused_at__isnull=False)),
        )
    )
    return {
        PlanId(plan_id): PlanHealth(
            plan_id=PlanId(plan_id), handed_over=handed_over, failed=failed, refused=refused
        )
        for plan_id, handed_over, failed, refused in counted
    }


def reason_text(*, reason: str) -> str:
    """What the reason of an attempt says, in the reader's language; also what providers say."""
    return names.reason(reason) if reason else ""


def message_parts(*, channel: str, text: str) -> int:
    """How many parts of *text* a provider charges for: SMS by its alphabet and length, all else one."""
    return measure(text).parts if channel == "sms" else 1


def sms_length(*, text: str) -> SmsLength:
    """The alphabet, units and parts of *text* as an SMS."""
    return measure(text)


def reply_text(*, reply_id: int) -> str:
    """What the customer wrote back; "" where it is erased or there is no such reply."""
    row = Reply.objects.filter(pk=reply_id).first()
    return replies.text_of(row) if row else ""


def links_followed(*, attempt_ids: Sequence[AttemptId]) -> dict[AttemptId, datetime]:
    """When a person first opened the link of each of *attempt_ids*; those that nobody opened are left out."""
    found = LinkFollow.objects.filter(attempt_id__in=list(attempt_ids), first_at__isnull=False)
    return {AttemptId(pk): at for pk, at in found.values_list("attempt_id", "first_at") if at}


def message_templates(*, channel: str = "", include_archived: bool = False) -> list[TemplateRecord]:
    """Message templates in their newest versions, by channel and name."""
    return library.records(channel=channel, include_archived=include_archived)


def message_template(*, template_id: int) -> TemplateRecord:
    """One message template. Raises `UnknownTemplateError`."""
    return library.record(template_id)


def webhooks() -> list[WebhookRecord]:
    """Every webhook endpoint by name, without secrets, and how its deliveries stand."""
    counted = WebhookDelivery.objects.values_list("endpoint_id", "state").annotate(Count("pk")).order_by()
    counts: dict[int, dict[str, int]] = {}
    for endpoint_id, state, count in counted:
        counts.setdefault(endpoint_id, {})[state] = count
    rows = WebhookEndpoint.objects.order_by("name")
    return [_webhooks.record_of(row, counts.get(row.pk, {})) for row in rows]


def webhook(*, endpoint_id: int) -> WebhookRecord:
    """One webhook endpoint. Raises `UnknownWebhookError`."""
    row = _webhooks.find(endpoint_id)
    counted = WebhookDelivery.objects.filter(endpoint_id=endpoint_id).values_list("state")
    return _webhooks.record_of(row, dict(counted.annotate(Count("pk")).order_by()))


def webhook_deliveries(*, endpoint_id: int, state: str = "", limit: int = 50) -> list[WebhookDeliveryRecord]:
    """The latest deliveries of an endpoint, newest first."""
    found = WebhookDelivery.objects.filter(endpoint_id=endpoint_id)
    if state:
        found = found.filter(state=state)
    return [_webhooks.delivery_record(row) for row in found.order_by("-created_at", "-pk")[:limit]]


def reached_rounds(
    *, start: datetime, end: datetime, plan_id: PlanId | None = None, channel: str = ""
) -> tuple[int, int]:
    """Follow-ups asked for in the period: how many, and how many of them a provider took at least once."""
    found = Attempt.objects.filter(queued_at__gte=start, queued_at__lt=end)
    if plan_id is not None:
        found = found.filter(plan_id=plan_id)
    if channel:
        found = found.filter(channel=channel)
    taken = Q(state__in=(AttemptState.ACCEPTED, AttemptState.DELIVERED))
    counted = found.aggregate(
        asked=Count("round_key", distinct=True), reached=Count("round_key", distinct=True, filter=taken)
    )
    return counted["asked"], counted["reached"]
