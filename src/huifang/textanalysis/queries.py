"""What can be asked about texts and about how well they are understood."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from huifang.kernel import clock
from huifang.textanalysis import (
    alike,
    engine_choice,
    faq_book,
    keeping,
    labelling,
    learning,
    lines,
    naming,
    proposing,
    queueing,
    selecting,
    stored,
    watching,
    working,
)
from huifang.textanalysis.errors import UnknownFindingError
from huifang.textanalysis.models import Finding
from huifang.textanalysis.records import (
    Alert,
    ComparedTopic,
    CompetitorLine,
    EngineFigure,
    FaqCandidate,
    FaqEntry,
    FaqMatch,
    Figure,
    FindingFilter,
    FindingPage,
    FindingRecord,
    LabelTask,
    ModelVersion,
    NewTopicProposal,
    PublicSet,
    TopicLine,
    TopicRecord,
    TrendPoint,
    WishLine,
)


def names_of(*, field: str) -> list[tuple[str, str]]:
    """The values of *field* (sentiment, intent, urgency, source …) with their names, for a filter."""
    return naming.choices(field)


def public_sets() -> dict[str, PublicSet]:
    """The public sets that can be measured on, by name; none of them is shipped."""
    from huifang.textanalysis import public_sets

    return dict(public_sets.SETS)


def measured(*, name: str, folder: Path, with_meaning: bool) -> list[Figure]:
    """Learn and try on the public set *name* below *folder*. Seconds to minutes of work."""
    from huifang.textanalysis import embedding, public_sets

    return public_sets.MEASURES[name](folder, embedding.embedder() if with_meaning else None)


def findings(*, source: str, keys: Sequence[str]) -> dict[str, FindingRecord]:
    """The findings of these texts of *source*, by key; none for those that still wait or were erased."""
    rows = Finding.objects.filter(source=source, key__in=list(keys)).exclude(found_at=None).exclude(masked="")
    return {each.key: each for each in stored.records(list(rows))}


def finding(*, finding_id: int) -> FindingRecord:
    """One finding. Raises `UnknownFindingError`."""
    found = stored.by_ids([finding_id]).get(finding_id)
    if found is None:
        raise UnknownFindingError
    return found


def search(*, found: FindingFilter, after: str = "", limit: int = 50) -> FindingPage:
    """One page of the findings that *found* leaves, newest first; *after* comes from the page before."""
    return selecting.page(found, after=after, limit=limit)


def count(*, found: FindingFilter) -> int:
    """How many findings *found* leaves."""
    return selecting.filtered(found).count()


def keys_with(*, source: str, found: FindingFilter, limit: int) -> list[str]:
    """The keys of the newest texts of *source* that *found* leaves."""
    rows = selecting.filtered(replace(found, source=source)).order_by("-at", "-pk")
    return list(rows.values_list("key", flat=True)[:limit])


def values(*, found: FindingFilter, field: str) -> list[tuple[str, int]]:
    """What can be chosen for *field* (channel, version, region, event, source), the most frequent first."""
    return lines.values(found, field)


def topics(*, found: FindingFilter, only: str = "") -> list[TopicLine]:
    """Topics by size and change; without a start the last 28 days. *only* the one has its verbatims."""
    return lines.topics(found, clock.now(), only=only)


def trend(*, found: FindingFilter, topic: str, by: str = "day") -> list[TrendPoint]:
    """A topic as a share of all texts by ``day`` or ``week`` of UTC; "" is negative texts."""
    return lines.trend(found, topic=topic, by=by, now=clock.now())


def compare(*, first: FindingFilter, second: FindingFilter) -> list[ComparedTopic]:
    """Topics in two selections, the largest difference first."""
    return lines.compare(first, second)


def competitors(*, found: FindingFilter) -> list[CompetitorLine]:
    """Other wallets that are named, the most frequent first."""
    return lines.competitors(found)


def wishes(*, found: FindingFilter) -> list[WishLine]:
    """What customers wish for, the most frequent first."""
    return lines.wishes(found, alike.grouped)


def taxonomy() -> list[TopicRecord]:
    """Every topic, retired ones too."""
    return keeping.records()


def alerts(*, open_only: bool = True) -> list[Alert]:
    """Topics that rise, or that rose."""
    return watching.alerts(open_only=open_only)


def proposals() -> list[NewTopicProposal]:
    """What may become a topic."""
    return proposing.proposals()


def label_queue(*, field: str, limit: int = 20, topic: str = "") -> list[LabelTask]:
    """The texts whose label would teach most. *field*: ``topics``, ``sentiment``; *topic*: that one alone."""
    return queueing.label_queue(field=field, limit=limit, topic=topic)


def taught_topics() -> list[TopicRecord]:
    """The operators' own topics that have too few labels to be known well."""
    return queueing.taught()


def label_counts() -> dict[str, int]:
    """How many labels people gave, by field."""
    return labelling.label_counts()


def model_versions() -> list[ModelVersion]:
    """Every version of every model, newest first."""
    return learning.model_versions()


def engine_figures() -> list[EngineFigure]:
    """How every engine does on the operators' own labels; empty until there are some to measure on."""
    return learning.engine_figures()


def waiting_to_learn() -> list[str]:
    """The kinds of models that labels will soon change."""
    return learning.asked_kinds()


def engine_name() -> str:
    """The engine that the setting asks for."""
    return engine_choice.chosen()


def progress() -> dict[str, int]:
    """How many texts wait (``waiting``, ``again``), could not be read (``parked``), are read (``done``)."""
    return working.progress()


def faq_entries() -> list[FaqEntry]:
    """The live entries of the FAQ."""
    return faq_book.entries()


def faq_search(*, question: str, language: str = "", limit: int = 3) -> list[FaqMatch]:
    """The entries that may answer; those that speak *language* go before where they are as alike."""
    found = faq_book.search(question=question, limit=limit)
    return sorted(found, key=lambda match: (-match.score, language not in match.entry.answer))


def faq_candidates() -> list[FaqCandidate]:
    """Questions that recur and that no entry answers."""
    return proposing.faq_candidates()
