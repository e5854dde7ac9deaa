"""Ways in beside the password: an invitation's link, and the demo's one click."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from huifang.console import queries, services
from huifang.console.errors import InvitationInvalidError
from huifang.console.forms import AcceptForm
from huifang.console.models import Person
from huifang.kernel import clock


@never_cache
@sensitive_post_parameters("password", "again")
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by an invitation's link, and go in."""
    try:
        invitation = queries.invitation(token=token, now=clock.now())
    except InvitationInvalidError as error:
        return _private(render(request, "console/invitation_over.html", status=error.status))
    form = AcceptForm(request.POST or None, email=invitation.email, initial={"name": invitation.name})
    if request.method == "POST" and form.is_valid():
        person_id = services.accept(
            token=token,
            password=form.cleaned_data["password"],
            name=form.cleaned_data["name"],
            now=clock.now(),
        )
        return _let_in(request, Person.objects.get(pk=person_id))
    return _private(render(request, "console/accept.html", {"form": form, "invitation": invitation}))


@require_POST
def demo_sign_in(request: HttpRequest, role: str) -> HttpResponse:
    """Go in as the demo's person of *role*. There is no such address outside a demo."""
    if not settings.IS_DEMO or role not in services.DEMO_PEOPLE:
        raise Http404
    services.ensure_demo_people(now=clock.now())
    return _let_in(request, Person.objects.get(email=f"{role}@demo.invalid"))


def _let_in(request: HttpRequest, person: Person) -> HttpResponse:
    """Sign in by allauth's own steps, so that a second factor is asked for where there is one."""
    logout(request)
    record_authentication(request, person, method="invitation")
    reply: HttpResponse = perform_login(request, person, email_verification="none", redirect_url="/")
    return reply


def _private(reply: HttpResponse) -> HttpResponse:
    # The address holds the token, so no other site may see it. Under "no-referrer" browsers name no
    # origin with the form either, and it would be refused as somebody else's.
    reply["Referrer-Policy"] = "same-origin"
    return reply
