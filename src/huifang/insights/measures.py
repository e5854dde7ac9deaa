"""Measures of one day, straight from the tables, for Today: with base, interval and the time before."""

from dataclasses import dataclass, replace

from huifang.delivery import queries as delivery
from huifang.kernel.ids import PlanId
from huifang.questionnaires import queries as questionnaires
from huifang.questionnaires.records import Cut, InvitationTally, ScoreTally
from huifang.stats import intervals
from huifang.stats.errors import EmptySampleError
from huifang.stats.intervals import Interval

LOW_BASE = 30
METRICS = ("csat", "nps", "ces")
_OF_METRIC = {"csat": intervals.csat, "nps": intervals.nps_of, "ces": intervals.ces}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure with its interval; None where nobody answered. *before* is that of the period before."""

    metric: str
    value: Interval | None
    before: Interval | None = None

    @property
    def is_low_base(self) -> bool:
        """Whether the base is too small to read much into it."""
        return self.value is not None and self.value.base < LOW_BASE

    @property
    def differs(self) -> int:
        """1 risen, -1 fallen, 0 cannot tell: the intervals of both periods overlap or one is missing."""
        if self.value is None or self.before is None:
            return 0
        if self.value.low > self.before.high:
            return 1
        return -1 if self.value.high < self.before.low else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the funnel, with its share of the step before (None for the first)."""

    name: str
    count: int
    share: Interval | None


def measure(metric: str, tallies: list[ScoreTally]) -> Interval | None:
    """*metric* over all of *tallies*; None where nobody answered."""
    counts: dict[int, int] = {}
    for tally in tallies:
        if tally.metric == metric:
            for score, number in tally.counts.items():
                counts[score] = counts.get(score, 0) + number
    try:
        return _OF_METRIC[metric](counts)
    except EmptySampleError:
        return None


def share(part: int, whole: int) -> Interval | None:
    """*part* of *whole* with Wilson's interval; None where *whole* is 0."""
    return intervals.wilson(min(part, whole), whole) if whole else None


def scores(cut: Cut) -> list[Measure]:
    """CSAT, NPS and CES of the period, each beside the period of the same length before."""
    earlier = replace(cut, start=cut.start - (cut.end - cut.start), end=cut.start)
    now, then = questionnaires.score_tallies(cut=cut), questionnaires.score_tallies(cut=earlier)
    return [Measure(metric=each, value=measure(each, now), before=measure(each, then)) for each in METRICS]


def funnel(cut: Cut) -> list[Step]:
    """Invited, reached, answered, finished: of the follow-ups that began in the period."""
    plan_id = PlanId(cut.plan_id) if cut.plan_id else None
    _, reached = delivery.reached_rounds(start=cut.start, end=cut.end, plan_id=plan_id, channel=cut.channel)
    tally = total(questionnaires.invitation_tallies(cut=cut))
    counts = (
        ("invited", tally.invited),
        ("reached", min(reached, tally.invited)),
        ("answered", tally.answered),
        ("completed", tally.completed),
        ("low", tally.low),
    )
    steps: list[Step] = []
    for name, count in counts:
        before = steps[-1].count if steps else 0
        steps.append(Step(name=name, count=count, share=share(count, before) if steps else None))
    return steps


def total(tallies: list[InvitationTally]) -> InvitationTally:
    """All of *tallies* as one."""
    return InvitationTally(
        group=(),
        invited=sum(tally.invited for tally in tallies),
        answered=sum(tally.answered for tally in tallies),
        completed=sum(tally.completed for tally in tallies),
        low=sum(tally.low for tally in tallies),
    )
