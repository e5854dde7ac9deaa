"""The list of attempts: what a number about contacts is made of."""

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from huifang.console import lists, plan_names
from huifang.console.names import named
from huifang.console.screens import Request, screen
from huifang.customers import queries as customers
from huifang.decisions.reasons import Reason
from huifang.delivery import queries
from huifang.delivery.channels import registry
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptRecord, AttemptState

_COLUMNS = ("queued_at", "customer", "channel", "plan", "state", "reason", "tries", "handed_over_at")


@screen(permission="customers.view")
def attempts(request: Request) -> HttpResponseBase:
    """Attempts, newest first, by state, channel, plan, reason and day."""
    state = lists.read(request.GET, _listing())
    found = _found(state, request)
    if state.is_export:
        rows = (_cells(queries.record_of(row)) for row in lists.for_export(found, state))
        return lists.csv_reply(name="attempts", columns=_COLUMNS, rows=rows)
    page = lists.cut(found, state, to_record=queries.record_of)
    people = customers.profiles(customer_ids=[row.customer_id for row in page.rows])
    context = {
        "state": state,
        "page": page,
        "rows": [
            (row, people.get(row.customer_id), queries.reason_text(reason=row.reason)) for row in page.rows
        ],
        "plan_names": plan_names.names(),
        "day": request.GET.get("day", ""),
        "plan": request.GET.get("plan", ""),
    }
    template = "delivery/attempts.html#table" if request.htmx else "delivery/attempts.html"
    return render(request, template, context)


def _listing() -> lists.Listing:
    states = [(each.value, named("attempt_state", each.value)) for each in AttemptState]
    reasons = [(each.value, named("reason", each.value)) for each in Reason]
    channels = [(each, named("channel", each)) for each in registry.channels()]
    return lists.Listing(
        sorts={"asked": ("queued_at", "pk"), "sent": ("handed_over_at", "pk")},
        sort="-asked",
        filters=[
            lists.Filter(name="state", label=gettext("State"), choices=states),
            lists.Filter(name="channel", label=gettext("Channel"), choices=channels),
            lists.Filter(name="reason", label=gettext("Reason"), choices=reasons),
        ],
    )


def _found(state: lists.State, request: Request) -> "QuerySet[Attempt]":
    found = Attempt.objects.all()
    for name, value in state.chosen.items():
        if value:
            found = found.filter(**{name: value})
    plan = request.GET.get("plan", "")
    if plan.isascii() and plan.isdigit() and len(plan) < 19:
        found = found.filter(plan_id=int(plan))
    span = _day(request.GET.get("day", ""))
    if span:
        found = found.filter(queued_at__gte=span[0], queued_at__lt=span[1])
    return found


def _day(text: str) -> tuple[datetime, datetime] | None:
    """The day *text* (2025-03-31) in the reader's zone."""
    try:
        start = datetime.combine(date.fromisoformat(text), time(0), timezone.get_current_timezone())
        return start, start + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def _cells(row: AttemptRecord) -> tuple[object, ...]:
    return (
        row.queued_at,
        row.customer_id,
        row.channel,
        row.label,
        row.state.value,
        row.reason,
        row.tries,
        row.handed_over_at,
    )
