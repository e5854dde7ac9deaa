"""Today and Insights: what needs a person now, and how it goes, each number with its base and interval."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from huifang.console import lists
from huifang.console.screens import Request, screen
from huifang.delivery.records import AttemptState
from huifang.insights import charts, duties, measures, periods, rounds
from huifang.kernel import clock
from huifang.plans import queries as plans
from huifang.questionnaires import queries as questionnaires

_CHANNELS = ("in_app", "sms", "email")


@screen(permission="today.view")
def today(request: Request) -> HttpResponse:
    """What needs a person now, by how soon it is too late; beside it, yesterday."""
    now, zone = clock.now(), timezone.get_current_timezone()
    yesterday = rounds.yesterday(now=now, zone=zone)
    context = {
        "now": now,
        "groups": duties.by_urgency(now=now, permissions=request.permissions),
        "round": yesterday,
        "said": rounds.latest_words(before=now),
    }
    return render(request, "insights/today.html", context)


@screen(permission="insights.view")
def insights(request: Request) -> HttpResponseBase:
    """Scores, the funnel, plans and reasons of one period."""
    now, zone = clock.now(), timezone.get_current_timezone()
    period = periods.read_period(request.GET, now=now, zone=zone)
    cut = periods.read_cut(request.GET, period, zone=zone)
    rows = measures.by_plan(cut)
    names = {line.id: line.name for line in plans.plans()}
    if request.GET.get("export") == "plans":
        return lists.csv_reply(
            name="insights-plans",
            columns=rounds.PLAN_COLUMNS,
            rows=(rounds.plan_line(row, names) for row in rows),
        )
    days = measures.days_between(period.start, period.end)
    scores, trends = measures.scores(cut), measures.trends(cut, days=days)
    held = rounds.held_back(start=period.start, end=period.end, plan_id=cut.plan_id)
    context = {
        "now": now,
        "period": period,
        "choices": periods.DAYS,
        "cut": cut,
        "names": names,
        "channels": _CHANNELS,
        "filters": questionnaires.filter_values(),
        "scores": {each.metric: each for each in scores},
        "bands": [charts.band(metric, points) for metric, points in trends.items()],
        "funnel": measures.funnel(cut),
        "rows": rows,
        "held_back": held,
        "held_people": sum(each.people for each in held),
        "groups": rounds.groups(start=period.start, plan_ids=list(names)),
        "unsettled": AttemptState.UNKNOWN,
    }
    return render(request, "insights/insights.html", context)
