"""Links in messages: each leads through ``/l/<token>``, which counts who opened it and goes on.

Nothing but the attempt's number is in the token, and it leads only to what is stored with that attempt, on
our own pages. A count that fails never keeps anybody from the questionnaire. A refusal is never counted.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from huifang.delivery import environment, telling
from huifang.delivery.models import Attempt
from huifang.delivery.records import LinkFollowed
from huifang.delivery.rules.visitors import is_machine
from huifang.kernel import outbox, vault
from huifang.kernel.ids import AttemptId, CustomerId, PlanId

_log = logging.getLogger(__name__)
_PURPOSE = "link"
# Nobody reads and taps so quickly; scanners of mail and messengers do.
TOO_QUICK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How a link was opened: the request's method and its headers, names in lower case."""

    method: str
    headers: Mapping[str, str]


def tracked(attempt: Attempt, url: str, *, choice: int | None = None) -> str:
    """What stands in the message instead of *url*: the way through here, where it is to be counted."""
    counted = environment.LINK_TRACKING and attempt.is_tracked and attempt.channel != "in_app"
    if not counted or not attempt.pk or not url.startswith(f"{settings.PUBLIC_URL}/"):
        return url
    tail = "" if choice is None else f"/{choice}"
    return f"{settings.PUBLIC_URL}/l/{vault.token(_PURPOSE, attempt.pk)}{tail}"


def follow(*, token: str, choice: int | None, visit: Visit, now: datetime) -> str | None:
    """Where the link leads, a path of ours, and the visit is counted; None where it leads nowhere."""
    number = vault.read_token(_PURPOSE, token)
    attempt = Attempt.objects.filter(pk=number).first() if number is not None else None
    target = _target(attempt, choice) if attempt else None
    if attempt is not None and target is not None:
        try:
            _count(attempt, visit, now=now)
        except DatabaseError:
            _log.exception("a visit by the link of attempt %s was not counted", attempt.pk)
    return target


def _target(attempt: Attempt, choice: int | None) -> str | None:
    """Only ever a path: whatever was stored, nobody is led to another machine."""
    if choice is None:
        url = attempt.variables.get("link", "")
    else:
        choices = attempt.choices or []
        url = choices[choice]["path"] if choice < len(choices) else ""
    parts = urlsplit(url)
    if not parts.path.startswith("/") or parts.path.startswith("//") or "\\" in parts.path:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _count(attempt: Attempt, visit: Visit, *, now: datetime) -> None:
    handed_over = attempt.handed_over_at
    is_quick = handed_over is None or now - handed_over < TOO_QUICK
    by_machine = is_quick or is_machine(visit.method, visit.headers)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _COUNT,
                {
                    "attempt": attempt.pk,
                    "customer": attempt.customer_id,
                    "plan": attempt.plan_id,
                    "now": now,
                    "person": int(not by_machine),
                },
            )
            is_first = bool(cursor.fetchone()[0])
        if is_first:
            fact = LinkFollowed(
                attempt_id=AttemptId(attempt.pk),
                customer_id=CustomerId(attempt.customer_id),
                plan_id=None if attempt.plan_id is None else PlanId(attempt.plan_id),
                at=now,
            )
            outbox.record(fact)
            telling.followed(fact, now=now)


# One row an attempt, however often somebody calls. Says whether this was the person's first time.
_COUNT = """
INSERT INTO delivery_linkfollow AS f
    (attempt_id, customer_id, plan_id, first_at, last_at, people, machines)
VALUES (%(attempt)s, %(customer)s, %(plan)s, CASE WHEN %(person)s = 1 THEN %(now)s::timestamptz END,
        %(now)s, %(person)s, 1 - %(person)s)
ON CONFLICT (attempt_id) DO UPDATE
SET first_at = coalesce(f.first_at, excluded.first_at), last_at = excluded.last_at,
    people = least(f.people + excluded.people, 1000000),
    machines = least(f.machines + excluded.machines, 1000000)
RETURNING f.people = 1 AND %(person)s = 1
"""
