"""The screens of plans: the list, one plan as a sentence, its edits and acts, rehearsals."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from huifang.console import lists
from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.kernel.texts import pick, product_language
from huifang.plans import queries, services, sheet
from huifang.plans.forms import ClauseForm, StepForm, without_step
from huifang.plans.phrases import say_trigger
from huifang.plans.ready import ready_plans
from huifang.plans.records import PlanDefinition, PlanLine, VersionState
from huifang.questionnaires.queries import questionnaire_choices

_PERIOD = timedelta(days=30)
REHEARSED_DAYS = 14


def _language() -> str:
    return product_language(get_language() or "") or "en"


@screen(permission="plans.view")
def plan_list(request: Request) -> HttpResponseBase:
    """Every plan."""
    states = [
        (VersionState.ACTIVE.value, gettext("Live")),
        (VersionState.PAUSED.value, gettext("Paused")),
        (VersionState.DRAFT.value, gettext("Draft")),
        (VersionState.ENDED.value, gettext("Ended")),
    ]
    listing = lists.Listing(
        sorts={"name": ("name",), "edited": ("edited_at",), "state": ("state",)},
        sort="state",
        filters=[lists.Filter(name="state", label=gettext("State"), choices=states)],
    )
    state = lists.read(request.GET, listing)
    lines = [line for line in queries.plans() if _is_wanted(line, state)]
    if state.sort_word:
        lines.sort(key=lambda line: _sort_key(line, state.sort), reverse=state.is_descending)
    if state.is_export:
        return _exported(lines)
    page = lists.cut(lines, state, to_record=lambda line: line)
    counted = queries.counts(plan_ids=[line.id for line in page.rows], since=clock.now() - _PERIOD)
    rows = [
        {"line": line, "trigger": say_trigger(line.definition.trigger), "counts": counted.get(line.id, {})}
        for line in page.rows
    ]
    template = "plans/list.html#table" if request.htmx else "plans/list.html"
    return render(request, template, {"state": state, "page": page, "rows": rows})


def _exported(lines: list[PlanLine]) -> HttpResponseBase:
    counted = queries.counts(plan_ids=[line.id for line in lines], since=clock.now() - _PERIOD)
    columns = ("plan", "state", "version", "event", "held_out", "contacted", "answered")
    rows = [
        (
            pick(line.name, _language()),
            line.state.value,
            line.live_version or line.draft_version or "",
            line.definition.trigger.event,
            *(counted.get(line.id, {}).get(name, 0) for name in ("held_out", "reached", "answered")),
        )
        for line in lines
    ]
    return lists.csv_reply(name="plans", columns=columns, rows=rows)


def _is_wanted(line: PlanLine, state: lists.State) -> bool:
    wanted = state.chosen["state"]
    return (not wanted or line.state.value == wanted) and (
        state.search.lower() in " ".join(line.name.values()).lower()
    )


def _sort_key(line: PlanLine, word: str) -> str:
    if word == "edited":
        return line.edited_at.isoformat()
    return pick(line.name, _language()) if word == "name" else line.state.value


@screen(permission="plans.view")
def plan(request: Request, plan_id: int) -> HttpResponse:
    """One plan, read as a sentence. ``?edit=wait`` opens one clause."""
    return _page(request, PlanId(plan_id), edit=request.GET.get("edit", ""))


def _page(
    request: Request, plan_id: PlanId, *, edit: str = "", form: object = None, status: int = 200
) -> HttpResponse:
    query = {name: str(value) for name, value in request.GET.items()}
    context = sheet.page_of(plan_id=plan_id, query=query, language=_language(), now=clock.now())
    can_edit = "plans.edit" in request.permissions
    if edit and can_edit:
        form = form or sheet.form_of(edit, context["definition"])
        if form is None:
            raise Http404(edit)
        context |= {"edit": edit, "form": form, "suggestions": sheet.suggestions()}
    context |= {
        "can_edit": can_edit,
        "can_activate": "plans.activate" in request.permissions,
        "rehearsed_days": REHEARSED_DAYS,
    }
    clause = edit.partition("-")[0]
    if request.htmx and edit and request.method == "GET":
        return render(request, f"plans/clauses/{'contact' if clause == 'step' else clause}.html", context)
    return render(request, "plans/plan.html", context, status=status)


@require_POST
@screen(permission="plans.edit")
def save(request: Request, plan_id: int, clause: str) -> HttpResponse:
    """Keep one clause; a draft is started where there is none."""
    number = PlanId(plan_id)
    definition = queries.plan(plan_id=number).definition
    form = sheet.form_of(clause, definition, request.POST)
    if not isinstance(form, ClauseForm):
        raise Http404(clause)
    if isinstance(form, StepForm) and request.POST.get("act") == "remove":
        return _keep(request, number, without_step(definition, form.number))
    if not form.is_valid():
        return _page(request, number, edit=clause, form=form, status=422)
    return _keep(request, number, form.apply(definition))


def _keep(request: Request, plan_id: PlanId, definition: PlanDefinition) -> HttpResponse:
    services.write_draft(plan_id=plan_id, definition=definition, by=request.person.actor, now=clock.now())
    return redirect("plans:plan", plan_id=plan_id)


@screen(permission="plans.edit")
def new(request: Request) -> HttpResponse:
    """Choose a ready plan, or start from nothing."""
    if request.method == "POST":
        now, by = clock.now(), request.person.actor
        pack_name = request.POST.get("pack_name", "")
        if pack_name:
            made = services.create_from_pack(pack_name=pack_name, by=by, now=now)
        else:
            name = {"zh-Hans": "新计划", "en": "New plan"}
            first = next(iter(questionnaire_choices()), None)
            definition = PlanDefinition(name=name, questionnaire_id=first.id if first else None)
            made = services.create(definition=definition, by=by, now=now)
        return redirect("plans:plan", plan_id=made)
    return render(request, "plans/new.html", {"ready": ready_plans()})


_ACTS = {
    "activate": (services.activate, "plans.activate"),
    "pause": (services.pause, "plans.activate"),
    "resume": (services.resume, "plans.activate"),
    "end": (services.end, "plans.activate"),
    "discard": (services.discard_draft, "plans.edit"),
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
@screen(permission="plans.edit")
def copy(request: Request, plan_id: int) -> HttpResponse:
    """A new plan that starts as this one is."""
    line = queries.plan(plan_id=PlanId(plan_id))
    name = {"zh-Hans": "{}（副本）", "en": "{} (copy)"}
    texts = {language: name[language].format(pick(line.name, language))[:80] for language in name}
    made = services.copy(plan_id=line.id, name=texts, by=request.person.actor, now=clock.now())
    return redirect("plans:plan", plan_id=made)


@require_POST
@screen(permission="plans.edit")
def rehearse(request: Request, plan_id: int) -> HttpResponse:
    """Queue a rehearsal of the last days."""
    now = clock.now()
    services.request_rehearsal(
        plan_id=PlanId(plan_id),
        start=now - timedelta(days=REHEARSED_DAYS),
        end=now,
        by=request.person.actor,
        now=now,
    )
    return redirect("plans:plan", plan_id=plan_id)


@screen(permission="plans.view")
def progress(request: Request, plan_id: int, rehearsal_id: int) -> HttpResponse:
    """How far a rehearsal is; once it is done, the page is loaded anew."""
    record = queries.rehearsal(plan_id=PlanId(plan_id), rehearsal_id=rehearsal_id, now=clock.now())
    if record.state not in ("queued", "running"):
        reply = HttpResponse(status=204)
        reply["HX-Refresh"] = "true"
        return reply if request.htmx else redirect("plans:plan", plan_id=plan_id)
    return render(request, "plans/progress.html", {"running": record})


@screen(permission="plans.view")
def people(request: Request, plan_id: int, rehearsal_id: int) -> HttpResponse:
    """Some of the people behind one number of a rehearsal."""
    record = queries.rehearsal(plan_id=PlanId(plan_id), rehearsal_id=rehearsal_id, now=clock.now())
    if record.result is None:
        raise Http404
    reason = request.GET.get("reason", "")
    samples = record.result.samples
    chosen = {reason: samples[reason]} if reason in samples else samples
    line = queries.plan(plan_id=PlanId(plan_id))
    counts = {**record.result.reasons, sheet.CONTACTED: record.result.contacted}
    context = {"plan": line, "record": record, "groups": chosen, "counts": counts}
    return render(request, "plans/people.html", context)
