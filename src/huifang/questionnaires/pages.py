"""The public survey page: no sign-in, no session, no cookie, no script. The link is the only authority."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import gettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.kernel import clock
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import LANGUAGES, pick, product_language
from huifang.kernel.wallet import wallet_name
from huifang.questionnaires import asking, errors, forms, queries, rules, services
from huifang.questionnaires.asking import Position
from huifang.questionnaires.records import Display, Question, Sitting

LANGUAGE_NAMES = {"zh-Hans": "中文", "en": "English"}
REFUSAL_SOURCE = "survey"
CODES = {"zh-Hans": "zh-hans", "en": "en"}
_WRONG_ANSWERS = (errors.AnswerInvalidError, errors.AnswerMissingError, errors.AnswerTooLongError)
_Page = Callable[[HttpRequest, str], HttpResponse]


def public_page(page: _Page) -> _Page:
    """Decorate a page that a customer opens by its token: friendly refusals, nothing kept by anyone."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(page)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        try:
            reply = page(request, token)
        except (errors.UnknownInvitationError, errors.InvitationClosedError) as refusal:
            reply = refused(request, refusal)
        reply["Cache-Control"] = "no-store"
        reply["X-Robots-Tag"] = "noindex, nofollow"
        reply["Referrer-Policy"] = "no-referrer"
        return reply

    return shown


def refused(request: HttpRequest, refusal: Refusal, *, language: str = "") -> HttpResponse:
    """A page that says what happened and what to do, in the language of the phone."""
    language = language or product_language(request.LANGUAGE_CODE) or LANGUAGES[0]
    template = "survey/closed.html" if refusal.status == 410 else "survey/unknown.html"
    return _show(template, {}, language=language, status=refusal.status)


def _show(template: str, context: dict[str, object], *, language: str, status: int = 200) -> HttpResponse:
    # Without the request: nothing here may read a session or set a cookie.
    with override(CODES[language]):
        html = render_to_string(
            template, {"wallet_name": wallet_name(language), "html_language": language, **context}
        )
    return HttpResponse(html, status=status)


@public_page
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, take an answer, or thank. Opening the link records nothing: mail scanners open links too."""
    now = clock.now()
    sitting = queries.sitting(invitation_id=queries.invitation_id_of(token=token), now=now)
    language = rules.language_for(sitting.definition, request.GET.get("l", ""), sitting.language)
    position = Position(
        definition=sitting.definition,
        language=language,
        answers=sitting.answers,
        skipped=sitting.skipped,
    )
    if request.method == "POST":
        return _take(request, sitting, position)
    if sitting.state == "completed":
        return _thank(sitting, position)
    if not sitting.is_open:
        return refused(request, errors.InvitationClosedError(), language=language)
    return _ask(request, sitting, position)


def _take(request: HttpRequest, sitting: Sitting, position: Position) -> HttpResponse:
    submission = forms.read_submission(sitting.definition, request.POST, language=position.language)
    try:
        services.answer(invitation_id=sitting.invitation_id, submission=submission, now=clock.now())
    except errors.ResponseCompleteError:
        pass  # sent twice: the second time only sees the thanks
    except errors.InvitationClosedError as refusal:
        return refused(request, refusal, language=position.language)
    except _WRONG_ANSWERS as refusal:
        return _ask(request, sitting, position, refusal=refusal)
    return HttpResponseRedirect(_url(request.path, l=position.language), status=303)


def _url(path: str, **query: str) -> str:
    return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"


def _ask(
    request: HttpRequest, sitting: Sitting, position: Position, *, refusal: Refusal | None = None
) -> HttpResponse:
    wanted = request.POST.get("q", "") or request.GET.get("q", "")
    question = position.current(wanted)
    if question is None:
        # The last answer, sent a second time, was committed between two reads of this page.
        return _thank(sitting, position)
    with override(CODES[position.language]):
        context = question_context(request, position, question)
        context |= _links(request, position, question)
        context["error"] = gettext(refusal.text).format(**refusal.facts) if refusal else ""
    context["host"] = request.get_host()
    template = "survey/all.html" if sitting.definition.display is Display.ALL else "survey/question.html"
    return _show(template, context, language=position.language, status=refusal.status if refusal else 200)


def question_context(request: HttpRequest, position: Position, question: Question) -> dict[str, object]:
    """What the templates need to ask *question*, or all open questions from it on."""
    definition = position.definition
    progress = position.progress(question)
    first = definition.questions[0].key == question.key
    # The link in a message may carry the first answer; it is shown as chosen and counts when tapped.
    chosen = request.GET.get("a", "")[:40] if first and request.method != "POST" else ""
    typed = request.POST.get(f"a.{question.key}", "") if question.kind == "text" else ""
    together = [question] if definition.display is Display.ONE else _together(position, question)
    return {
        "asked": asking.ask(question, position, chosen=chosen, text=typed),
        "every": [asking.ask(each, position, chosen=chosen if each is question else "") for each in together],
        "steps": asking.steps(progress),
        "progress": progress,
        "is_first": first,
        "is_last": not [each for each in position.open_questions() if each != question],
        "is_prefilled": bool(chosen),
        "about": pick(definition.about, position.language, definition.fallback_language),
        "intro": pick(definition.intro, position.language, definition.fallback_language),
        "language": position.language,
    }


def _together(position: Position, question: Question) -> list[Question]:
    still_open = position.open_questions()
    return still_open if question in still_open else [question, *still_open]


def _links(request: HttpRequest, position: Position, question: Question) -> dict[str, object]:
    before = rules.previous_question(position.definition, position.answers, question.key)
    language = position.language
    return {
        "action": _url(request.path, l=language),
        "back": _url(request.path, l=language, q=before.key) if before else "",
        "never": _url(f"{request.path}/never", l=language),
        "languages": [
            (each, LANGUAGE_NAMES[each], _url(request.path, l=each, q=request.GET.get("q", "")))
            for each in rules.languages(position.definition)
            if each != language
        ],
    }


def _thank(sitting: Sitting, position: Position) -> HttpResponse:
    definition = position.definition
    context: dict[str, object] = {
        "thanks": pick(definition.thanks, position.language, definition.fallback_language),
        "preferences": _preferences(sitting),
        "onward": sitting.thanks_path,
    }
    return _show("survey/thanks.html", context, language=position.language)


def _preferences(sitting: Sitting) -> str:
    if sitting.customer_id is None:
        return ""
    return customers.preference_path(customer_id=sitting.customer_id)


@public_page
def never(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once whether to be left alone for good, do it, and offer to undo it."""
    sitting = queries.sitting(invitation_id=queries.invitation_id_of(token=token), now=clock.now())
    language = rules.language_for(sitting.definition, request.GET.get("l", ""), sitting.language)
    if sitting.customer_id is None:
        raise errors.UnknownInvitationError
    if request.method == "POST":
        _change_mind(sitting, undo="undo" in request.POST)
        return HttpResponseRedirect(_url(request.path, l=language), status=303)
    refusals = _refusal_sources(sitting)
    context: dict[str, object] = {
        "action": _url(request.path, l=language),
        "back": _url(request.path.removesuffix("/never"), l=language),
        "preferences": _preferences(sitting),
        "may_undo": refusals == {REFUSAL_SOURCE},
    }
    template = "survey/never_done.html" if refusals else "survey/never.html"
    return _show(template, context, language=language)


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
