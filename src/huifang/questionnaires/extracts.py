"""Invitations and answers row by row, for the facts of Insights: no words, only that there were some.

Read by ranges of ids, which are the order in which rows came. An answer belongs to the moment at which its
response was begun, because that never changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import F, Max, Prefetch, Q
from django.db.models.functions import TruncDate

from huifang.questionnaires.models import Answer, Invitation, Questionnaire, Response, ResponseState
from huifang.questionnaires.records import IMPORT

_CHUNK = 5000
_ENROLMENT = "enrolment:"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationExtract:
    """One invitation and what became of it. *is_open*: it may still be answered."""

    id: int
    at: datetime
    customer_id: int | None
    plan_id: int | None
    enrolment_id: int | None
    questionnaire_id: int
    version: int
    channel: str
    language: str
    wallet_kind: str
    region: str
    app_version: str
    event: str
    started_at: datetime | None
    completed_at: datetime | None
    is_low: bool
    has_text: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerExtract:
    """One live answer without its words; *id* is that of its response."""

    id: int
    at: datetime
    customer_id: int | None
    plan_id: int | None
    questionnaire_id: int
    version: int
    question: str
    kind: str
    metric: str
    number: int | None
    has_text: bool
    channel: str
    mode: str
    language: str
    wallet_kind: str
    region: str
    app_version: str
    event: str
    is_completed: bool


def last_invitation_id() -> int:
    """The highest id, 0 where there is none."""
    return Invitation.objects.aggregate(last=Max("pk"))["last"] or 0


def last_response_id() -> int:
    """The highest id, 0 where there is none."""
    return Response.objects.aggregate(last=Max("pk"))["last"] or 0


def invitations(
    *, after: int, until: int, limit: int | None = None, now: datetime
) -> Iterator[InvitationExtract]:
    """Invitations with ids above *after* up to *until*, by id; without those of files, which asked nobody."""
    found = (
        Invitation.objects.filter(pk__gt=after, pk__lte=until)
        .exclude(mode=IMPORT)
        .select_related("version", "response")
        .order_by("pk")[:limit]
    )
    for each in found.iterator(chunk_size=_CHUNK):
        yield _invitation(each, getattr(each, "response", None), now)


def _invitation(each: Invitation, response: Response | None, now: datetime) -> InvitationExtract:
    known: dict[str, Any] = each.context
    completed_at = response.completed_at if response else None
    return InvitationExtract(
        id=each.pk,
        at=each.created_at,
        customer_id=each.customer_id,
        plan_id=each.plan_id,
        enrolment_id=_enrolment(each.key),
        questionnaire_id=each.version.questionnaire_id,
        version=each.version.number,
        channel=each.channel,
        language=(response.language if response else "") or each.language,
        wallet_kind=_either(response and response.wallet_kind, known.get("wallet_kind")),
        region=_either(response and response.region, known.get("region")),
        app_version=_either(response and response.app_version, known.get("app_version")),
        event=_either(known.get("event"), None),
        started_at=response.started_at if response else None,
        completed_at=completed_at,
        is_low=bool(response and response.low_score),
        has_text=bool(response and response.has_text),
        is_open=completed_at is None and each.closed_at is None and each.expires_at > now,
    )


def _enrolment(key: str) -> int | None:
    number = key.removeprefix(_ENROLMENT)
    return int(number) if key.startswith(_ENROLMENT) and number.isdecimal() else None


def _either(one: object, other: object) -> str:
    return str(one or other or "")


_ANSWER_FIELDS = (
    "response_id",
    "response__started_at",
    "response__customer_id",
    "response__plan_id",
    "response__questionnaire_id",
    "response__version_number",
    "question_key",
    "kind",
    "metric",
    "number",
    "text",
    "response__channel",
    "response__mode",
    "response__language",
    "response__wallet_kind",
    "response__region",
    "response__app_version",
    "response__context__event",
    "response__state",
)


def answers(*, after: int, until: int) -> Iterator[AnswerExtract]:
    """The live answers of the responses with ids above *after* up to *until*, by response."""
    found = Answer.objects.filter(response__gt=after, response__lte=until, is_live=True)
    rows = found.order_by("response_id", "place").values_list(*_ANSWER_FIELDS)
    for row in rows.iterator(chunk_size=_CHUNK):
        yield AnswerExtract(
            id=row[0],
            at=row[1],
            customer_id=row[2],
            plan_id=row[3],
            questionnaire_id=row[4],
            version=row[5],
            question=row[6],
            kind=row[7],
            metric=row[8],
            number=row[9],
            has_text=bool(row[10]),
            channel=row[11],
            mode=row[12],
            language=row[13],
            wallet_kind=row[14],
            region=row[15],
            app_version=row[16],
            event=str(row[17] or ""),
            is_completed=row[18] == ResponseState.COMPLETED,
        )


def nth_response_id(*, after: int, until: int, limit: int) -> int:
    """The id that ends the next *limit* responses above *after*; *until* where there are fewer."""
    ids = Response.objects.filter(pk__gt=after, pk__lte=until).order_by("pk").values_list("pk", flat=True)
    found = list(ids[limit - 1 : limit])
    return found[0] if found else until


def answered_days(*, since: datetime) -> list[tuple[date, date]]:
    """UTC days on which responses touched from *since* on were begun, each with that of its invitation."""
    found = Response.objects.filter(Q(last_answered_at__gte=since) | Q(completed_at__gte=since))
    days = found.annotate(
        begun=TruncDate("started_at", tzinfo=UTC), invited=TruncDate(F("invitation__created_at"), tzinfo=UTC)
    )
    return [(begun, invited) for begun, invited in days.values_list("begun", "invited").distinct()]


def customers_invited(*, invitation_ids: Sequence[int]) -> dict[int, int]:
    """Whom each of these invitations asked; none for those whose customer was erased."""
    found = Invitation.objects.filter(pk__in=list(invitation_ids)).exclude(customer_id=None)
    return {pk: customer_id for pk, customer_id in found.values_list("pk", "customer_id") if customer_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidExtract:
    """What stands behind one number: a response with its scores by metric, and its words."""

    id: int
    at: datetime
    customer_id: int | None
    questionnaire_id: int
    channel: str
    event: str
    is_low: bool
    scores: dict[str, int]
    words: list[str]


def said(*, response_ids: Sequence[int]) -> dict[int, SaidExtract]:
    """The responses behind a number, for a screen of those who may read them."""
    live = Prefetch("answers", Answer.objects.filter(is_live=True).order_by("place"), to_attr="live")
    found = Response.objects.filter(pk__in=list(response_ids)).prefetch_related(live)
    return {each.pk: _said(each, each.live) for each in found}


def _said(response: Response, live: Sequence[Answer]) -> SaidExtract:
    return SaidExtract(
        id=response.pk,
        at=response.started_at,
        customer_id=response.customer_id,
        questionnaire_id=response.questionnaire_id,
        channel=response.channel,
        event=str(response.context.get("event") or ""),
        is_low=response.low_score,
        scores={each.metric: each.number for each in live if each.metric and each.number is not None},
        words=[each.text for each in live if each.text],
    )


def names() -> dict[int, dict[str, str]]:
    """The name of every questionnaire, archived ones too."""
    return dict(Questionnaire.objects.order_by("pk").values_list("pk", "name"))
