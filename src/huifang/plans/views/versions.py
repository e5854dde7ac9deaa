"""The versions of a plan: their history, and two of them side by side, clause by clause."""

from django.http import HttpResponse
from django.shortcuts import render

from huifang.console.screens import Request, screen
from huifang.kernel.ids import PlanId
from huifang.plans import queries, versions


@screen(permission="plans.view")
def history(request: Request, plan_id: int) -> HttpResponse:
    """Every version, newest first; ``?a=1&b=3`` puts two side by side."""
    number = PlanId(plan_id)
    line = queries.plan(plan_id=number)
    found = queries.versions(plan_id=number)
    known = {version.number: version for version in found}
    newest, older = found[0].number, found[min(1, len(found) - 1)].number
    left = known.get(_number(request.GET.get("a", "")), known[older])
    right = known.get(_number(request.GET.get("b", "")), known[newest])
    rows = versions.side_by_side(line, left.definition, right.definition)
    context = {
        "plan": line,
        "versions": found,
        "left": left,
        "right": right,
        "rows": rows,
        "changed": sum(row.is_changed for row in rows),
    }
    return render(request, "plans/versions.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
