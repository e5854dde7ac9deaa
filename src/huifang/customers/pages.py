"""The customer's own page: choose channels, refuse everything, see what is held. The link is all it takes.

No session, no cookie, no script. Opening a page changes nothing: mail scanners open links too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huifang.customers import holding, preferences, queries, services
from huifang.customers.records import CHANNELS, EVERY, PURPOSES, Profile
from huifang.decisions.zones import find_zone
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES, product_language
from huifang.kernel.wallet import wallet_name

LANGUAGE_NAMES = {"zh-Hans": "中文", "en": "English"}
_CODES = {"zh-Hans": "zh-hans", "en": "en"}
_ACTS = ("on", "off", "withdraw", "agree", "language")
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
            with override(_CODES[language]), timezone.override(find_zone(profile.time_zone) or UTC):
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
    """Show what is sent, by which channel, and what is held; take one choice."""
    if request.method == "POST":
        choice = _choose(request, profile)
        shown_in = choice.what if choice.done == "language" else language
        told = {"done": f"{choice.done}-{choice.what}"} if choice.done else {}
        told |= {"was": ",".join(choice.was)} if choice.was else {}
        response = HttpResponseRedirect(_address("customers:preferences", profile, shown_in, **told))
        response.status_code = 303
        return response
    done, _, what = request.GET.get("done", "").partition("-")
    return _show(
        "customers/preferences.html",
        profile,
        language,
        sheet=preferences.sheet(profile),
        held=holding.sheet(profile),
        done=done if what in {*CHANNELS, EVERY, *PURPOSES, *LANGUAGES} or done == "erase" else "",
        what=what,
        was=",".join(_known(request.GET.get("was", ""))),
        language_names=LANGUAGE_NAMES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """What was done, for the page that follows. *was*: what an undo needs to know."""

    done: str = ""
    what: str = ""
    was: tuple[str, ...] = ()


def _known(text: str) -> tuple[str, ...]:
    """The channels and languages among those that *text* lists."""
    return tuple(each for each in text.split(",") if each in {*CHANNELS, EVERY, *LANGUAGES})


def _choose(request: HttpRequest, profile: Profile) -> _Choice:
    """Carry out the one choice of a form."""
    now = clock.now()
    if request.POST.get("List-Unsubscribe") == "One-Click":  # a mail program that was given this address
        preferences.switch_off(customer_id=profile.id, channel=EVERY, now=now)
        return _Choice(done="off", what=EVERY)
    if "erase" in request.POST:
        services.request_erasure(customer_id=profile.id, source=preferences.SOURCE, now=now)
        return _Choice(done="erase")
    act = next((name for name in _ACTS if name in request.POST), "")
    what = request.POST.get(act, "")
    if act in {"on", "off"} and what in {*CHANNELS, EVERY}:
        return _switch(profile, act, what, now=now)
    if act == "language" and what in LANGUAGES:
        services.choose_language(customer_id=profile.id, language=what, now=now)
        return _Choice(done=act, what=what, was=_known(profile.language))
    if act in {"withdraw", "agree"} and what in PURPOSES:
        was = _known(request.POST.get("was", ""))
        return _consent(profile, act, what, channels=was or (EVERY,), now=now)
    return _Choice()


def _switch(profile: Profile, act: str, channel: str, *, now: datetime) -> _Choice:
    if act == "off":
        preferences.switch_off(customer_id=profile.id, channel=channel, now=now)
    else:
        wording = gettext("I agree to hear from {wallet} in this way.")
        preferences.switch_on(customer_id=profile.id, channel=channel, wording=_named(wording), now=now)
    return _Choice(done=act, what=channel)


def _consent(
    profile: Profile, act: str, purpose: str, *, channels: tuple[str, ...], now: datetime
) -> _Choice:
    if act == "withdraw":
        was = preferences.withdraw(customer_id=profile.id, purpose=purpose, now=now)
        return _Choice(done=act, what=purpose, was=was)
    wordings = {
        "service_follow_up": gettext("I agree that {wallet} asks me how it went."),
        "marketing": gettext("I agree that {wallet} sends me news and offers."),
        "call_recording": gettext("I agree that {wallet} records calls with me."),
    }
    wording = _named(wordings[purpose])
    wanted = [each for each in channels if each not in LANGUAGES]
    preferences.agree(
        customer_id=profile.id, purpose=purpose, channels=wanted or [EVERY], wording=wording, now=now
    )
    return _Choice(done=act, what=purpose)


def _named(wording: str) -> str:
    return wording.format(wallet=wallet_name(get_language() or ""))


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
    reply = JsonResponse(holding.whole(profile), json_dumps_params={"indent": 2, "ensure_ascii": False})
    reply["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return reply
