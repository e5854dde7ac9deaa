"""The demo phone: what a simulated customer receives, and a way to act and answer as that customer."""

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
from django.conf import settings
from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import Count, F, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huifang.demo import behaviour, phones
from huifang.demo.client import WalletClient
from huifang.demo.environment import Surroundings, gateway_url, known_keys
from huifang.demo.models import Phone
from huifang.kernel import clock

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_SHOWN = 24
_MESSAGES = 30
ACTS: "dict[str, tuple[str, dict[str, object], StrPromise]]" = {
    "open": ("App Opened", {}, _("Open the app")),
    "pay": ("Payment Completed", {"amount": 46.5, "category": "grocery"}, _("Pay 46.50")),
    "pay_much": ("Payment Completed", {"amount": 560.0, "category": "online"}, _("Pay 560")),
    "fail": ("Payment Failed", {"amount": 80.0, "failure": "network"}, _("A payment fails")),
    "transfer": ("Transfer Completed", {"amount": 300.0}, _("Transfer 300")),
    "call": ("Service Call Ended", {"duration_seconds": 240, "topic": "transfer"}, _("Call the hotline")),
}


def _client() -> WalletClient:
    if not settings.IS_DEMO:
        raise Http404
    return WalletClient(
        Surroundings(web_url=settings.PUBLIC_URL, gateway_url=gateway_url(), keys=known_keys())
    )


def _found(external_id: str) -> Phone:
    if not settings.IS_DEMO:
        raise Http404
    return get_object_or_404(Phone, external_id=external_id)


def choose(request: HttpRequest) -> HttpResponse:
    """Every phone, those with the newest messages first."""
    if not settings.IS_DEMO:
        raise Http404
    found = Phone.objects.annotate(last=Max("messages__received_at"), received=Count("messages"))
    found = found.order_by("-is_held", F("last").desc(nulls_last=True), "number")
    if asked := request.GET.get("q", "").strip():
        found = found.filter(external_id__icontains=asked) | found.filter(name__icontains=asked)
    page = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    return render(request, "demo/phones.html", {"page": page, "asked": asked})


def phone(request: HttpRequest, external_id: str) -> HttpResponse:
    """One phone: its messages, and what its owner can do."""
    found = _found(external_id)
    acts = [(key, label) for key, (_name, _properties, label) in ACTS.items()]
    received = found.messages.order_by("-received_at")[:_MESSAGES]
    context = {"phone": found, "received": received, "acts": acts, "now": clock.now()}
    return render(
        request, "demo/phone.html#messages" if request.GET.get("part") else "demo/phone.html", context
    )


@require_POST
def hold(request: HttpRequest, external_id: str) -> HttpResponse:
    """Take the phone in one's own hand, or give it back to the simulator."""
    found = _found(external_id)
    found.is_held = request.POST.get("held") == "yes"
    found.save(update_fields=["is_held"])
    return redirect("demo:phone", external_id)


@require_POST
def act(request: HttpRequest, external_id: str) -> HttpResponse:
    """Do one thing as this customer: the event goes through the gateway like any other."""
    found = _found(external_id)
    name, properties, label = ACTS.get(request.POST.get("act", ""), ACTS["open"])
    client, now = _client(), clock.now()
    message: behaviour.Message = {
        "type": "track",
        "messageId": f"{external_id}-by-hand-{now.timestamp():.3f}",
        "userId": external_id,
        "event": name,
        "timestamp": (now - timedelta(seconds=1)).isoformat(),
        "properties": {**properties, "app_version": "8.2.0"},
    }
    try:
        client.send([message])
        for arrival in client.inbox(external_id):
            phones.deliver(arrival, lambda *_: None)
    except httpx.HTTPError:
        notices.error(request, gettext("The gateway cannot be reached just now. Try again in a moment."))
    else:
        Phone.objects.filter(pk=found.pk).update(is_held=True)
        notices.success(request, gettext("Done: {act}. Huifang has the event.").format(act=label))
    return redirect("demo:phone", external_id)
