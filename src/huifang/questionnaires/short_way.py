"""The short way to the survey page: what nearly every request is, without what it does not need.

A link of an ordinary questionnaire is opened, or one question is answered: no session, no person, no
middleware of the console, one query to read and one statement to write. Whatever is out of the ordinary
(a closed link, a wrong answer, a file, an anonymous or shuffled questionnaire, quotas, two submits at once)
gives None here and goes the long way, which shows and writes the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.urls import resolve

from huifang.customers import queries as customers
from huifang.kernel import clock, outbox
from huifang.kernel.ids import CustomerId, InvitationId, ResponseId
from huifang.kernel.wallet import wallet_name
from huifang.questionnaires import conversation, forms, noting, queries, rules, stored
from huifang.questionnaires.answering import Sheet, Submission
from huifang.questionnaires.asking import Position
from huifang.questionnaires.conversation import Talk, url
from huifang.questionnaires.errors import UnknownInvitationError
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.models import ResponseState
from huifang.questionnaires.ordering import is_shuffled
from huifang.questionnaires.printing import PREFERENCES, TOKEN, Blank, Press
from huifang.questionnaires.records import (
    AnswerValue,
    Definition,
    Display,
    Question,
    QuestionKind,
    ResponseCompleted,
    ResponseStarted,
)
from huifang.questionnaires.stored import Invited

PREFIX, TOKEN_CHARACTERS = "/s/", 32
FORM, BODY_BYTES_MAX = "application/x-www-form-urlencoded", 32 * 1024
# What they show changes from day to day, or they do more than answer.
_LONG_KINDS = {QuestionKind.DATE, QuestionKind.CONTACT, QuestionKind.VOICE, QuestionKind.IMAGE}
_press = Press()


class ShortWayMiddleware:
    """Answers the survey page by the short way, with the headers that every page has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.startswith(PREFIX) or len(path) != len(PREFIX) + TOKEN_CHARACTERS:
            return self._next(request)
        reply = answer(request, path[len(PREFIX) :])
        if reply is None:
            return self._next(request)
        reply.headers["Content-Length"] = str(len(reply.content))
        for name, value in self._headers.items():
            reply.headers[name] = value
        request.resolver_match = self._match
        return reply

    @cached_property
    def _headers(self) -> dict[str, str]:
        """What the middleware that is left out would add, as it adds it."""
        framed = XFrameOptionsMiddleware(_empty).process_response(HttpRequest(), HttpResponse())
        policed = CSPMiddleware(_empty).process_response(HttpRequest(), framed)
        return {
            **conversation.HEADERS,
            **{name: policed.headers[name] for name in _ADDED & policed.headers.keys()},
        }

    @cached_property
    def _match(self) -> Any:
        return resolve(f"{PREFIX}{'x' * TOKEN_CHARACTERS}")


_ADDED = {"X-Frame-Options", "Content-Security-Policy", "Content-Security-Policy-Report-Only"}


def _empty(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


class Ordinary(NamedTuple):
    """A published version that the short way serves."""

    questionnaire_id: int
    number: int
    definition: Definition
    places: Mapping[str, int]


@lru_cache(maxsize=256)
def _ordinary(version_id: int) -> Ordinary | None:
    """The version, None where it is asked by the long way. Published versions never change."""
    asked = queries.definition(version_id=version_id)
    is_plain = asked.display is Display.ONE and not (asked.is_anonymous or asked.hidden or asked.quotas)
    kinds = {question.kind for question in asked.questions}
    if not is_plain or is_shuffled(asked) or kinds & _LONG_KINDS or _takes_up_answers(asked):
        return None
    questionnaire_id, number = queries.version_of(version_id=version_id)
    places = {question.key: place for place, question in enumerate(asked.questions)}
    return Ordinary(questionnaire_id, number, asked, places)


def _takes_up_answers(asked: Definition) -> bool:
    """Whether a text has a place for an earlier answer: then pages differ from customer to customer."""
    every = [*rules.texts_of(asked), asked.intro, asked.about, asked.thanks]
    for question in asked.questions:
        every += [question.hint, question.low_label, question.high_label, *question.labels.values()]
    return any("[[" in text for texts in every for text in texts.values())


@lru_cache(maxsize=1024)
def _language(version_id: int, wanted: str, spoken: str) -> str:
    return rules.language_for(queries.definition(version_id=version_id), wanted, spoken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request by the link of one customer, and what was read for it."""

    request: HttpRequest
    token: str
    invitation_id: InvitationId
    customer_id: CustomerId
    found: Invited
    ordinary: Ordinary
    language: str


def answer(request: HttpRequest, token: str) -> HttpResponse | None:
    """The page that *request* asks for, or where its answer leads; None for the long way."""
    if not _is_ordinary(request):
        return None
    now = clock.now()
    visit = _visit(request, token, now=now)
    if visit is None:
        return None
    if request.method == "GET":
        return _show(visit)
    return _take(visit, now=now)


def _is_ordinary(request: HttpRequest) -> bool:
    meta = request.META
    if "HTTP_TRANSFER_ENCODING" in meta:
        return False
    length = meta.get("CONTENT_LENGTH") or "0"
    if request.method == "GET":
        return length == "0" and (not meta.get("QUERY_STRING") or request.GET.keys() <= {"l", "q"})
    if request.method != "POST" or meta.get("CONTENT_TYPE") != FORM:
        return False
    return length.isdecimal() and int(length) <= BODY_BYTES_MAX and request.GET.keys() <= {"l"}


def _visit(request: HttpRequest, token: str, *, now: datetime) -> Visit | None:
    try:
        invitation_id = queries.invitation_id_of(token=token)
    except UnknownInvitationError:
        return None
    found = stored.invited(invitation_id)
    if found is None or found.customer_id is None:
        return None
    ordinary = _ordinary(found.version_id)
    is_over = found.state == ResponseState.COMPLETED and request.method == "GET"
    is_going = found.state in {None, ResponseState.STARTED} and queries.is_open(found, now=now)
    if ordinary is None or not (is_over or is_going):
        return None
    wanted = request.GET.get("l", "")
    return Visit(
        request=request,
        token=token,
        invitation_id=invitation_id,
        customer_id=CustomerId(found.customer_id),
        found=found,
        ordinary=ordinary,
        language=_language(found.version_id, wanted[:16], found.spoken or found.language),
    )


def _show(visit: Visit) -> HttpResponse | None:
    found, definition = visit.found, visit.ordinary.definition
    position = Position(
        definition=definition,
        language=visit.language,
        answers=found.answers,
        skipped=frozenset(found.skipped or ()),
    )
    wanted = visit.request.GET.get("q", "")
    if found.state == ResponseState.COMPLETED or (question := position.current(wanted)) is None:
        return _thank(visit, position)
    value = found.answers.get(question.key)
    if (wanted and wanted not in visit.ordinary.places) or (
        value and (value.text or value.amount is not None)
    ):
        return None
    key = (
        found.version_id,
        visit.language,
        wallet_name(visit.language),
        wanted,
        question.key,
        value and (value.number, value.choices),
        _key_before(position, question),
        tuple(each.key for each in position.open_questions()),
    )
    return _press.page(
        key,
        lambda: conversation.ask(_talk(position, Blank(wanted))),
        token=visit.token,
        host=visit.request.get_host(),
    )


def _key_before(position: Position, question: Question) -> str:
    before = rules.previous_question(position.definition, position.answers, question.key)
    return before.key if before else ""


def _talk(position: Position, request: HttpRequest, *, onward: str = "") -> Talk:
    path = f"{PREFIX}{TOKEN}"
    return Talk(
        request=request,
        position=position,
        manner="named",
        path=path,
        never=url(f"{path}/never", l=position.language),
        onward=onward,
        preferences=PREFERENCES,
    )


def _thank(visit: Visit, position: Position) -> HttpResponse:
    onward = visit.found.thanks_path
    key = (visit.found.version_id, visit.language, wallet_name(visit.language), "thanks", onward)
    return _press.page(
        key,
        lambda: conversation.thank(_talk(position, Blank(""), onward=onward)),
        token=visit.token,
        preferences=customers.preference_path(customer_id=visit.customer_id),
    )


def _take(visit: Visit, *, now: datetime) -> HttpResponse | None:
    body = visit.request.body
    note = _note(visit, QueryDict(body), now=now) if body.count(b"&") < 50 else None
    if note is None or not noting.write(note, now=now):
        return None
    return conversation.goes_on(url(f"{PREFIX}{visit.token}", l=visit.language))


def _note(visit: Visit, data: QueryDict, *, now: datetime) -> noting.Note | None:
    """What one answer or one skip changes; None where it is none, or changes more than that."""
    found, definition = visit.found, visit.ordinary.definition
    submission = forms.read_submission(definition, data, language=visit.language)
    sheet = Sheet(definition=definition, answers=dict(found.answers), skipped=set(found.skipped or ()))
    try:
        taken = sheet.take(submission)
    except conversation.WRONG_ANSWERS:
        return None
    live = rules.live_answers(definition, sheet.answers)
    has_text = any(value.text for value in live.values())
    is_more = len(submission.given) + len(submission.skipped) != 1 or (found.has_text and not has_text)
    if is_more or not found.is_on_path or len(live) < len(sheet.answers):
        return None
    asked = next((each for each in definition.questions if each.key in taken), None)
    return _noted(visit, sheet, submission, asked, has_text=has_text, now=now)


def _noted(  # noqa: PLR0913 - each by its name
    visit: Visit,
    sheet: Sheet,
    submission: Submission,
    asked: Question | None,
    *,
    has_text: bool,
    now: datetime,
) -> noting.Note:
    found, is_done = visit.found, sheet.is_done
    low_score = rules.is_low(sheet.definition, sheet.answers)
    response_id = found.response_id or noting.next_id()
    columns: dict[str, Any] = {
        "language": submission.language,
        "state": (ResponseState.COMPLETED if is_done else ResponseState.STARTED).value,
        "completed_at": now if is_done else None,
        "skipped": sorted(sheet.skipped),
        "low_score": low_score,
        "has_text": has_text,
    }
    if found.row is None:
        columns |= _beginning(visit)
    value: AnswerValue | None = sheet.answers[asked.key] if asked else None
    return noting.Note(
        invitation_id=visit.invitation_id,
        customer_id=visit.customer_id,
        response_id=response_id,
        row=found.row or "",
        columns=columns,
        question=asked.key if asked else "",
        place=visit.ordinary.places[asked.key] if asked else 0,
        kind=asked.kind.value if asked else "",
        metric=kind_of(asked).metric if asked else "",
        value=value,
        facts=_facts(visit, ResponseId(response_id), is_done=is_done, low_score=low_score, now=now),
    )


def _beginning(visit: Visit) -> dict[str, Any]:
    """The columns of a response that are written once, with the customer as they are now."""
    seen = customers.snapshot(customer_id=visit.customer_id)
    return {
        "questionnaire": visit.ordinary.questionnaire_id,
        "version": visit.found.version_id,
        "number": visit.ordinary.number,
        "wallet_kind": seen.wallet_kind,
        "region": seen.region,
        "app_version": seen.app_version,
    }


def _facts(visit: Visit, response_id: ResponseId, *, is_done: bool, low_score: bool, now: datetime) -> str:
    facts: list[object] = []
    if visit.found.row is None:
        facts.append(
            ResponseStarted(
                response_id=response_id,
                customer_id=visit.customer_id,
                invitation_key=visit.found.key,
                at=now,
            )
        )
    if is_done:
        facts.append(
            ResponseCompleted(
                response_id=response_id,
                customer_id=visit.customer_id,
                invitation_key=visit.found.key,
                questionnaire_id=visit.ordinary.questionnaire_id,
                at=now,
                low_score=low_score,
            )
        )
    return outbox.entries(*facts)
