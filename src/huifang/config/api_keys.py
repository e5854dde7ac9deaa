"""The screen of API keys; here because console and API are neighbours that do not know each other."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from huifang.api import services
from huifang.console import sections
from huifang.console.forms import ApiKeyForm
from huifang.console.screens import Request, screen
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal


@screen(permission="keys.edit")
def api_keys(request: Request) -> HttpResponse:
    """Every key; making one shows it this once."""
    form = ApiKeyForm(request.POST or None, permissions=request.permissions)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            secret = services.create_key(**form.cleaned_data, by=request.person.actor, now=clock.now())
            form = ApiKeyForm(permissions=request.permissions)
        except Refusal as error:
            form.add_error("name", telling.told(error))
    context = {
        "form": form,
        "secret": secret,
        "keys": services.keys(),
        "sections": sections.of(request),
    }
    return render(request, "console/api_keys.html", context)


@require_POST
@screen(permission="keys.edit")
def revoke(request: Request) -> HttpResponse:
    """End a key at once."""
    services.revoke_key(name=request.POST.get("name", ""), by=request.person.actor, now=clock.now())
    messages.success(request, gettext("The key has ended."))
    return redirect("api-keys")
