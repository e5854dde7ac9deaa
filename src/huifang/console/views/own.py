"""What a person sets for themselves."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from huifang.console import sections, services
from huifang.console.forms import OwnForm, zones
from huifang.console.middleware import LANGUAGE_COOKIE, THEME_COOKIE
from huifang.console.records import Preferences
from huifang.console.screens import SIGNED_IN, Request, screen
from huifang.console.views.frame import remember
from huifang.kernel.ids import PersonId


@screen(permission=SIGNED_IN)
def own(request: Request) -> HttpResponse:
    """Name, language, time zone, appearance; password and second factor by their own pages."""
    person = request.person
    initial = {name: getattr(person, name) for name in ("name", "language", "time_zone", "theme")}
    form = OwnForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.prefer(person_id=PersonId(person.pk), preferences=Preferences(**form.cleaned_data))
        messages.success(request, gettext("Saved."))
        reply = redirect("console:own")
        remember(reply, LANGUAGE_COOKIE, form.cleaned_data["language"])
        remember(reply, THEME_COOKIE, form.cleaned_data["theme"])
        return reply
    context = {
        "form": form,
        "sections": sections.of(request),
        "zones": zones(),
        "has_second_factor": Authenticator.objects.filter(user=person, type="totp").exists(),
        "has_password": person.has_usable_password(),
    }
    return render(request, "console/own.html", context)
