"""The pages of an open link: anybody may answer. One cookie at most, without an identity."""

import re

from django.http import HttpRequest, HttpResponse

from huifang.kernel import clock
from huifang.questionnaires import answer_errors, ballots, conversation, errors, forms, links, pages, rules
from huifang.questionnaires.answering import Sheet, Submission
from huifang.questionnaires.asking import Position
from huifang.questionnaires.conversation import Talk, public_page, url
from huifang.questionnaires.records import Definition, OpenSitting, Source

TRAP = "website"  # a field that nobody sees and only machines fill in
_SEED = re.compile(r"[0-9a-f]{16}")
_DEVICE_SECONDS = 180 * 24 * 3600
_OVER = {"completed", "full"}


@public_page
def open_survey(request: HttpRequest, slug: str, token: str = "") -> HttpResponse:
    """Ask whoever opens the link; nothing is recorded before a first answer."""
    sitting = links.sitting(slug=slug, token=token, now=clock.now())
    talk = _talk(request, sitting)
    if sitting.state in _OVER:
        over = conversation.thank(talk) if sitting.state == "completed" else conversation.say_full(talk)
        return _remembered(over, sitting)
    if not sitting.is_open:
        raise errors.OpenLinkClosedError
    if request.method == "POST":
        return _take_on(talk, token) if token else _take_first(talk, sitting)
    if not token and _has_answered(request, sitting):
        again = url(request.path, l=talk.position.language, again="1")
        return conversation.show("survey/again.html", {"again": again}, language=talk.position.language)
    if token:
        return conversation.ask(talk)
    return conversation.ask(_first(talk, sitting, ballots.draw(version_id=sitting.version_id)))


def _has_answered(request: HttpRequest, sitting: OpenSitting) -> bool:
    """Whether this device did, as far as it says itself; "somebody else" may go on."""
    is_known = sitting.is_once_a_device and _cookie(sitting.slug) in request.COOKIES
    return is_known and "again" not in request.GET


def _first(talk: Talk, sitting: OpenSitting, drawn: str) -> Talk:
    """The first page, with a ballot where answers are anonymous, else with the seed of its order."""
    if sitting.definition.is_anonymous:
        return pages.on_ballot(talk, drawn)
    seed = conversation.fresh_seed()
    return conversation.with_hidden(conversation.arranged(talk, seed), seed=seed)


def _talk(request: HttpRequest, sitting: OpenSitting) -> Talk:
    definition = sitting.definition
    phone = request.headers.get("Accept-Language", "")[:2]
    language = rules.language_for(
        definition,
        request.GET.get("l", ""),
        sitting.language,
        {"zh": "zh-Hans", "en": "en"}.get(phone, ""),
    )
    return Talk(
        request=request,
        position=Position(
            definition=definition,
            language=language,
            answers=sitting.answers,
            skipped=sitting.skipped,
            context=sitting.context,
        ),
        manner="anonymous" if definition.is_anonymous else "open",
        path=request.path,
        kept=_fields(request, definition, sitting.slug),
        hidden=[(TRAP, "")],
    )


def _fields(request: HttpRequest, definition: Definition, slug: str) -> dict[str, str]:
    """The hidden fields of the address; those that must be signed only with a signature that fits them."""
    signed = rules.taken_fields(definition, request.GET.dict(), sources=[Source.SIGNED_LINK])
    signature = request.GET.get(links.SIGNATURE, "")
    if not signed or not links.is_signed(slug=slug, fields=signed, signature=signature):
        return forms.fields_of_link(definition, request)
    return {**forms.fields_of_link(definition, request, is_signed=True), links.SIGNATURE: signature}


def _take_first(talk: Talk, sitting: OpenSitting) -> HttpResponse:
    request, now = talk.request, clock.now()
    if request.POST.get(TRAP):
        return conversation.thank(talk)  # a machine: it is thanked, and nothing is kept
    drawn = request.POST.get("ballot", "")
    seed = request.POST.get("seed", "")
    if sitting.definition.is_anonymous:
        talk = pages.on_ballot(talk, drawn)
    else:
        seed = seed if _SEED.fullmatch(seed) else conversation.fresh_seed()
        talk = conversation.with_hidden(conversation.arranged(talk, seed), seed=seed)
    sent = pages.read(talk)
    fields = {name: value for name, value in talk.kept.items() if name != links.SIGNATURE}
    submission = Submission(given=sent.given, skipped=sent.skipped, language=sent.language, fields=fields)
    try:
        if not _says_anything(talk, submission):
            return conversation.ask(talk)
    except conversation.WRONG_ANSWERS as refusal:
        return conversation.ask(talk, refusal=refusal)
    links.admit(slug=sitting.slug, address=request.META.get("REMOTE_ADDR", ""), now=now)
    if sitting.definition.is_anonymous:
        return _cast(talk, sitting, drawn, submission)
    token = links.begin(
        slug=sitting.slug, version_id=sitting.version_id, seed=seed, submission=submission, now=now
    )
    return conversation.goes_on(url(f"/q/{sitting.slug}/{token}", l=talk.position.language))


def _says_anything(talk: Talk, submission: Submission) -> bool:
    """Whether a first page brings an answer or a skip. Raises what an answer that is none raises."""
    sheet = Sheet(definition=talk.position.definition, answers={}, skipped=set())
    return bool(sheet.take(submission) or sheet.skipped)


def _cast(talk: Talk, sitting: OpenSitting, token: str, submission: Submission) -> HttpResponse:
    drawn, now = ballots.read(token), clock.now()
    if drawn.version_id != sitting.version_id:
        raise errors.UnknownInvitationError
    if ballots.paper(drawn) is None:
        links.take_place(slug=sitting.slug, now=now)
        bare = Submission(given=submission.given, skipped=submission.skipped, language=submission.language)
        ballots.mark(drawn=drawn, submission=bare, is_first=True, now=now)
    reply = conversation.goes_on(url(f"/s/a/{token}", l=talk.position.language))
    return _remembered(reply, sitting)


def _take_on(talk: Talk, token: str) -> HttpResponse:
    try:
        links.answer(token=token, submission=pages.read(talk), now=clock.now())
    except answer_errors.ResponseCompleteError:
        pass  # sent twice: the second time only sees the thanks
    except conversation.WRONG_ANSWERS as refusal:
        return conversation.ask(talk, refusal=refusal)
    return conversation.goes_on(talk.address())


def _cookie(slug: str) -> str:
    return f"answered-{slug}"


def _remembered(reply: HttpResponse, sitting: OpenSitting) -> HttpResponse:
    """Where the link wants one answer a device: a cookie that says "1", for this link alone, and no more."""
    if sitting.is_once_a_device:
        reply.set_cookie(
            _cookie(sitting.slug),
            "1",
            max_age=_DEVICE_SECONDS,
            path=f"/q/{sitting.slug}",
            httponly=True,
            samesite="Lax",
        )
    return reply
