"""The last gate: what may have changed since an attempt was asked for, read right before hand-over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from huifang.customers import queries as customers
from huifang.customers.records import Standing
from huifang.decisions.calendars import Calendar, calendar_around
from huifang.decisions.eligibility import Ask, Candidate, Decision, Stage, decide
from huifang.decisions.policy import Policy
from huifang.delivery import policies
from huifang.delivery.models import Attempt
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the gate said of one attempt; *standing* None: there is no such customer any more."""

    attempt: Attempt
    decision: Decision
    standing: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The rules as they stand, made ready before the clock of a batch begins to run."""

    policy: Policy
    calendar: Calendar


def ready(*, now: datetime) -> Gate:
    """Read the policy and its calendar."""
    policy = _without_budget(policies.current())
    return Gate(policy=policy, calendar=calendar_around(policy.calendar, now))


def check(attempts: Sequence[Attempt], gate: Gate, *, now: datetime) -> list[Checked]:
    """Ask the rules again: clock, deadline, refusal, consent, contact point, zone, hours."""
    standings = _standings(attempts)
    trusted = clock.is_trusted()
    return [
        _check(each, standings.get((each.purpose, each.customer_id)), gate, (now, trusted))
        for each in attempts
    ]


def _without_budget(policy: Policy) -> Policy:
    """Budget and holdout were settled when the attempt was taken: the ledger holds its place since."""
    return replace(policy, caps=(), minimum_gap=timedelta(0), global_holdout_basis_points=0)


def _standings(attempts: Iterable[Attempt]) -> dict[tuple[str, int], Standing]:
    by_purpose: dict[str, list[CustomerId]] = {}
    for each in attempts:
        by_purpose.setdefault(each.purpose, []).append(CustomerId(each.customer_id))
    return {
        (purpose, customer_id): standing
        for purpose, ids in by_purpose.items()
        for customer_id, standing in customers.standings(customer_ids=ids, purpose=purpose).items()
    }


_NOBODY = Standing(
    customer_id=CustomerId(0),
    external_id="",
    wallet_kind="",
    language="",
    time_zone="",
    region="",
    traits={},
    consented_channels=frozenset(),
    suppressed_channels=frozenset("*"),
    reachable_channels=frozenset(),
)


def _check(
    attempt: Attempt,
    standing: Standing | None,
    gate: Gate,
    moment: tuple[datetime, bool],
) -> Checked:
    now, trusted = moment
    who = standing or _NOBODY
    candidate = Candidate(
        customer_key=who.external_id,
        time_zone=who.time_zone,
        consented_channels=who.consented_channels,
        suppressed_channels=who.suppressed_channels,
        reachable_channels=who.reachable_channels,
        contacts=(),
        clock_trusted=trusted,
    )
    ask = Ask(
        plan_key=str(attempt.plan_id or ""),
        contact_class=attempt.contact_class,
        channel=attempt.channel,
        round_key=attempt.round_key,
        deadline=attempt.not_after,
        stage=Stage.DISPATCH,
    )
    return Checked(
        attempt=attempt,
        decision=decide(candidate, ask, gate.policy, gate.calendar, now=now),
        standing=standing,
    )
