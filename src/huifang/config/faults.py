"""Who tells of a fault: a program that asked the API gets a problem document, everyone else a page."""

import sys

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from huifang.api.frame import problem
from huifang.console import faults
from huifang.kernel import space

_API = "/api/"
_RETRY_SECONDS = 30


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
    """500, or 503 where nothing can be stored now; uses neither session nor database."""
    error = sys.exc_info()[1]
    if space.is_lack_of_it(error):
        return _unavailable(request, "storage_full", gettext("There is no room left to store it."))
    if space.is_absence_of_the_database(error):
        return _unavailable(request, "database_away", gettext("The database cannot be reached."))
    if request.path.startswith(_API):
        return problem(500, "internal_error", gettext("Something broke on our side. Try again in a moment."))
    return faults.broken(request)


def _unavailable(request: HttpRequest, code: str, why: str) -> HttpResponse:
    """503: what was asked for was not done, and may be asked for again."""
    again = gettext("Nothing that was confirmed is lost. Try again in a few minutes.")
    text = gettext("{why} {again}").format(why=why, again=again)
    is_program = request.path.startswith(_API)
    reply = problem(503, code, text) if is_program else faults.unavailable(request, text)
    reply["Retry-After"] = str(_RETRY_SECONDS)
    return reply
