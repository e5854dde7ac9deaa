"""The customer's own page: choose channels, refuse everything, see what is held. The link is all it takes.

No session, no cookie, no script. Opening a page changes nothing: mail scanners open links too.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huifang.customers import preferences, queries, services
from huifang.customers.records import CHANNELS, EVERY, PURPOSES, Profile
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES, product_language
from huifang.kernel.wallet import wallet_name

LANGUAGE_NAMES = {"zh-Hans": "中文", "en": "English"}
_CODES = {"zh-Hans": "zh-hans", "en": "en"}
_ACTS = ("on", "off", "withdraw", "agree")
_Page = Callable[[HttpRequest, Profile, str], HttpResponse]


def _own_page(*methods: str) -> Callable[[_Page], Callable[[HttpRequest, str], HttpResponse]]:
    """Decorate a page that a customer opens by their token; anything else is a plain 404."""

    def decorate(page: _Page) -> Callable[[HttpRequest, str], HttpResponse]:
        # No CSRF cookie: whoever can name the token may act, and a stranger's page cannot name it.
        @csrf_exempt
        @require_http_methods([*methods, "HEAD"])
        @wraps(page)
        def shown(request: HttpRequest, token: str) -> HttpResponse:
            profile = queries.read_preference_token(token=token)
            if profile is None:
                raise Http404
            language = _language(request, profile)
            with override(_CODES[language]):
                reply = page(request, profile, language)
            reply["Content-Language"] = language
            reply["Cache-Control"] = "no-store"
            reply["X-Robots-Tag"] = "noindex, nofollow"
            reply["Referrer-Policy"] = "no-referrer"
            return reply

        return shown

    return decorate


def _language(request: HttpRequest, profile: Profile) -> str:
    """What was chosen on the page, else the customer's language, else the phone's."""
    asked = request.GET.get("l", "")
    if asked in LANGUAGES:
        return asked
    return product_language(profile.language) or product_language(request.LANGUAGE_CODE) or LANGUAGES[0]


def _address(name: str, profile: Profile, language: str, **query: str) -> str:
    token = queries.preference_path(customer_id=profile.id).rpartition("/")[2]
    return f"{reverse(name, args=[token])}?{urlencode({'l': language} | query)}"


def _show(template: str, profile: Profile, language: str, **context: object) -> HttpResponse:
    # Without the request: nothing here may read a session or set a cookie.
    name = "customers:unsubscribe" if "unsubscribe" in template else "customers:preferences"
    html = render_to_string(
        template,
        {
            "wallet_name": wallet_name(language),
            "html_language": language,
            "profile": profile,
            "languages": [
                (code, LANGUAGE_NAMES[code], _address(name, profile, code))
                for code in LANGUAGES
                if code != language
            ],
            "preferences_url": _address("customers:preferences", profile, language),
            "data_url": _address("customers:preference-data", profile, language),
            **context,
        },
    )
    return HttpResponse(html)


@_own_page("GET", "POST")
def preference_page(request: HttpRequest, profile: Profile, language: str) -> HttpResponse:
    """Show what is sent, by which channel; take one choice."""
    if request.method == "POST":
        done = _choose(request, profile)
        response = HttpResponseRedirect(_address("customers:preferences", profile, language, done=done))
        response.status_code = 303
        return response
    done, _, what = request.GET.get("done", "").partition("-")
    return _show(
        "customers/preferences.html",
        profile,
        language,
        sheet=preferences.sheet(profile),
        done=done if what in {*CHANNELS, EVERY, *PURPOSES} or done == "erase" else "",
        what=what,
    )


def _choose(request: HttpRequest, profile: Profile) -> str:
    """Carry out the one choice of a form; returns what was done, for the page that follows."""
    now = clock.now()
    if request.POST.get("List-Unsubscribe") == "One-Click":  # a mail program that was given this address
        preferences.switch_off(customer_id=profile.id, channel=EVERY, now=now)
        return f"off-{EVERY}"
    if "erase" in request.POST:
        services.request_erasure(customer_id=profile.id, source=preferences.SOURCE, now=now)
        return "erase-"
    act = next((name for name in _ACTS if name in request.POST), "")
    what = request.POST.get(act, "")
    wording = gettext("I agree to hear from {wallet} in this way.").format(
        wallet=wallet_name(get_language() or "")
    )
    if act == "off" and what in {*CHANNELS, EVERY}:
        preferences.switch_off(customer_id=profile.id, channel=what, now=now)
    elif act == "on" and what in {*CHANNELS, EVERY}:
        preferences.switch_on(customer_id=profile.id, channel=what, wording=wording, now=now)
    elif act in {"withdraw", "agree"} and what in PURPOSES:
        preferences.agree(
            customer_id=profile.id, purpose=what, given=act == "agree", wording=wording, now=now
        )
    else:
        return ""
    return f"{act}-{what}"


@_own_page("GET", "POST")
def unsubscribe(request: HttpRequest, profile: Profile, language: str) -> HttpResponse:
    """One click and nothing more is sent (RFC 8058); a visit by GET only asks."""
    if request.method == "POST":
        now = clock.now()
        services.suppress(customer_id=profile.id, reason="unsubscribed", source="unsubscribe", at=now)
    return _show("customers/unsubscribe.html", profile, language, is_done=request.method == "POST")


@_own_page("GET")
def preference_data(_: HttpRequest, profile: Profile, __: str) -> HttpResponse:
    """What is held, as a file."""
    reply = JsonResponse(preferences.holding(profile), json_dumps_params={"indent": 2, "ensure_ascii": False})
    reply["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return reply
