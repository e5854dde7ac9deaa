"""What a plan's answers earned: budget, ledger, and the coupon codes that are left."""

from django.http import HttpResponse
from django.shortcuts import render

from huifang.console.screens import Request, screen
from huifang.kernel.ids import PlanId
from huifang.plans import queries


@screen(permission="plans.view")
def rewards(request: Request, plan_id: int) -> HttpResponse:
    """The budget and what was spent of it."""
    line = queries.plan(plan_id=PlanId(plan_id))
    return render(request, "plans/rewards.html", {"plan": line})
