"""Topics that rise, with their evidence; and what may become a topic."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.textanalysis import choices, naming, queries, reopening, services
from huifang.textanalysis.forms import TopicForm, code_for
from huifang.textanalysis.records import NewTopicProposal
from huifang.textanalysis.views import frame, verbatims

_CLOSED_SHOWN = 20


@screen(permission="feedback.view")
def alerts(request: Request) -> HttpResponse:
    """What rises now, what may become a topic, and what rose before."""
    return _page(request)


def _page(
    request: Request, *, wrong: int = 0, form: TopicForm | None = None, status: int = 200
) -> HttpResponse:
    every = queries.alerts(open_only=False)
    is_open = [each for each in every if each.closed_at is None]
    closed = [each for each in every if each.closed_at is not None][:_CLOSED_SHOWN]
    proposed = queries.proposals()
    findings = [each for alert in (*is_open, *closed) for each in alert.verbatims]
    findings += [each for proposal in proposed for each in proposal.verbatims]
    context = {
        "open": is_open,
        "closed": closed,
        "proposals": [(each, _form(each, wrong, form)) for each in proposed],
        "wrong": wrong,
        "dismissed_alerts": reopening.dismissed_alerts(),
        "dismissed_proposals": reopening.dismissed_proposals(),
        "departments": [name for _, name in naming.choices("department")],
        **verbatims.context(findings, choices.topics(), may_edit=frame.EDIT in request.permissions),
    }
    return render(request, "textanalysis/alerts.html", context, status=status)


def _form(proposal: NewTopicProposal, wrong: int, form: TopicForm | None) -> TopicForm:
    if form is not None and proposal.id == wrong:
        return form
    return TopicForm(auto_id=f"p{proposal.id}_%s")


@require_POST
@screen(permission=frame.EDIT)
def dismiss_alert(request: Request, alert_id: int) -> HttpResponse:
    """Close an alert, or open it again."""
    now, by = clock.now(), request.person.actor
    if request.POST.get("undo"):
        reopening.reopen_alert(alert_id=alert_id, by=by, now=now)
        messages.success(request, gettext("The alert is open again."))
    else:
        services.dismiss_alert(alert_id=alert_id, by=by, now=now)
        messages.success(request, gettext("The alert is closed. Its topic raises none for three days."))
    return redirect("textanalysis:alerts")


@require_POST
@screen(permission=frame.EDIT)
def take_proposal(request: Request, proposal_id: int) -> HttpResponse:
    """Make a topic of a proposal; its texts teach the engine."""
    form = TopicForm(request.POST, auto_id=f"p{proposal_id}_%s")
    if not form.is_valid():
        return _page(request, wrong=proposal_id, form=form, status=422)
    count = services.take_proposal(
        proposal_id=proposal_id,
        code=code_for(form.names, [each.code for each in choices.topics()]),
        name=form.names,
        department=form.department_code,
        by=request.person.actor,
        now=clock.now(),
    )
    said = ngettext(
        "The topic is there, and learns from {count} text.",
        "The topic is there, and learns from {count} texts.",
        count,
    )
    messages.success(request, said.format(count=count))
    return redirect("textanalysis:taxonomy")


@require_POST
@screen(permission=frame.EDIT)
def dismiss_proposal(request: Request, proposal_id: int) -> HttpResponse:
    """Do not propose this again, or after all do."""
    now, by = clock.now(), request.person.actor
    if request.POST.get("undo"):
        reopening.reopen_proposal(proposal_id=proposal_id, by=by, now=now)
        messages.success(request, gettext("It is proposed again."))
        return redirect("textanalysis:alerts")
    services.dismiss_proposal(proposal_id=proposal_id, by=by, now=now)
    messages.success(request, gettext("It will not be proposed again. It is listed below, to be taken back."))
    return redirect("textanalysis:alerts")
