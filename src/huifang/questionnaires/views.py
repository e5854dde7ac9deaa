"""The staff screens where questionnaires are listed, written, looked at as on a phone, and published."""

from collections.abc import Mapping

import csp.constants
from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from huifang.console import names
from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES, product_language
from huifang.questionnaires import advice, checks, editor, library, queries, rules, services
from huifang.questionnaires.errors import DraftChangedError, SlugTakenError
from huifang.questionnaires.records import Definition, QuestionnaireRecord


@screen(permission="questionnaires.view")
def questionnaire_list(request: Request) -> HttpResponse:
    """Every questionnaire with its state and use."""
    return render(request, "questionnaires/list.html", {"rows": queries.questionnaire_rows()})


@require_POST
@screen(permission="questionnaires.edit")
def create(request: Request) -> HttpResponse:
    """Begin a questionnaire under a name."""
    name = {language: request.POST.get(f"name.{language}", "") for language in LANGUAGES}
    slug = slugify(name["en"])[:50] or "questionnaire"
    for number in range(1, 100):
        try:
            made = services.create_questionnaire(
                slug=slug if number == 1 else f"{slug}-{number}",
                name=name,
                by=request.person.actor,
                now=clock.now(),
            )
            break
        except SlugTakenError:
            continue
    return redirect("questionnaires:edit", made)


@require_POST
@screen(permission="questionnaires.edit")
def install_pack(request: Request) -> HttpResponse:
    """Put in the ready questionnaires."""
    added = services.install_pack(now=clock.now())
    messages.success(request, gettext("{number} ready questionnaires were added.").format(number=len(added)))
    return redirect("questionnaires:list")


@csp_replace({"frame-src": [csp.constants.SELF]})
@screen(permission="questionnaires.view")
def edit(request: Request, questionnaire_id: int) -> HttpResponse:
    """Questions on the left, a phone on the right."""
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    words = request.GET.get("library", "")[:100]
    library_part = {"library": library.search(words), "library_search": words}
    return render(request, "questionnaires/edit.html", {**_context(request, found), **library_part})


def _said(text: str, facts: Mapping[str, object]) -> str:
    """*text* with its facts, a language among them by its name."""
    named = {"language": names.named("language", str(facts["language"]))} if "language" in facts else {}
    return gettext(text).format(**{**facts, **named})


def _told(warning: advice.Warning) -> dict[str, str]:
    return {
        "key": warning.key,
        "text": _said(warning.text, warning.facts),
        "suggestion": gettext(warning.suggestion) if warning.suggestion else "",
    }


def _context(request: Request, found: QuestionnaireRecord) -> dict[str, object]:
    language = product_language(get_language() or "") or LANGUAGES[0]
    definition = found.definition
    return {
        "questionnaire": found,
        "definition": definition,
        "rows": editor.rows(definition, language),
        "kinds": editor.kind_names(),
        "languages": LANGUAGES,
        "preview_language": language,
        "seconds": rules.seconds(definition) if definition.questions else 0,
        "faults": [_said(each.text, each.facts) for each in checks.faults(definition)],
        "warnings": [_told(each) for each in advice.warnings(definition)],
        "hidden_rows": editor.hidden_rows(definition),
        "hidden_sources": editor.hidden_sources(),
        "quota_rows": editor.quota_rows(definition),
        "quota_choices": editor.quota_choices(definition, language),
        "purposes": checks.PURPOSES,
        "channels": checks.CHANNELS,
        "may_undo": found.latest.is_draft and queries.last_step(questionnaire_id=found.id) is not None,
        "versions": queries.versions(questionnaire_id=found.id),
        "may_edit": "questionnaires.edit" in request.permissions and not found.is_archived,
    }


@require_POST
@csp_replace({"frame-src": [csp.constants.SELF]})
@screen(permission="questionnaires.edit")
def save(request: Request, questionnaire_id: int) -> HttpResponse:
    """Keep the form as the draft, then do what was asked with one of its parts."""
    by, now = request.person.actor, clock.now()
    definition = editor.read(request.POST)
    name = {language: request.POST.get(f"name.{language}", "") for language in LANGUAGES}
    # Whoever was told that somebody else saved in between may save over it all the same.
    stamp = "" if "keep_mine" in request.POST else request.POST.get("stamp", "")
    try:
        services.save_draft(
            questionnaire_id=questionnaire_id, definition=definition, by=by, now=now, stamp=stamp
        )
    except DraftChangedError:
        return _conflict(request, questionnaire_id, definition)
    services.rename(questionnaire_id=questionnaire_id, name=name, by=by, now=now)
    if request.htmx:
        found = queries.questionnaire(questionnaire_id=questionnaire_id)
        context = {**_context(request, found), "is_fragment": True}
        return render(request, "questionnaires/edit.html#beside", context)
    act = request.POST.get("do", "")
    if act.startswith("keep:"):
        _keep(request, definition, act.removeprefix("keep:"))
    changed = editor.change(definition, act)
    if changed != definition:
        # The form itself is safe by now, so an act that is refused loses nothing that was written.
        services.save_draft(questionnaire_id=questionnaire_id, definition=changed, by=by, now=now)
    return redirect(_place(questionnaire_id, changed, act))


def _conflict(request: Request, questionnaire_id: int, mine: Definition) -> HttpResponse:
    """Two people at once: say who, keep what was written in the form, and let them choose."""
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    step = queries.last_step(questionnaire_id=questionnaire_id)
    context = {
        **_context(request, found),
        "conflict": {"by": step[0] if step else ""},
        "old_stamp": request.POST.get("stamp", ""),
        "is_fragment": bool(request.htmx),
    }
    if request.htmx:
        # htmx puts in the page only what comes with 200.
        return render(request, "questionnaires/edit.html#beside", context)
    language = product_language(get_language() or "") or LANGUAGES[0]
    context |= {"definition": mine, "rows": editor.rows(mine, language), "library": [], "library_search": ""}
    return render(request, "questionnaires/edit.html", context, status=409)


def _keep(request: Request, definition: Definition, key: str) -> None:
    question = next((each for each in definition.questions if each.key == key), None)
    if question is not None:
        library.keep(question=question, by=request.person.actor, now=clock.now())
        messages.success(request, gettext("The question is in the library now."))


@require_POST
@screen(permission="questionnaires.edit")
def take(request: Request, questionnaire_id: int) -> HttpResponse:
    """Put a question of the library at the end, or take one out of the library."""
    by, now = request.person.actor, clock.now()
    if dropped := request.POST.get("drop", ""):
        number = dropped.removeprefix("own:")
        library.drop(number=int(number) if number.isdecimal() else 0, by=by, now=now)
        return redirect("questionnaires:edit", questionnaire_id)
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    changed = editor.insert(found.definition, library.find(request.POST.get("question", "")))
    services.save_draft(questionnaire_id=questionnaire_id, definition=changed, by=by, now=now)
    return redirect(_place(questionnaire_id, changed, "add:"))


@require_POST
@screen(permission="questionnaires.edit")
def undo(request: Request, questionnaire_id: int) -> HttpResponse:
    """Take the last change back."""
    services.undo(questionnaire_id=questionnaire_id, by=request.person.actor, now=clock.now())
    return redirect("questionnaires:edit", questionnaire_id)


def _place(questionnaire_id: int, definition: Definition, act: str) -> str:
    """The editor's address at the question that was worked on."""
    name, _, rest = act.partition(":")
    keys = [question.key for question in definition.questions]
    key = keys[-1] if name == "add" and keys else rest.split(":")[0]
    anchor = f"#q-{key}" if key in keys else ""
    return reverse("questionnaires:edit", args=[questionnaire_id]) + anchor


@require_POST
@screen(permission="questionnaires.edit")
def publish(request: Request, questionnaire_id: int) -> HttpResponse:
    """Fix the draft for ever."""
    services.publish(questionnaire_id=questionnaire_id, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("Published. Plans that ask this questionnaire can use it now."))
    return redirect("questionnaires:edit", questionnaire_id)


@require_POST
@screen(permission="questionnaires.edit")
def discard(request: Request, questionnaire_id: int) -> HttpResponse:
    """Drop the draft."""
    services.discard_draft(questionnaire_id=questionnaire_id, by=request.person.actor, now=clock.now())
    return redirect("questionnaires:edit", questionnaire_id)


@require_POST
@screen(permission="questionnaires.edit")
def archive(request: Request, questionnaire_id: int) -> HttpResponse:
    """Put away, or bring back."""
    services.archive(
        questionnaire_id=questionnaire_id,
        by=request.person.actor,
        now=clock.now(),
        is_archived=request.POST.get("archived") == "yes",
    )
    return redirect("questionnaires:list")
