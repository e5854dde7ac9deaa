"""What the widget shows one customer, and what they answer there: the same invitations, answers and versions.

A question that needs more than taps and words leads to the survey page, as all of an anonymous questionnaire
does: here it is known who speaks.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext, override

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.delivery import services as delivery
from huifang.delivery.errors import UnknownInboxMessageError
from huifang.delivery.records import InboxMessage
from huifang.kernel import telling
from huifang.kernel.ids import CustomerId
from huifang.kernel.wallet import wallet_name
from huifang.questionnaires import asking, conversation, pages, queries, rules, services
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.asking import Asked, Position
from huifang.questionnaires.errors import UnknownInvitationError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import QuestionKind, Sitting

MODE = "in_app"
_TAPS = frozenset({"csat", "nps", "ces", "stars", "single", "contact"})
_WORDS = frozenset({"text"})
_OVER = frozenset({"completed", "full"})
K = QuestionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One sitting as this customer reads it. *token* is that of its link."""

    token: str
    sitting: Sitting
    language: str

    @property
    def position(self) -> Position:
        """Where they are in it."""
        sitting = self.sitting
        return Position(
            definition=sitting.definition,
            language=self.language,
            answers=sitting.answers,
            skipped=sitting.skipped,
            context=sitting.context,
        )


def newest(customer_id: CustomerId, *, language: str, now: datetime) -> dict[str, object] | None:
    """The card of the newest message that still asks something; None where none does.

    Fetching is the contact: what the inbox holds is delivered by it, or withheld, like by any app.
    """
    for message in delivery.fetch_inbox(customer_id=customer_id, now=now):
        token = urlsplit(message.link).path.removeprefix("/s/")
        if not message.link or "/" in token:
            continue
        try:
            reading = _reading(customer_id, token, language or message.language, now=now)
        except UnknownInvitationError:
            continue
        if _is_asking(reading.sitting):
            return _card(reading) | _of_message(message)
    return None


def _is_asking(sitting: Sitting) -> bool:
    return sitting.is_open and not sitting.is_spent and sitting.state not in _OVER


def _of_message(message: InboxMessage) -> dict[str, object]:
    return {
        "message": message.id,
        "subject": message.subject,
        "body": message.body,
        "is_seen": message.seen_at is not None,
    }


def _reading(customer_id: CustomerId, token: str, language: str, *, now: datetime) -> Reading:
    """Raises `UnknownInvitationError` for any invitation but this customer's own."""
    sitting = queries.sitting(invitation_id=queries.invitation_id_of(token=token), now=now)
    if sitting.customer_id is None or customers.now_called(sitting.customer_id) != customer_id:
        raise UnknownInvitationError
    wanted = rules.language_for(sitting.definition, language, sitting.language)
    return Reading(token=token, sitting=sitting, language=wanted)


def _card(reading: Reading, *, error: str = "") -> dict[str, object]:
    """The card with its next question, its own words and those of its buttons, in one language."""
    position, definition = reading.position, reading.sitting.definition
    with override(conversation.CODES[reading.language]):
        question = position.current()
        is_page = reading.sitting.definition.is_anonymous
        asked = asking.ask(question, position) if question else None
        return {
            "invitation": reading.token,
            "language": reading.language,
            "wallet": wallet_name(reading.language),
            # Who asks, why, and what becomes of the answers: said before the first question.
            "about": " ".join(filter(None, map(position.say, (definition.about, definition.intro)))),
            "path": f"/s/{reading.token}?l={reading.language}",
            "question": _question(asked, is_page=is_page) if asked else None,
            "done": _done(reading) if asked is None else None,
            "place": position.progress(question).place if question else 0,
            "total": len(position.definition.questions),
            "error": error,
            "words": _buttons(),
        }


def _question(asked: Asked, *, is_page: bool) -> dict[str, object]:
    takes = "taps" if asked.kind in _TAPS else "words" if asked.kind in _WORDS else "page"
    if asked.kind == K.MULTIPLE:
        takes = "many"
    choices = [*asked.choices, *([asked.other] if asked.other else [])]
    return {
        "key": asked.key,
        "kind": asked.kind,
        "takes": "page" if is_page else takes,
        "title": asked.title,
        "hint": asked.hint,
        "choices": [{"value": each.value, "label": each.label} for each in choices],
        "low": asked.low_label,
        "high": asked.high_label,
        "is_required": asked.is_required,
        "is_long": asked.is_long,
        "limit": asked.limit,
    }


def _done(reading: Reading) -> dict[str, object]:
    thanks = reading.position.say(reading.sitting.definition.thanks)
    return {"thanks": thanks or gettext("Thank you."), "path": reading.sitting.thanks_path}


def _buttons() -> dict[str, str]:
    return {
        "dialog": gettext("A question for you"),
        "close": gettext("Not now"),
        "never": gettext("Do not ask me again"),
        "sure": gettext("Never be asked again, on any channel?"),
        "yes": gettext("Yes, leave me alone"),
        "no": gettext("Back"),
        "send": gettext("Send"),
        "skip": gettext("Skip"),
        "open": gettext("Answer on a page"),
        "never_done": gettext("You will not be asked again."),
        "choices": gettext("Your choices"),
        "failed": gettext("That did not arrive. Please try again."),
        "onward": gettext("Go on"),
    }


def see(customer_id: CustomerId, message_id: int, *, now: datetime) -> None:
    """The card was on the screen."""
    try:
        delivery.mark_seen(customer_id=customer_id, message_id=message_id, now=now)
    except UnknownInboxMessageError:
        return  # it expired meanwhile, or is not theirs: nothing is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One answer out of the widget; nothing in it skips the question."""

    invitation: str
    question: str
    values: tuple[str, ...] = ()
    text: str = ""
    language: str = ""


def answer(customer_id: CustomerId, sent: Sent, *, now: datetime) -> dict[str, object]:
    """Keep an answer or a skip and say what comes next. What is no answer comes back with the reason.

    Raises `UnknownInvitationError`, `InvitationClosedError`, `ResponseCompleteError`.
    """
    reading = _reading(customer_id, sent.invitation, sent.language, now=now)
    if reading.sitting.definition.is_anonymous:
        raise UnknownInvitationError
    is_skip = not sent.values and not sent.text
    submission = Submission(
        given={} if is_skip else {sent.question: Given(values=sent.values, text=sent.text)},
        skipped=[sent.question] if is_skip else (),
        language=reading.language,
        mode=MODE,
    )
    error = ""
    try:
        services.answer(invitation_id=reading.sitting.invitation_id, submission=submission, now=now)
    except conversation.WRONG_ANSWERS as refusal:
        with override(conversation.CODES[reading.language]):
            error = telling.told(refusal)
    return _card(_reading(customer_id, sent.invitation, reading.language, now=now), error=error)


def never(customer_id: CustomerId, *, now: datetime) -> dict[str, object]:
    """Leave this customer alone on every channel, as the page does; the way back is the preference page."""
    customer_services.suppress(
        customer_id=customer_id, reason="customer_refused", source=pages.REFUSAL_SOURCE, at=now
    )
    return {"preferences": customers.preference_path(customer_id=customer_id)}
