"""The address of links in messages: counts and goes on. Open to everybody; the link is the only authority."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from huifang.delivery import links
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES, product_language
from huifang.kernel.wallet import wallet_name


@require_safe
def link(request: HttpRequest, token: str, choice: int | None = None) -> HttpResponse:
    """Lead to the page that the message meant. Never to another machine."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    visit = links.Visit(method=request.method or "", headers=headers)
    target = links.follow(token=token, choice=choice, visit=visit, now=clock.now())
    reply = HttpResponseRedirect(target) if target else _nowhere(request)
    reply["Cache-Control"] = "no-store"
    reply["X-Robots-Tag"] = "noindex, nofollow"
    reply["Referrer-Policy"] = "no-referrer"
    return reply


def _nowhere(request: HttpRequest) -> HttpResponse:
    language = product_language(request.LANGUAGE_CODE) or LANGUAGES[0]
    context = {
        "title": gettext("This link leads nowhere any more"),
        "text": gettext("It may be cut off or too old. Open the message again, or look in the app."),
        "wallet_name": wallet_name(language),
        "html_language": language,
    }
    # Without the request: nothing here may read a session or set a cookie.
    return HttpResponse(render_to_string("public/fault.html", context), status=404)
