"""Questionnaires and responses over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from huifang.api.frame import require
from huifang.api.instants import Instant
from huifang.customers import queries as customers
from huifang.kernel import clock
from huifang.questionnaires import checks, link_endpoints, queries, rules, services
from huifang.questionnaires.records import AnswerRecord, QuestionnaireRecord, ResponseFilter, ResponseRecord

router = Router(tags=["questionnaires"])
router.add_router("", link_endpoints.router)
RESPONSES_MAX = 500


class QuestionnaireOut(Schema):
    """A questionnaire. *definition* is that of its newest version, draft or not."""

    id: int
    slug: str
    name: dict[str, str]
    is_archived: bool
    version: int
    state: str
    published_version: int | None
    seconds: int
    languages: list[str]
    definition: dict[str, Any]
    faults: list[str]


class QuestionnaireIn(Schema):
    """A new questionnaire with its first draft."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,58}$")
    name: dict[str, str]
    definition: dict[str, Any] = Field(default_factory=dict)


class ArchiveIn(Schema):
    """Whether it is put away."""

    is_archived: bool = True


class VersionIn(Schema):
    """What a draft asks."""

    definition: dict[str, Any]


class AnswerOut(Schema):
    """One answer. *metric* is csat, nps, ces or "" where the answer is no score."""

    question: str
    kind: str
    metric: str
    number: int | None
    choices: list[str]
    text: str
    amount: str | None
    day: date | None
    has_file: bool
    answered_at: datetime


class ResponseOut(Schema):
    """One response. *customer* is the wallet's own id, "" once it was erased, or where an import names none.

    *event* is what the response is about, *context* what else was known when the customer was invited.
    """

    id: int
    customer: str
    questionnaire_id: int
    version: int
    plan_id: int | None
    channel: str
    mode: str
    language: str
    wallet_kind: str
    region: str
    app_version: str
    event: str
    context: dict[str, str]
    place: str
    state: str
    low_score: bool
    started_at: datetime
    completed_at: datetime | None
    last_answered_at: datetime
    answers: list[AnswerOut]
    comments: list[str]


class ResponsesOut(Schema):
    """One page of responses, newest first. Send *after* to get the next; it is "" at the end."""

    responses: list[ResponseOut]
    after: str


class ResponsesQuery(Schema):
    """Which responses are wanted. *start* and *end* bound the last answer, the end left out."""

    questionnaire: int | None = None
    plan: int | None = None
    channel: str = ""
    metric: str = ""
    wallet_kind: str = ""
    language: str = ""
    start: Instant | None = None
    end: Instant | None = None
    low: bool = False
    words: bool = False
    search: str = ""
    version: int | None = None
    place: str = ""
    kind: str = ""
    score: int | None = None
    after: str = ""
    limit: int = Field(default=100, ge=1, le=RESPONSES_MAX)


def _out(questionnaire_id: int) -> QuestionnaireOut:
    return _shown(queries.questionnaire(questionnaire_id=questionnaire_id))


def _shown(found: QuestionnaireRecord) -> QuestionnaireOut:
    asked = found.definition
    return QuestionnaireOut(
        id=found.id,
        slug=found.slug,
        name=found.name,
        is_archived=found.is_archived,
        version=found.latest.number,
        state=found.latest.state,
        published_version=found.published.number if found.published else None,
        seconds=rules.seconds(asked) if asked.questions else 0,
        languages=rules.languages(asked) if asked.questions else [],
        definition=msgspec.to_builtins(asked),
        faults=[fault.code for fault in checks.faults(asked)],
    )


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]


@router.get("/questionnaires", response=list[QuestionnaireOut], operation_id="list_questionnaires")
def list_questionnaires(request: HttpRequest) -> list[QuestionnaireOut]:
    """Every questionnaire, archived ones last."""
    require("questionnaires.view")(request)
    return [_shown(each) for each in queries.questionnaires()]


@router.post("/questionnaires", response={201: QuestionnaireOut}, operation_id="create_questionnaire")
def create_questionnaire(request: HttpRequest, body: QuestionnaireIn) -> Status[QuestionnaireOut]:
    """Make a questionnaire with a first draft."""
    require("questionnaires.edit")(request)
    made = services.create_questionnaire(
        slug=body.slug,
        name=body.name,
        definition=checks.convert(body.definition),
        by=_actor(request),
        now=clock.now(),
    )
    return Status(201, _out(made))


@router.get(
    "/questionnaires/{questionnaire_id}", response=QuestionnaireOut, operation_id="read_questionnaire"
)
def read_questionnaire(request: HttpRequest, questionnaire_id: int) -> QuestionnaireOut:
    """One questionnaire."""
    require("questionnaires.view")(request)
    return _out(questionnaire_id)


@router.post(
    "/questionnaires/{questionnaire_id}/versions",
    response={201: QuestionnaireOut},
    operation_id="write_questionnaire_draft",
)
def write_draft(request: HttpRequest, questionnaire_id: int, body: VersionIn) -> Status[QuestionnaireOut]:
    """Write the draft, a new version where the newest is published."""
    require("questionnaires.edit")(request)
    services.save_draft(
        questionnaire_id=questionnaire_id,
        definition=checks.convert(body.definition),
        by=_actor(request),
        now=clock.now(),
    )
    return Status(201, _out(questionnaire_id))


@router.post(
    "/questionnaires/{questionnaire_id}/publish",
    response=QuestionnaireOut,
    operation_id="publish_questionnaire",
)
def publish(request: HttpRequest, questionnaire_id: int) -> QuestionnaireOut:
    """Fix the draft for ever and offer it to plans."""
    require("questionnaires.edit")(request)
    services.publish(questionnaire_id=questionnaire_id, by=_actor(request), now=clock.now())
    return _out(questionnaire_id)


@router.delete(
    "/questionnaires/{questionnaire_id}/draft",
    response=QuestionnaireOut,
    operation_id="discard_questionnaire_draft",
)
def discard_draft(request: HttpRequest, questionnaire_id: int) -> QuestionnaireOut:
    """Throw the draft away."""
    require("questionnaires.edit")(request)
    services.discard_draft(questionnaire_id=questionnaire_id, by=_actor(request), now=clock.now())
    return _out(questionnaire_id)


@router.post(
    "/questionnaires/{questionnaire_id}/undo", response=QuestionnaireOut, operation_id="undo_questionnaire"
)
def undo(request: HttpRequest, questionnaire_id: int) -> QuestionnaireOut:
    """Take the last change of the draft back."""
    require("questionnaires.edit")(request)
    services.undo(questionnaire_id=questionnaire_id, by=_actor(request), now=clock.now())
    return _out(questionnaire_id)


@router.post(
    "/questionnaires/{questionnaire_id}/archive",
    response=QuestionnaireOut,
    operation_id="archive_questionnaire",
)
def archive(request: HttpRequest, questionnaire_id: int, body: ArchiveIn) -> QuestionnaireOut:
    """Put a questionnaire away, or bring it back."""
    require("questionnaires.edit")(request)
    services.archive(
        questionnaire_id=questionnaire_id,
        by=_actor(request),
        now=clock.now(),
        is_archived=body.is_archived,
    )
    return _out(questionnaire_id)


@router.post("/questionnaire-pack", response=list[str], operation_id="install_questionnaire_pack")
def install_pack(request: HttpRequest) -> list[str]:
    """Put in the ready questionnaires that are not there; the slugs of those added."""
    require("questionnaires.edit")(request)
    return services.install_pack(now=clock.now())


@router.get("/responses", response=ResponsesOut, operation_id="list_responses")
def list_responses(request: HttpRequest, asked: Annotated[ResponsesQuery, Query()]) -> ResponsesOut:
    """Responses, newest first, page by page."""
    require("feedback.export")(request)
    only = ResponseFilter(
        questionnaire_id=asked.questionnaire,
        plan_id=asked.plan,
        channel=asked.channel,
        metric=asked.metric,
        wallet_kind=asked.wallet_kind,
        language=asked.language,
        start=asked.start,
        end=asked.end,
        is_low=asked.low,
        has_text=asked.words,
        search=asked.search.replace("\0", ""),
        version=asked.version,
        place=asked.place,
        kind=asked.kind,
        score=asked.score,
    )
    page = queries.responses(only=only, after=asked.after, limit=asked.limit)
    return ResponsesOut(responses=_responses(page.responses), after=page.after)


def _responses(found: list[ResponseRecord]) -> list[ResponseOut]:
    ids = [each.customer_id for each in found if each.customer_id is not None]
    names = {key: profile.external_id for key, profile in customers.profiles(customer_ids=ids).items()}
    return [
        ResponseOut(
            id=each.id,
            customer=names.get(each.customer_id, "") if each.customer_id is not None else "",
            questionnaire_id=each.questionnaire_id,
            version=each.version,
            plan_id=each.plan_id,
            channel=each.channel,
            mode=each.mode,
            comments=each.comments,
            language=each.language,
            wallet_kind=each.wallet_kind,
            region=each.region,
            app_version=each.app_version,
            event=each.event,
            context=dict(each.context),
            place=each.place,
            state=each.state,
            low_score=each.low_score,
            started_at=each.started_at,
            completed_at=each.completed_at,
            last_answered_at=each.last_answered_at,
            answers=[_answer(answer) for answer in each.answers],
        )
        for each in found
    ]


def _answer(answer: AnswerRecord) -> AnswerOut:
    return AnswerOut(
        question=answer.question_key,
        kind=answer.kind,
        metric=answer.metric,
        number=answer.number,
        choices=answer.choices,
        text=answer.text,
        amount=None if answer.amount is None else f"{answer.amount:f}",
        day=answer.day,
        has_file=bool(answer.file),
        answered_at=answer.answered_at,
    )
