"""What the last rehearsal lets one expect. Pure; counts are taken as Poisson."""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

from huifang.plans.records import RehearsalResult

_NORMAL = 1.959963984540054  # two-sided 95 %
_DAY = timedelta(days=1)
CLAUSES = {
    "if": (
        "no_consent",
        "suppressed",
        "customer_refused",
        "condition_not_met",
        "already_enrolled",
        "plan_not_active",
    ),
    "contact": (
        "no_contact_point",
        "unknown_zone",
        "no_window",
        "quiet_hours",
        "working_hours",
        "holiday",
        "expired",
        "clock_unsure",
        "already_answered",
        "restored",
    ),
    "never": ("cap_reached", "cooldown", "budget_spent", "superseded", "quota_reached", "breaker_open"),
    "compare": ("holdout", "global_holdout", "not_sampled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A number with its 95 % interval."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What *days* days like those rehearsed would bring."""

    days: int
    contacted: Expected
    answers: int
    sms_parts: Expected
    reminded: int
    twice: int


def costs_of(result: RehearsalResult) -> dict[str, int]:
    """How many people each clause of the sentence costs."""
    return {
        clause: sum(result.reasons.get(reason, 0) for reason in reasons)
        for clause, reasons in CLAUSES.items()
    }


def days_of(result: RehearsalResult) -> int:
    """Whole days rehearsed, at least one."""
    return max(1, round((result.end - result.start) / _DAY))


def forecast_of(result: RehearsalResult, *, days: int = 7) -> Forecast:
    """Scale the rehearsal to *days* days."""
    share = days * _DAY / (result.end - result.start)
    contacted = _expected(result.contacted, share)
    return Forecast(
        days=days,
        contacted=contacted,
        answers=round(result.contacted * share * result.answer_rate),
        sms_parts=_expected(result.sms_parts, share),
        reminded=round(result.reminded * share),
        twice=round(result.twice * share),
    )


def _expected(count: int, share: float) -> Expected:
    half = _NORMAL * sqrt(count) * share
    value = count * share
    return Expected(value=round(value), low=max(0, round(value - half)), high=round(value + half))
