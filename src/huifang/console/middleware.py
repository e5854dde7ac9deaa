"""What happens around every request: health, language, who asks, the second factor, refusals."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from huifang.console import faults, queries
from huifang.console.models import Person
from huifang.console.screens import permissions_of_person
from huifang.kernel import space, telling
from huifang.kernel.ids import PersonId
from huifang.kernel.refusals import Refusal

_Next = Callable[[HttpRequest], HttpResponse]
LANGUAGE_COOKIE = "huifang_language"
THEME_COOKIE = "huifang_theme"
LANGUAGE_CODES = {"zh-Hans": "zh-hans", "en": "en"}
THEMES = ("auto", "light", "dark")


class HealthMiddleware:
    """Answers ``/healthz`` (the process is up) and ``/readyz`` (it can store), before all else."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return self._ready()
        return self._next(request)

    def _ready(self) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Exception:
            return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
        if space.is_full():
            return HttpResponse("disk full\n", status=503, content_type="text/plain")
        return HttpResponse("ready\n", content_type="text/plain")


class NulMiddleware:
    """Refuses a NUL character in an address or a form: no text of ours holds one, and PostgreSQL none at all.

    The HTTP API refuses it in its own words; webhooks are kept as they came.
    """

    # Survey pages bound the size of a body before they read it, and clean what it says themselves.
    _OTHERS = ("/api/", "/hooks/", "/s/", "/q/", "/widget/")

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(self._OTHERS) and self._has_nul(request):
            return faults.bad_request(request, BadRequest())
        return self._next(request)

    def _has_nul(self, request: HttpRequest) -> bool:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return True
        return request.method == "POST" and any(
            "\0" in text for name, values in request.POST.lists() for text in (name, *values)
        )


class LanguageMiddleware:
    """Chooses Chinese or English: chosen on this machine, else by this person, else by the browser."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(LANGUAGE_COOKIE, "") or _own(request, "language")
        code = LANGUAGE_CODES.get(chosen) or translation.get_language_from_request(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            reply = self._next(request)
        reply.headers.setdefault("Content-Language", code)
        return reply


class PersonMiddleware:
    """Puts the signed-in person, their permissions and their time zone on the request."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        request.person = person  # type: ignore[attr-defined]
        request.permissions = permissions_of_person(person)  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(_own(request, "time_zone") or settings.STAFF_TIME_ZONE)):
            return self._next(request)


class SecondFactorMiddleware:
    """Sends people of roles that need a second factor to set one up before any screen opens."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._next(request)

    def process_view(self, request: HttpRequest, view: object, *_: Any) -> HttpResponse | None:
        """Screens are what `console.screens.screen` decorated; everything else stays open."""
        person = request.user
        if not hasattr(view, "permission") or not isinstance(person, Person):
            return None
        if not queries.owes_second_factor(person_id=PersonId(person.pk), role=person.role):
            return None
        set_up = reverse("mfa_activate_totp")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": set_up})
        return redirect(set_up)


class RefusalMiddleware:
    """Shows a refusal: as a message in a fragment, back on the form's page, or as a page of its own."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a `Refusal` into an answer; anything else goes on."""
        if not isinstance(error, Refusal):
            return None
        text = telling.told(error)
        if request.headers.get("HX-Request"):
            return faults.fragment(request, text, status=error.status)
        back = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        if request.method == "POST" and is_ours:
            messages.error(request, text)
            return redirect(back)
        return faults.refused(request, text, code=error.code, status=error.status)


def theme_of(request: HttpRequest) -> str:
    """The theme chosen on this machine, else by this person, else that of the device."""
    chosen = request.COOKIES.get(THEME_COOKIE, "") or _own(request, "theme")
    return chosen if chosen in THEMES else "auto"


def _own(request: HttpRequest, name: str) -> str:
    """What the signed-in person chose for themselves; "" for anybody else."""
    person = getattr(request, "user", None)
    return str(getattr(person, name)) if isinstance(person, Person) else ""
