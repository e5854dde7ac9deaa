"""The list of a plan that a person makes: ids pasted or from a file, and which of them were refused."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from huifang.console.screens import Request, screen
from huifang.customers.queries import profiles
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import lists, queries, services
from huifang.plans.forms.customers import CustomersForm
from huifang.plans.records import TriggerKind

SHOWN = 100


@screen(permission="plans.view")
def customers(request: Request, plan_id: int) -> HttpResponse:
    """Who is on the list, and a form that adds to it."""
    number = PlanId(plan_id)
    form = CustomersForm()
    report = None
    if request.method == "POST":
        if "plans.edit" not in request.permissions:
            raise PermissionDenied("plans.edit")
        form = CustomersForm(request.POST, request.FILES)
        if request.POST.get("act") == "clear":
            return _cleared(request, number)
        if form.is_valid():
            ids = form.cleaned_data["ids"]
            report = services.add_to_list(
                plan_id=number, external_ids=ids, by=request.person.actor, now=clock.now()
            )
            form = CustomersForm(initial={"text": "\n".join(report.refused)})
    waiting = lists.waiting(plan_id=number, limit=SHOWN)
    known = profiles(customer_ids=waiting)
    line = queries.plan(plan_id=number)
    context = {
        "plan": line,
        "form": form,
        "report": report,
        "waiting": [known[each] for each in waiting if each in known],
        "shown": SHOWN,
        "can_edit": "plans.edit" in request.permissions,
        "is_by_list": line.definition.trigger.kind is TriggerKind.LIST,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "plans/customers.html", context, status=status)


def _cleared(request: Request, plan_id: PlanId) -> HttpResponse:
    gone = services.clear_list(plan_id=plan_id, by=request.person.actor, now=clock.now())
    said = ngettext("%(number)d customer is off the list.", "%(number)d customers are off the list.", gone)
    messages.success(request, said % {"number": gone} if gone else gettext("Nobody was waiting on the list."))
    return redirect("plans:customers", plan_id=plan_id)
