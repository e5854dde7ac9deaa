"""The queue of texts whose label would teach most."""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import chain, zip_longest
from operator import or_
from typing import NamedTuple

from django.db.models import Q, QuerySet

from huifang.textanalysis import keeping, phrasing, stored
from huifang.textanalysis.models import Finding, Label, TextState
from huifang.textanalysis.records import LabelTask, TopicRecord
from huifang.textanalysis.stored import SENTIMENT, TOPICS

LEAST_SURE, DISAGREE, NEW, NAMED, NEAR = "least_sure", "disagree", "new", "named", "near"
ENOUGH = 30
_NEWEST, _LOOKED_THROUGH, _NAMED_MAX = 1_200, 20_000, 200
_DOUBTED = 400
_TAUGHT_MAX, _LABELS_MAX = 3, 200
_SHAPE, _SHORT = 40, 5


class Seen(NamedTuple):
    """As much of a finding as it takes to choose among thousands."""

    pk: int
    masked: str
    topics: Sequence[str]
    topic_confidence: float


Task = tuple[Seen, str, str]


def label_queue(*, field: str, limit: int, topic: str = "") -> list[LabelTask]:
    """The texts whose label would teach most; of topics with few labels first, or of *topic* alone.

    One in three is likely about such a topic, one is held to be by an engine that does not know it well, and
    of one the engine is in doubt.
    """
    rows = _unlabelled(field)
    tasks = _moods(rows) if field == SENTIMENT else _topics(rows, topic)
    chosen = _different(tasks, limit)
    found = stored.by_ids([seen.pk for seen, _, _ in chosen])
    return [
        LabelTask(finding=found[seen.pk], field=field, why=why, topic=code)
        for seen, why, code in chosen
        if seen.pk in found
    ]


def taught() -> list[TopicRecord]:
    """The topics of the operators' own that have too few labels, the one with the fewest first."""
    found = [
        each
        for each in keeping.records()
        if not each.is_retired and not each.is_shipped and each.labels < ENOUGH
    ]
    return sorted(found, key=lambda each: each.labels)


def _unlabelled(field: str) -> QuerySet[Finding]:
    done = Label.objects.filter(kind=field).values("finding_id")
    rows = Finding.objects.exclude(found_at=None).exclude(state=TextState.ERASED).exclude(masked="")
    return rows.exclude(pk__in=done).order_by("-at", "-pk")


def _seen(rows: QuerySet[Finding], most: int) -> list[Seen]:
    return [Seen(*each) for each in rows.values_list(*Seen._fields)[:most]]


def _different(tasks: Sequence[Task], limit: int) -> list[Task]:
    """The first *limit* of *tasks* that do not begin alike."""
    chosen, shapes = list[Task](), set[str]()
    for seen, why, code in tasks:
        shape = seen.masked.lower()[:_SHAPE]
        if len(chosen) < limit and shape not in shapes:
            shapes.add(shape)
            chosen.append((seen, why, code))
    return chosen


def _moods(rows: QuerySet[Finding]) -> list[Task]:
    ordered = rows.filter(rating=None).values_list(*Seen._fields, "sentiment_confidence")[:_DOUBTED]
    by_doubt = sorted(ordered, key=lambda each: (each[-1], -each[0]))
    return [(Seen(*each[:-1]), LEAST_SURE, "") for each in by_doubt]


def _topics(rows: QuerySet[Finding], only: str) -> list[Task]:
    newest = _seen(rows, _NEWEST)
    lessons = [each for each in taught() if only in ("", each.code)]
    if only and not lessons:
        lessons = [each for each in keeping.records() if each.code == only and not each.is_retired]
    doubt = _in_doubt(newest)
    if not lessons:
        return doubt
    pairs = [_taught_by(rows, newest, each) for each in lessons[:_TAUGHT_MAX]]
    # Whoever labels sees the first only: which kind it is goes round with every label.
    turns = [_in_turn([one for one, _ in pairs]), _in_turn([other for _, other in pairs]), doubt]
    at = Label.objects.filter(kind=TOPICS).count() % len(turns)
    return _in_turn([*turns[at:], *turns[:at]])


def _in_turn(many: Sequence[Sequence[Task]]) -> list[Task]:
    """The first of each, the second of each …"""
    return [each for turn in zip_longest(*many) for each in turn if each is not None]


def _in_doubt(newest: Sequence[Seen]) -> list[Task]:
    split = [(each, DISAGREE, "") for each in newest if len(each.topics) > 1]
    doubtful = sorted(
        (each for each in newest if len(each.topics) <= 1 and len(each.masked) > _SHORT),
        key=lambda each: (each.topic_confidence, -each.pk),
    )
    return _in_turn([split, [(each, LEAST_SURE, "") for each in doubtful]])


def _taught_by(
    rows: QuerySet[Finding], newest: Sequence[Seen], topic: TopicRecord
) -> tuple[list[Task], list[Task]]:
    """What is likely about *topic*, and what the engine holds to be: without its words first."""
    # numpy is not needed by whoever labels sentiment.
    from huifang.textanalysis import teaching

    names = [*topic.name.values(), *chain.from_iterable(phrasing.phrases(code=topic.code).values())]
    pool = {each.pk: each for each in (*newest, *_named(rows, teaching.name_words(names)))}
    listed = list(pool.values())
    about, not_about = _labelled(topic.code)
    lesson = teaching.Lesson(names=names, about=about, not_about=not_about)
    likely = [
        (listed[at], NAMED if is_named else NEAR, topic.code)
        for at, is_named in teaching.likely([each.masked for each in listed], lesson)
    ]
    held = [each for each in listed if topic.code in each.topics]
    is_named = teaching.has_name([each.masked for each in held], names).tolist()
    believed = [each for _, each in sorted(zip(is_named, held, strict=True), key=lambda pair: pair[0])]
    return likely, [(each, NEW, topic.code) for each in believed] or likely


def _named(rows: QuerySet[Finding], words: Sequence[str]) -> list[Seen]:
    """Texts with one of *words*, among the newest thousands."""
    if not words:
        return []
    has_one = reduce(or_, (Q(masked__icontains=word) for word in words[:20]))
    oldest = (
        Finding.objects.order_by("-at", "-pk")
        .values_list("at", flat=True)[_LOOKED_THROUGH : _LOOKED_THROUGH + 1]
        .first()
    )
    recent = rows.filter(at__gte=oldest) if oldest else rows
    return _seen(recent.filter(has_one), _NAMED_MAX)


def _labelled(code: str) -> tuple[list[str], list[str]]:
    """The newest texts that people gave this topic, and those that they gave others."""
    found = Label.objects.filter(kind=TOPICS).exclude(finding__masked="").order_by("-at")
    pairs: Mapping[bool, list[str]] = {True: [], False: []}
    for words, name in found.values_list("finding__masked", "label")[:_LABELS_MAX]:
        pairs[name == code].append(words)
    return pairs[True], pairs[False]
