"""Removes old decisions and ended follow-ups in bounded batches. Never what still decides about anybody.

The last follow-up of each customer in each plan stays, since "once ever" and the cooldown rest on it; so do
those that earned a reward. Decisions go only when they are older than any cooldown or window can reach.
"""

from datetime import datetime, timedelta

from django.db import connection

from huifang.plans import settings
from huifang.plans.contradictions import DAYS_MAX

BATCH = 5000
DAYS_MIN = DAYS_MAX + 34  # a cooldown of a year, and a month to explain it

# Index scan on the primary key from its start: the oldest rows come first.
_DECISIONS = """
DELETE FROM plans_decision WHERE id IN (
    SELECT d.id FROM plans_decision AS d
    WHERE d.at < %(before)s AND NOT EXISTS (
        SELECT 1 FROM plans_enrolment AS e
        WHERE e.id = d.enrolment_id AND (e.ended_at IS NULL OR e.ended_at >= %(before)s))
    ORDER BY d.id LIMIT %(limit)s)
"""
# For each old row the index plans_of_customer is asked for a later one.
_ENROLMENTS = """
DELETE FROM plans_enrolment WHERE id IN (
    SELECT e.id FROM plans_enrolment AS e
    WHERE e.ended_at < %(before)s AND e.state IN ('answered', 'ended', 'refused')
      AND EXISTS (SELECT 1 FROM plans_enrolment AS later
                  WHERE later.customer_id = e.customer_id AND later.plan_id = e.plan_id AND later.id > e.id)
      AND NOT EXISTS (SELECT 1 FROM plans_reward AS r WHERE r.enrolment_id = e.id)
    ORDER BY e.id LIMIT %(limit)s)
"""


def prune(*, now: datetime, batch: int = BATCH, batches: int = 20, keep_days: int | None = None) -> int:
    """Remove up to *batches* batches of each kind; how many rows. 0 days keeps everything."""
    days = settings.KEEP_DAYS if keep_days is None else keep_days
    if not days:
        return 0
    values: dict[str, datetime | int] = {"before": now - timedelta(days=max(days, DAYS_MIN)), "limit": batch}
    removed = 0
    for statement in (_DECISIONS, _ENROLMENTS):
        for _ in range(batches):
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                removed += cursor.rowcount
                if cursor.rowcount < batch:
                    break
    return removed
