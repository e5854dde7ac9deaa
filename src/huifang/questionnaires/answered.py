"""Responses and their answers as the room tells of them: filtered, by page, counted."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import overload

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, F, Func, Prefetch, Q, QuerySet, TextField, Value

from huifang.kernel.ids import CustomerId, PlanId, ResponseId
from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.models import Answer, Response, TakenReply
from huifang.questionnaires.records import (
    AnswerRecord,
    QuestionKind,
    ResponseFilter,
    ResponsePage,
    ResponseRecord,
    ScoreCounts,
)


def responses_of(*, customer_id: CustomerId) -> list[ResponseRecord]:
    """Everything that one customer answered, newest first."""
    return _with_answers(_responses().filter(customer_id=customer_id).order_by("-last_answered_at", "-pk"))


def responses(*, only: ResponseFilter, after: str = "", limit: int = 50) -> ResponsePage:
    """One page of responses with a counted answer, newest first; *after* comes from the page before."""
    found = filtered(only).order_by("-last_answered_at", "-pk")
    if after:
        at, pk = _read_place(after)
        found = found.filter(Q(last_answered_at__lt=at) | Q(last_answered_at=at, pk__lt=pk))
    records = _with_answers(found[: limit + 1])
    more = len(records) > limit
    last = records[limit - 1] if more else None
    return ResponsePage(
        responses=records[:limit],
        after=f"{last.last_answered_at.timestamp():.6f}_{last.id}" if last else "",
    )


def _read_place(after: str) -> tuple[datetime, int]:
    seconds, _, pk = after.partition("_")
    try:
        return datetime.fromtimestamp(float(seconds), tz=UTC), int(pk)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC), 0


class ResponseList(Sequence[ResponseRecord]):
    """The responses that *only* leaves, newest first, read from the database by the slice."""

    def __init__(self, only: ResponseFilter) -> None:
        self._found = filtered(only).order_by("-last_answered_at", "-pk")

    def __len__(self) -> int:
        return self._found.count()

    @overload
    def __getitem__(self, index: int) -> ResponseRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[ResponseRecord]: ...
    def __getitem__(self, index: int | slice) -> ResponseRecord | list[ResponseRecord]:
        if isinstance(index, slice):
            return _with_answers(self._found[index])
        return _with_answers(self._found[index : index + 1])[0]


def _responses() -> QuerySet[Response]:
    return Response.objects.select_related("questionnaire", "invitation")


def filtered(only: ResponseFilter) -> QuerySet[Response]:
    """The responses that *only* leaves."""
    exact = {
        "questionnaire_id": only.questionnaire_id,
        "plan_id": only.plan_id,
        "channel": only.channel,
        "wallet_kind": only.wallet_kind,
        "language": only.language,
        "context__event": only.event,
        "version_number": only.version,
        "place": only.place,
        "mode": only.mode,
        "last_answered_at__gte": only.start,
        "last_answered_at__lt": only.end,
        "low_score": only.is_low,
        "has_text": only.has_text,
    }
    found = _responses().filter(**{name: value for name, value in exact.items() if value})
    answers = Answer.objects.filter(is_live=True)
    if only.metric:
        answers = answers.filter(metric=only.metric)
    if only.kind:
        answers = answers.filter(kind=only.kind)
    if only.score is not None:
        answers = answers.filter(number=only.score)
    if only.metric or only.kind or only.score is not None:
        found = found.filter(pk__in=answers.values("response_id"))
    if only.search:
        found = found.filter(pk__in=_saying(only.search).values("response_id"))
    if only.response_ids is not None:
        found = found.filter(pk__in=only.response_ids)
    return found


def _saying(words: str) -> QuerySet[Answer]:
    """The live answers in which *words* occur, found by the index over pairs of characters."""
    pairs = ArrayField(TextField())
    found = Answer.objects.filter(is_live=True).exclude(text="").filter(text__icontains=words)
    if len(words) < 2:
        return found
    held = Func(F("text"), function="questionnaires_pairs", output_field=pairs)
    wanted = Func(Value(words), function="questionnaires_pairs", output_field=pairs)
    return found.annotate(pairs=held).filter(pairs__contains=wanted)


def _with_answers(found: QuerySet[Response]) -> list[ResponseRecord]:
    live = Prefetch("answers", Answer.objects.filter(is_live=True).order_by("place"), to_attr="live")
    beside = Prefetch("comments", TakenReply.objects.exclude(words="").order_by("at"), to_attr="beside")
    return [_response_record(response) for response in found.prefetch_related(live, beside)]


def _response_record(response: Response) -> ResponseRecord:
    live: list[Answer] = response.live  # type: ignore[attr-defined]
    return ResponseRecord(
        id=ResponseId(response.pk),
        invitation_key=response.invitation.key if response.invitation else "",
        customer_id=CustomerId(response.customer_id) if response.customer_id is not None else None,
        questionnaire_id=response.questionnaire_id,
        questionnaire_name=response.questionnaire.name,
        version_id=_version_id(response),
        version=response.version_number,
        plan_id=PlanId(response.plan_id) if response.plan_id is not None else None,
        channel=response.channel,
        mode=response.mode,
        language=response.language,
        wallet_kind=response.wallet_kind,
        region=response.region,
        app_version=response.app_version,
        state=response.state,
        low_score=response.low_score,
        started_at=response.started_at,
        completed_at=response.completed_at,
        last_answered_at=response.last_answered_at,
        event=response.context.get("event", ""),
        context=response.context,
        place=response.place,
        answers=[_answer_record(answer, response) for answer in live],
        comments=[each.words for each in response.beside],  # type: ignore[attr-defined]
    )


def _version_id(response: Response) -> int:
    """Its own, or that of its invitation for one written while an older program was still at work."""
    if response.version_id is not None:
        return response.version_id
    return response.invitation.version_id if response.invitation else 0


def _answer_record(answer: Answer, response: Response) -> AnswerRecord:
    return AnswerRecord(
        id=answer.pk,
        response_id=ResponseId(response.pk),
        customer_id=CustomerId(response.customer_id) if response.customer_id is not None else None,
        questionnaire_id=response.questionnaire_id,
        version=response.version_number,
        plan_id=PlanId(response.plan_id) if response.plan_id is not None else None,
        channel=response.channel,
        language=response.language,
        wallet_kind=response.wallet_kind,
        region=response.region,
        question_key=answer.question_key,
        kind=answer.kind,
        metric=answer.metric,
        is_low=answer.number is not None and KINDS[QuestionKind(answer.kind)].is_low(answer.number),
        number=answer.number,
        text=answer.text,
        choices=answer.choices,
        answered_at=answer.answered_at,
        amount=answer.amount,
        day=answer.day,
        file=str(answer.file) if answer.file else "",
        context=response.context,
        mode=answer.mode or response.mode,
    )


def answers(
    *, start: datetime, end: datetime, metrics: Iterable[str] = (), plan_id: int | None = None
) -> list[AnswerRecord]:
    """The answers that count, given from *start* until before *end*, oldest first."""
    found = Answer.objects.filter(is_live=True, answered_at__gte=start, answered_at__lt=end)
    if wanted := list(metrics):
        found = found.filter(metric__in=wanted)
    if plan_id is not None:
        found = found.filter(plan_id=plan_id)
    rows = found.select_related("response").order_by("answered_at", "pk")
    return [_answer_record(answer, answer.response) for answer in rows]


def scores(*, only: ResponseFilter) -> list[ScoreCounts]:
    """How often each value of each metric was given in the responses that *only* leaves."""
    rows = (
        Answer.objects.filter(is_live=True, response__in=filtered(only).order_by().values("pk"))
        .exclude(Q(metric="") | Q(number=None))
        .values_list("metric", "number")
        .annotate(count=Count("pk"))
        .order_by("metric", "number")
    )
    counted: dict[str, dict[int, int]] = {}
    for metric, number, count in rows:
        if not only.metric or metric == only.metric:
            counted.setdefault(metric, {})[number or 0] = count
    return [ScoreCounts(metric=metric, counts=counts) for metric, counts in counted.items()]


def response_count(*, only: ResponseFilter) -> int:
    """How many responses *only* leaves."""
    return filtered(only).count()


def filter_values() -> dict[str, list[str]]:
    """The channels, wallet kinds and languages that occur in responses, and the ids of plans."""
    every = Response.objects.order_by()
    return {
        name: [str(value) for value in every.values_list(F(name), flat=True).distinct() if value]
        for name in ("channel", "wallet_kind", "language", "plan_id", "version_number", "place")
    }
