"""What can be asked about questionnaires, invitations, responses and answers. Returns records only."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import overload

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, F, Func, Prefetch, Q, QuerySet, TextField, Value

from huifang.kernel import vault
from huifang.kernel.ids import CustomerId, InvitationId, PlanId, ResponseId
from huifang.questionnaires import checks, ordering, rules, stored, tallies
from huifang.questionnaires import extracts as extracts
from huifang.questionnaires.errors import (
    NotPublishedError,
    UnknownInvitationError,
    UnknownQuestionnaireError,
    UnknownVersionError,
)
from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.models import (
    Answer,
    DraftStep,
    Invitation,
    Questionnaire,
    Response,
    ResponseState,
    TakenReply,
    Version,
    VersionState,
)
from huifang.questionnaires.records import (
    AnswerRecord,
    Cut,
    Definition,
    InvitationTally,
    QuestionKind,
    QuestionnaireChoice,
    QuestionnaireRecord,
    QuestionnaireRow,
    ResponseFilter,
    ResponsePage,
    ResponseRecord,
    ScoreCounts,
    ScoreTally,
    Sitting,
    VersionRecord,
)

TOKEN_PURPOSE = "survey"  # noqa: S105 - the name of a purpose, not a secret


@lru_cache(maxsize=256)
def _published_definition(version_id: int) -> Definition:
    """A published definition never changes, so it is parsed once a process."""
    version = Version.objects.filter(pk=version_id, state=VersionState.PUBLISHED).first()
    if version is None:
        raise UnknownVersionError(version_id=version_id)
    return checks.convert(version.definition)


def definition(*, version_id: int) -> Definition:
    """What a published version asks. Raises `UnknownVersionError`."""
    return _published_definition(version_id)


def _choice(version: Version) -> QuestionnaireChoice:
    asked = _published_definition(version.pk)
    return QuestionnaireChoice(
        id=version.questionnaire_id,
        name=version.questionnaire.name,
        version_id=version.pk,
        version_number=version.number,
        seconds=rules.seconds(asked),
        question_count=len(asked.questions),
        languages=rules.languages(asked),
    )


def _latest_published() -> QuerySet[Version]:
    return (
        Version.objects.filter(state=VersionState.PUBLISHED)
        .select_related("questionnaire")
        .order_by("questionnaire_id", "-number")
        .distinct("questionnaire_id")
    )


def questionnaire_choices() -> list[QuestionnaireChoice]:
    """What a plan can ask: the newest published version of each questionnaire that is not archived."""
    return [_choice(version) for version in _latest_published().filter(questionnaire__is_archived=False)]


def published(*, questionnaire_id: int) -> QuestionnaireChoice:
    """The newest published version. Raises `NotPublishedError`."""
    version = _latest_published().filter(questionnaire_id=questionnaire_id).first()
    if version is None:
        raise NotPublishedError(questionnaire_id=questionnaire_id)
    return _choice(version)


def _version_record(version: Version) -> VersionRecord:
    return VersionRecord(
        id=version.pk,
        number=version.number,
        state=version.state,
        published_at=version.published_at,
        published_by=version.published_by,
        revision=version.revision,
    )


def versions(*, questionnaire_id: int) -> list[VersionRecord]:
    """Every version, newest first."""
    found = Version.objects.filter(questionnaire_id=questionnaire_id).order_by("-number")
    return [_version_record(version) for version in found]


def questionnaire(*, questionnaire_id: int) -> QuestionnaireRecord:
    """One questionnaire with the definition of its newest version. Raises `UnknownQuestionnaireError`."""
    found = _with_versions().filter(pk=questionnaire_id).first()
    if found is None:
        raise UnknownQuestionnaireError(questionnaire_id=questionnaire_id)
    return _questionnaire_record(found)


def questionnaires() -> list[QuestionnaireRecord]:
    """Every questionnaire, archived ones last, in two queries."""
    return [_questionnaire_record(found) for found in _with_versions().order_by("is_archived", "pk")]


def _with_versions() -> QuerySet[Questionnaire]:
    return Questionnaire.objects.prefetch_related(Prefetch("versions", Version.objects.order_by("-number")))


def _questionnaire_record(found: Questionnaire) -> QuestionnaireRecord:
    every = list(found.versions.all())
    live = next((version for version in every if version.state == VersionState.PUBLISHED), None)
    return QuestionnaireRecord(
        id=found.pk,
        slug=found.slug,
        name=found.name,
        is_archived=found.is_archived,
        created_at=found.created_at,
        latest=_version_record(every[0]),
        published=_version_record(live) if live else None,
        definition=checks.convert(every[0].definition),
    )


def last_step(*, questionnaire_id: int) -> tuple[str, datetime] | None:
    """Who made the last change to the draft that can be undone, and when."""
    steps = DraftStep.objects.filter(questionnaire=questionnaire_id).order_by("-pk")
    return steps.values_list("made_by", "made_at").first()


def version_definition(*, questionnaire_id: int, number: int) -> Definition:
    """What version *number* asks, draft or not. Raises `UnknownVersionError`."""
    found = Version.objects.filter(questionnaire_id=questionnaire_id, number=number).first()
    if found is None:
        raise UnknownVersionError(version_id=number)
    return checks.convert(found.definition)


def version_number(*, version_id: int) -> int:
    """The number that a version has in its questionnaire."""
    return int(Version.objects.values_list("number", flat=True).get(pk=version_id))


def version_of(*, version_id: int) -> tuple[int, int]:
    """The questionnaire that a version is of, and its number there."""
    found = Version.objects.values_list("questionnaire_id", "number").get(pk=version_id)
    return int(found[0]), int(found[1])


def questionnaire_rows() -> list[QuestionnaireRow]:
    """Every questionnaire with its use, archived ones last."""
    counted = Response.objects.values("questionnaire_id").annotate(
        started=Count("pk"), completed=Count("pk", filter=Q(state=ResponseState.COMPLETED))
    )
    use = {row["questionnaire_id"]: (row["started"], row["completed"]) for row in counted}
    newest_first = Prefetch("versions", Version.objects.order_by("-number"))
    found = Questionnaire.objects.prefetch_related(newest_first).order_by("is_archived", "pk")
    return [_row(each, *use.get(each.pk, (0, 0))) for each in found]


def _row(found: Questionnaire, started: int, completed: int) -> QuestionnaireRow:
    every = list(found.versions.all())
    live = next((version for version in every if version.state == VersionState.PUBLISHED), None)
    shown = live or every[0]
    asked = checks.convert(shown.definition)
    return QuestionnaireRow(
        id=found.pk,
        slug=found.slug,
        name=found.name,
        is_archived=found.is_archived,
        has_draft=every[0].state == VersionState.DRAFT,
        version_number=shown.number,
        published_at=live.published_at if live else None,
        question_count=len(asked.questions),
        seconds=rules.seconds(asked),
        languages=rules.languages(asked) if asked.questions else [],
        started=started,
        completed=completed,
    )


def invitation_path(*, invitation_id: InvitationId) -> str:
    """Where the invited customer answers."""
    return f"/s/{vault.token(TOKEN_PURPOSE, invitation_id)}"


def invitation_id_of(*, token: str) -> InvitationId:
    """The invitation that *token* stands for. Raises `UnknownInvitationError`."""
    number = vault.read_token(TOKEN_PURPOSE, token)
    if number is None:
        raise UnknownInvitationError
    return InvitationId(number)


def seed_of(invitation_id: InvitationId) -> str:
    """What the order of questions is drawn from: the same each time the link is opened."""
    return vault.signature(str(invitation_id).encode(), context="question-order")[:8].hex()


def sitting(*, invitation_id: InvitationId, now: datetime) -> Sitting:
    """What is asked of one invited customer, and answered so far. Raises `UnknownInvitationError`."""
    found = stored.invited(invitation_id)
    if found is None:
        raise UnknownInvitationError
    asked = _published_definition(found.version_id)
    seed = seed_of(invitation_id) if ordering.is_shuffled(asked) else ""
    return Sitting(
        invitation_id=invitation_id,
        customer_id=CustomerId(found.customer_id) if found.customer_id is not None else None,
        definition=ordering.arrange(asked, seed),
        language=found.spoken or found.language,
        state=found.state or "",
        answers=found.answers,
        skipped=frozenset(found.skipped or ()),
        is_open=is_open(found, now=now),
        context=found.context if found.kept is None else found.kept,
        thanks_path=found.thanks_path,
        seed=seed,
        version_id=found.version_id,
        is_spent=found.is_spent,
    )


def is_open(invitation: Invitation | stored.Invited, *, now: datetime) -> bool:
    """Whether an answer is still taken."""
    return invitation.closed_at is None and invitation.expires_at > now and invitation.customer_id is not None


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


def score_tallies(*, cut: Cut, by: Sequence[str] = ()) -> list[ScoreTally]:
    """How often each score was given, in groups *by* day, plan, channel, wallet_kind, language, event."""
    return tallies.scores(cut=cut, by=by)


def invitation_tallies(*, cut: Cut, by: Sequence[str] = ()) -> list[InvitationTally]:
    """Invitations made in the period and what became of them, in groups as for `score_tallies`."""
    return tallies.invitations(cut=cut, by=by)
