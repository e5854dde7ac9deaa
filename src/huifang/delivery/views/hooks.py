"""Webhooks of providers: stored and committed before the 200. No sign-in: each is signed by its account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huifang.delivery import notices
from huifang.delivery.channels.base import Incoming
from huifang.kernel import clock
from huifang.kernel.refusals import Refusal

_BODY_MAX = 64 * 1024


@csrf_exempt
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, provider: str, account_id: int, token: str = "") -> HttpResponse:
    """A receipt or reply from a provider, answered as it wants to be."""
    del provider  # it is there for people: the account knows its own
    if request.method == "GET":
        return _greet(request, account_id)
    return _take(request, account_id, token)


def _take(request: HttpRequest, account_id: int, token: str) -> HttpResponse:
    """Store what it tells, or refuse it."""
    if int(request.headers.get("Content-Length") or 0) > _BODY_MAX:
        return JsonResponse({"code": "too_large"}, status=413)
    incoming = _incoming(request)
    try:
        content_type, answer = notices.accept(
            account_id=account_id, incoming=incoming, now=clock.now(), token=token
        )
    except Refusal as error:
        return JsonResponse({"code": error.code}, status=error.status)
    return HttpResponse(answer, content_type=content_type)


def _greet(request: HttpRequest, account_id: int) -> HttpResponse:
    """A platform tries the address before it uses it, and wants its own words back."""
    try:
        answer = notices.greet(account_id=account_id, incoming=_incoming(request))
    except Refusal as error:
        return JsonResponse({"code": error.code}, status=error.status)
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


def _incoming(request: HttpRequest) -> Incoming:
    return Incoming(
        # The address as the provider called it, whatever a proxy made of it: Twilio signs it.
        url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
