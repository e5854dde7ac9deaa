"""What people see when something was refused or went wrong: a page in our look, or a message in a fragment.

Staff who are signed in get the console's look; everyone else the customer page's, which needs no script.
"""

import logging

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from huifang.console.models import Person
from huifang.kernel.texts import product_language
from huifang.kernel.wallet import wallet_name

_log = logging.getLogger(__name__)


def fragment(request: HttpRequest, text: str, *, status: int) -> HttpResponse:
    """A message for the top of the page, whatever the fragment was meant for."""
    reply = render(request, "console/_refusal.html", {"text": text}, status=status)
    reply["HX-Retarget"] = "#messages"
    reply["HX-Reswap"] = "innerHTML"
    return reply


def refused(request: HttpRequest, text: str, *, code: str, status: int) -> HttpResponse:
    """A page of its own for a refusal."""
    return _page(request, status=status, title=gettext("This cannot be done"), text=text, code=code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood."""
    text = gettext("What the browser sent cannot be understood. Go back and try again.")
    return _answer(request, status=400, title=gettext("Not understood"), text=text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the person's role does not include this."""
    wanted = str(exception) if isinstance(exception, PermissionDenied) else ""
    text = gettext("Your role does not include this. An administrator can change your role under Settings.")
    return _answer(request, status=403, title=gettext("Not yours to open"), text=text, code=wanted)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing is here."""
    text = gettext("Nothing is at this address. It may have been removed, or the link is incomplete.")
    return _answer(request, status=404, title=gettext("Nothing here"), text=text)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was not ours, or too old."""
    _log.warning("form refused: %s", reason)
    text = gettext("The page was open for too long, or cookies are off. Nothing was changed: load it again.")
    return _answer(request, status=403, title=gettext("Load the page again"), text=text)


def broken(request: HttpRequest) -> HttpResponse:
    """500: a mistake of ours. Uses neither session nor database, which may be what broke."""
    text = gettext("Nothing that was confirmed is lost. Try again in a moment.")
    return _plain(title=gettext("Something broke on our side"), text=text, status=500)


def unavailable(request: HttpRequest, text: str) -> HttpResponse:
    """503: nothing can be stored now. Uses neither session nor database."""
    return _plain(title=gettext("This cannot be done right now"), text=text, status=503)


def _plain(*, title: str, text: str, status: int) -> HttpResponse:
    try:
        context = {
            "title": title,
            "text": text,
            "wallet_name": wallet_name(get_language() or ""),
            "page_language": product_language(get_language() or ""),
        }
        return HttpResponse(render_to_string("public/fault.html", context), status=status)
    except Exception:
        _log.exception("the error page itself failed")
        text = "Something broke on our side. Try again in a moment.\n"
        return HttpResponse(text, "text/plain", status=status)


def _answer(request: HttpRequest, *, status: int, title: str, text: str, code: str = "") -> HttpResponse:
    if request.headers.get("HX-Request"):
        return fragment(request, text, status=status)
    return _page(request, status=status, title=title, text=text, code=code)


def _page(request: HttpRequest, *, status: int, title: str, text: str, code: str = "") -> HttpResponse:
    is_staff = isinstance(getattr(request, "user", None), Person)
    template = "console/refused.html" if is_staff else "public/fault.html"
    return render(
        request, template, {"title": title, "text": text, "code": code, "status": status}, status=status
    )
