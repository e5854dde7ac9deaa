"""Calls made up from the OpenAPI document itself: nothing breaks, and replies are what it says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.integration.plans.makers import START, customer, live

from huifang.api.frame import api
from huifang.api.services import create_key
from huifang.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class _UndoneError(Exception):
    """Undoes what a call wrote."""


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    schema.app = get_wsgi_application()
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.fixture
def one_connection() -> Iterator[None]:
    """As in Django's own test client: a request does not close the connection of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
def test_whatever_fits_the_description_is_answered_as_described() -> None:
    live(at=START)
    customer("lin")
    key = create_key(name="made-up", role="admin", by="test", now=clock.now())
    answered: Counter[int] = Counter()

    for operation in operations():

        @seed(20261122)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            try:
                with transaction.atomic():
                    reply = case.call(headers={"Authorization": f"Bearer {key}"})
                    answered[reply.status_code] += 1
                    case.validate_response(reply, checks=CHECKS)
                    raise _UndoneError
            except _UndoneError:
                pass

        call()
    assert answered[200] > 100, answered
