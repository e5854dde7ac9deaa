"""What every staff screen shares: sign-in, permission, and who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from huifang.console.models import Person
from huifang.kernel.roles import permissions_of

SIGNED_IN = ""


class Request(HttpRequest):
    """A request of a signed-in person. *htmx* is truthy for a fragment request."""

    person: Person
    permissions: frozenset[str]
    htmx: Any


_View = Callable[..., HttpResponseBase]


def screen(*, permission: str) -> Callable[[_View], _View]:
    """Decorate a staff view: asks for sign-in, refuses (403) without *permission*.

    ``permission=SIGNED_IN`` opens it to everyone who is signed in.
    """

    def decorate(view: _View) -> _View:
        @wraps(view)
        def asked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if permission != SIGNED_IN and permission not in request.permissions:
                raise PermissionDenied(permission)
            reply = view(request, *args, **kwargs)
            reply.headers.setdefault("Cache-Control", "private, no-store")
            return reply

        asked.permission = permission  # type: ignore[attr-defined]
        return asked

    return decorate


def _to_sign_in(request: Request) -> HttpResponse:
    """The sign-in page, and back here after it; a fragment takes the whole page there."""
    if not request.htmx:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    reply = HttpResponse(status=204)
    reply["HX-Redirect"] = redirect_to_login(
        request.htmx.current_url_abs_path or "/", reverse("account_login")
    ).url
    return reply


def permissions_of_person(person: object) -> frozenset[str]:
    """The permissions of a signed-in *person*; none for anybody else."""
    return permissions_of(person.role) if isinstance(person, Person) and person.is_active else frozenset()
