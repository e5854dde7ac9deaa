"""Who tells of a fault: a program that asked the API gets a problem document, everyone else a page."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from huifang.api.frame import problem
from huifang.console import faults

_API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    if request.path.startswith(_API):
        return problem(400, "unreadable", gettext("The request cannot be understood."))
    return faults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if request.path.startswith(_API):
        return problem(403, "forbidden", gettext("That is not allowed."))
    return faults.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(_API):
        return problem(404, "not_found", gettext("There is nothing at this address."))
    return faults.not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """500; uses neither session nor database, which may be what broke."""
    if request.path.startswith(_API):
        return problem(500, "internal_error", gettext("Something broke on our side. Try again in a moment."))
    return faults.broken(request)
