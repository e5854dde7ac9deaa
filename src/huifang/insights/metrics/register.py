"""Every measure by its name: what it is, what it can be cut by, and how it is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from huifang.insights.errors import UnknownMeasureError
from huifang.insights.metrics import activity, answers, invitations, reaching
from huifang.insights.metrics.cuts import CUTS, TIMES, Slice
from huifang.insights.metrics.readings import Reading, Unit
from huifang.kernel.refusals import gettext_noop

Read = Callable[..., list[Reading]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One measure. *about* says of whom it is the share, or of what the mean; *base* what its base counts."""

    name: str
    title: str
    about: str
    base: str
    unit: Unit
    topics: Sequence[str]
    cuts: Sequence[str]
    read: Read


_ANSWERS = gettext_noop("answers")
_ALL = (
    Metric(
        name="response_rate",
        title=gettext_noop("Response rate"),
        about=gettext_noop("of those invited, who gave an answer"),
        base=gettext_noop("invited"),
        unit=Unit.SHARE,
        topics=invitations.TOPICS,
        cuts=CUTS,
        read=invitations.response_rate,
    ),
    Metric(
        name="reach",
        title=gettext_noop("Reach"),
        about=gettext_noop("of the follow-ups contacted, that came through"),
        base=gettext_noop("contacted"),
        unit=Unit.SHARE,
        topics=("enrolments", "attempts", "invitations"),
        cuts=CUTS,
        read=reaching.reach,
    ),
    Metric(
        name="nps",
        title=gettext_noop("NPS"),
        about=gettext_noop("share of 9 and 10 less share of 0 to 6"),
        base=_ANSWERS,
        unit=Unit.NPS,
        topics=answers.TOPICS,
        cuts=CUTS,
        read=partial(answers.scores, "nps"),
    ),
    Metric(
        name="csat",
        title=gettext_noop("CSAT"),
        about=gettext_noop("of the answers, 4 and 5 of 5"),
        base=_ANSWERS,
        unit=Unit.SHARE,
        topics=answers.TOPICS,
        cuts=CUTS,
        read=partial(answers.scores, "csat"),
    ),
    Metric(
        name="ces",
        title=gettext_noop("CES"),
        about=gettext_noop("mean of the answers from 1 to 7"),
        base=_ANSWERS,
        unit=Unit.MEAN,
        topics=answers.TOPICS,
        cuts=CUTS,
        read=partial(answers.scores, "ces"),
    ),
    Metric(
        name="suggestions",
        title=gettext_noop("Answers with words"),
        about=gettext_noop("of the responses, in which something was written"),
        base=gettext_noop("responses"),
        unit=Unit.SHARE,
        topics=answers.TOPICS,
        cuts=CUTS,
        read=answers.words,
    ),
    Metric(
        name="answer_time",
        title=gettext_noop("Time until they answer"),
        about=gettext_noop("median from the invitation to the first answer"),
        base=_ANSWERS,
        unit=Unit.SECONDS,
        topics=invitations.TOPICS,
        cuts=CUTS,
        read=invitations.answer_time,
    ),
    Metric(
        name="usage",
        title=gettext_noop("Feature usage rate"),
        about=gettext_noop("of the customers who did anything, who did this"),
        base=gettext_noop("active customers"),
        unit=Unit.SHARE,
        topics=activity.TOPICS,
        cuts=activity.CUTS,
        read=activity.usage,
    ),
)
METRICS: Mapping[str, Metric] = {each.name: each for each in _ALL}
OVERVIEW = ("response_rate", "reach", "nps", "csat", "ces", "suggestions", "answer_time")
TOPICS = ("answers", "invitations", "attempts", "enrolments")


def metric(name: str) -> Metric:
    """The measure of this name. Raises `UnknownMeasureError`."""
    if name not in METRICS:
        raise UnknownMeasureError(name=name, known=", ".join(METRICS))
    return METRICS[name]


def read(name: str, only: Slice, *, by: str = "", **more: str) -> list[Reading]:
    """Readings of the measure *name*, grouped *by* a cut or a span of time. Raises `UnknownMeasureError`."""
    wanted = metric(name)
    if by and by not in (*wanted.cuts, *TIMES):
        raise UnknownMeasureError(name=by, known=", ".join((*wanted.cuts, *TIMES)))
    return wanted.read(only, by=by, **more)


def one(name: str, only: Slice) -> Reading:
    """The measure *name* over everything in *only*."""
    found = read(name, only)
    return found[0] if found else Reading(group="", unit=METRICS[name].unit, value=None)
