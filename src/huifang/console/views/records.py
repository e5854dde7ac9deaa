"""The audit log, and facts that wait for a person."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from huifang.console import deeds, lists, queries, sections
from huifang.console.records import AuditLine
from huifang.console.screens import Request, screen
from huifang.kernel import audit, clock, outbox

_BREAKS_SHOWN = 20


def _listing() -> lists.Listing:
    actions = [(action, deeds.act(action)) for action in queries.audit_actions()]
    return lists.Listing(
        sorts={"at": ("id",), "action": ("action", "-id")},
        sort="-at",
        filters=[lists.Filter(name="action", label=gettext("Act"), choices=actions)],
    )


@screen(permission="audit.view")
def audit_log(request: Request) -> HttpResponseBase:
    """Who did what, newest first."""
    state = lists.read(request.GET, _listing())
    if state.is_export:
        return _export(queries.whole_audit_log(state))
    context = {"state": state, "page": queries.audit_log(state), "sections": sections.of(request)}
    template = "console/audit.html#table" if request.htmx else "console/audit.html"
    return render(request, template, context)


def _export(lines: list[AuditLine]) -> HttpResponseBase:
    rows = (
        (line.id, line.at, line.who, line.actor, line.action, line.subject, dict(line.facts))
        for line in lines
    )
    columns = ["id", "at", "name", "actor", "action", "subject", "facts"]
    return lists.csv_reply(name="audit", columns=columns, rows=rows)


@require_POST
@screen(permission="audit.view")
def verify_audit(request: Request) -> HttpResponse:
    """Follow the chain from the first line to the last."""
    broken = [each for each, _ in zip(audit.breaks(), range(_BREAKS_SHOWN), strict=False)]
    if broken:
        lines = ", ".join(map(str, broken))
        messages.error(
            request,
            gettext("The chain is broken at {lines}: somebody changed the log past its guards.").format(
                lines=lines
            ),
        )
    else:
        messages.success(request, gettext("The chain holds: every line is as it was written."))
    return redirect("console:audit")


@screen(permission="events.view")
def parked(request: Request) -> HttpResponse:
    """Facts that their listeners could not take."""
    context = {
        "parked": queries.parked_facts(),
        "parked_count": outbox.parked_count(),
        "waiting": queries.waiting_facts(),
        "sections": sections.of(request),
    }
    return render(request, "console/outbox.html", context)


@require_POST
@screen(permission="events.replay")
def retry_parked(request: Request) -> HttpResponse:
    """Try every parked fact anew."""
    now = clock.now()
    count = outbox.retry_parked(now=now)
    audit.record(
        actor=request.person.actor, action="outbox.retried", subject="outbox", facts={"count": count}, at=now
    )
    text = ngettext("{count} fact is tried again now.", "{count} facts are tried again now.", count)
    messages.success(request, text.format(count=count))
    return redirect("console:outbox")
