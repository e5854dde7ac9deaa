"""How one round of the loop went: yesterday beside its usual range, plans, reasons, latest words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.insights import measures
from huifang.insights.measures import Measure, Step
from huifang.kernel.ids import PlanId
from huifang.plans import queries as plans
from huifang.questionnaires import queries as questionnaires
from huifang.questionnaires.records import Cut, ResponseFilter, ResponseRecord
from huifang.stats.intervals import Interval

_DAY = timedelta(days=1)
_USUAL = timedelta(days=28)
_MINERALS = ("m2", "m4", "m3", "m5", "m6")
_REASONS = 6
_WORDS = 3
_WORDS_LOOKED_AT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Customers who were not contacted for one reason; *kind* is the mineral that the reason is drawn in."""

    reason: str
    people: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A day that is over. *usual* is the response rate of the four weeks before it."""

    start: datetime
    steps: Sequence[Step]
    scores: Sequence[Measure]
    response: Interval | None
    usual: Interval | None
    held: Sequence[Held]

    @property
    def held_people(self) -> int:
        """How many refusals there were, all reasons together."""
        return sum(each.people for each in self.held)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all."""
        return not (self.steps[0].count or self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """How many customers of one plan were followed up, and how many belong to its holdout."""

    plan_id: PlanId
    followed_up: int
    held_out: int


def yesterday(*, now: datetime, zone: ZoneInfo) -> Round:
    """The last whole local day."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    cut = Cut(start=midnight - _DAY, end=midnight, zone=zone.key)
    before = Cut(start=cut.start - _USUAL, end=cut.start, zone=zone.key)
    tally = measures.total(questionnaires.invitation_tallies(cut=cut))
    earlier = measures.total(questionnaires.invitation_tallies(cut=before))
    return Round(
        start=cut.start,
        steps=measures.funnel(cut),
        scores=[_beside(measure, before) for measure in measures.scores(cut)],
        response=measures.share(tally.answered, tally.invited),
        usual=measures.share(earlier.answered, earlier.invited),
        held=held_back(start=cut.start, end=cut.end),
    )


def _beside(measure: Measure, before: Cut) -> Measure:
    usual = measures.measure(measure.metric, questionnaires.score_tallies(cut=before))
    return Measure(metric=measure.metric, value=measure.value, before=usual)


def held_back(*, start: datetime, end: datetime, plan_id: int | None = None) -> list[Held]:
    """Why customers were not contacted, the most frequent reasons first; a reason keeps its mineral."""
    chosen = PlanId(plan_id) if plan_id else None
    counted = list(plans.held_back(start=start, end=end, plan_id=chosen).items())[:_REASONS]
    return [
        Held(reason=reason, people=people, kind=_MINERALS[min(place, len(_MINERALS) - 1)])
        for place, (reason, people) in enumerate(counted)
    ]


def groups(*, start: datetime, plan_ids: Sequence[PlanId]) -> list[Groups]:
    """Followed up against held out, plan by plan; plans without either are left out."""
    counted = plans.counts(plan_ids=plan_ids, since=start)
    found = [
        Groups(plan_id=plan_id, followed_up=states.get("reached", 0), held_out=states.get("held_out", 0))
        for plan_id, states in counted.items()
    ]
    met = [each for each in found if each.followed_up or each.held_out]
    return sorted(met, key=lambda each: -each.followed_up)


def latest_words(*, before: datetime) -> list[ResponseRecord]:
    """The newest answers with words in them, the longer ones of the last few."""
    recent = questionnaires.responses(only=ResponseFilter(has_text=True, end=before), limit=_WORDS_LOOKED_AT)
    longest = sorted(recent.responses, key=lambda each: -max(len(answer.text) for answer in each.answers))
    chosen = {each.id for each in longest[:_WORDS]}
    return [each for each in recent.responses if each.id in chosen]
