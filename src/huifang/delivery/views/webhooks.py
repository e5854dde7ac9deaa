"""The screens of webhooks: which programs hear what, how their deliveries went, and telling again by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from huifang.console import sections
from huifang.console.screens import Request, screen
from huifang.delivery import names, queries, services
from huifang.delivery.webhook_forms import WebhookForm
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal

_STATES = ("waiting", "delivered", "parked")


@screen(permission="keys.edit")
def webhooks(request: Request) -> HttpResponse:
    """Every endpoint; making one shows its secret this once."""
    form = WebhookForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = services.save_webhook(draft=form.draft(None), by=request.person.actor, now=clock.now())
            secret, form = made[1], WebhookForm()
        except Refusal as error:
            form.add_error(None, telling.told(error))
    context = {
        "form": form,
        "secret": secret,
        "endpoints": queries.webhooks(),
        "sections": sections.of(request),
    }
    return render(request, "delivery/webhooks.html", context)


@screen(permission="keys.edit")
def webhook(request: Request, endpoint_id: int) -> HttpResponse:
    """Change an endpoint; its latest deliveries."""
    record = queries.webhook(endpoint_id=endpoint_id)
    form = WebhookForm(request.POST or None, record=record)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_webhook(draft=form.draft(endpoint_id), by=request.person.actor, now=clock.now())
            messages.success(request, gettext("The webhook is kept."))
            return redirect("delivery:webhook", endpoint_id)
        except Refusal as error:
            form.add_error(None, telling.told(error))
    return _show(request, endpoint_id, form)


def _show(request: Request, endpoint_id: int, form: WebhookForm, *, secret: str = "") -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in _STATES else ""
    context = {
        "endpoint": queries.webhook(endpoint_id=endpoint_id),
        "form": form,
        "secret": secret,
        "state": state,
        "deliveries": [
            (each, names.reason_of_receiver(each.error))
            for each in queries.webhook_deliveries(endpoint_id=endpoint_id, state=state)
        ],
        "sections": sections.of(request),
    }
    return render(request, "delivery/webhook.html", context)


@require_POST
@screen(permission="keys.edit")
def rotate(request: Request, endpoint_id: int) -> HttpResponse:
    """A new secret, shown this once."""
    secret = services.rotate_webhook_secret(endpoint_id=endpoint_id, by=request.person.actor, now=clock.now())
    form = WebhookForm(record=queries.webhook(endpoint_id=endpoint_id))
    return _show(request, endpoint_id, form, secret=secret)


@require_POST
@screen(permission="keys.edit")
def replay(request: Request, endpoint_id: int) -> HttpResponse:
    """Tell one delivery again, or all that is parked."""
    wanted = request.POST.get("delivery", "")
    delivery_id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
    count = services.replay_webhook(
        endpoint_id=endpoint_id, delivery_id=delivery_id, by=request.person.actor, now=clock.now()
    )
    text = ngettext("{count} delivery is told again.", "{count} deliveries are told again.", count)
    messages.success(request, text.format(count=count))
    return redirect("delivery:webhook", endpoint_id)


@require_POST
@screen(permission="keys.edit")
def try_out(request: Request, endpoint_id: int) -> HttpResponse:
    """Send a test message, and say what the receiver made of it."""
    done = services.try_webhook(endpoint_id=endpoint_id, by=request.person.actor, now=clock.now())
    if done.state == "delivered":
        text = gettext("The receiver took the test message (it answered {status}).")
        messages.success(request, text.format(status=done.status))
    else:
        text = gettext("The receiver did not take the test message: {reason}.")
        messages.error(request, text.format(reason=names.reason_of_receiver(done.error)))
    return redirect("delivery:webhook", endpoint_id)


@require_POST
@screen(permission="keys.edit")
def delete(request: Request, endpoint_id: int) -> HttpResponse:
    """End an endpoint."""
    services.delete_webhook(endpoint_id=endpoint_id, by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The webhook is deleted."))
    return redirect("delivery:webhooks")
