"""What the screens of Feedback share: the period, what is filtered, and its state in the URL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext

from huifang.console import lists, names, periods
from huifang.console.periods import Period
from huifang.console.screens import Request
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES, pick, product_language
from huifang.textanalysis import choices, naming
from huifang.textanalysis.records import FindingFilter, FindingRecord, Texts, TopicRecord
from huifang.textanalysis.views import verbatims

EDIT = "feedback.edit"
_NAMED = {"channel": "channel", "event": "event"}
_OURS = {"language": "text_language", "source": "source"}
# What is chosen beside the filters, and stays when these change.
_KEPT = ("by", "cut", "one", "other", "also_from", "also_to", "order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One screen: what it shows and how it was asked for. *known*: every topic, retired ones too."""

    zone: ZoneInfo
    period: Period
    found: FindingFilter
    state: lists.State
    known: tuple[TopicRecord, ...]
    kept: Mapping[str, str]
    may_edit: bool

    @property
    def topics(self) -> dict[str, Texts]:
        """Every topic's name by its code."""
        return {each.code: each.name for each in self.known}

    def for_voices(self, findings: Iterable[FindingRecord]) -> dict[str, object]:
        """What the templates of verbatims need."""
        return verbatims.context(findings, self.known, may_edit=self.may_edit)

    @property
    def days(self) -> tuple[int, ...]:
        """The lengths of period that are offered."""
        return periods.DAYS

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the period hides texts."""
        return self.state.is_narrowed


def language() -> str:
    """The product language of the page."""
    return product_language(translation.get_language() or "") or LANGUAGES[0]


def read(request: Request, *, without: tuple[str, ...] = (), page_size: int = lists.PAGE_SIZE) -> Frame:
    """The frame that the URL asks for. *without* names filters that this screen does not offer."""
    zone = timezone.get_current_timezone()
    assert isinstance(zone, ZoneInfo)
    period = periods.read(request.GET.dict(), now=clock.now(), zone=zone)
    topics = choices.topics()
    filters = [each for each in _filters(topics) if each.name not in without and each.choices]
    listing = lists.Listing(sorts={"at": ("at",)}, sort="at", filters=filters, page_size=page_size)
    state = lists.read(request.GET, listing)
    return Frame(
        zone=zone,
        period=period,
        found=filter_of(state, period, request.GET),
        state=state,
        known=topics,
        kept={name: request.GET.get(name, "")[:200] for name in _KEPT},
        may_edit=EDIT in request.permissions,
    )


def filter_of(state: lists.State, period: Period, query: QueryDict) -> FindingFilter:
    """What *state* chooses, within *period*."""
    chosen = state.chosen
    mood = chosen.get("sentiment", "")
    return FindingFilter(
        start=period.start,
        end=period.end,
        sentiment=mood,
        topic=chosen.get("topic", ""),
        intent=chosen.get("intent", ""),
        language=chosen.get("language", ""),
        channel=chosen.get("channel", ""),
        version=chosen.get("version", ""),
        region=chosen.get("region", ""),
        event=chosen.get("event", ""),
        source=chosen.get("source", ""),
        urgency_min=int(chosen.get("urgency", "") or 0),
        plan_id=int(chosen.get("plan", "") or 0) or None,
        words=state.search[:200].replace("\0", ""),
    )


def narrowed(found: FindingFilter, cut: str, value: str) -> FindingFilter:
    """*found* with *cut* at *value*: one segment to compare."""
    return replace(found, **{cut: value})  # type: ignore[arg-type]


def cut_choices(cut: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """*values* of *cut* with their names."""
    if cut in _NAMED:
        return [(each, names.named(_NAMED[cut], each)) for each in values]
    if cut in _OURS:
        return [(each, naming.named(_OURS[cut], each)) for each in values]
    return [(each, each) for each in values]


def _filters(topics: Sequence[TopicRecord]) -> list[lists.Filter]:
    named = [(each.code, pick(each.name, language())) for each in topics if not each.is_retired]
    values = choices.values()
    known = choices.plan_names(values["plan_id"])
    plans = [(str(plan_id), pick(name, language())) for plan_id, name in known.items()]
    urgency = naming.choices("urgency", "1", "2", "3")
    return [
        lists.Filter(name="topic", label=pgettext("field of a finding", "Topic"), choices=named),
        lists.Filter(name="sentiment", label=gettext("Mood"), choices=naming.choices("sentiment")),
        lists.Filter(name="intent", label=gettext("Intent"), choices=naming.choices("intent")),
        lists.Filter(name="urgency", label=gettext("Urgency at least"), choices=urgency),
        lists.Filter(name="plan", label=gettext("Plan"), choices=plans),
        *(
            lists.Filter(name=cut, label=cut_title(cut), choices=cut_choices(cut, values[cut]))
            for cut in choices.CUTS
        ),
    ]


def cut_title(cut: str) -> str:
    """What *cut* is called."""
    titles = {
        "channel": gettext("Channel"),
        "version": gettext("App version"),
        "region": gettext("Region"),
        "event": gettext("Event"),
        "language": gettext("Language"),
        "source": gettext("Source"),
        "topic": pgettext("field of a finding", "Topic"),
    }
    return titles[cut]
