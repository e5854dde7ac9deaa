"""What the filters of Feedback offer: the topics, and the values that occur in the newest texts."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg

from huifang.textanalysis import queries
from huifang.textanalysis.models import Finding
from huifang.textanalysis.records import Texts, TopicRecord

CUTS = ("channel", "version", "region", "event", "language", "source")
_NEWEST = 5_000
_VALUES_MAX = 200

_Source = Callable[[], dict[int, dict[str, str]]]
_plan_names: list[_Source] = []


def provide_plan_names(source: _Source) -> _Source:
    """Decorate a function of `config.wiring` that names all plans by id: their room lies above this one."""
    _plan_names.append(source)
    return source


def topics() -> tuple[TopicRecord, ...]:
    """Every topic, retired ones too."""
    return tuple(queries.taxonomy())


def values() -> dict[str, list[str]]:
    """The values of each cut, in order; and the ids of the plans as ``plan_id``."""
    listed = {f"{cut}_values": ArrayAgg(cut, distinct=True) for cut in (*CUTS, "plan_id")}
    found = Finding.objects.order_by("-at")[:_NEWEST].aggregate(**listed)
    return {
        cut: sorted(str(value) for value in found[f"{cut}_values"] or () if value)[:_VALUES_MAX]
        for cut in (*CUTS, "plan_id")
    }


def newest_at() -> datetime | None:
    """When the newest text was written; None where there is none."""
    return Finding.objects.order_by("-at", "-id").values_list("at", flat=True).first()


def plan_names(ids: list[str]) -> dict[int, Texts]:
    """The plans of *ids* that somebody can name."""
    known = {plan_id: name for source in _plan_names for plan_id, name in source().items()}
    return {int(each): known[int(each)] for each in ids if int(each) in known}
