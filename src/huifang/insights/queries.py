"""What can be asked about the facts from outside of this room."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from huifang.insights.facts.shapes import SHAPES
from huifang.insights.models import Segment, TopicState


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStatus:
    """One topic of facts as it is written. *as_of*: everything committed by then is in it."""

    topic: str
    files: int
    rows: int
    bytes: int
    as_of: datetime | None


def facts_status() -> list[TopicStatus]:
    """Every topic."""
    live = Segment.objects.filter(retired_at=None).order_by().values_list("topic")
    counted = {
        topic: (files, rows, size)
        for topic, files, rows, size in live.annotate(Count("pk"), Sum("rows"), Sum("bytes"))
    }
    as_of = dict(TopicState.objects.values_list("topic", "as_of"))
    return [_status(topic, counted.get(topic, (0, 0, 0)), as_of.get(topic)) for topic in SHAPES]


def _status(topic: str, counted: tuple[int, int, int], as_of: datetime | None) -> TopicStatus:
    files, rows, size = counted
    return TopicStatus(topic=topic, files=files, rows=rows, bytes=size, as_of=as_of)
