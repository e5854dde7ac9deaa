"""The survey page of a draft as a phone will show it, in the editor. Answers live in its address alone."""

import csp.constants
from csp.decorators import csp_replace
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_sameorigin

from huifang.console.screens import Request, screen
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import LANGUAGES, pick
from huifang.kernel.wallet import wallet_name
from huifang.questionnaires import conversation, forms, queries, rules
from huifang.questionnaires.asking import Position
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import AnswerValue, Definition, Display

Walk = list[tuple[str, str]]


@csp_replace({"frame-ancestors": [csp.constants.SELF]})
@xframe_options_sameorigin
@screen(permission="questionnaires.view")
def preview(request: Request, questionnaire_id: int, number: int) -> HttpResponse:
    """Walk through version *number* as a customer would; nothing is kept."""
    definition = queries.version_definition(questionnaire_id=questionnaire_id, number=number)
    asked = request.GET.get("l", "")
    language = asked if asked in LANGUAGES else definition.fallback_language
    with override(conversation.CODES[language]):
        html = render_to_string(*_screen(request, definition, language))
    return HttpResponse(html)


def _screen(request: Request, definition: Definition, language: str) -> tuple[str, dict[str, object]]:
    walk = _walk(request, definition)
    position = Position(
        definition=definition,
        language=language,
        answers=_answers(definition, walk),
        skipped=frozenset(key for key, value in walk if not value),
    )
    wanted = request.GET.get("see", "")
    question = next((each for each in definition.questions if each.key == wanted), position.current())
    context: dict[str, object] = {
        "wallet_name": wallet_name(language),
        "html_language": language,
        "thanks": pick(definition.thanks, language, definition.fallback_language),
    }
    if question is None:
        return "survey/thanks.html", context
    context |= conversation.question_context(request, position, question)
    context |= {
        "method": "get",
        "action": request.path,
        "hidden": [("l", language), *(("p", f"{key}={value}") for key, value in walk)],
        "host": request.get_host(),
        "never": f"?l={language}",
        "is_prefilled": False,
        "manner": "anonymous" if definition.is_anonymous else "named",
    }
    return ("survey/all.html" if definition.display is Display.ALL else "survey/question.html"), context


def _walk(request: Request, definition: Definition) -> Walk:
    """What was tapped so far, by key; an empty value is a skip."""
    before = [(key, value) for key, _, value in (each.partition("=") for each in request.GET.getlist("p"))]
    now = forms.read_submission(definition, request.GET, language="")
    tapped = [(key, "+".join(given.values) or given.text) for key, given in now.given.items()]
    return [*before, *((key, value[:200]) for key, value in tapped), *((key, "") for key in now.skipped)]


def _answers(definition: Definition, walk: Walk) -> dict[str, AnswerValue]:
    by_key = {question.key: question for question in definition.questions}
    answers: dict[str, AnswerValue] = {}
    for key, value in walk:
        question = by_key.get(key)
        if question is None or not value:
            continue
        values = value.split("+") if question.options else [value]
        try:
            answer = rules.parse_answer(question, Given(values=values))
        except Refusal:
            continue
        if answer is not None:
            answers[key] = answer
    return answers
