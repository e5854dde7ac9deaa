"""People of every role, and a browser without scripts that is signed in as one of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from huifang.console.models import Person

NOW = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
PASSWORD = "spruce-needles-42"


@pytest.fixture
def person_of(db: None) -> Callable[[str], Person]:
    def make(role: str, email: str = "") -> Person:
        person = Person(email=email or f"{role}@spruce.test", name="Zhou Min", role=role, date_joined=NOW)
        person.set_password(PASSWORD)
        person.save()
        return person

    return make


@pytest.fixture
def client_of(person_of: Callable[[str], Person]) -> Callable[[str], Client]:
    def make(role: str) -> Client:
        client = Client()
        client.force_login(person_of(role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
