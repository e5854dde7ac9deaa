"""What crosses the door of delivery: attempts, contacts, messages, and the facts that it announces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from huifang.decisions.budget import Contact as Contact
from huifang.decisions.policy import Policy
from huifang.kernel.ids import AttemptId, CustomerId, EnrolmentId, PlanId


class AttemptState(StrEnum):
    """Where an attempt stands. Stored: never rename a value.

    ``queued`` and ``sending`` are under way; ``accepted`` means that the provider
    took it; ``unknown`` that it may have: it counts as a contact and is never
    sent again.
    """

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer to the first question, to be given from inside the message: *path* is of our own pages."""

    value: str
    label: str
    path: str


class NewAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One contact that is wanted.

    *key* is unique: asking twice with it makes one attempt. *round_key* is one
    follow-up of one customer. *subject* and *body* are templates by language,
    *variables* what fills them. Nothing is handed over at or after *not_after*. *choices* fill
    ``{scale}``, in the customer's language. *is_tracked*: links count who opened them.
    """

    key: str
    customer_id: CustomerId
    channel: str
    contact_class: str
    purpose: str
    round_key: str
    subject: Mapping[str, str]
    body: Mapping[str, str]
    language: str
    fallback_language: str
    variables: Mapping[str, str]
    not_after: datetime
    label: str
    plan_id: PlanId | None = None
    enrolment_id: EnrolmentId | None = None
    choices: tuple[Choice, ...] = ()
    is_tracked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSpent:
    """Instead of an attempt: the cap *scope* is full, until *free_at* where that is known."""

    key: str
    scope: str
    free_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One attempt as it stands. *reason* says why it is not under way, or what it waits for."""

    id: AttemptId
    key: str
    customer_id: CustomerId
    channel: str
    contact_class: str
    purpose: str
    language: str
    state: AttemptState
    reason: str
    label: str
    plan_id: PlanId | None
    enrolment_id: EnrolmentId | None
    provider: str
    tries: int
    queued_at: datetime
    due_at: datetime
    not_after: datetime
    handed_over_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxChoice:
    """One answer to the first question, to show as a button: it opens *link*."""

    value: str
    label: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message that waits inside the app. *is_new* until the app has fetched it."""

    id: int
    subject: str
    body: str
    link: str
    language: str
    sent_at: datetime
    expires_at: datetime
    is_new: bool
    seen_at: datetime | None
    choices: tuple[InboxChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One version of the contact policy, who made it, when, and from which it was restored."""

    policy: Policy
    changed_by: str
    changed_at: datetime | None
    restored_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsLength:
    """*encoding* is "gsm-7" or "ucs-2"; *units* septets or UTF-16 units; *parts* what is sent and paid."""

    encoding: str
    units: int
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCount:
    """How many attempts share *group* (the values asked for, in the order asked)."""

    group: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldCount:
    """How many attempts ended without contact for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHealth:
    """What a circuit breaker looks at: of *handed_over* attempts, how many went wrong."""

    plan_id: PlanId
    handed_over: int
    failed: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccountRecord:
    """A channel account without its secrets. *settings* are those that may be shown.

    *is_failing*: it failed so often that it rested, and nothing has gone out through it since.
    """

    id: int
    channel: str
    provider: str
    name: str
    is_enabled: bool
    per_second: float
    priority: int
    origin: str
    is_resting: bool = False
    is_failing: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountHealth:
    """How an account did in seven days. What waits belongs to its channel: any account may send it."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    last_sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQueue:
    """What waits on a channel now. *throttled* of *waiting* were tried, and the provider was busy."""

    waiting: int
    throttled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """A channel account as somebody wants it. *id* None: a new one. *settings* by the names of its fields."""

    id: int | None
    channel: str
    provider: str
    name: str
    settings: Mapping[str, str]
    per_second: float
    priority: int
    is_enabled: bool
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSettled:
    """Fact: an attempt reached *outcome* (a state). Told anew when a receipt changes it."""

    attempt_id: AttemptId
    key: str
    customer_id: CustomerId
    channel: str
    plan_id: PlanId | None
    enrolment_id: EnrolmentId | None
    outcome: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived:
    """Fact: a customer answered a message, and it was no refusal. The words: `queries.reply_text`."""

    customer_id: CustomerId
    channel: str
    text_length: int
    at: datetime
    reply_id: int = 0
    attempt_id: AttemptId | None = None
    plan_id: PlanId | None = None
    round_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFollowed:
    """Fact: a person, as far as one can tell, opened the link of a message for the first time."""

    attempt_id: AttemptId
    customer_id: CustomerId
    plan_id: PlanId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact for other programs: *data* holds numbers and codes only. *key* is unique among its *kind*."""

    kind: str
    key: str
    data: Mapping[str, object]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDraft:
    """A webhook endpoint as somebody wants it. *id* None: a new one."""

    id: int | None
    name: str
    url: str
    kinds: tuple[str, ...]
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRecord:
    """A webhook endpoint without its secret, and how many deliveries stand how."""

    id: int
    name: str
    url: str
    kinds: tuple[str, ...]
    is_enabled: bool
    stopped_reason: str
    failing_since: datetime | None
    created_at: datetime
    waiting: int
    delivered: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDeliveryRecord:
    """One fact for one endpoint. *state* is waiting, delivered or parked."""

    id: int
    endpoint_id: int
    message_id: str
    kind: str
    body: str
    state: str
    tries: int
    status: int
    error: str
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDraft:
    """A message template as somebody wants it. *id* None: a new one."""

    id: int | None
    channel: str
    name: str
    subject: Mapping[str, str]
    body: Mapping[str, str]
    fallback_language: str
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRecord:
    """A message template in its newest version; texts by language."""

    id: int
    channel: str
    name: str
    version: int
    subject: Mapping[str, str]
    body: Mapping[str, str]
    fallback_language: str
    is_archived: bool
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersionRecord:
    """One version of a message template, who made it and when."""

    number: int
    subject: Mapping[str, str]
    body: Mapping[str, str]
    fallback_language: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUse:
    """A plan that sent the words of a template lately, and how often."""

    plan_id: int | None
    label: str
    count: int
