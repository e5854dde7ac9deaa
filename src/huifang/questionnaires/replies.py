"""Takes what a customer wrote back to a message as the answer to its first question, once a reply.

A refusal never comes here: it is heard where replies arrive. What is no answer is kept as a comment beside a
response that there is, else left for people to read. In doubt nothing is changed.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import override

from huifang.customers import queries as customers
from huifang.delivery import queries as delivery
from huifang.kernel.ids import CustomerId, InvitationId
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import LANGUAGES
from huifang.questionnaires import answering, queries, turns
from huifang.questionnaires.asking import Position
from huifang.questionnaires.models import Invitation, Response, ResponseState, TakenReply
from huifang.questionnaires.records import LeftReply, Question, Sitting

MODE = "sms"
ANSWERED, COMMENT, REPEATED, LEFT = "answered", "comment", "repeated", "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A reply as it is announced. *round_key* is that of the last message to the sender, "" where unknown."""

    reply_id: int
    customer_id: CustomerId
    channel: str
    at: datetime
    round_key: str = ""


def take(heard: Heard) -> str:
    """What became of the reply; told again, what became of it the first time."""
    with transaction.atomic():
        row, is_new = TakenReply.objects.get_or_create(
            reply_id=heard.reply_id,
            defaults={
                "customer_id": heard.customer_id,
                "mode": heard.channel,
                "outcome": LEFT,
                "at": heard.at,
            },
        )
        if is_new and heard.channel == MODE:
            _take(row, heard)
    return row.outcome


def _take(row: TakenReply, heard: Heard) -> None:
    text = delivery.reply_text(reply_id=heard.reply_id).strip()
    invitation = _invitation(heard) if text else None
    if invitation is None:
        return
    sitting = queries.sitting(invitation_id=InvitationId(invitation.pk), now=heard.at)
    question = next(iter(sitting.definition.questions), None)
    if sitting.definition.is_anonymous or question is None:
        return
    found = _read(sitting, question, text)
    if found is None:
        _comment(row, Response.objects.filter(invitation=invitation).first(), text)
    elif question.key in sitting.answers:
        row.outcome = REPEATED
    else:
        _answer(row, sitting, question, found)
    row.save()


def _invitation(heard: Heard) -> Invitation | None:
    """The one that the last message asked for, else the newest by SMS that is open."""
    own = Invitation.objects.filter(customer_id=heard.customer_id, expires_at__gt=heard.at)
    if heard.round_key and (named := own.filter(key=heard.round_key).first()):
        return named
    return own.filter(channel=MODE, closed_at=None).order_by("-created_at", "-pk").first()


def _read(sitting: Sitting, question: Question, text: str) -> turns.Read | None:
    position = Position(
        definition=sitting.definition, language=sitting.language or LANGUAGES[0], context=sitting.context
    )
    every = [
        _turn(question, replace(position, language=each))
        for each in sorted(LANGUAGES, key=lambda each: each != position.language)
    ]
    return turns.read(every[0], text, labels=tuple(every[1:]))


def _turn(question: Question, position: Position) -> turns.Turn:
    with override(position.language.lower()):
        return turns.turn(question, position)


def _answer(row: TakenReply, sitting: Sitting, question: Question, found: turns.Read) -> None:
    submission = answering.Submission(given={question.key: found.given}, language=sitting.language, mode=MODE)
    try:
        with transaction.atomic():
            invitation = answering.locked_invitation(sitting.invitation_id, now=row.at)
            response = answering.response_of(invitation, language=sitting.language, mode=MODE, now=row.at)
            if response.state != ResponseState.STARTED:
                row.outcome = REPEATED
                return
            definition = queries.definition(version_id=sitting.version_id)
            answering.store(response, definition, submission, now=row.at)
    except Refusal:
        return  # too late, or no answer after all: left for people to read
    _comment(row, response, found.rest)
    row.outcome = ANSWERED


def _comment(row: TakenReply, response: Response | None, words: str) -> None:
    if response is None:
        return
    row.response, row.words, row.outcome = response, words, COMMENT
    if words and not response.has_text:
        Response.objects.filter(pk=response.pk).update(has_text=True)


def left(*, limit: int, before: int | None = None) -> list[LeftReply]:
    """Replies that answered nothing, newest first, with their words."""
    rows = TakenReply.objects.filter(outcome=LEFT).order_by("-reply_id")
    if before is not None:
        rows = rows.filter(reply_id__lt=before)
    found = list(rows[:limit])
    ids = [CustomerId(each.customer_id) for each in found if each.customer_id]
    known = customers.profiles(customer_ids=ids)
    return [
        LeftReply(
            reply_id=each.reply_id,
            who=known.get(CustomerId(each.customer_id or 0)),
            channel=each.mode,
            words=delivery.reply_text(reply_id=each.reply_id),
            at=each.at,
        )
        for each in found
    ]
