"""Today and Insights: what needs a person now, and how it goes, each number with its base and interval."""

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from huifang.console import periods
from huifang.console.screens import Request, screen
from huifang.insights import charts, dashboard, duties, frame, people, rounds, slicing, tables
from huifang.insights.facts import duck
from huifang.insights.metrics import activity, reaching, register
from huifang.insights.metrics.cuts import CUTS, TIMES
from huifang.kernel import clock
from huifang.kernel.ids import PlanId

_OVERS = (1, 2, 3, 5)


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
    """Measures, trends, the funnel, hours, pressure and groups of one slice; or one of them as a file."""
    shown = frame.read(request)
    by, over = slicing.read_by(request.GET), _over(request)
    wanted = request.GET.get("export", "")
    if wanted in _EXPORTS:
        return tables.reply(
            wanted,
            _EXPORTS[wanted](shown, by, over),
            only=shown.only,
            as_of=shown.as_of,
            kind=request.GET.get("format", ""),
        )
    unit = slicing.read_unit(request.GET, shown.period)
    lines = dashboard.lines(shown.only, shown.only.before())
    held = rounds.held_back(
        start=shown.period.start, end=shown.period.end, plan_id=int(shown.only.plan or 0) or None
    )
    context = {
        "frame": shown,
        "period": shown.period,
        "choices": periods.DAYS,
        "by": by,
        "cuts": CUTS,
        "units": TIMES,
        "unit": unit,
        "lines": lines,
        "scores": {line.metric.name: line for line in lines},
        "bands": dashboard.bands(shown.only, unit=unit),
        "funnel": reaching.funnel(shown.only),
        "heat": charts.heat(reaching.hours(shown.only)),
        "pressure": dashboard.pressure_rows(reaching.pressure(shown.only, over=over)),
        "over": over,
        "overs": _OVERS,
        "rows": dashboard.groups(shown.only, by=by, names=shown.names),
        "columns": [register.METRICS[name] for name in dashboard.COLUMNS],
        "held_back": held,
        "held_people": sum(each.people for each in held),
        "groups": _held_out(shown),
    }
    return render(request, "insights/insights.html", context)


def _held_out(shown: frame.Frame) -> list[tuple[str, rounds.Groups]]:
    """Customers followed up and held out, by the name of the plan."""
    ids = [PlanId(int(each)) for each in shown.names.plans]
    found = rounds.groups(start=shown.period.start, plan_ids=ids)
    return [(shown.names.of("plan", str(each.plan_id)), each) for each in found]


@screen(permission="insights.view")
def compare(request: Request) -> HttpResponseBase:
    """Two periods or two groups beside each other, with the interval of each difference."""
    shown = frame.read(request)
    one, other, cut = dashboard.sides(request.GET, shown.only)
    lines = dashboard.lines(one, other)
    if request.GET.get("export"):
        kind = request.GET.get("format", "")
        return tables.reply("compare", tables.measures(lines), only=one, as_of=shown.as_of, kind=kind)
    context = {
        "frame": shown,
        "period": shown.period,
        "choices": periods.DAYS,
        "lines": lines,
        "cut": cut,
        "cuts": [each for each in CUTS if len(shown.values[each]) > 1],
        "one": one,
        "other": other,
        "one_name": shown.names.of(cut, getattr(one, cut)) if cut else "",
        "other_name": shown.names.of(cut, getattr(other, cut)) if cut else "",
        "values": [(value, shown.names.of(cut, value)) for value in shown.values[cut]] if cut else [],
        "other_last": other.end - timedelta(microseconds=1),
    }
    return render(request, "insights/compare.html", context)


@screen(permission="insights.view")
def features(request: Request) -> HttpResponseBase:
    """How many of the active customers used what."""
    shown = frame.read(request)
    found = activity.features(shown.only)
    if request.GET.get("export"):
        kind = request.GET.get("format", "")
        return tables.reply("features", tables.features(found), only=shown.only, as_of=shown.as_of, kind=kind)
    context = {
        "frame": shown,
        "period": shown.period,
        "choices": periods.DAYS,
        "features": found,
        "ignored": [cut for cut in shown.only.chosen if cut not in activity.CUTS],
        "as_of": duck.as_of(activity.TOPICS),
    }
    return render(request, "insights/features.html", context)


@screen(permission="insights.view")
def behind(request: Request) -> HttpResponse:
    """The people and the words behind one number."""
    shown = frame.read(request)
    metric = request.GET.get("metric", "")
    metric = metric if metric in {*people.SCALES, "suggestions"} else "response_rate"
    number = request.GET.get("page", "")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
    context = {
        "frame": shown,
        "period": shown.period,
        "choices": periods.DAYS,
        "metric": register.METRICS[metric],
        "reading": register.one(metric, shown.only),
        "chosen": [(cut, shown.names.of(cut, value)) for cut, value in shown.only.chosen.items()],
        "found": _behind(request, shown, metric, skipped=(page - 1) * people.PAGE),
        "number": page,
        "who": request.GET.get("who", ""),
        "between": _between(request, metric),
    }
    return render(request, "insights/behind.html", context)


def _behind(request: Request, shown: frame.Frame, metric: str, *, skipped: int) -> people.Page:
    if metric in people.SCALES:
        return people.scored(metric, shown.only, between=_between(request, metric), skipped=skipped)
    if metric == "suggestions":
        return people.worded(shown.only, skipped=skipped)
    return people.invited(shown.only, who=request.GET.get("who", ""), skipped=skipped)


def _between(request: Request, metric: str) -> tuple[int, int]:
    lowest, highest = people.SCALES.get(metric, (0, 0))
    least, most = request.GET.get("least", ""), request.GET.get("most", "")
    return (
        int(least) if least.isdecimal() and len(least) < 3 else lowest,
        int(most) if most.isdecimal() and len(most) < 3 else highest,
    )


def _over(request: Request) -> int:
    asked = request.GET.get("over", "")
    return int(asked) if asked in {str(each) for each in _OVERS} else reaching.OVER


_Export = Callable[[frame.Frame, str, int], tuple[tables.Cells, list[tables.Cells]]]
_EXPORTS: dict[str, _Export] = {
    "measures": lambda shown, by, over: tables.measures(dashboard.lines(shown.only, shown.only.before())),
    "groups": lambda shown, by, over: tables.groups(
        dashboard.groups(shown.only, by=by, names=shown.names), by=by
    ),
    "funnel": lambda shown, by, over: tables.funnel(reaching.funnel(shown.only)),
    "hours": lambda shown, by, over: tables.hours(reaching.hours(shown.only)),
    "pressure": lambda shown, by, over: tables.pressure(reaching.pressure(shown.only, over=over)),
}
