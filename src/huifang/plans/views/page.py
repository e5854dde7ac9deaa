"""The page of one plan: the sentence, its edits and acts."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.kernel.texts import pick
from huifang.plans import clauses, queries, ready, services, sheet
from huifang.plans.forms.fields import ClauseForm
from huifang.plans.forms.steps import StepForm, without_step
from huifang.plans.records import PlanDefinition, PlanLine
from huifang.plans.rules import read_definition, write_definition
from huifang.plans.views.catalogue import language_of_reader
from huifang.plans.views.rehearsals import REHEARSED_DAYS

_DISCARDED = "plans-discarded"


@screen(permission="plans.view")
def plan(request: Request, plan_id: int) -> HttpResponse:
    """One plan, read as a sentence. ``?edit=wait`` opens one clause."""
    return _page(request, PlanId(plan_id), edit=request.GET.get("edit", ""))


def _page(
    request: Request, plan_id: PlanId, *, edit: str = "", form: object = None, status: int = 200
) -> HttpResponse:
    query = {name: str(value) for name, value in request.GET.items()}
    context = sheet.page_of(plan_id=plan_id, query=query, language=language_of_reader(), now=clock.now())
    can_edit = "plans.edit" in request.permissions
    if edit and can_edit:
        form = form or clauses.form_of(edit, context["definition"])
        if form is None:
            raise Http404(edit)
        taken = request.GET.get("template", "")
        clauses.take_words(form, taken)
        context |= {
            "edit": edit,
            "place": clauses.place_of(edit),
            "form": form,
            "suggestions": clauses.suggestions(),
            "templates": clauses.templates_for(form),
            "taken": taken,
        }
    context |= {
        "can_edit": can_edit,
        "can_activate": "plans.activate" in request.permissions,
        "can_approve": "plans.approve" in request.permissions,
        "rehearsed_days": REHEARSED_DAYS,
        "is_discarded": _discarded(request, plan_id) is not None,
        "is_own_asking": _is_own_asking(request, context["plan"]),
        "is_of_pack": ready.origin_of(plan_id=plan_id) is not None,
    }
    if request.htmx and edit and request.method == "GET":
        return render(request, f"plans/clauses/{clauses.place_of(edit)}.html", context)
    return render(request, "plans/plan.html", context, status=status)


def _is_own_asking(request: Request, line: PlanLine) -> bool:
    """Whether the reader asked for approval, alone or with a key of theirs, and so cannot give it."""
    asked = line.approval
    return asked is not None and queries.is_own_asking(asked_by=asked.asked_by, by=request.person.actor)


@screen(permission="plans.view")
def campaign(request: Request, plan_id: int) -> HttpResponse:
    """How far a campaign is, for the page that shows it."""
    found = queries.campaign_progress(plan_id=PlanId(plan_id), now=clock.now())
    if not request.htmx:
        return redirect("plans:plan", plan_id=plan_id)
    context = {"plan": queries.plan(plan_id=PlanId(plan_id)), "campaign": found}
    return render(request, "plans/_progress_bar.html", context)


@require_POST
@screen(permission="plans.edit")
def save(request: Request, plan_id: int, clause: str) -> HttpResponse:
    """Keep one clause; a draft is started where there is none."""
    number = PlanId(plan_id)
    definition = queries.plan(plan_id=number).definition
    form = clauses.form_of(clause, definition, request.POST)
    if not isinstance(form, ClauseForm):
        raise Http404(clause)
    if isinstance(form, StepForm) and request.POST.get("act") == "remove":
        return _keep(request, number, without_step(definition, form.number), clause)
    if not form.is_valid():
        return _page(request, number, edit=clause, form=form, status=422)
    return _keep(request, number, form.apply(definition), clause)


def _keep(request: Request, plan_id: PlanId, definition: PlanDefinition, clause: str) -> HttpResponse:
    services.write_draft(plan_id=plan_id, definition=definition, by=request.person.actor, now=clock.now())
    place = f"#clause-{clauses.place_of(clause)}" if clause else ""
    return redirect(reverse("plans:plan", args=[plan_id]) + place)


_ACTS = {
    "activate": (services.activate, "plans.activate"),
    "pause": (services.pause, "plans.activate"),
    "resume": (services.resume, "plans.activate"),
    "end": (services.end, "plans.activate"),
    "ready": (services.restore_ready, "plans.edit"),
    "ask": (services.ask_approval, "plans.edit"),
    "approve": (services.approve, "plans.approve"),
    "draft": (services.new_draft, "plans.edit"),
}


@require_POST
@screen(permission="plans.edit")
def act(request: Request, plan_id: int, word: str) -> HttpResponse:
    """Put live, pause, resume, end, discard the draft, start a draft."""
    if word not in _ACTS:
        raise Http404(word)
    run, permission = _ACTS[word]
    if permission not in request.permissions:
        raise PermissionDenied(permission)
    run(plan_id=PlanId(plan_id), by=request.person.actor, now=clock.now())
    return redirect("plans:plan", plan_id=plan_id)


@require_POST
@screen(permission="plans.approve")
def decline(request: Request, plan_id: int) -> HttpResponse:
    """Say no to what was asked, and why; the draft stays."""
    note = request.POST.get("note", "").strip()[:500]
    services.decline(plan_id=PlanId(plan_id), by=request.person.actor, why=note, now=clock.now())
    return redirect("plans:plan", plan_id=plan_id)


@require_POST
@screen(permission="plans.edit")
def discard(request: Request, plan_id: int) -> HttpResponse:
    """Throw the draft away; the page offers to take it back as long as the person is signed in."""
    line = queries.plan(plan_id=PlanId(plan_id))
    services.discard_draft(plan_id=line.id, by=request.person.actor, now=clock.now())
    request.session[_DISCARDED] = {"plan": line.id, "definition": write_definition(line.definition)}
    return redirect("plans:plan", plan_id=plan_id)


@require_POST
@screen(permission="plans.edit")
def undo(request: Request, plan_id: int) -> HttpResponse:
    """Take back the draft that was thrown away, unless there is another one by now."""
    number = PlanId(plan_id)
    kept = _discarded(request, number)
    if kept is None or queries.plan(plan_id=number).draft_version:
        messages.warning(request, gettext("There is nothing to take back any more."))
        return redirect("plans:plan", plan_id=plan_id)
    del request.session[_DISCARDED]
    return _keep(request, number, kept, "")


def _discarded(request: Request, plan_id: PlanId) -> PlanDefinition | None:
    """What this person threw away of this plan last."""
    kept = request.session.get(_DISCARDED, {})
    return read_definition(kept["definition"]) if kept.get("plan") == plan_id else None


@require_POST
@screen(permission="plans.edit")
def copy(request: Request, plan_id: int) -> HttpResponse:
    """A new plan that starts as this one is."""
    line = queries.plan(plan_id=PlanId(plan_id))
    name = {"zh-Hans": "{}（副本）", "en": "{} (copy)"}
    texts = {language: name[language].format(pick(line.name, language))[:80] for language in name}
    made = services.copy(plan_id=line.id, name=texts, by=request.person.actor, now=clock.now())
    return redirect("plans:plan", plan_id=made)
