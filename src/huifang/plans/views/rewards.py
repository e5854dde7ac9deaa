"""What a plan's answers earned: budget, ledger, and the coupon codes that are left."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from huifang.console import lists
from huifang.console.screens import Request, screen
from huifang.customers.queries import profiles
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.kernel.texts import pick
from huifang.plans import queries, services
from huifang.plans.forms.codes import CodesForm
from huifang.plans.records import RewardRecord
from huifang.plans.sentences import say_money
from huifang.plans.views.catalogue import language_of_reader

PAGE, EXPORTED = 50, 10_000
_CHANGES = {"void": services.void_reward, "restore": services.restore_reward}


@screen(permission="plans.view")
def rewards(request: Request, plan_id: int) -> HttpResponseBase:
    """The budget and what was spent of it, and every reward; a reward is voided, codes are uploaded."""
    number = PlanId(plan_id)
    form = CodesForm(pools=_pools_of(number))
    if request.method == "POST":
        if "plans.reward" not in request.permissions:
            raise PermissionDenied("plans.reward")
        form = CodesForm(request.POST, request.FILES, pools=_pools_of(number))
        if request.POST.get("act") in _CHANGES:
            return _changed(request, number)
        if form.is_valid():
            return _uploaded(request, number, form)
    if request.GET.get("export") == "csv":
        return _exported(number)
    return _ledger(request, number, form)


def _ledger(request: Request, plan_id: PlanId, form: CodesForm) -> HttpResponse:
    before = _number(request.GET.get("before", ""))
    found = queries.rewards_of_plan(plan_id=plan_id, limit=PAGE + 1, before=before)
    shown = found[:PAGE]
    known = profiles(customer_ids=[each.customer_id for each in shown if each.customer_id])
    report = queries.reward_report(plan_id=plan_id)
    line = queries.plan(plan_id=plan_id)
    incentive = line.definition.incentive
    currency = report.currency or (incentive.currency if incentive else "")
    if incentive and line.live_version is None:
        report = replace(report, budget=incentive.budget)  # nothing is set aside before it is live
    context = {
        "plan": line,
        "report": report,
        "money": {name: say_money(getattr(report, name), currency) for name in ("budget", "spent", "left")},
        "rows": [_row(each, known.get(each.customer_id) if each.customer_id else None) for each in shown],
        "next": shown[-1].id if len(found) > PAGE else None,
        "pools": [pool for pool in queries.coupon_pools() if pool.pool in _pools_of(plan_id)],
        "form": form,
        "can_edit": "plans.reward" in request.permissions,
    }
    return render(request, "plans/rewards.html", context, status=422 if form.errors else 200)


def _row(reward: RewardRecord, profile: object) -> dict[str, object]:
    """One line; of a code the last letters only, for whoever reads it can spend it."""
    return {
        "reward": reward,
        "profile": profile,
        "name": pick(reward.name, language_of_reader()),
        "code": f"••••{reward.code[-3:]}" if len(reward.code) > 6 else "••••" if reward.code else "",
        "cost": say_money(reward.cost, reward.currency) if reward.cost else "",
    }


def _changed(request: Request, plan_id: PlanId) -> HttpResponse:
    change = _CHANGES[request.POST["act"]]
    reward_id = _number(request.POST.get("reward", "")) or 0
    change(
        reward_id=reward_id, by=request.person.actor, now=clock.now(), why=request.POST.get("why", "")[:200]
    )
    return redirect("plans:rewards", plan_id=plan_id)


def _uploaded(request: Request, plan_id: PlanId, form: CodesForm) -> HttpResponse:
    data = form.cleaned_data
    report = services.upload_codes(
        pool=data["pool"], codes=data["codes"], by=request.person.actor, now=clock.now()
    )
    added = ngettext("%(number)d code was added.", "%(number)d codes were added.", report.added)
    messages.success(request, added % {"number": report.added})
    if report.known:
        known = ngettext("%(number)d was there already.", "%(number)d were there already.", report.known)
        messages.warning(request, known % {"number": report.known})
    if report.refused:
        refused = ngettext("%(number)d cannot be a code.", "%(number)d cannot be codes.", report.refused)
        messages.warning(request, refused % {"number": report.refused})
    return redirect("plans:rewards", plan_id=plan_id)


def _exported(plan_id: PlanId) -> HttpResponseBase:
    columns = ("reward", "customer", "what", "points", "cost", "currency", "state", "reason", "issued_at")
    found = queries.rewards_of_plan(plan_id=plan_id, limit=EXPORTED)
    known = profiles(customer_ids=[each.customer_id for each in found if each.customer_id])
    rows = [
        (
            each.id,
            known[each.customer_id].external_id if each.customer_id in known else "",
            pick(each.name, language_of_reader()) or gettext("nothing"),
            each.points,
            each.cost / 100,
            each.currency,
            each.state,
            each.reason,
            each.issued_at,
        )
        for each in found
    ]
    return lists.csv_reply(name=f"rewards-{plan_id}", columns=columns, rows=rows)


def _pools_of(plan_id: PlanId) -> list[str]:
    """The pools that the plan's prizes name."""
    incentive = queries.plan(plan_id=plan_id).definition.incentive
    return list(dict.fromkeys(prize.pool for prize in incentive.prizes if prize.pool)) if incentive else []


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None
