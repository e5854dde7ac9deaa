"""Writes one customer's answers, in the caller's transaction and under the lock of the invitation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from huifang.customers import queries as customers
from huifang.customers.records import Profile
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId, InvitationId, ResponseId
from huifang.questionnaires import queries, rules
from huifang.questionnaires.errors import InvitationClosedError, UnknownInvitationError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.models import Answer, Invitation, Response, ResponseState, answer_fields
from huifang.questionnaires.records import AnswerValue, Definition, ResponseCompleted, ResponseStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was sent at once: answers and skips by question key, and the language they were read in."""

    given: Mapping[str, Given]
    skipped: Collection[str] = ()
    language: str = ""


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
    """The response to a locked *invitation*, None where nothing was said."""
    found = Response.objects.filter(invitation=invitation).first()
    if found is not None:
        found.invitation = invitation
    return found


def response_of(invitation: Invitation, *, language: str, now: datetime) -> Response:
    """The response to a locked *invitation*, begun with a snapshot of the customer where there is none."""
    return response_so_far(invitation) or _begin(invitation, language=language, now=now)


def _begin(invitation: Invitation, *, language: str, now: datetime) -> Response:
    assert invitation.customer_id is not None, "an open invitation belongs to a customer"
    customer_id = CustomerId(invitation.customer_id)
    profile = customers.profiles(customer_ids=[customer_id]).get(customer_id)
    response = Response.objects.create(
        invitation=invitation,
        questionnaire_id=invitation.version.questionnaire_id,
        version_number=invitation.version.number,
        customer_id=customer_id,
        plan_id=invitation.plan_id,
        channel=invitation.channel,
        mode=invitation.mode,
        language=language or invitation.language,
        wallet_kind=profile.wallet_kind if profile else "",
        region=profile.region if profile else "",
        app_version=(invitation.context.get("app_version") or _app_version(profile))[:60],
        context=invitation.context,
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


def _app_version(profile: Profile | None) -> str:
    return str(profile.traits.get("appVersion") or "") if profile else ""


def store(response: Response, definition: Definition, submission: Submission, *, now: datetime) -> bool:
    """Write what was sent, see which answers lie on the path, and whether all is done with them.

    Questions that are not shown are left out silently: the page was older than the last answer.
    """
    stored = list(response.answers.all())
    kept = {answer.question_key: answer.value for answer in stored}
    skipped = set(response.skipped)
    for key, given in submission.given.items():
        _take(definition, kept, skipped, key=key, given=given)
    skipped |= {key for key in submission.skipped if _may_skip(definition, kept, key)}
    _write(response, definition, {key: kept[key] for key in submission.given if key in kept}, now=now)
    live = rules.live_answers(definition, kept)
    if len(live) < len(kept) or not all(answer.is_live for answer in stored):
        response.answers.filter(question_key__in=live).update(is_live=True)
        response.answers.exclude(question_key__in=live).update(is_live=False)
    response.skipped = sorted(skipped)
    response.low_score = rules.is_low(definition, kept)
    response.has_text = any(value.text for value in live.values())
    response.language = submission.language or response.language
    response.last_answered_at = now
    is_done = _finish_if_done(response, definition, kept, now=now)
    response.save()
    return is_done


def _take(
    definition: Definition,
    kept: dict[str, AnswerValue],
    skipped: set[str],
    *,
    key: str,
    given: Given,
) -> None:
    question = rules.question_on_path(definition, kept, key)
    if question is None:
        return
    value = rules.parse_answer(question, given)
    if value is None:
        if key not in kept:
            skipped.add(key)
        return
    kept[key] = value
    skipped.discard(key)


def _may_skip(definition: Definition, kept: Mapping[str, AnswerValue], key: str) -> bool:
    question = rules.question_on_path(definition, kept, key)
    return question is not None and not question.is_required and key not in kept


def _write(
    response: Response, definition: Definition, values: Mapping[str, AnswerValue], *, now: datetime
) -> None:
    Answer.objects.bulk_create(
        [
            Answer(
                response=response,
                question_key=question.key,
                place=place,
                kind=question.kind.value,
                metric=kind_of(question).metric,
                answered_at=now,
                questionnaire_id=response.questionnaire_id,
                customer_id=response.customer_id,
                plan_id=response.plan_id,
                channel=response.channel,
                **answer_fields(values[question.key]),
            )
            for place, question in enumerate(definition.questions)
            if question.key in values
        ],
        update_conflicts=True,
        unique_fields=["response", "question_key"],
        update_fields=["number", "text", "choices", "answered_at"],
    )


def complete_if_done(response: Response, definition: Definition, *, now: datetime) -> bool:
    """Close the response where nothing is left to ask; whether it is complete."""
    if response.state == ResponseState.COMPLETED:
        return True
    kept = {answer.question_key: answer.value for answer in response.answers.all()}
    is_done = _finish_if_done(response, definition, kept, now=now)
    response.save()
    return is_done


def _finish_if_done(
    response: Response, definition: Definition, kept: Mapping[str, AnswerValue], *, now: datetime
) -> bool:
    """Mark the response complete and announce it, where nothing is left to ask; the caller saves it."""
    if rules.next_question(definition, kept, frozenset(response.skipped)) is not None:
        return False
    response.state = ResponseState.COMPLETED
    response.completed_at = now
    _announce(response, now=now)
    return True


def _announce(response: Response, *, now: datetime) -> None:
    if response.customer_id is None:
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
