"""A customer whom nothing forbids to contact, and the question that is asked of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from huifang.decisions.budget import Contact
from huifang.decisions.calendars import NO_HOLIDAYS
from huifang.decisions.eligibility import Ask, Candidate, Decision, Stage, decide
from huifang.decisions.policy import DEFAULT_POLICY, Policy

# A Wednesday, 12:30 in Shanghai: calls are allowed.
NOON = datetime(2025, 9, 24, 4, 30, tzinfo=UTC)

_CANDIDATE = Candidate(
    customer_key="1",
    time_zone="Asia/Shanghai",
    consented_channels=frozenset({"*"}),
    suppressed_channels=frozenset(),
    reachable_channels=frozenset({"phone", "sms", "in_app"}),
    contacts=(),
    clock_trusted=True,
)
_ASK = Ask(
    plan_key="first-payment",
    contact_class="follow_up",
    channel="phone",
    round_key="enrolment:1",
    deadline=NOON + timedelta(days=10),
    stage=Stage.ENROL,
)


def candidate(**changes: Any) -> Candidate:
    return replace(_CANDIDATE, **changes)


def ask(**changes: Any) -> Ask:
    return replace(_ASK, **changes)


def contact(at: datetime, **changes: Any) -> Contact:
    usual = {"channel": "sms", "contact_class": "follow_up", "round_key": f"enrolment:{at.timestamp()}"}
    return Contact(at=at, **(usual | changes))


def decided(
    who: Candidate | None = None,
    what: Ask | None = None,
    policy: Policy = DEFAULT_POLICY,
    *,
    now: datetime = NOON,
) -> Decision:
    return decide(who or candidate(), what or ask(), policy, NO_HOLIDAYS, now=now)
