"""Writes the answers of one response, in the caller's transaction and under the lock of what it came by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId, InvitationId, ResponseId
from huifang.kernel.texts import pick
from huifang.questionnaires import ordering, queries, quotas, rules, stored, uploads
from huifang.questionnaires.errors import InvitationClosedError, UnknownInvitationError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.contact import YES
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.models import (
    VALUE_FIELDS,
    Answer,
    Invitation,
    OpenLink,
    Response,
    ResponseState,
    answer_fields,
)
from huifang.questionnaires.records import (
    OPEN,
    AnswerValue,
    Definition,
    Question,
    QuestionKind,
    ResponseCompleted,
    ResponseStarted,
)

CONSENT_SOURCE = "survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was sent at once: answers and skips by question key, the language they were read in.

    *fields* are the hidden fields that came with it; *mode* is how it was asked, "" as the invitation says.
    """

    given: Mapping[str, Given]
    skipped: Collection[str] = ()
    language: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    mode: str = ""


@dataclass(slots=True, kw_only=True)
class Sheet:
    """The answers and skips of one response on their way: what was there, then what came."""

    definition: Definition
    answers: dict[str, AnswerValue]
    skipped: set[str]

    def take(self, submission: Submission) -> list[str]:
        """Merge what was sent; the keys that now have another answer.

        Questions that are not shown are left out silently: the page was older than the last answer.
        """
        taken = [key for key, given in submission.given.items() if self._answer(key, given)]
        self.skipped |= {key for key in submission.skipped if self._may_skip(key)}
        return taken

    def _answer(self, key: str, given: Given) -> bool:
        question = rules.question_on_path(self.definition, self.answers, key)
        if question is None:
            return False
        value = rules.parse_answer(question, given)
        if value is None:
            if key not in self.answers:
                self.skipped.add(key)
            return False
        before = self.answers.get(key)
        if before and before.file and not value.fresh:
            value = rules.with_file(value, before.file)
        self.answers[key] = value
        self.skipped.discard(key)
        return True

    def _may_skip(self, key: str) -> bool:
        question = rules.question_on_path(self.definition, self.answers, key)
        return question is not None and not question.is_required and key not in self.answers

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        return rules.next_question(self.definition, self.answers, frozenset(self.skipped)) is None


def locked_invitation(invitation_id: InvitationId, *, now: datetime) -> Invitation:
    """The open invitation, locked so that two submits at once wait for each other.

    Raises `UnknownInvitationError`, `InvitationClosedError`.
    """
    locked = Invitation.objects.select_for_update(of=("self",)).select_related("version")
    found = locked.defer("version__definition").filter(pk=invitation_id).first()
    if found is None:
        raise UnknownInvitationError
    if not queries.is_open(found, now=now):
        raise InvitationClosedError
    return found


def response_so_far(invitation: Invitation) -> Response | None:
    """The response to a locked *invitation* with what it said, None where nothing was said."""
    found = stored.with_answers(Response.objects.filter(invitation=invitation)).first()
    if found is not None:
        found.invitation = invitation
    return found


def response_of(invitation: Invitation, *, language: str, now: datetime, mode: str = "") -> Response:
    """The response to a locked *invitation*, begun with a snapshot of the customer where there is none."""
    return response_so_far(invitation) or _begin(
        invitation, language=language, mode=mode or invitation.mode, now=now
    )


def _begin(invitation: Invitation, *, language: str, mode: str, now: datetime) -> Response:
    assert invitation.customer_id is not None, "an open invitation belongs to a customer"
    customer_id = CustomerId(invitation.customer_id)
    seen = customers.snapshot(customer_id=customer_id)
    definition = queries.definition(version_id=invitation.version_id)
    response = Response.objects.create(
        invitation=invitation,
        questionnaire_id=invitation.version.questionnaire_id,
        version_id=invitation.version_id,
        version_number=invitation.version.number,
        customer_id=customer_id,
        plan_id=invitation.plan_id,
        channel=invitation.channel,
        mode=mode,
        language=language or invitation.language,
        wallet_kind=seen.wallet_kind,
        region=seen.region,
        app_version=(invitation.context.get("app_version") or seen.app_version)[:60],
        context=invitation.context,
        seed=queries.seed_of(InvitationId(invitation.pk)) if ordering.is_shuffled(definition) else "",
        started_at=now,
        last_answered_at=now,
    )
    outbox.record(
        ResponseStarted(
            response_id=ResponseId(response.pk),
            customer_id=customer_id,
            invitation_key=invitation.key,
            at=now,
        )
    )
    return response


def begin_open(link: OpenLink, version_id: int, *, number: int, seed: str, now: datetime) -> Response:
    """A response by nobody in particular, at a locked open link."""
    return Response.objects.create(
        open_link=link,
        questionnaire_id=link.questionnaire_id,
        version_id=version_id,
        version_number=number,
        channel=OPEN,
        mode=OPEN,
        place=link.place,
        seed=seed,
        started_at=now,
        last_answered_at=now,
    )


def store(response: Response, definition: Definition, submission: Submission, *, now: datetime) -> bool:
    """Write what was sent, see which answers lie on the path, and whether all is done with them.

    Raises what an answer that is none raises; nothing is written then.
    """
    before = stored.said(response)
    sheet = Sheet(
        definition=ordering.arrange(definition, response.seed),
        answers={key: value for key, (value, _) in before.items()},
        skipped=set(response.skipped),
    )
    taken = sheet.take(submission)
    for key in taken:
        sheet.answers[key] = uploads.keep(response, key, sheet.answers[key], now=now)
    _write(response, sheet, taken, mode=submission.mode or _mode(response), now=now)
    live = rules.live_answers(sheet.definition, sheet.answers)
    if len(live) < len(sheet.answers) or not all(is_live for _, is_live in before.values()):
        response.answers.filter(question_key__in=live).update(is_live=True)
        response.answers.exclude(question_key__in=live).update(is_live=False)
    _note_consents(response, sheet, taken, language=submission.language, now=now)
    if submission.fields:
        response.context = {**response.context, **submission.fields}
    response.skipped = sorted(sheet.skipped)
    response.low_score = rules.is_low(sheet.definition, sheet.answers)
    says_more = response.has_text and response.comments.exists()
    response.has_text = says_more or any(value.text for value in live.values())
    response.language = submission.language or response.language
    response.last_answered_at = now
    _finish(response, sheet, now=now)
    response.save()
    return response.state != ResponseState.STARTED


def _mode(response: Response) -> str:
    """How an answer that says nothing of it was given: on the page that the invitation leads to."""
    return response.invitation.mode if response.invitation else response.mode


def _write(response: Response, sheet: Sheet, keys: Collection[str], *, mode: str, now: datetime) -> None:
    if not keys:
        return
    Answer.objects.bulk_create(
        [
            Answer(
                response=response,
                question_key=question.key,
                place=place,
                kind=question.kind.value,
                metric=kind_of(question).metric,
                option_order=ordering.option_order(question) if response.seed else [],
                answered_at=now,
                mode=mode,
                questionnaire_id=response.questionnaire_id,
                customer_id=response.customer_id,
                plan_id=response.plan_id,
                channel=response.channel,
                **answer_fields(sheet.answers[question.key]),
            )
            for place, question in enumerate(sheet.definition.questions)
            if question.key in keys
        ],
        update_conflicts=True,
        unique_fields=["response", "question_key"],
        update_fields=[*VALUE_FIELDS, "answered_at", "mode"],
    )


def _note_consents(
    response: Response, sheet: Sheet, keys: Collection[str], *, language: str, now: datetime
) -> None:
    """A yes or no to being contacted goes to the consent ledger with the very words that were shown."""
    if response.customer_id is None:
        return
    for question in sheet.definition.questions:
        if question.kind is QuestionKind.CONTACT and question.key in keys:
            customer_services.record_consent(
                customer_id=CustomerId(response.customer_id),
                purpose=question.purpose,
                channel=question.channel,
                given=YES in sheet.answers[question.key].choices,
                wording=_wording(question, language, sheet.definition.fallback_language),
                source=CONSENT_SOURCE,
                at=now,
                evidence=f"response:{response.pk}",
            )


def _wording(question: Question, language: str, fallback: str) -> str:
    shown = (pick(question.title, language, fallback), pick(question.hint, language, fallback))
    return " ".join(text for text in shown if text)


def complete_if_done(response: Response, definition: Definition, *, now: datetime) -> bool:
    """Close the response where nothing is left to ask; whether it is closed."""
    if response.state != ResponseState.STARTED:
        return True
    sheet = Sheet(
        definition=ordering.arrange(definition, response.seed),
        answers={key: value for key, (value, _) in stored.said(response).items()},
        skipped=set(response.skipped),
    )
    _finish(response, sheet, now=now)
    response.save()
    return response.state != ResponseState.STARTED


def _finish(response: Response, sheet: Sheet, *, now: datetime) -> None:
    """Mark the response complete and announce it, where nothing is left to ask; the caller saves it.

    One that falls under a full quota ends there: it is kept, and counts as no completed one.
    """
    definition = sheet.definition
    if definition.quotas and quotas.stands_in_the_way(response.questionnaire_id, definition, sheet.answers):
        response.state, response.completed_at = ResponseState.FULL, now
    elif sheet.is_done:
        is_counted = quotas.claim(response.questionnaire_id, definition, sheet.answers)
        response.state = ResponseState.COMPLETED if is_counted else ResponseState.FULL
        response.completed_at = now
        if is_counted:
            _announce(response, now=now)


def _announce(response: Response, *, now: datetime) -> None:
    if response.customer_id is None or response.invitation is None:
        return
    outbox.record(
        ResponseCompleted(
            response_id=ResponseId(response.pk),
            customer_id=CustomerId(response.customer_id),
            invitation_key=response.invitation.key,
            questionnaire_id=response.questionnaire_id,
            at=now,
            low_score=response.low_score,
        )
    )
