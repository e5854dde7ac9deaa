"""Reading events back: order of commit, one customer, a span of time, partitions."""

import pytest
from django.db import connection

from huifang.events import queries

pytestmark = pytest.mark.django_db


def test_nothing_is_there_at_first():
    assert queries.event_names() == []
    with connection.cursor() as db:
        db.execute("SELECT count(*) FROM events_event")
        assert db.fetchone()[0] == 0
