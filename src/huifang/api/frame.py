"""Frame of the HTTP API: authentication by API key or signed-in person, problem+json, OpenAPI."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from ninja.security import HttpBearer

from huifang.api.services import principal_of_key
from huifang.kernel import clock, telling
from huifang.kernel.refusals import Refusal, gettext_noop
from huifang.kernel.roles import permissions_of


class JsonReader(Parser):
    """Reads bodies as RFC 8259 has it and PostgreSQL can keep them: no NaN, NUL or half a character."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON document of *request*. Raises `ValueError`."""
        found = json.loads(request.body, parse_constant=_refuse_constant)
        if b"\\u" in request.body:
            check_text(found)
        return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def check_text(value: object) -> None:
    """Raises `ValueError` where a text within *value* (JSON values) cannot be stored."""
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("a text has a NUL character in it")
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_text(name)
            check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            check_text(inner)


class JsonWriter(JSONRenderer):
    """Writes Chinese as Chinese, for people and language models who read replies as they come."""

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """*data* as a JSON document in UTF-8."""
        return _written(data, cls=NinjaJSONEncoder)


def _written(data: Any, **how: Any) -> bytes:
    # Half a character has no UTF-8; as JSON's own escape, which is Python's too, it passes.
    return json.dumps(data, ensure_ascii=False, **how).encode(errors="backslashreplace")


class KeyBearer(HttpBearer):
    """``Authorization: Bearer KEY``; leaves the key's name and permissions on the request."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        """The name of the key, or None where it is unknown or revoked. Raises `NulError`."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise NulError
        principal = principal_of_key(key=token, now=clock.now())
        if principal is None:
            return None
        request.api_permissions = permissions_of(principal.role)  # type: ignore[attr-defined]
        return f"api-key:{principal.name}"


class DescribedAPI(NinjaAPI):
    """Says of every endpoint which document tells its problems."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        schema["components"]["schemas"]["Problem"] = PROBLEM
        told = {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, what in (("4XX", "Refused: why, and what to do"), ("5XX", "Our mistake")):
                    operation["responses"][status] = {"description": what, "content": told}
        return schema


# RFC 9457; "code" is ours, stable, and for programs.
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}

api = DescribedAPI(
    title="Huifang",
    version="1",
    auth=KeyBearer(),
    urls_namespace="api",
    openapi_url="openapi.json",
    docs_url=None,
    parser=JsonReader(),
    renderer=JsonWriter(),
)


class NulError(Refusal):
    """An address has a NUL character in it."""

    code = "nul_character"
    text = gettext_noop("The address has a NUL character in it.")
    status = 400


class PermissionMissingError(Refusal):
    """The key's role may not do this."""

    code = "permission_missing"
    text = "This key may not do that: it lacks {permission}."
    status = 403


def require(permission: str) -> Callable[[HttpRequest], None]:
    """A check for endpoints: ``require("plans.view")(request)``. Raises `PermissionMissingError`."""

    def check(request: HttpRequest) -> None:
        if permission not in getattr(request, "api_permissions", frozenset()):
            raise PermissionMissingError(permission=permission)

    return check


def problem(status: int, code: str, detail: str, **more: object) -> HttpResponse:
    """An RFC 9457 problem document. *code* is stable; *detail* is for people."""
    body = {
        "type": f"urn:huifang:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    return HttpResponse(_written(body, default=str), status=status, content_type="application/problem+json")


@api.exception_handler(Refusal)
def _refused(_: HttpRequest, error: Refusal) -> HttpResponse:
    return problem(error.status, error.code, telling.told(error))


@api.exception_handler(AuthenticationError)
def _unknown_key(_: HttpRequest, __: AuthenticationError) -> HttpResponse:
    reply = problem(401, "unauthenticated", gettext("Send an API key as Authorization: Bearer KEY."))
    reply["WWW-Authenticate"] = "Bearer"
    return reply


@api.exception_handler(ValidationError)
def _invalid(_: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        {"where": ".".join(map(str, fault["loc"])), "what": telling.said_of_field(fault)}
        for fault in error.errors
    ]
    return problem(422, "invalid", gettext("Some values cannot be used; see faults."), faults=faults)


@api.exception_handler(HttpError)
def _unreadable(_: HttpRequest, error: HttpError) -> HttpResponse:
    text = gettext("The body cannot be read as JSON.") if error.status_code == 400 else str(error)
    return problem(error.status_code, "unreadable", text)


@api.exception_handler(Http404)
def _not_found(_: HttpRequest, __: Http404) -> HttpResponse:
    return problem(404, "not_found", gettext("There is nothing at this address."))
