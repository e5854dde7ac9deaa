"""What happens around every request: health, language, who asks, refusals."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext

from huifang.console.models import Person
from huifang.console.screens import permissions_of_person
from huifang.kernel.refusals import Refusal

_Next = Callable[[HttpRequest], HttpResponse]
LANGUAGE_COOKIE = "huifang_language"
LANGUAGE_CODES = {"zh-Hans": "zh-hans", "en": "en"}


class HealthMiddleware:
    """Answers ``/healthz`` (the process is up) and ``/readyz`` (its database answers), before all else."""

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
        return HttpResponse("ready\n", content_type="text/plain")


class LanguageMiddleware:
    """Chooses Chinese or English: what the person chose, else what the browser asks for."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = LANGUAGE_CODES.get(request.COOKIES.get(LANGUAGE_COOKIE, ""))
        code = chosen or translation.get_language_from_request(request)
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
        zone = person.time_zone if isinstance(person, Person) else ""
        with timezone.override(ZoneInfo(zone or "Asia/Shanghai")):
            return self._next(request)


class RefusalMiddleware:
    """Shows a refusal where it happened: back on the form's page, or as a page of its own."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a `Refusal` into an answer; anything else goes on."""
        if not isinstance(error, Refusal):
            return None
        text = gettext(error.text).format(**error.facts)
        back = request.headers.get("Referer", "")
        if request.method == "POST" and back.startswith(f"{request.scheme}://{request.get_host()}/"):
            messages.error(request, text)
            return redirect(back)
        return render(
            request, "console/refused.html", {"text": text, "code": error.code}, status=error.status
        )
