"""The last gate: what may have changed since an attempt was asked for, read right before hand-over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from huifang.customers import queries as customers
from huifang.customers.records import Standing
from huifang.decisions.budget import Contact
from huifang.decisions.calendars import Calendar, calendar_around
from huifang.decisions.eligibility import Ask, Candidate, Decision, Outcome, Stage, decide
from huifang.decisions.policy import Policy
from huifang.decisions.reasons import Reason
from huifang.delivery import holds, ledger, policies
from huifang.delivery.models import Attempt
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId

_LOOK_AGAIN = timedelta(minutes=5)  # at the attempts of a paused plan


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate said of one attempt; *standing* None: there is no such customer any more."""

    attempt: Attempt
    decision: Decision
    standing: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The rules as they stand, made ready before the clock of a batch begins to run.

    *policy* asks for no budget: an attempt has its place in the ledger since it was taken, by the policy
    of that time. *whole* is the policy with it, for attempts from before *since*. *held*: plans that are
    not live, and whether they have ended.
    """

    policy: Policy
    whole: Policy
    since: datetime | None
    calendar: Calendar
    held: Mapping[int, bool]


def ready(*, now: datetime) -> Gate:
    """Read the policy, its calendar and the plans that are not live."""
    whole, since = policies.current_since()
    return Gate(
        policy=replace(whole, caps=(), minimum_gap=timedelta(0), global_holdout_basis_points=0),
        whole=replace(whole, global_holdout_basis_points=0),
        since=since,
        calendar=calendar_around(whole.calendar, now),
        held=holds.held(),
    )


def check(attempts: Sequence[Attempt], gate: Gate, *, now: datetime) -> list[Checked]:
    """Ask the rules again: clock, deadline, refusal, consent, contact point, zone, hours.

    And what else may have changed: whether the plan is live, and the budget.
    """
    standings = _standings(attempts)
    made = _made([each for each in attempts if _is_older(each, gate)], gate, now=now)
    trusted = clock.is_trusted()
    return [
        _check(each, standings.get((each.purpose, each.customer_id)), gate, made, (now, trusted))
        for each in attempts
    ]


def _is_older(attempt: Attempt, gate: Gate) -> bool:
    """Whether the budget that *attempt* was taken by is not the one that holds now."""
    return gate.since is not None and attempt.queued_at < gate.since and attempt.handed_over_at is None


def _made(attempts: Sequence[Attempt], gate: Gate, *, now: datetime) -> dict[int, list[Contact]]:
    """The contacts that were made with the customers of *attempts*; others that wait are none yet."""
    if not attempts:
        return {}
    longest = max([gate.whole.minimum_gap, *(cap.window for cap in gate.whole.caps)])
    found = ledger.contacts_since(
        [CustomerId(each.customer_id) for each in attempts], since=now - longest, under_way_at=_NOT_YET
    )
    made = {
        int(pk): [contact for contact in contacts if contact.at != _NOT_YET] for pk, contacts in found.items()
    }
    return {each.customer_id: made.get(each.customer_id, []) for each in attempts}


_NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)


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
    made: Mapping[int, list[Contact]],
    moment: tuple[datetime, bool],
) -> Checked:
    now, trusted = moment
    if attempt.plan_id in gate.held:
        return Checked(attempt=attempt, decision=_held(attempt, gate, now=now), standing=standing)
    who = standing or _NOBODY
    is_older = _is_older(attempt, gate)
    candidate = Candidate(
        customer_key=who.external_id,
        time_zone=who.time_zone,
        consented_channels=who.consented_channels,
        suppressed_channels=who.suppressed_channels,
        reachable_channels=who.reachable_channels,
        contacts=tuple(made[attempt.customer_id]) if is_older else (),
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
    decision = decide(candidate, ask, gate.whole if is_older else gate.policy, gate.calendar, now=now)
    if is_older and decision.outcome is Outcome.CONTACT:
        made[attempt.customer_id].append(_contact(attempt, at=now))  # the next of this batch sees it
    return Checked(attempt=attempt, decision=decision, standing=standing)


def _held(attempt: Attempt, gate: Gate, *, now: datetime) -> Decision:
    """A paused plan's attempts wait for it, and are looked at now and then; an ended plan's are over."""
    until = min(now + _LOOK_AGAIN, attempt.not_after)
    if gate.held[attempt.plan_id or 0] or until <= now:
        return Decision(outcome=Outcome.NO, reason=Reason.PLAN_NOT_ACTIVE)
    return Decision(outcome=Outcome.WAIT, reason=Reason.PLAN_NOT_ACTIVE, until=until)


def _contact(attempt: Attempt, *, at: datetime) -> Contact:
    return Contact(
        at=at,
        channel=attempt.channel,
        contact_class=attempt.contact_class,
        round_key=attempt.round_key,
    )
