"""The demo phone: what a simulated customer receives, and a way to act and answer as that customer."""

import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING

import httpx
from django.conf import settings
from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huifang.console.screens import SIGNED_IN, screen
from huifang.demo import behaviour, customer, phones
from huifang.demo.account import sms_callback
from huifang.demo.client import WalletClient
from huifang.demo.environment import Surroundings, gateway_url, is_rushed, known_keys
from huifang.demo.models import Phone, Received
from huifang.kernel import clock
from huifang.kernel.wallet import wallet_name

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_SHOWN = 24
_MESSAGES = 30
_REPLY_MAX = 140
_URL = re.compile(r"(https?://\S+)")
# An answer to tap, as a message shows it in plain text; a mail program or the app shows a button.
_CHOICE = re.compile(
    r"(?P<label>[^:：\n]{1,80}): (?P<url>https?://\S+(?:/l/[\w=-]+/\d+|/s/[\w=-]+\?a=\S+))[\r\n]*"
)
_STOP = {"en": "STOP", "zh-Hans": "退订"}
ACTS: "dict[str, tuple[str, dict[str, object], StrPromise]]" = {
    "open": ("App Opened", {}, _("Open the app")),
    "pay": ("Payment Completed", {"amount": 46.5, "category": "grocery"}, _("Pay 46.50")),
    "pay_much": ("Payment Completed", {"amount": 560.0, "category": "online"}, _("Pay 560")),
    "fail": ("Payment Failed", {"amount": 80.0, "failure": "network"}, _("A payment fails")),
    "transfer": ("Transfer Completed", {"amount": 300.0}, _("Transfer 300")),
    "call": ("Service Call Ended", {"duration_seconds": 240, "topic": "transfer"}, _("Call the hotline")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message as the phone shows it. *parts* are texts, and every second one is a link.

    *choices* are the answers to tap, each a label and where it leads.
    """

    id: int
    channel: str
    subject: str
    parts: list[str]
    choices: list[tuple[str, str]]
    link: str
    leave_link: str
    stop_word: str
    received_at: datetime
    is_rushed: bool


def _shown(received: Received, phone: Phone) -> Shown:
    is_sms = received.channel == "sms"
    return Shown(
        id=received.pk,
        channel=received.channel,
        subject=received.subject,
        parts=_URL.split(_CHOICE.sub("", received.body).strip()),
        choices=_CHOICE.findall(received.body),
        link=received.link,
        leave_link=received.leave_link,
        stop_word=_STOP.get(phone.language, _STOP["en"]) if is_sms else "",
        received_at=received.received_at,
        is_rushed=is_rushed(received.received_at),
    )


def _demo_screen(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view: not there unless this is a demo, then for whoever is signed in."""
    inner = screen(permission=SIGNED_IN)(view)

    @wraps(inner)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        if not settings.IS_DEMO:
            raise Http404
        return inner(request, *args, **kwargs)

    return guarded


def _client() -> WalletClient:
    return WalletClient(
        Surroundings(web_url=settings.PUBLIC_URL, gateway_url=gateway_url(), keys=known_keys())
    )


def _fetch(client: WalletClient, external_id: str) -> None:
    for arrival in client.inbox(external_id):
        phones.deliver(arrival, lambda *_: None)


@_demo_screen
def choose(request: HttpRequest) -> HttpResponse:
    """Every phone, those with the newest messages first."""
    found = Phone.objects.annotate(last=Max("messages__received_at"), received=Count("messages"))
    found = found.order_by("-is_held", F("last").desc(nulls_last=True), "number")
    if asked := request.GET.get("q", "").strip():
        found = found.filter(Q(external_id__icontains=asked) | Q(name__icontains=asked))
    page = Paginator(found, _SHOWN).get_page(request.GET.get("page"))
    return render(request, "demo/phones.html", {"page": page, "asked": asked})


@_demo_screen
def phone(request: HttpRequest, external_id: str) -> HttpResponse:
    """One phone: its messages, and what its owner can do. In one's hand, its app is open."""
    found = get_object_or_404(Phone, external_id=external_id)
    part = bool(request.GET.get("part"))
    if part and found.is_held:
        with suppress(httpx.HTTPError):  # the page asks again in a moment
            _fetch(_client(), external_id)
    context = {
        "phone": found,
        "has_sms": found.messages.filter(channel="sms").exists(),
        "received": [_shown(each, found) for each in found.messages.order_by("-received_at")[:_MESSAGES]],
        "acts": [(key, label) for key, (_name, _properties, label) in ACTS.items()],
        "wallet_name": wallet_name(get_language() or ""),
        "now": clock.now(),
    }
    return render(request, "demo/phone.html#messages" if part else "demo/phone.html", context)


@require_POST
@_demo_screen
def hold(request: HttpRequest, external_id: str) -> HttpResponse:
    """Take the phone in one's own hand, or give it back to the simulator."""
    found = get_object_or_404(Phone, external_id=external_id)
    found.is_held = request.POST.get("held") == "yes"
    found.save(update_fields=["is_held"])
    return redirect("demo:phone", external_id)


@require_POST
@_demo_screen
def act(request: HttpRequest, external_id: str) -> HttpResponse:
    """Do one thing as this customer: the event goes through the gateway like any other."""
    found = get_object_or_404(Phone, external_id=external_id)
    name, properties, label = ACTS.get(request.POST.get("act", ""), ACTS["open"])
    now = clock.now()
    message: behaviour.Message = {
        "type": "track",
        "messageId": f"{external_id}-by-hand-{now.timestamp():.3f}",
        "userId": external_id,
        "event": name,
        "timestamp": (now - timedelta(seconds=1)).isoformat(),
        "properties": {**properties, "app_version": "8.2.0"},
    }
    client = _client()

    def do() -> None:
        client.send([message])
        _fetch(client, external_id)

    return _done(request, found, do, gettext("Done: {act}. Huifang has the event.").format(act=label))


@require_POST
@_demo_screen
def refuse(request: HttpRequest, external_id: str) -> HttpResponse:
    """Refuse as this customer: a STOP in answer to an SMS, or one click in an e-mail."""
    found = get_object_or_404(Phone, external_id=external_id)
    received = get_object_or_404(found.messages, pk=request.POST.get("message"))
    if received.channel == "sms":
        word = _STOP.get(found.language, _STOP["en"])
        callback = sms_callback(settings.PUBLIC_URL)

        def do() -> None:
            callback.reply(number=found.phone, text=word, key=received.key)
    else:

        def do() -> None:
            with httpx.Client(timeout=10, trust_env=False) as client:
                customer.leave(client, link=received.leave_link)

    return _done(request, found, do, gettext("Done. Huifang asks this customer nothing more."))


@require_POST
@_demo_screen
def write_back(request: HttpRequest, external_id: str) -> HttpResponse:
    """Answer by SMS with words of one's own, such as a digit for the first question."""
    found = get_object_or_404(Phone, external_id=external_id)
    text = request.POST.get("text", "").strip()[:_REPLY_MAX]
    if not text:
        return redirect("demo:phone", external_id)
    callback = sms_callback(settings.PUBLIC_URL)

    def do() -> None:
        callback.reply(number=found.phone, text=text, key=secrets.token_hex(8))

    return _done(request, found, do, gettext("Sent: {text}. Huifang has the reply.").format(text=text))


def _done(request: HttpRequest, phone: Phone, do: Callable[[], None], text: str) -> HttpResponse:
    """Do it, say so, and leave the phone in the hand that did it."""
    try:
        do()
    except httpx.HTTPError:
        notices.error(request, gettext("Huifang cannot be reached just now. Try again in a moment."))
    else:
        Phone.objects.filter(pk=phone.pk).update(is_held=True)
        notices.success(request, text)
    return redirect("demo:phone", phone.external_id)
