"""What all public survey pages share: asking, thanking and refusing, without session, cookie or script."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huifang.kernel import telling
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import LANGUAGES, product_language
from huifang.kernel.wallet import wallet_name
from huifang.questionnaires import answer_errors, asking, errors, forms, ordering, rules
from huifang.questionnaires.asking import Asked, Position
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import Display, Question

LANGUAGE_NAMES = {"zh-Hans": "中文", "en": "English"}
CODES = {"zh-Hans": "zh-hans", "en": "en"}
# What every public page says of itself: nobody keeps it, finds it, or is told of it.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
BODY_BYTES_MAX = 24 * 1024 * 1024
WRONG_ANSWERS = (
    answer_errors.AnswerInvalidError,
    answer_errors.AnswerMissingError,
    answer_errors.AnswerTooLongError,
    answer_errors.AnswerExclusiveError,
    answer_errors.AnswerIncompleteError,
    answer_errors.AnswerNotNumberError,
    answer_errors.AnswerNotDateError,
    answer_errors.AnswerOutOfRangeError,
    answer_errors.AnswerFileTooLargeError,
    answer_errors.AnswerImageTooLargeError,
    answer_errors.AnswerNotImageError,
    answer_errors.AnswerNotSoundError,
)
_FAREWELLS = (
    errors.UnknownInvitationError,
    errors.InvitationClosedError,
    errors.InvitationSpentError,
    errors.UnknownOpenLinkError,
    errors.OpenLinkClosedError,
    errors.TooManyFromHereError,
)
_TEMPLATES = {
    "invitation_closed": "survey/closed.html",
    "open_link_closed": "survey/closed.html",
    "invitation_spent": "survey/spent.html",
    "too_many_from_here": "survey/crowded.html",
}
_Arguments = ParamSpec("_Arguments")
_Page = Callable[Concatenate[HttpRequest, _Arguments], HttpResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One page of one conversation. *manner* is "named", "anonymous" or "open": what is said of the answers.

    *kept* stays in the query of every address, *hidden* goes with every form.
    """

    request: HttpRequest
    position: Position
    manner: str
    path: str
    never: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    hidden: Sequence[tuple[str, str]] = ()
    onward: str = ""
    preferences: str = ""

    def address(self, **query: str) -> str:
        """The address of this page in the language of the conversation."""
        return url(self.path, **{"l": self.position.language, **self.kept, **query})


def public_page(page: _Page[_Arguments]) -> _Page[_Arguments]:
    """Decorate a page that a customer opens by its link: friendly refusals, nothing kept by anyone."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(page)
    def shown(request: HttpRequest, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> HttpResponse:
        try:
            # Before anything reads the body: a file of gigabytes is not even begun.
            if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_BYTES_MAX:
                raise answer_errors.AnswerFileTooLargeError(megabytes=BODY_BYTES_MAX // 1024 // 1024)
            reply = page(request, *args, **kwargs)
        except (*_FAREWELLS, answer_errors.AnswerFileTooLargeError) as refusal:
            reply = refused(request, refusal)
        for name, value in HEADERS.items():
            reply.headers[name] = value
        return reply

    return cast("_Page[_Arguments]", shown)


def refused(request: HttpRequest, refusal: Refusal, *, language: str = "", onward: str = "") -> HttpResponse:
    """A page that says what happened and what to do, in the language of the phone."""
    language = language or product_language(request.LANGUAGE_CODE) or LANGUAGES[0]
    template = _TEMPLATES.get(refusal.code, "survey/unknown.html")
    if isinstance(refusal, answer_errors.AnswerFileTooLargeError):
        template = "survey/too_large.html"
    return show(template, {"onward": onward, **refusal.facts}, language=language, status=refusal.status)


def show(template: str, context: dict[str, object], *, language: str, status: int = 200) -> HttpResponse:
    """*template* in *language*. Without the request: nothing here may read a session or set a cookie."""
    with override(CODES[language]):
        html = render_to_string(
            template, {"wallet_name": wallet_name(language), "html_language": language, **context}
        )
    return HttpResponse(html, status=status, headers={"Content-Language": CODES[language]})


def url(path: str, **query: str) -> str:
    """*path* with what is not empty of *query*."""
    return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"


def spoken(path: str, language: str) -> str:
    """A path of this product in the language that is read now, where it does not name one itself."""
    asked = parse_qs(urlsplit(path).query)
    if not path or "l" in asked:
        return path
    return f"{path}{'&' if asked else '?'}{urlencode({'l': language})}"


def goes_on(address: str) -> HttpResponse:
    """To the next page by GET, so that going back sends nothing twice."""
    return HttpResponseRedirect(address, status=303)


def fresh_seed() -> str:
    """What the order of a response is drawn from that nobody has begun yet."""
    return secrets.token_hex(8)


def ask(talk: Talk, *, refusal: Refusal | None = None) -> HttpResponse:
    """The next question, or the one that is wanted; the thanks where none is left."""
    request, position = talk.request, talk.position
    question = position.current(request.POST.get("q", "") or request.GET.get("q", ""))
    if question is None:
        # The last answer, sent a second time, was committed between two reads of this page.
        return thank(talk)
    with override(CODES[position.language]):
        context = question_context(request, position, question)
        context |= _links(talk, question)
        context["error"] = telling.told(refusal) if refusal else ""
    context |= {"host": request.get_host(), "hidden": talk.hidden, "manner": talk.manner}
    template = "survey/all.html" if position.definition.display is Display.ALL else "survey/question.html"
    return show(template, context, language=position.language, status=refusal.status if refusal else 200)


def question_context(request: HttpRequest, position: Position, question: Question) -> dict[str, object]:
    """What the templates need to ask *question*, or all open questions from it on."""
    definition = position.definition
    progress = position.progress(question)
    key, value = forms.tapped(request.GET.get("a", ""), first_key=definition.questions[0].key)
    # The link in a message may carry an answer; it is shown as chosen and counts when it is confirmed.
    chosen = value if key == question.key and request.method != "POST" else ""
    asked = _asked(request, position, question, chosen)
    together = [question] if definition.display is Display.ONE else _together(position, question)
    every = [asked if each is question else _asked(request, position, each, "") for each in together]
    return {
        "asked": asked,
        "every": every,
        "takes_file": any(each.accept for each in every),
        "steps": asking.steps(progress),
        "progress": progress,
        "is_first": definition.questions[0].key == question.key,
        "is_last": not [each for each in position.open_questions() if each != question],
        "is_prefilled": asked.marked is not None,
        "about": position.say(definition.about),
        "intro": position.say(definition.intro),
        "language": position.language,
    }


def _asked(request: HttpRequest, position: Position, question: Question, chosen: str) -> Asked:
    sent: Given | None = None
    if request.method == "POST" and question.key in request.POST.getlist("q"):
        sent = forms.given_to(question, request.POST)
    return asking.ask(question, position, chosen=chosen, sent=sent)


def _together(position: Position, question: Question) -> list[Question]:
    still_open = position.open_questions()
    return still_open if question in still_open else [question, *still_open]


def _links(talk: Talk, question: Question) -> dict[str, object]:
    position = talk.position
    before = rules.previous_question(position.definition, position.answers, question.key)
    stays = {name: talk.request.GET.get(name, "") for name in ("q", "a")}
    return {
        "action": talk.address(),
        "back": talk.address(q=before.key) if before else "",
        "never": talk.never,
        "languages": [
            (each, LANGUAGE_NAMES[each], talk.address(l=each, **stays))
            for each in rules.languages(position.definition)
            if each != position.language
        ],
    }


def thank(talk: Talk) -> HttpResponse:
    """What happens next, and the way on where one was promised."""
    return _farewell("survey/thanks.html", talk, talk.position.say(talk.position.definition.thanks))


def say_full(talk: Talk) -> HttpResponse:
    """Enough others have answered: said kindly, and nothing is lost by it."""
    return _farewell("survey/full.html", talk, talk.position.say(talk.position.definition.full))


def _farewell(template: str, talk: Talk, words: str) -> HttpResponse:
    onward = spoken(talk.onward, talk.position.language)
    context: dict[str, object] = {"thanks": words, "preferences": talk.preferences, "onward": onward}
    return show(template, context, language=talk.position.language)


def with_hidden(talk: Talk, **hidden: str) -> Talk:
    """*talk* with more fields in its forms."""
    return replace(talk, hidden=[*talk.hidden, *hidden.items()])


def arranged(talk: Talk, seed: str) -> Talk:
    """*talk* with its questions in the order of *seed*."""
    definition = ordering.arrange(talk.position.definition, seed)
    return replace(talk, position=replace(talk.position, definition=definition))
