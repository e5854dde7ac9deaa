"""How customers stand to a purpose, many at once: what decides whether they may be asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from huifang.customers import store
from huifang.customers.records import CHANNELS_OF_KIND, EVERY, Standing
from huifang.customers.rules import consented_channels
from huifang.kernel.ids import CustomerId

# Neither needs an address: the app is the customer's own, and the webhook reaches the wallet itself.
_ALWAYS_REACHABLE = frozenset({"in_app", "webhook"})
_NOBODY: frozenset[str] = frozenset()
_ID, _NAME = 0, 1


def standings(
    *, customer_ids: Iterable[CustomerId], purpose: str = "service_follow_up"
) -> dict[CustomerId, Standing]:
    """What decides about contact for each of *customer_ids* that exists, in five statements.

    One who was merged into another stands as that other does, under the key that was asked for.
    """
    asked = list(customer_ids)
    now_called = store.kept(asked)
    ids = sorted({now_called.get(pk, pk) for pk in asked})
    found = _standings(store.standing(ids), purpose)
    named = {CustomerId(pk): found.get(now_called.get(pk, pk)) for pk in asked}
    return {pk: standing for pk, standing in named.items() if standing}


def standings_of(*, external_ids: Iterable[str], purpose: str = "service_follow_up") -> dict[str, Standing]:
    """As `standings`, by what the wallet calls them; unknown and erased ones are left out."""
    rows, now_called = store.standing_of(list(external_ids))
    own = {row[_ID] for row in rows}
    rows += store.standing(sorted(set(now_called.values()) - own)) if now_called else []
    found = _standings(rows, purpose)
    named = {row[_NAME]: found[row[_ID]] for row in rows if row[_ID] in own}
    return named | {name: found[pk] for name, pk in now_called.items() if pk in found}


def _standings(rows: Sequence[tuple[Any, ...]], purpose: str) -> dict[int, Standing]:
    ids = sorted(row[_ID] for row in rows)
    consented = _consented(ids, purpose)
    suppressed, reachable = _suppressed_and_reachable(ids)
    return {
        pk: Standing(
            customer_id=CustomerId(pk),
            external_id=external_id,
            wallet_kind=wallet_kind,
            language=language,
            time_zone=time_zone,
            region=region,
            traits=traits,
            consented_channels=consented.get(pk, _NOBODY),
            suppressed_channels=_shared(frozenset(suppressed[pk])) if pk in suppressed else _NOBODY,
            reachable_channels=_reached(frozenset(reachable[pk])) if pk in reachable else _ALWAYS_REACHABLE,
        )
        for pk, external_id, wallet_kind, language, time_zone, region, traits in rows
    }


@lru_cache(maxsize=256)
def _shared(channels: frozenset[str]) -> frozenset[str]:
    """*channels*, one set for all who have the same."""
    return channels


@lru_cache(maxsize=256)
def _reached(channels: frozenset[str]) -> frozenset[str]:
    return _ALWAYS_REACHABLE | channels


def _consented(ids: Sequence[int], purpose: str) -> dict[int, frozenset[str]]:
    states: dict[int, dict[str, tuple[bool, datetime]]] = {}
    for customer_id, channel, given, at in store.consented(ids, purpose):
        states.setdefault(customer_id, {})[channel] = (given, at)
    return {customer_id: consented_channels(by_channel) for customer_id, by_channel in states.items()}


def _suppressed_and_reachable(ids: Sequence[int]) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Channels refused, by the customers or with an address of theirs; channels that have an address."""
    suppressed: dict[int, set[str]] = {}
    reachable: dict[int, set[str]] = {}
    for customer_id, channel in store.refused(ids):
        suppressed.setdefault(customer_id, set()).add(channel)
    for customer_id, kind, refused in store.reached(ids):
        reachable.setdefault(customer_id, set()).update(CHANNELS_OF_KIND[kind])
        if refused is not None:
            hit = CHANNELS_OF_KIND[kind] if refused == EVERY else {refused}
            suppressed.setdefault(customer_id, set()).update(hit)
    return suppressed, reachable
