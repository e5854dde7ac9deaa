"""What every staff screen shares: sign-in, permission, and who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from huifang.console.models import Person
from huifang.kernel.roles import permissions_of


class Request(HttpRequest):
    """A request of a signed-in person. *htmx* is truthy for a fragment request."""

    person: Person
    permissions: frozenset[str]
    htmx: Any


_View = Callable[..., HttpResponse]


def screen(*, permission: str) -> Callable[[_View], _View]:
    """Decorate a staff view: asks for sign-in, refuses (403) without *permission*."""

    def decorate(view: _View) -> _View:
        @wraps(view)
        def asked(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            if permission not in request.permissions:
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        asked.permission = permission  # type: ignore[attr-defined]
        return login_required(asked)

    return decorate


def permissions_of_person(person: object) -> frozenset[str]:
    """The permissions of a signed-in *person*; none for anybody else."""
    return permissions_of(person.role) if isinstance(person, Person) and person.is_active else frozenset()
