"""Made-up plans, customers and moments for tests that touch nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from huifang.customers.records import Standing
from huifang.decisions.budget import Contact
from huifang.decisions.calendars import NO_HOLIDAYS
from huifang.decisions.policy import DEFAULT_POLICY
from huifang.kernel.ids import CustomerId
from huifang.plans.records import PlanDefinition, VersionState
from huifang.plans.rules import read_definition
from huifang.plans.situations import LivePlan, Moment, Progress, Subject

START = datetime(2025, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai, a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BODY = {"en": "{wallet_name}: {link}", "zh-Hans": "{wallet_name}：{link}"}
SUBJECT = {"en": "How was it?", "zh-Hans": "怎么样？"}


def step(channel: str = "in_app", kind: str = "first", after: str = "PT0S", **more: Any) -> dict[str, Any]:
    """One step as JSON."""
    return {"channel": channel, "kind": kind, "after": after, "body": BODY, "subject": SUBJECT, **more}


def plan_json(**changes: Any) -> dict[str, Any]:
    """A plan that asks in the app at once after the first payment."""
    return {
        "name": {"en": "First payment", "zh-Hans": "首次支付"},
        "trigger": {"event": "Payment Completed", "occurrence": "first"},
        "steps": [step()],
        "questionnaire_id": 1,
        **changes,
    }


def definition(**changes: Any) -> PlanDefinition:
    """The same, read."""
    return read_definition(plan_json(**changes))


def live(*, plan_id: int = 1, state: VersionState = VersionState.ACTIVE, **changes: Any) -> LivePlan:
    """The same, live since the start."""
    return LivePlan(
        plan_id=plan_id,
        version_id=plan_id,
        version=1,
        state=state,
        live_since=START,
        definition=definition(**changes),
    )


def moment(now: datetime = START, **policy: Any) -> Moment:
    """The default policy without holidays, with changes."""
    changed = replace(DEFAULT_POLICY, **policy) if policy else DEFAULT_POLICY
    return Moment(now=now, policy=changed, calendar=NO_HOLIDAYS, clock_trusted=True)


def subject(
    *,
    contacts: tuple[Contact, ...] = (),
    facts: Mapping[str, object] | None = None,
    consented: frozenset[str] = frozenset({"*"}),
    suppressed: frozenset[str] = frozenset(),
    reachable: frozenset[str] = frozenset({"in_app", "sms", "email"}),
    name: str = "W-1",
) -> Subject:
    """A customer in Shanghai who has agreed."""
    standing = Standing(
        customer_id=CustomerId(1),
        external_id=name,
        wallet_kind="soft",
        language="zh-CN",
        time_zone="Asia/Shanghai",
        region="",
        traits={},
        consented_channels=consented,
        suppressed_channels=suppressed,
        reachable_channels=reachable,
    )
    return Subject(standing=standing, facts=dict(facts or {}), contacts=contacts)


def contact(at: datetime, *, channel: str = "in_app", round_key: str = "other") -> Contact:
    """A follow-up contact of another round."""
    return Contact(at=at, channel=channel, contact_class="follow_up", round_key=round_key)


def progress(plan: LivePlan, **changes: Any) -> Progress:
    """An enrolment of *plan* whose first step is due at the start."""
    plain = Progress(
        id=1,
        plan=plan,
        next_step=0,
        planned_at=START,
        deadline=START + plan.definition.valid_for,
        priority=plan.definition.priority,
        reached=False,
    )
    return replace(plain, **changes)
