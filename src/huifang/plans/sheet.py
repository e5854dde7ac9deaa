"""Gathers what the page of one plan shows. Decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from huifang.console.names import named
from huifang.customers.queries import segment_count
from huifang.customers.records import SegmentCount
from huifang.decisions.policy import ROUND, Policy
from huifang.delivery.queries import plan_health
from huifang.delivery.queries import policy as current_policy
from huifang.kernel.ids import PlanId
from huifang.kernel.refusals import Refusal
from huifang.plans import phrases, queries, sentences
from huifang.plans.clauses import place_of
from huifang.plans.days import EXAMPLES, Life, life_of
from huifang.plans.durations import say_duration
from huifang.plans.forecast import costs_of, days_of, forecast_of
from huifang.plans.population import moment_at
from huifang.plans.readiness import Check, checks_of
from huifang.plans.records import (
    PlanDefinition,
    PlanLine,
    RehearsalRecord,
    RehearsalResult,
    StepKind,
    TriggerKind,
    VersionState,
)
from huifang.questionnaires.queries import questionnaire_choices
from huifang.questionnaires.records import QuestionnaireChoice
from huifang.stats.intervals import wilson

REASONS_SHOWN = 5
_DOTS = ("m2", "m4", "m3", "m5", "m6")
CONTACTED = "contacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step in words; *edit* names its form."""

    number: int
    edit: str
    how: str
    kind: str
    after: str
    conditions: Sequence[str]
    follows_notice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CapLine:
    """One cap of the contact budget in words."""

    times: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """People held back for one reason; *code* "" gathers the rest."""

    code: str
    label: str
    dot: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """One day or hour of the chart: its label, people contacted, and held back by shown reason."""

    label: str
    contacted: int
    held: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """The last rehearsal as the page shows it."""

    record: RehearsalRecord
    result: RehearsalResult
    days: int
    held_back: int
    held_back_only: int
    contacted_share: float
    reasons: Sequence[ReasonLine]
    rows: Sequence[ChartRow]
    by: str
    costs: Mapping[str, int]
    forecast: Any


def words_of(definition: PlanDefinition, policy: Policy) -> dict[str, Any]:
    """The parts of the sentence in the reader's language."""
    return {
        "trigger": sentences.say_trigger(definition.trigger),
        "when": sentences.say_when(definition.trigger),
        "kind": definition.trigger.kind.value,
        "delay": say_duration(definition.delay) if definition.delay else "",
        "purpose": definition.purpose,
        "conditions": [phrases.say_condition(condition) for condition in definition.conditions],
        "steps": [
            StepLine(
                number=number,
                edit=f"step-{number}",
                how=phrases.say_how(step.channel),
                kind=step.kind.value,
                after=say_duration(step.after) if step.after else "",
                conditions=[phrases.say_condition(condition) for condition in step.conditions],
                follows_notice=number > 1 and definition.steps[number - 2].kind is StepKind.NOTICE,
            )
            for number, step in enumerate(definition.steps, start=1)
        ],
        "caps": [
            CapLine(times=phrases.say_times(cap.limit), window=say_duration(cap.window))
            for cap in policy.caps
            if cap.scope == ROUND
        ],
        "cooldown": say_duration(definition.cooldown) if definition.cooldown else "",
        "valid_for": say_duration(definition.valid_for),
        "holdout": definition.holdout_basis_points / 10_000,
        "sampling": definition.sampling_basis_points / 10_000,
        "is_sampled": definition.sampling_basis_points < 10_000,
        "is_bound": definition.contact_class == "follow_up",
        "quotas": [sentences.say_quota(quota) for quota in definition.quotas],
        "incentive": sentences.say_incentive(definition.incentive) if definition.incentive else "",
        "reward_budget": sentences.say_budget(definition.incentive),
        "breaker": sentences.say_breaker(definition.breaker) if definition.breaker.is_on else None,
        "missing": phrases.say_missing_room(definition.trigger.fact),
    }


def page_of(*, plan_id: PlanId, query: Mapping[str, str], language: str, now: datetime) -> dict[str, Any]:
    """Everything on the page of one plan. Raises `UnknownPlanError`."""
    line = queries.plan(plan_id=plan_id)
    policy = current_policy()
    done = queries.last_result(plan_id=plan_id, now=now)
    newest = queries.last_rehearsal(plan_id=plan_id, now=now)
    found = checks_of(line, others=queries.plans(), policy=policy, rehearsed=done, language=language)
    return {
        "plan": line,
        "definition": line.definition,
        "words": words_of(line.definition, policy),
        "asked": asked_of(line.definition),
        "checks": found,
        "checks_note": _note(found),
        "faults": _by_clause(found),
        "is_ready": all(check.kind != "bad" for check in found),
        "rehearsed": rehearsed_of(done, by=query.get("by", "")) if done else None,
        "running": newest if newest and newest.state in ("queued", "running") else None,
        "failed": newest if newest and newest.state == "failed" else None,
        "is_stale": _is_stale(line, done),
        "needs_approval": bool(line.draft_version) and queries.needs_approval(plan_id=plan_id),
        "tripped": tripped_of(line),
        "declined": queries.last_decline(plan_id=plan_id, version=line.draft_version),
        "campaign": queries.campaign_progress(plan_id=plan_id, now=now),
        "members": members_of(line.definition) if done is None else None,
        "quotas": quotas_of(line, now=now),
        "life": life(line, query.get("example", ""), now=now),
        "next_example": (_number(query.get("example", "")) + 1) % len(EXAMPLES),
        "can_pause": line.state is VersionState.ACTIVE and line.live_version,
        "can_resume": line.state is VersionState.PAUSED,
        "changes": changes_of(line),
    }


def _by_clause(found: Sequence[Check]) -> dict[str, list[Check]]:
    """What stops the plan, by the clause of the sentence in which it is mended."""
    places: dict[str, list[Check]] = {}
    for check in found:
        if check.kind == "bad":
            places.setdefault(place_of(check.clause), []).append(check)
    return places


def _note(found: Sequence[Check]) -> str:
    good = sum(check.kind == "good" for check in found)
    other = len(found) - good
    passed = ngettext("%(number)d passes", "%(number)d pass", good) % {"number": good}
    if not other:
        return passed
    return gettext("{passed}, {other} to look at").format(passed=passed, other=other)


def _is_stale(line: PlanLine, done: RehearsalRecord | None) -> bool:
    version = line.draft_version or line.live_version
    return done is not None and (done.version != version or done.created_at < line.edited_at)


def tripped_of(line: PlanLine) -> dict[str, Any] | None:
    """What the breaker saw when it paused the plan; None where it did not."""
    if line.paused_by != "breaker" or line.state is not VersionState.PAUSED or line.paused_at is None:
        return None
    breaker = line.definition.breaker
    since = max(line.paused_at - breaker.window, line.live_since or line.paused_at - breaker.window)
    health = plan_health(plan_ids=[line.id], since=since).get(line.id)
    if health is None:
        return {"because": line.paused_because, "bad": 0, "base": 0, "interval": None}
    bad = health.failed if line.paused_because == "failed" else health.refused
    base = max(health.handed_over, bad)
    interval = wilson(bad, base) if base else None
    return {"because": line.paused_because, "bad": bad, "base": base, "interval": interval}


def members_of(definition: PlanDefinition) -> SegmentCount | None:
    """How many are in the plan's segment now; None where it has none, or where it is too slow to count."""
    segment_id = definition.trigger.segment_id
    if definition.trigger.kind is not TriggerKind.SEGMENT or segment_id is None:
        return None
    try:
        return segment_count(segment_id=segment_id)
    except Refusal:
        return None


def quotas_of(line: PlanLine, *, now: datetime) -> list[dict[str, Any]]:
    """How full each quota is."""
    said = [sentences.say_quota(quota) for quota in line.definition.quotas]
    return [
        {"text": said[each.number - 1], "value": each.value, "used": each.used, "limit": each.limit}
        for each in queries.quota_standings(plan_id=line.id, now=now)
        if 1 <= each.number <= len(said)
    ]


def changes_of(line: PlanLine) -> int:
    """In how many parts the draft differs from the live version; 0 where one of them is missing."""
    if not line.draft_version or not line.live_version:
        return 0
    live = queries.version(plan_id=line.id, number=line.live_version).definition
    names = line.definition.__struct_fields__
    return sum(getattr(line.definition, name) != getattr(live, name) for name in names)


def asked_of(definition: PlanDefinition) -> QuestionnaireChoice | None:
    """The questionnaire that is asked, if it is published."""
    wanted = definition.questionnaire_id
    return next((choice for choice in questionnaire_choices() if choice.id == wanted), None)


def life(line: PlanLine, example: str, *, now: datetime) -> Life | None:
    """What one customer lives through; None where the plan has no step yet."""
    trigger = line.definition.trigger
    if not line.definition.steps or (trigger.kind is TriggerKind.EVENT and not trigger.event):
        return None
    return life_of(line.definition, moment=moment_at(now, clock_trusted=True), number=_number(example))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def rehearsed_of(record: RehearsalRecord, *, by: str) -> Rehearsed:
    """One finished rehearsal, by day or (*by* "hour") by hour."""
    result = record.result
    assert result is not None
    ranked = sorted(result.reasons, key=lambda code: -result.reasons[code])
    shown = ranked if len(ranked) <= REASONS_SHOWN else ranked[: REASONS_SHOWN - 1]
    held_back = sum(result.reasons.values())
    return Rehearsed(
        record=record,
        result=result,
        days=days_of(result),
        held_back=held_back,
        held_back_only=held_back - result.held_out,
        contacted_share=result.contacted / max(1, result.people),
        reasons=_reasons(result, shown),
        rows=[
            ChartRow(
                label=row.label if by == "hour" else _short_day(row.label),
                contacted=row.contacted,
                held=_held(row.reasons, shown, has_rest=len(shown) < len(ranked)),
            )
            for row in (result.hours if by == "hour" else result.days)
        ],
        by="hour" if by == "hour" else "day",
        costs=costs_of(result),
        forecast=forecast_of(result),
    )


def _reasons(result: RehearsalResult, shown: Sequence[str]) -> list[ReasonLine]:
    """A line a reason, and one for the rest."""
    people = max(1, result.people)
    counts = [(code, named("reason", code), result.reasons[code]) for code in shown]
    rest = sum(count for code, count in result.reasons.items() if code not in shown)
    if rest:
        counts.append(("", gettext("Other reasons"), rest))
    return [
        ReasonLine(code=code, label=label, dot=dot, count=count, share=count / people)
        for (code, label, count), dot in zip(counts, _DOTS, strict=False)
    ]


def _short_day(label: str) -> str:
    day = date.fromisoformat(label)
    return f"{day.month}/{day.day}"


def _held(reasons: Mapping[str, int], shown: Sequence[str], *, has_rest: bool) -> list[int]:
    held = [reasons.get(code, 0) for code in shown]
    if has_rest:
        held.append(sum(count for code, count in reasons.items() if code not in shown))
    return held
