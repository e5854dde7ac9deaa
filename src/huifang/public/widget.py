"""Hands out the script that wallets embed, at an address that never changes. Knows nothing of customers."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

_SECONDS = 3600


def _read() -> tuple[bytes, str]:
    found = finders.find("huifang/widget.js")
    body = Path(found).read_bytes() if isinstance(found, str) else b""
    return body, f'"{sha256(body).hexdigest()[:20]}"'


_read_once = cache(_read)


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script, for an hour in the browser; public, so any page may load it and check its hash."""
    body, tag = _read() if settings.DEBUG else _read_once()
    if not body:
        raise Http404
    is_known = request.headers.get("If-None-Match", "").removeprefix("W/") == tag
    reply = HttpResponseNotModified() if is_known else HttpResponse(body, content_type="text/javascript")
    reply["ETag"] = tag
    reply["Cache-Control"] = f"public, max-age={_SECONDS}"
    reply["Access-Control-Allow-Origin"] = "*"
    reply["Cross-Origin-Resource-Policy"] = "cross-origin"
    return reply
