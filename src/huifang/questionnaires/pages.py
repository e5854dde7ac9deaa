"""The survey page of one invitation: no session, no cookie, no script. The link is the only authority."""

from django.http import HttpRequest, HttpResponse

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.kernel import clock
from huifang.questionnaires import (
    answer_errors,
    ballots,
    conversation,
    errors,
    forms,
    queries,
    rules,
    services,
)
from huifang.questionnaires.answering import Sheet, Submission
from huifang.questionnaires.asking import Position
from huifang.questionnaires.conversation import Talk, public_page, url
from huifang.questionnaires.records import Sitting

REFUSAL_SOURCE = "survey"


@public_page
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, take an answer, or thank. Opening the link records nothing: mail scanners open links too."""
    now = clock.now()
    sitting = queries.sitting(invitation_id=queries.invitation_id_of(token=token), now=now)
    language = rules.language_for(sitting.definition, request.GET.get("l", ""), sitting.language)
    talk = _talk(request, sitting, language)
    if sitting.definition.is_anonymous:
        return _anonymous(talk, sitting)
    if request.method == "POST":
        return _take(talk, sitting)
    if sitting.state == "completed":
        return conversation.thank(talk)
    if sitting.state == "full":
        return conversation.say_full(talk)
    if not sitting.is_open:
        return conversation.refused(request, errors.InvitationClosedError(), language=language)
    return conversation.ask(talk)


def _talk(request: HttpRequest, sitting: Sitting, language: str) -> Talk:
    position = Position(
        definition=sitting.definition,
        language=language,
        answers=sitting.answers,
        skipped=sitting.skipped,
        context=sitting.context,
    )
    return Talk(
        request=request,
        position=position,
        manner="anonymous" if sitting.definition.is_anonymous else "named",
        path=request.path,
        never=url(f"{request.path}/never", l=language),
        kept=forms.fields_of_link(sitting.definition, request),
        onward=sitting.thanks_path,
        preferences=_preferences(sitting),
    )


def _preferences(sitting: Sitting) -> str:
    if sitting.customer_id is None:
        return ""
    return customers.preference_path(customer_id=sitting.customer_id)


def read(talk: Talk) -> Submission:
    """What the page sent."""
    request = talk.request
    return forms.read_submission(
        talk.position.definition, request.POST, language=talk.position.language, files=request.FILES
    )


def _take(talk: Talk, sitting: Sitting) -> HttpResponse:
    sent = read(talk)
    submission = Submission(given=sent.given, skipped=sent.skipped, language=sent.language, fields=talk.kept)
    try:
        services.answer(invitation_id=sitting.invitation_id, submission=submission, now=clock.now())
    except answer_errors.ResponseCompleteError:
        pass  # sent twice: the second time only sees the thanks
    except errors.InvitationClosedError as refusal:
        return conversation.refused(talk.request, refusal, language=talk.position.language)
    except conversation.WRONG_ANSWERS as refusal:
        return conversation.ask(talk, refusal=refusal)
    return conversation.goes_on(talk.address())


def _anonymous(talk: Talk, sitting: Sitting) -> HttpResponse:
    """The first question of an anonymous questionnaire; the others follow under the ballot alone."""
    language = talk.position.language
    if talk.request.method == "POST":
        return _spend(talk, sitting)
    if sitting.is_spent:
        refusal = errors.InvitationSpentError()
        return conversation.refused(talk.request, refusal, language=language, onward=talk.onward)
    if not sitting.is_open:
        return conversation.refused(talk.request, errors.InvitationClosedError(), language=language)
    token = ballots.draw(version_id=sitting.version_id)
    return conversation.ask(on_ballot(talk, token))


def on_ballot(talk: Talk, token: str) -> Talk:
    """*talk* in the order that the ballot draws, with the ballot in its form."""
    return conversation.with_hidden(conversation.arranged(talk, ballots.read(token).seed), ballot=token)


def _spend(talk: Talk, sitting: Sitting) -> HttpResponse:
    token = talk.request.POST.get("ballot", "")
    drawn = ballots.read(token)
    if drawn.version_id != sitting.version_id:
        raise errors.UnknownInvitationError
    talk, submission = on_ballot(talk, token), read(on_ballot(talk, token))
    sheet = Sheet(definition=talk.position.definition, answers={}, skipped=set())
    try:
        # What is no answer is said before the link is used up.
        if not sheet.take(submission) and not sheet.skipped:
            return conversation.ask(talk)
    except conversation.WRONG_ANSWERS as refusal:
        return conversation.ask(talk, refusal=refusal)
    now = clock.now()
    try:
        services.spend(invitation_id=sitting.invitation_id, now=now)
    except errors.InvitationSpentError as refusal:
        if ballots.paper(drawn) is None:
            language = talk.position.language
            return conversation.refused(talk.request, refusal, language=language, onward=talk.onward)
    else:
        ballots.mark(drawn=drawn, submission=submission, is_first=True, now=now)
    return conversation.goes_on(url(f"/s/a/{token}", l=talk.position.language))


@public_page
def never(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once whether to be left alone for good, do it, and offer to undo it."""
    sitting = queries.sitting(invitation_id=queries.invitation_id_of(token=token), now=clock.now())
    language = rules.language_for(sitting.definition, request.GET.get("l", ""), sitting.language)
    if sitting.customer_id is None:
        raise errors.UnknownInvitationError
    if request.method == "POST":
        _change_mind(sitting, undo="undo" in request.POST)
        return conversation.goes_on(url(request.path, l=language))
    refusals = _refusal_sources(sitting)
    context: dict[str, object] = {
        "action": url(request.path, l=language),
        "back": url(request.path.removesuffix("/never"), l=language),
        "preferences": _preferences(sitting),
        "may_undo": refusals == {REFUSAL_SOURCE},
    }
    template = "survey/never_done.html" if refusals else "survey/never.html"
    return conversation.show(template, context, language=language)


def _refusal_sources(sitting: Sitting) -> set[str]:
    """Where the refusals of every channel that hold now came from."""
    assert sitting.customer_id is not None
    standing = customers.suppressions(customer_id=sitting.customer_id, include_lifted=False)
    return {each.source for each in standing if each.channel == "*"}


def _change_mind(sitting: Sitting, *, undo: bool) -> None:
    assert sitting.customer_id is not None
    if not undo:
        customer_services.suppress(
            customer_id=sitting.customer_id, reason="customer_refused", source=REFUSAL_SOURCE, at=clock.now()
        )
    # The link undoes what it did itself, never a refusal that was made elsewhere.
    elif _refusal_sources(sitting) == {REFUSAL_SOURCE}:
        customer_services.lift_suppression(
            customer_id=sitting.customer_id, source=REFUSAL_SOURCE, at=clock.now()
        )
