"""What the widget calls from the wallet's own pages: JSON, no cookie, one refusal for all that is wrong.

Every address names the site, so that only its own origins are let read an answer. Nothing here reads a
session: a request from elsewhere has nobody's authority but that of its pass.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huifang.kernel import clock, telling
from huifang.kernel.ids import CustomerId
from huifang.kernel.refusals import Refusal
from huifang.kernel.texts import product_language
from huifang.questionnaires import links
from huifang.questionnaires.models import WidgetSite
from huifang.questionnaires.widget import cards, passes
from huifang.questionnaires.widget.errors import WidgetPassError, WidgetUnreadableError

BODY_BYTES_MAX = 16 * 1024
ANSWERS_AN_HOUR_MAX, LOOKS_AN_HOUR_MAX = 240, 720
_PREFLIGHT_SECONDS = 600
_View = Callable[[HttpRequest, WidgetSite], dict[str, object]]
_Body = TypeVar("_Body")


class _Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom a pass is wanted."""

    customer: str
    hash: str
    until: str = ""


class _Seeing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was shown."""

    message: int


class _Answering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer, or a skip where it holds nothing."""

    invitation: str
    question: str
    values: tuple[str, ...] = ()
    text: str = ""
    language: str = ""


def widget_door(view: _View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Decorate what the widget calls: origin checked, preflight answered, refusals as JSON."""

    @csrf_exempt
    @require_http_methods(["POST", "OPTIONS"])
    @wraps(view)
    def answered(request: HttpRequest, key: str) -> HttpResponse:
        origin = request.headers.get("Origin", "")[:300]
        try:
            site = passes.find(key=key, origin=origin)
        except Refusal as refusal:
            return _reply({"code": refusal.code}, status=refusal.status)
        is_preflight = request.method == "OPTIONS"
        return _let_read(HttpResponse(status=204) if is_preflight else _answer(view, request, site), origin)

    return answered


def _answer(view: _View, request: HttpRequest, site: WidgetSite) -> HttpResponse:
    try:
        return _reply(view(request, site))
    except Refusal as refusal:
        detail = telling.told(refusal)
        return _reply({"code": refusal.code, "detail": detail}, status=refusal.status)


def _reply(body: dict[str, object], *, status: int = 200) -> HttpResponse:
    reply = HttpResponse(json.dumps(body), status=status, content_type="application/json")
    reply["Cache-Control"] = "no-store"
    reply["Vary"] = "Origin"
    return reply


def _let_read(reply: HttpResponse, origin: str) -> HttpResponse:
    reply["Access-Control-Allow-Origin"] = origin
    reply["Access-Control-Allow-Methods"] = "POST"
    reply["Access-Control-Allow-Headers"] = "authorization, content-type"
    reply["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    reply["Vary"] = "Origin"
    return reply


def _body(request: HttpRequest, shape: type[_Body]) -> _Body:
    """The body as *shape*. Raises `WidgetUnreadableError`."""
    raw = request.read(BODY_BYTES_MAX + 1)
    if len(raw) > BODY_BYTES_MAX:
        raise WidgetUnreadableError
    try:
        return msgspec.json.decode(raw or b"{}", type=shape)
    except (msgspec.DecodeError, ValueError):
        raise WidgetUnreadableError from None


def _customer(request: HttpRequest, site: WidgetSite) -> CustomerId | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise WidgetPassError
    return passes.read(site, token, now=clock.now())


@widget_door
def give_pass(request: HttpRequest, site: WidgetSite) -> dict[str, object]:
    """A pass for the customer whom the wallet's hash vouches for."""
    asked = _body(request, _Asking)
    claim = passes.Claim(customer=asked.customer, hash=asked.hash, until=asked.until)
    token = passes.give(site, claim, address=request.META.get("REMOTE_ADDR", ""), now=clock.now())
    return {"pass": token}


@widget_door
def inbox(request: HttpRequest, site: WidgetSite) -> dict[str, object]:
    """The card to show now; null where nothing is asked. A page that looks all the time is told to stop."""
    customer_id, now = _customer(request, site), clock.now()
    if customer_id is None:
        return {"card": None}
    links.count(f"widget-look|{customer_id}", at_most=LOOKS_AN_HOUR_MAX, now=now)
    language = product_language(request.GET.get("l", "")[:20])
    return {"card": cards.newest(customer_id, language=language, now=now)}


@widget_door
def seen(request: HttpRequest, site: WidgetSite) -> dict[str, object]:
    """The card is on the screen."""
    customer_id = _customer(request, site)
    shown = _body(request, _Seeing)
    if customer_id is not None and 0 < shown.message < 2**63:
        cards.see(customer_id, shown.message, now=clock.now())
    return {}


@widget_door
def answer(request: HttpRequest, site: WidgetSite) -> dict[str, object]:
    """Keep one answer; the card with what comes next."""
    customer_id = _known(request, site)
    given = _body(request, _Answering)
    if len(given.values) > 100 or "\0" in given.text:
        raise WidgetUnreadableError
    now = clock.now()
    links.count(f"widget-answer|{customer_id}", at_most=ANSWERS_AN_HOUR_MAX, now=now)
    sent = cards.Sent(
        invitation=given.invitation,
        question=given.question,
        values=given.values,
        text=given.text,
        language=product_language(given.language),
    )
    return {"card": cards.answer(customer_id, sent, now=now)}


@widget_door
def never(request: HttpRequest, site: WidgetSite) -> dict[str, object]:
    """The customer wants to be left alone."""
    return cards.never(_known(request, site), now=clock.now())


def _known(request: HttpRequest, site: WidgetSite) -> CustomerId:
    customer_id = _customer(request, site)
    if customer_id is None:
        raise WidgetPassError
    return customer_id
