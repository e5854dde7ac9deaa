"""Webhooks of providers: stored and committed before the 200. No sign-in: each is signed by its account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from huifang.delivery import notices
from huifang.delivery.channels.base import Incoming
from huifang.kernel import clock
from huifang.kernel.refusals import Refusal

_BODY_MAX = 64 * 1024
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


@csrf_exempt
@require_POST
def generic(request: HttpRequest, account_id: int) -> HttpResponse:
    """A receipt or reply from an HTTP provider."""
    return _take(request, account_id) or JsonResponse({"success": True})


@csrf_exempt
@require_POST
def twilio(request: HttpRequest, account_id: int) -> HttpResponse:
    """A status callback or an inbound message from Twilio; the empty TwiML sends no answer."""
    return _take(request, account_id) or HttpResponse(_TWIML, content_type="text/xml")


def _take(request: HttpRequest, account_id: int) -> HttpResponse | None:
    """Store what it tells; an answer where it is refused."""
    if int(request.headers.get("Content-Length") or 0) > _BODY_MAX:
        return JsonResponse({"code": "too_large"}, status=413)
    incoming = Incoming(
        # The address as the provider called it, whatever a proxy made of it: Twilio signs it.
        url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
    try:
        notices.accept(account_id=account_id, incoming=incoming, now=clock.now())
    except Refusal as error:
        return JsonResponse({"code": error.code}, status=error.status)
    return None
