"""Odd input everywhere: every endpoint and every screen answers what it likes, but never breaks (5xx)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from huifang.api.frame import api
from huifang.api.services import create_key
from huifang.console.models import Person
from huifang.customers import services as customers
from huifang.customers.queries import profile
from huifang.kernel import clock
from huifang.questionnaires.services import install_pack

pytestmark = pytest.mark.django_db
HUGE = "9" * 30
ENDLESS = "9" * 5000
TEXTS = ("a\0b", "x" * 300, "../..\u202e")
NUMBERS = ("1", str(2**63), HUGE)
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"\\ud800"',
    b"\xff\xfe",
    b"[" * 20_000,
    b'{"a": NaN}',
    b'{"a":' * 300 + b"1" + b"}" * 300,
)
# Values for every field of every body: wrong types, what no column holds, what JSON does not know.
VALUES: tuple[object, ...] = (
    None,
    True,
    [],
    {},
    {"\0": "\0"},
    "\0",
    "\ud800",
    10**400,
    -1,
    2**63,
    float("nan"),
    float("inf"),
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "2025-03-10T10:00:00",
    {"en": "\0", "zh-Hans": {"deep": [[[[1]]]]}},
    {"trigger": {"event": "A", "amount_at_least": float("inf")}, "name": {"en": "\0"}, "steps": [{}]},
    {"questions": [{"key": "\0"}, 1], "display": "\0"},
)
FIELDS = {
    "definition": {},
    "name": {"en": "Odd"},
    "slug": "odd-one",
    "start": "2025-03-01T00:00:00Z",
    "end": "2025-03-02T00:00:00Z",
    "purpose": "marketing",
    "channel": "sms",
    "given": True,
    "wording": "Yes",
    "evidence": "",
    "at": None,
    "reason": "asked",
}
QUERY = """
    page sort q after limit kind day plan name channel metric language wallet_kind region refused wallet
    start end from to until low words search before export days questionnaire code source event state
    reason see order part
""".split()  # noqa: SIM905 - a screen of lines otherwise
FORM = """
    name next role a q note payload to off on from version email language message by do order
""".split()  # noqa: SIM905
ODD_QUERY = (
    HUGE,
    ENDLESS,
    "-1",
    "2025-13-40T00:00:00Z",
    "2025-03-10T10:00:00",
    "0001-01-01",
    "9999-12-31",
    "csv",
    "²",
    "\0",
)


@pytest.fixture
def world() -> None:
    now = clock.now()
    install_pack(now=now)
    rows = [{"id": "lin", "phone": "+8613800138000", "registeredAt": "9999-12-31T23:59:59Z"}]
    customers.import_customers(rows=rows, mapping={}, now=now)
    lin = profile(external_id="lin").id
    customers.record_consent(customer_id=lin, purpose="marketing", given=True, source="test", at=now)


@pytest.fixture
def caller(world: None) -> Client:
    key = create_key(name="odd", role="admin", by="test", now=clock.now())
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def staff(world: None) -> Client:
    person = Person.objects.create(
        email="odd@spruce.test", name="Odd", role="admin", date_joined=datetime(2025, 1, 1, tzinfo=UTC)
    )
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = api.get_openapi_schema()["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]


def _filled(path: str, operation: dict[str, Any]) -> Iterator[str]:
    parameters = [each for each in operation.get("parameters", []) if each["in"] == "path"]
    kinds = {each["name"]: each["schema"].get("type") for each in parameters}
    for number in range(1 + len(TEXTS) if kinds else 1):
        filled = path
        for name, kind in kinds.items():
            values = NUMBERS if kind == "integer" else ("lin", *TEXTS)
            filled = filled.replace(f"{{{name}}}", quote(values[number % len(values)], safe=""))
        yield filled


def test_no_endpoint_breaks_on_an_odd_address(caller: Client) -> None:
    broken = []
    for method, path, operation in _operations():
        for address in _filled(path, operation):
            reply = caller.generic(method.upper(), address, b"{}", content_type="application/json")
            if reply.status_code >= 500:
                broken.append(f"{method} {address}")
    assert not broken


def test_no_endpoint_breaks_on_an_odd_query(caller: Client) -> None:
    broken = []
    for method, path, operation in _operations():
        names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
        address = next(_filled(path, operation))
        # One odd value at a time, in one name at a time where others would be refused before it.
        for value in ODD_QUERY if names else ():
            for asked in (dict.fromkeys(names, value), *({name: value} for name in names)):
                reply = caller.generic(method.upper(), f"{address}?{urlencode(asked)}")
                if reply.status_code >= 500:
                    broken.append(f"{method} {path} {asked}")
    assert not broken


def test_no_endpoint_breaks_on_an_odd_body(caller: Client) -> None:
    broken = []
    for method, path, operation in _operations():
        if "requestBody" not in operation:
            continue
        address = next(_filled(path, operation))
        told = json.dumps(operation["requestBody"])
        schema = api.get_openapi_schema()["components"]["schemas"][
            told.partition("schemas/")[2].split('"')[0]
        ]
        names = [name for name in FIELDS if name in schema["properties"]]
        odd = [json.dumps({**FIELDS, name: value}).encode() for name in names for value in VALUES]
        for body in (*BODIES, *odd):
            reply = caller.generic(method.upper(), address, body, content_type="application/json")
            if reply.status_code >= 500:
                broken.append(f"{method} {path} {body[:150]!r}")
    assert not broken


def _screens(patterns: list[Any], before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            if each.namespace != "api":
                yield from _screens(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern) and hasattr(each.pattern, "_route"):
            yield before + str(each.pattern), dict(each.pattern.converters)


def _addresses(route: str, converters: dict[str, Any]) -> Iterator[str]:
    for number in range(len(TEXTS) if converters else 1):
        address = route
        for name, converter in converters.items():
            kind = type(converter).__name__
            values = NUMBERS if kind == "IntConverter" else ("a-b", "x" * 300) if "Slug" in kind else TEXTS
            value = quote(values[number % len(values)].replace("/", ""), safe="")
            for form in ("int", "str", "slug", "customer"):
                address = address.replace(f"<{form}:{name}>", value)
        yield f"/{address}"


def test_no_screen_breaks_on_an_odd_address_or_form(staff: Client) -> None:
    broken = []
    for route, converters in _screens(get_resolver().url_patterns):
        if "logout" in route:
            continue
        for address in _addresses(route, converters):
            odd = dict.fromkeys(FORM, HUGE)
            for reply in (staff.get(address), staff.post(address, odd)):
                if reply.status_code >= 500:
                    broken.append(f"{reply.request['REQUEST_METHOD']} {address}")
    assert not broken


def test_a_nul_in_a_form_or_an_address_is_refused(staff: Client) -> None:
    assert staff.post("/views/", {"name": "a\0b", "next": "/"}).status_code == 400
    assert staff.get("/customers/?q=%00").status_code == 400
    assert staff.get("/p/%00").status_code == 400


def test_no_screen_breaks_on_an_odd_query(staff: Client) -> None:
    broken = []
    # The last of the odd values is refused before any screen.
    screens = [route for route, converters in _screens(get_resolver().url_patterns) if not converters]
    for route in [*screens, "customers/lin/", "questionnaires/1/"]:
        if "logout" in route:
            continue
        for value in ODD_QUERY[:-1]:
            reply = staff.get(f"/{route}?{urlencode(dict.fromkeys(QUERY, value))}")
            if reply.status_code >= 500:
                broken.append(f"/{route} {value!r}")
    assert not broken
