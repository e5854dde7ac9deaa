"""What a line of the log may not hold."""

import logging

import pytest

from huifang.console.logs import LinkFilter


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/s/AAAAAAAAAAEabc-_=", "/s/…"),
        ("/p/AAAAAAAAAAEabc/unsubscribe", "/p/…/unsubscribe"),
        ("/invitations/secret-token/", "/invitations/…/"),
        ("/accounts/password/reset/key/2-abc/", "/accounts/password/reset/key/…/"),
        ("/plans/12/", "/plans/12/"),
        ("/settings/people/", "/settings/people/"),
    ],
)
def test_a_link_that_is_a_key_is_hidden_and_nothing_else(path: str, shown: str) -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (path,), None
    )
    assert LinkFilter().filter(record)
    assert record.getMessage() == f"Internal Server Error: {shown}"
