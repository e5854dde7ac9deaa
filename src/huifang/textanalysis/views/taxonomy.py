"""The topics as operators own them: add, rename, merge, retire, take back, and the phrases that mean them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.textanalysis import choices, forms, naming, phrasing, queries, services
from huifang.textanalysis.errors import TopicTakenError, UnknownTopicError
from huifang.textanalysis.forms import PhrasedTopicForm
from huifang.textanalysis.records import TopicRecord
from huifang.textanalysis.views import frame


@screen(permission="feedback.view")
def topics(request: Request) -> HttpResponse:
    """Every topic with how many labels it has; a form for another one."""
    form = PhrasedTopicForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if frame.EDIT not in request.permissions:
            raise PermissionDenied(frame.EDIT)
        if form.is_valid() and _add(request, form):
            messages.success(request, gettext("The topic is there. The engine learns it within a minute."))
            return redirect("textanalysis:taxonomy")
    every = choices.topics()
    names = {each.code: each.name for each in every}
    context = {
        "live": [each for each in every if not each.is_retired],
        "retired": [each for each in every if each.is_retired],
        "names": names,
        "form": form,
        "departments": [name for _, name in naming.choices("department")],
        "counts": phrasing.counts(),
        "may_edit": frame.EDIT in request.permissions,
        "learning": queries.waiting_to_learn(),
    }
    return render(request, "textanalysis/taxonomy.html", context, status=422 if form.errors else 200)


@screen(permission=frame.EDIT)
def edit(request: Request, code: str) -> HttpResponse:
    """Rename a topic, change its department and phrases; merge or retire it."""
    known = _live(code)
    held = phrasing.phrases(code=code)
    form = PhrasedTopicForm(
        request.POST if request.method == "POST" else None, initial=forms.of_topic(known, held)
    )
    if request.method == "POST" and form.is_valid() and _change(request, code, form):
        messages.success(request, gettext("The topic is kept."))
        return redirect("textanalysis:taxonomy")
    context = {
        "topic": known,
        "form": form,
        "others": [each for each in choices.topics() if not each.is_retired and each.code != code],
        "departments": [name for _, name in naming.choices("department")],
    }
    return render(request, "textanalysis/topic_edit.html", context, status=422 if form.errors else 200)


def _add(request: Request, form: PhrasedTopicForm) -> bool:
    """Add the topic of *form*; where its name is taken, say so at the name."""
    try:
        services.add_topic(
            code=forms.code_for(form.names, [each.code for each in choices.topics()]),
            name=form.names,
            department=form.department_code,
            phrases=form.phrases,
            by=request.person.actor,
            now=clock.now(),
        )
    except TopicTakenError as refusal:
        form.refuse_name(refusal)
        return False
    return True


def _change(request: Request, code: str, form: PhrasedTopicForm) -> bool:
    """Change the topic *code* as *form* says; where its name is taken, say so at the name."""
    now, by = clock.now(), request.person.actor
    try:
        services.rename_topic(code=code, name=form.names, department=form.department_code, by=by, now=now)
    except TopicTakenError as refusal:
        form.refuse_name(refusal)
        return False
    phrasing.set_phrases(code=code, phrases=form.phrases, by=by, now=now)
    return True


def _live(code: str) -> TopicRecord:
    known = next((each for each in choices.topics() if each.code == code and not each.is_retired), None)
    if known is None:
        raise UnknownTopicError(topic=code)
    return known


@require_POST
@screen(permission=frame.EDIT)
def merge(request: Request, code: str) -> HttpResponse:
    """Make every text of a topic one of another, or part them again."""
    now, by = clock.now(), request.person.actor
    if request.POST.get("undo"):
        services.part_topics(code=code, by=by, now=now)
        messages.success(request, gettext("The topics are two again, each with its texts and labels."))
    else:
        services.merge_topics(code=code, into=request.POST.get("into", "")[:60], by=by, now=now)
        messages.success(request, gettext("The topics are one now. It is listed below, to be taken back."))
    return redirect("textanalysis:taxonomy")


@require_POST
@screen(permission=frame.EDIT)
def retire(request: Request, code: str) -> HttpResponse:
    """Give a topic to no text any more, or take it back."""
    now, by = clock.now(), request.person.actor
    if request.POST.get("undo"):
        services.restore_topic(code=code, by=by, now=now)
        messages.success(request, gettext("The topic is in use again."))
    else:
        services.retire_topic(code=code, by=by, now=now)
        messages.success(request, gettext("No new text gets it. It is listed below, to be taken back."))
    return redirect("textanalysis:taxonomy")
