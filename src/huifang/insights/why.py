"""The customer's page: why were they, or were they not, contacted? One line of time, and what holds now."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from huifang.console import names
from huifang.console.screens import Request, screen
from huifang.customers import queries as customers
from huifang.customers.records import Profile
from huifang.decisions.reasons import Reason
from huifang.delivery import queries as delivery
from huifang.delivery.records import AttemptRecord
from huifang.insights import lanes, timeline
from huifang.insights.records import Moment, MomentKind, Timeline
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import queries as plans
from huifang.plans.records import DecisionRecord, Outlook, Texts
from huifang.questionnaires.records import ResponseRecord

_PAGE = 60
_LANE_MAX = 400
_VERBATIMS = 3
# Rules that people ask about: shown also where they said yes. The others are shown where they stop.
_TOLD_RULES = ("consent", "holdout", "cooldown", "caps", "hours")


def _instant(text: str) -> datetime | None:
    """The instant that *text* names with its zone; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


@screen(permission="customers.view")
def customer(request: Request, external_id: str) -> HttpResponse:
    """One customer: ninety days as lanes, the answer to why, the line of time, what holds now."""
    profile = customers.profile(external_id=external_id)
    now = clock.now()
    kinds = [MomentKind(kind) for kind in request.GET.getlist("kind") if kind in set(MomentKind)]
    before = _instant(request.GET.get("before", "").replace(" ", "+"))
    found = timeline.of_customer(profile, kinds=kinds or list(MomentKind), before=before, limit=_PAGE)
    context = {
        "profile": profile,
        "now": now,
        "kinds": kinds,
        "days": days_of(found),
        "told_rules": _TOLD_RULES,
        "attempt_reasons": reasons_of(found),
        "plan_names": {line.id: line.name for line in plans.plans()},
        "next_before": found.moments[-1].at.isoformat() if found.has_more else "",
    }
    if request.htmx:
        return render(request, "insights/customer.html#life", context)
    return render(request, "insights/customer.html", context | _around(request, profile, found, now=now))


def _around(request: Request, profile: Profile, found: Timeline, *, now: datetime) -> dict[str, object]:
    """What stands around the line of time, on the whole page only."""
    counts = timeline.counts(profile)
    recent = timeline.of_customer(profile, limit=_LANE_MAX)
    shown_since = found.moments[-1].at if found.moments else now - timedelta(days=1)
    zone = timezone.get_current_timezone()
    asked = plans_about(recent)
    wanted = request.GET.get("plan", "")
    plan_id = PlanId(int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else next(iter(asked), None)
    why = plans.why(customer_id=profile.id, plan_id=plan_id) if plan_id else None
    found_outlook = outlook(plans.can_contact_now(customer_id=profile.id, now=now))
    shown = {channel: lines for channel, lines in found_outlook.items() if is_reachable(lines.values())}
    return {
        "counts": counts,
        "total": sum(counts.values()),
        "lanes": lanes.draw(recent.moments, shown_since=shown_since, now=now, zone=zone),
        "plan_id": plan_id,
        "plans_about": asked,
        "why": why,
        "spent_at": parse_datetime(why.facts.get("spent_at", "")) if why else None,
        "outlook": shown,
        "unreachable": [channel for channel in found_outlook if channel not in shown],
        "why_seen": plans.condition_in_words(detail=why.facts) if why else "",
        "why_failed": delivery.reason_text(reason=why.reason) if why and why.code == "failed" else "",
        "budget": plans.budget_of(customer_id=profile.id, now=now),
        "contact_points": customers.contact_points(customer_id=profile.id),
        "consents": customers.consents(customer_id=profile.id),
        "suppressions": (held := customers.suppressions(customer_id=profile.id, include_lifted=False)),
        "left_alone": list(dict.fromkeys(each.channel for each in held)),
        "said": _said(recent),
        "preference_path": customers.preference_path(customer_id=profile.id),
    }


def reasons_of(found: Timeline) -> dict[str, str]:
    """What delivery's reasons say, providers' own among them, for the attempts shown."""
    attempts = (moment.what for moment in found.moments if isinstance(moment.what, AttemptRecord))
    return {each.reason: delivery.reason_text(reason=each.reason) for each in attempts if each.reason}


def plans_about(recent: Timeline) -> dict[PlanId, Texts]:
    """The plans that decided about this customer, by name, the newest decision first."""
    found: dict[PlanId, Texts] = {}
    for moment in recent.moments:
        if isinstance(moment.what, DecisionRecord):
            found.setdefault(moment.what.plan_id, moment.what.plan_name)
    return found


def outlook(lines: list[Outlook]) -> dict[str, dict[str, Outlook]]:
    """Whether the customer can be contacted now, by channel, then by class."""
    table: dict[str, dict[str, Outlook]] = {}
    order = list(names.CHANNELS)
    for line in sorted(lines, key=lambda line: order.index(line.channel)):
        table.setdefault(line.channel, {})[line.contact_class] = line
    return table


def is_reachable(lines: Iterable[Outlook]) -> bool:
    """Whether there is any way to reach the customer on the channel of *lines*."""
    return any(line.reason != Reason.NO_CONTACT_POINT for line in lines)


def _said(recent: Timeline) -> list[Moment]:
    """The newest answers with words in them."""
    return [
        moment
        for moment in recent.moments
        if isinstance(moment.what, ResponseRecord) and any(answer.text for answer in moment.what.answers)
    ][:_VERBATIMS]


def days_of(found: Timeline) -> list[tuple[datetime, list[Moment]]]:
    """The moments by day in the reader's zone, newest first."""
    return [
        (timezone.localtime(group[0].at), group)
        for group in (
            list(moments)
            for _, moments in groupby(found.moments, key=lambda moment: timezone.localtime(moment.at).date())
        )
    ]
