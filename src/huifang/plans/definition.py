"""A plan's definition as a value: plain JSON, read by msgspec. It decides nothing.

Every field that came later has a default under which an older definition means what it meant.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum

import msgspec

from huifang.decisions.buckets import BUCKETS
from huifang.decisions.conditions import Condition

Texts = dict[str, str]


class TriggerKind(StrEnum):
    """What starts a plan for a customer. Stored: never rename a value.

    An event; a date among the customer's traits; a pulse that comes again for
    everybody; a segment, once (a campaign); a list that a person made; a fact
    that another room announces.
    """

    EVENT = "event"
    DATE = "date"
    PULSE = "pulse"
    SEGMENT = "segment"
    LIST = "list"
    FACT = "fact"


class Occurrence(StrEnum):
    """Which of a customer's events starts the plan. Stored: never rename a value."""

    FIRST = "first"
    EVERY = "every"


class Repeat(StrEnum):
    """How often a date comes: on that very day, or on its day of each year. Stored: never rename a value."""

    ONCE = "once"
    YEARLY = "yearly"


class PulsePeriod(StrEnum):
    """How long a pulse is: so many days, or a quarter of the calendar year. Stored: never rename a value."""

    DAYS = "days"
    QUARTER = "quarter"


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What starts the plan. Each kind reads its own fields and no others.

    event: *event*, *occurrence*, *amount_at_least* (in the event's own currency).
    date: *trait*, *offset_days* after it (before it where negative), *at* by the customer's clock, *repeat*.
    pulse: *period*, *every_days* where it counts days, *at*; each customer has a day of their own in it.
    segment: *segment_id*, *starts_at*, evenly over *spread_hours*, at most *per_day_max* a day (0: no limit).
    list: who is on it is kept apart, not here; *starts_at*, *spread_hours* and *per_day_max* hold too.
    fact: *fact*, the name under which another room announces it.
    """

    kind: TriggerKind = TriggerKind.EVENT
    event: str = ""
    occurrence: Occurrence = Occurrence.FIRST
    amount_at_least: float | None = None
    trait: str = ""
    offset_days: int = 0
    repeat: Repeat = Repeat.YEARLY
    at: time = time(10)
    period: PulsePeriod = PulsePeriod.QUARTER
    every_days: int = 90
    segment_id: int | None = None
    starts_at: datetime | None = None
    spread_hours: int = 0
    per_day_max: int = 0
    fact: str = ""


class StepKind(StrEnum):
    """When a step is taken. Stored: never rename a value.

    A reminder follows silence. A fallback is taken only where the step before
    it could not be made: no contact point, a failed delivery, no hours left. A
    notice says that the step after it is coming and what for; where that step
    could not follow, the notice is not sent, and without the notice it is not made.
    """

    FIRST = "first"
    REMINDER = "reminder"
    FALLBACK = "fallback"
    NOTICE = "notice"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contact. *after* counts from the contact before; of the first step, from trigger and delay."""

    channel: str
    after: timedelta = timedelta(0)
    kind: StepKind = StepKind.FIRST
    subject: Texts = msgspec.field(default_factory=dict)
    body: Texts = msgspec.field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


class QuotaPer(StrEnum):
    """Over what time a quota counts: for good, or anew in each. Stored: never rename a value."""

    EVER = "ever"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class QuotaCell(StrEnum):
    """Over whom a quota counts: everybody, or each value by itself. Stored: never rename a value."""

    ALL = "all"
    WALLET_KIND = "wallet_kind"
    LANGUAGE = "language"
    REGION = "region"
    CHANNEL = "channel"


class QuotaOf(StrEnum):
    """What a quota counts: completed answers, or people asked. Stored: never rename a value."""

    ANSWERS = "answers"
    PEOPLE = "people"


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No more than *limit*, in each *cell* and *per* period. *only* narrows it to one value of the cell."""

    limit: int
    of: QuotaOf = QuotaOf.ANSWERS
    cell: QuotaCell = QuotaCell.ALL
    only: str = ""
    per: QuotaPer = QuotaPer.EVER


class IncentiveKind(StrEnum):
    """What an answer earns: a coupon, points, or one of several by lot. Stored: never rename a value."""

    COUPON = "coupon"
    POINTS = "points"
    RANDOM = "random"


class PrizeKind(StrEnum):
    """What one prize is; nothing is a prize that a lot may draw. Stored: never rename a value."""

    COUPON = "coupon"
    POINTS = "points"
    NOTHING = "nothing"


class Prize(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that an answer may earn.

    *cost* is what it costs the operator, in hundredths of the incentive's
    currency. *pool* names uploaded coupon codes; "": codes are made up.
    *weight* is its share of the lot.
    """

    kind: PrizeKind = PrizeKind.COUPON
    name: Texts = msgspec.field(default_factory=dict)
    points: int = 0
    cost: int = 0
    pool: str = ""
    weight: int = 1


class Incentive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an answer earns: one prize, or one of several by lot.

    *budget* is the most that all rewards of the plan may cost together, in
    hundredths of *currency*; at most *per_customer* rewards in any *window*.
    *valid_days* is how long a reward can be claimed. *terms* are shown below it.
    """

    kind: IncentiveKind = IncentiveKind.COUPON
    prizes: tuple[Prize, ...] = ()
    budget: int = 0
    currency: str = "CNY"
    per_customer: int = 1
    window: timedelta = timedelta(days=365)
    valid_days: int = 30
    terms: Texts = msgspec.field(default_factory=dict)


class Breaker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a plan pauses itself: where too large a share of its contacts fails, or is answered by a "no".

    Counted over the last *window*, and only where at least *base_min* contacts
    were handed over. It trips where the lower end of the share's 95 % interval is
    past the threshold, so never by one bad contact of two.
    """

    is_on: bool = True
    failed_basis_points: int = 2000
    refused_basis_points: int = 500
    base_min: int = 20
    window: timedelta = timedelta(days=1)


class PlanDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole plan as a value: plain JSON, durations in ISO 8601.

    *valid_for* is how long after its first contact was due anyone may still be
    contacted. *sampling_basis_points* of the customers take part;
    *holdout_basis_points* of these are the control group. *needs_approval*: a
    second person must agree before it goes live. *tracks_links*: links in its
    messages count who opened them, where the installation counts at all.
    """

    name: Texts = msgspec.field(default_factory=dict)
    trigger: Trigger = Trigger()
    delay: timedelta = timedelta(0)
    conditions: tuple[Condition, ...] = ()
    steps: tuple[Step, ...] = ()
    questionnaire_id: int | None = None
    purpose: str = "service_follow_up"
    contact_class: str = "follow_up"
    priority: int = 50
    cooldown: timedelta = timedelta(days=30)
    sampling_basis_points: int = BUCKETS
    holdout_basis_points: int = 0
    valid_for: timedelta = timedelta(days=7)
    fallback_language: str = "zh-Hans"
    quotas: tuple[Quota, ...] = ()
    incentive: Incentive | None = None
    breaker: Breaker = Breaker()
    needs_approval: bool = False
    tracks_links: bool = True
