"""The frame's own addresses: the start, the language switch, saved views, the home of Settings."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.console import sections, services
from huifang.console.middleware import LANGUAGE_CODES, LANGUAGE_COOKIE
from huifang.console.models import Person
from huifang.console.screens import SIGNED_IN, Request, screen
from huifang.kernel.ids import PersonId

_YEAR_SECONDS = 365 * 24 * 3600


@screen(permission=SIGNED_IN)
def start(request: Request) -> HttpResponse:
    """The day's work where this person may see it, else Settings."""
    if "today.view" in request.permissions:
        try:
            return redirect(reverse("insights:today"))
        except NoReverseMatch:  # a room that is not part of this installation
            pass
    return redirect("console:settings")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language on this machine, and for this person where they are signed in."""
    reply = redirect(safe_next(request))
    chosen = request.POST.get("language", "")
    if chosen in LANGUAGE_CODES:
        remember(reply, LANGUAGE_COOKIE, chosen)
        if isinstance(request.user, Person):
            Person.objects.filter(pk=request.user.pk).update(language=chosen)
    return reply


@screen(permission=SIGNED_IN)
def home(request: Request) -> HttpResponse:
    """Every section of Settings with a line about it."""
    return render(request, "console/settings.html", {"sections": sections.of(request)})


@require_POST
@screen(permission=SIGNED_IN)
def save_view(request: Request) -> HttpResponse:
    """Keep the list as it is under a name."""
    back = safe_next(request)
    path, _, query = back.partition("?")
    if name := request.POST.get("name", "").strip():
        services.save_view(person_id=PersonId(request.person.pk), path=path, name=name, query=query)
        messages.success(request, gettext("Saved as {name}.").format(name=name))
    return redirect(back)


@require_POST
@screen(permission=SIGNED_IN)
def forget_view(request: Request, view_id: int) -> HttpResponse:
    """Forget one of one's own saved views."""
    services.forget_view(person_id=PersonId(request.person.pk), view_id=view_id)
    return redirect(safe_next(request))


def safe_next(request: HttpRequest) -> str:
    """Where the form wants to go after, if that is one of our own pages; else the start."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else "/"


def remember(reply: HttpResponse, cookie: str, value: str) -> None:
    """Keep *value* on this machine for a year; an empty one is forgotten."""
    if value:
        reply.set_cookie(
            cookie, value, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=settings.SECURE
        )
    else:
        reply.delete_cookie(cookie)
