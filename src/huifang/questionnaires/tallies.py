"""Answers and invitations counted in the database, in groups: what Insights reckons its measures from."""

from collections.abc import Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Model, Q, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncDate

from huifang.questionnaires.models import Answer, Invitation, ResponseState
from huifang.questionnaires.records import IMPORT, Cut, InvitationTally, ScoreTally

Row = TypeVar("Row", bound=Model)


def _groups(by: Sequence[str], *, at: str, to: str, cut: Cut) -> dict[str, Combinable]:
    known: dict[str, Combinable] = {
        "day": Cast(TruncDate(at, tzinfo=ZoneInfo(cut.zone)), TextField()),
        "plan": Cast(f"{to}plan_id", TextField()),
        "channel": F(f"{to}channel"),
        "wallet_kind": F("response__wallet_kind"),
        "language": F("response__language"),
        "event": KeyTextTransform("event", "response__context"),
    }
    return {f"by_{name}": known[name] for name in by}


def _group(row: Sequence[Any], width: int) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in row[:width])


def _narrow(found: QuerySet[Row], cut: Cut) -> QuerySet[Row]:
    exact = {
        "plan_id": cut.plan_id,
        "channel": cut.channel,
        "response__wallet_kind": cut.wallet_kind,
        "response__language": cut.language,
    }
    return found.filter(**{name: value for name, value in exact.items() if value})


def scores(*, cut: Cut, by: Sequence[str] = ()) -> list[ScoreTally]:
    """How often each value of each metric was given, in groups *by* what `_groups` knows."""
    groups = _groups(by, at="answered_at", to="", cut=cut)
    found = Answer.objects.filter(is_live=True, answered_at__gte=cut.start, answered_at__lt=cut.end)
    found = _narrow(found.exclude(Q(metric="") | Q(number=None)), cut).annotate(**groups)
    rows = found.values_list(*groups, "metric", "number").order_by(*groups, "metric").annotate(Count("pk"))
    tallies: dict[tuple[tuple[str, ...], str], dict[int, int]] = {}
    for row in rows:
        *_, metric, number, count = row
        tallies.setdefault((_group(row, len(by)), metric), {})[number] = count
    return [
        ScoreTally(group=group, metric=metric, counts=counts) for (group, metric), counts in tallies.items()
    ]


def invitations(*, cut: Cut, by: Sequence[str] = ()) -> list[InvitationTally]:
    """Invitations made in the period, and how many of them were answered, finished, scored low.

    Answers out of a file are none: it says nothing of those who were asked and kept silent.
    """
    groups = _groups(by, at="created_at", to="", cut=cut)
    made = Invitation.objects.filter(created_at__gte=cut.start, created_at__lt=cut.end).exclude(mode=IMPORT)
    found = _narrow(made, cut)
    rows = (
        found.annotate(**groups)
        .values_list(*groups)
        .order_by(*groups)
        .annotate(
            invited=Count("pk"),
            answered=Count("pk", filter=Q(response__isnull=False) | Q(is_spent=True)),
            completed=Count("response", filter=Q(response__state=ResponseState.COMPLETED)),
            low=Count("response", filter=Q(response__low_score=True)),
        )
    )
    return [
        InvitationTally(
            group=_group(row, len(by)), invited=row[-4], answered=row[-3], completed=row[-2], low=row[-1]
        )
        for row in rows
    ]
