"""Findings in words, for the screens of Feedback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy

from huifang.console.figures import grouped, in_percent
from huifang.textanalysis import marking, masking, naming, queries
from huifang.textanalysis.records import ComparedTopic, FindingRecord, Share
from huifang.textanalysis.views import frame, verbatims

register = template.Library()


@register.filter
def word(code: object, table: str) -> str:
    """A stored word in the reader's language: ``{{ finding.sentiment|word:"sentiment" }}``."""
    return naming.named(table, code)


@register.filter
def rival(name: str) -> str:
    """Another wallet's name in the reader's language."""
    return naming.rival(name, frame.language())


@register.filter
def shown(finding: FindingRecord, topic: str = "") -> SafeString:
    """The masked text with the words that show *topic*, or all its topics, its mood and its cues."""
    words = [*finding.evidence, *(cue.words for cue in finding.cues)]
    words += [each for found in finding.topics if topic in ("", found.code) for each in found.words]
    return marking.marked(finding.masked, words)


@register.filter
def masked(text: str | None) -> str:
    """What a customer wrote, with its personal data masked, as every screen shows it; "" where it is gone."""
    return masking.mask(text).text if text else ""


@register.filter
def points(change: float | None) -> str:
    """A difference in percentage points with its sign: "+3.1"."""
    if change is None:
        return "–"
    told = grouped(abs(change), 1)
    return f"{'−' if change < 0 else '+'}{told}"


@register.filter
def confident(share: float) -> str:
    """How sure an engine is: "87%"."""
    return in_percent(share, 0) + "%"


@register.filter
def codes(finding: FindingRecord) -> tuple[str, ...]:
    """The topics of a finding by their codes."""
    return tuple(each.code for each in finding.topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One page of Feedback."""

    url: str
    label: str
    is_current: bool


_PAGES = (
    ("textanalysis:topics", "feedback.view", pgettext_lazy("page of Feedback", "Topics")),
    ("questionnaires:feedback", "feedback.view", pgettext_lazy("page of Feedback", "What they said")),
    ("textanalysis:alerts", "feedback.view", pgettext_lazy("page of Feedback", "Rising")),
    ("textanalysis:wishes", "feedback.view", pgettext_lazy("page of Feedback", "Wishes")),
    ("textanalysis:competitors", "feedback.view", pgettext_lazy("page of Feedback", "Competitors")),
    ("textanalysis:faq", "feedback.view", pgettext_lazy("page of Feedback", "FAQ")),
    ("textanalysis:labels", "feedback.edit", pgettext_lazy("page of Feedback", "Label")),
    ("textanalysis:accuracy", "feedback.view", pgettext_lazy("page of Feedback", "Accuracy")),
)


@register.simple_tag(takes_context=True)
def feedback_pages(context: template.Context) -> list[Tab]:
    """The pages of Feedback that this person may open, for ``<c-tabs>``."""
    request = context["request"]
    found = []
    for name, permission, label in _PAGES:
        if permission not in request.permissions:
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # a room that is not part of this installation
            continue
        is_home = name == "questionnaires:feedback"
        here = request.path == url if is_home else request.path.startswith(url)
        found.append(Tab(url=url, label=str(label), is_current=here))
    return found


@register.filter
def sides(line: ComparedTopic) -> tuple[Share, Share]:
    """The two selections of a comparison."""
    return line.first, line.second


@register.filter
def minus(value: float) -> float:
    """The other end of an axis."""
    return -value


@register.filter
def words(text: str) -> list[str]:
    """The words of *text*, to go through them in a template."""
    return text.split()


@register.filter
def whole(progress: Mapping[str, int]) -> int:
    """All texts that are read or being read."""
    return progress["done"] + progress["again"]


@register.filter
def chance(share: float) -> str:
    """A small probability: "one in 3,000"."""
    return gettext("one in {number}").format(number=grouped(1 / max(share, 1e-9), 0))


@register.simple_tag(takes_context=True)
def finding_frame(context: template.Context, findings: Sequence[FindingRecord]) -> dict[str, object]:
    """What ``textanalysis/_marks.html`` needs for *findings*, on the page of another room."""
    may_edit = "feedback.edit" in context["request"].permissions
    return verbatims.context(findings, queries.taxonomy(), may_edit=may_edit)
