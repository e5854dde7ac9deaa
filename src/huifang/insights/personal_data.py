"""Erases one customer from the facts. There is nothing to export: they hold pseudonyms and counts only."""

from datetime import datetime

from huifang.insights.facts import store
from huifang.insights.settings import facts_folder
from huifang.kernel.ids import CustomerId


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """Nothing that is not in the rooms which the facts came from."""
    return {}


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Take the customer's pseudonym out of every file; counts stay right. The old files go within minutes.

    Call it after the customers room has forgotten the customer, so that no file is written with them again.
    """
    store.forget(customer_id, folder=facts_folder(), now=now)
