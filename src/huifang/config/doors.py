"""What every request of the web meets first: whose address it came from, and how long its body may be."""

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from huifang.api.frame import problem
from huifang.console import faults

_Next = Callable[[HttpRequest], HttpResponse]
_Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
# Survey pages bound a body themselves, with a page in the customer's language; it may have a picture.
_SURVEYS = ("/s/", "/q/", "/widget/")
_MEGABYTE = 1024 * 1024


class AddressMiddleware:
    """Puts the address of whoever asks into ``REMOTE_ADDR``, where all who ask for it look.

    ``X-Forwarded-For`` is believed only as far back as it was written by proxies of TRUSTED_PROXIES.
    """

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = caller(
            str(request.META.get("REMOTE_ADDR", "")),
            request.headers.get("X-Forwarded-For", ""),
            trusted=settings.TRUSTED_PROXIES,
        )
        return self._next(request)


class BodyMiddleware:
    """Refuses a body that is too long, or does not say how long it is, before anything reads it."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers:
            text = gettext("Send the length of the body as Content-Length; chunks are not taken here.")
            return _refused(request, text, code="length_required", status=411)
        said = request.META.get("CONTENT_LENGTH") or ""
        size = int(said) if said.isdecimal() else 0  # Django reads nothing where it says nothing
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and size > (most := _most(request)):
            text = gettext("This is too long: at most {megabytes} MB can be sent here.")
            text = text.format(megabytes=most // _MEGABYTE)
            return _refused(request, text, code="body_too_large", status=413)
        return self._next(request)


def caller(peer: str, forwarded: str, *, trusted: _Networks) -> str:
    """The nearest address, counted from *peer* back through *forwarded*, that no proxy of ours has."""
    known = peer
    steps = [step for step in forwarded.split(",") if step.strip()]
    while steps and (address := _address(known)) and any(address in network for network in trusted):
        before = _address(steps.pop())
        if before is None:
            break
        known = str(before)
    return known


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.strip()
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    host = host.partition(":")[0] if host.count(":") == 1 else host
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def _most(request: HttpRequest) -> int:
    """Bytes that this request may bring: files come from staff who are signed in, and on survey pages."""
    if request.path.startswith(_SURVEYS) or request.user.is_authenticated:
        return int(settings.UPLOAD_BYTES_MAX)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _refused(request: HttpRequest, text: str, *, code: str, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status, code, text)
    if request.headers.get("HX-Request"):
        return faults.fragment(request, text, status=status)
    return faults.refused(request, text, code=code, status=status)
