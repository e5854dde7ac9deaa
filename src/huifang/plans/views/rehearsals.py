"""Rehearsals of a plan: asked for, watched, and the people behind their numbers."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from huifang.console import lists
from huifang.console.names import named
from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import queries, services, sheet

REHEARSED_DAYS = 14


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
def people(request: Request, plan_id: int, rehearsal_id: int) -> HttpResponseBase:
    """Some of the people behind the numbers of a rehearsal, by reason; also as a file."""
    record = queries.rehearsal(plan_id=PlanId(plan_id), rehearsal_id=rehearsal_id, now=clock.now())
    if record.result is None:
        raise Http404
    reason = request.GET.get("reason", "")
    samples = record.result.samples
    chosen = {reason: samples[reason]} if reason in samples else samples
    counts = {**record.result.reasons, sheet.CONTACTED: record.result.contacted}
    if request.GET.get("export") == "csv":
        rows = [
            (each, code, named("reason", code), counts.get(code, 0))
            for code, ids in chosen.items()
            for each in ids
        ]
        name = f"rehearsal-{rehearsal_id}"
        return lists.csv_reply(name=name, columns=("customer", "code", "reason", "people_in_all"), rows=rows)
    line = queries.plan(plan_id=PlanId(plan_id))
    context = {"plan": line, "record": record, "groups": chosen, "counts": counts, "reason": reason}
    return render(request, "plans/people.html", context)
