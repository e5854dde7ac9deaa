"""Takes events in: finds or makes their customers, counts what they did, and reads what they state.

One call is part of the caller's transaction, which also moves the caller's cursor: so each event counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huifang.customers import cleaning, ledger, portraits, rules, statements, store
from huifang.customers.portraits import RawStatement
from huifang.customers.records import AppliedEvent, CustomerRefused, MergeAsked
from huifang.customers.rules import ConsentAct
from huifang.customers.store import Span
from huifang.events import queries as events_queries
from huifang.events.records import StoredEvent
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId

NAME_LENGTH_MAX = 255
_LINKING = frozenset({"identify", "alias"})


@dataclass(slots=True)
class _Gathered:
    """What a batch amounts to, before it is written."""

    applied: list[tuple[StoredEvent, int, int]] = field(default_factory=list)
    links: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    seen: dict[int, Span] = field(default_factory=dict)
    done: dict[tuple[int, str], Span] = field(default_factory=dict)
    raws: list[RawStatement] = field(default_factory=list)
    acts: list[ConsentAct] = field(default_factory=list)
    merges: list[MergeAsked] = field(default_factory=list)


def take(events: Sequence[StoredEvent], *, now: datetime) -> list[AppliedEvent]:
    """Apply *events* in order. Those whose customer is not known yet, or cannot be, are left out."""
    store.hold_merges()
    known_aliases = store.aliases(_anonymous_ids(events))
    keys, _ = store.claim(_spans(events, now=now), also=known_aliases.values())
    customers_taken_for_anonymous = store.find(_previous_ids(events))
    gathered = _Gathered()
    for event in events:
        _link(gathered, event, keys, taken=customers_taken_for_anonymous)
        customer_id = _customer_of(event, keys, gathered.links, known_aliases)
        if customer_id is not None:
            _gather(gathered, event, customer_id, now=now)
    return _write(gathered, now=now)


def _spans(events: Iterable[StoredEvent], *, now: datetime) -> dict[str, Span]:
    spans: dict[str, Span] = {}
    for event in events:
        if cleaning.is_usable_id(event.external_id):
            at = min(event.occurred_at, now)
            spans.setdefault(event.external_id, Span(at, at)).add(at)
    return spans


def _anonymous_ids(events: Iterable[StoredEvent]) -> set[str]:
    return {e.anonymous_id for e in events if not e.external_id and cleaning.is_usable_id(e.anonymous_id)}


def _previous_ids(events: Iterable[StoredEvent]) -> set[str]:
    return {previous for event in events if (previous := _previous_id(event))}


def _previous_id(event: StoredEvent) -> str:
    """The id that an identify or alias says to have been this customer before; "" for none."""
    if event.kind not in _LINKING or not event.external_id:
        return ""
    previous: Any = event.properties.get("previousId") if event.kind == "alias" else None
    previous = previous or event.anonymous_id
    return previous if cleaning.is_usable_id(previous) else ""


def _link(gathered: _Gathered, event: StoredEvent, keys: dict[str, int], *, taken: dict[str, int]) -> None:
    previous = _previous_id(event)
    if previous in taken:
        # An identify may name a shared device; only an alias says that two customers are one.
        if event.kind == "alias" and keys.get(event.external_id, taken[previous]) != taken[previous]:
            asked = MergeAsked(kept=event.external_id, gone=previous, at=event.occurred_at)
            gathered.merges.append(asked)
    elif previous and event.external_id in keys:
        known = gathered.links.get(previous)
        if known is None or known[1] <= event.occurred_at:
            gathered.links[previous] = (keys[event.external_id], event.occurred_at)


def _customer_of(
    event: StoredEvent,
    keys: dict[str, int],
    links: dict[str, tuple[int, datetime]],
    known_aliases: dict[str, int],
) -> int | None:
    if event.external_id:
        return keys.get(event.external_id)
    if event.anonymous_id in links:
        return links[event.anonymous_id][0]
    return known_aliases.get(event.anonymous_id)


def _gather(gathered: _Gathered, event: StoredEvent, customer_id: int, *, now: datetime) -> None:
    at = min(event.occurred_at, now)
    gathered.seen.setdefault(customer_id, Span(at, at)).add(at)
    nth = 0
    if event.kind == "track":
        name = event.name[:NAME_LENGTH_MAX]
        span = gathered.done.setdefault((customer_id, name), Span(at, at))
        span.add(at, cleaning.amount_of(event.properties))
        nth = span.count
        gathered.acts += statements.read_consent_event(
            event.name,
            event.properties,
            customer_id=customer_id,
            at=at,
            evidence=f"message:{event.message_id[:NAME_LENGTH_MAX]}",
        )
    gathered.applied.append((event, customer_id, nth))
    if event.kind == "identify":
        _gather_identify(gathered, event, customer_id, now=now)
    elif event.kind == "track" and event.name == "Registered":
        raw: dict[str, object] = {"registeredAt": at.isoformat()}
        gathered.raws.append(RawStatement(customer_id=customer_id, raw=raw, at=at, is_first=True))


def _gather_identify(gathered: _Gathered, event: StoredEvent, customer_id: int, *, now: datetime) -> None:
    at = min(event.occurred_at, now)
    sealed = events_queries.unseal_traits(event)
    traits: dict[str, object] = {**event.properties, **sealed}
    stated = {statements.meaning_of(key) for key in traits}
    # What the device says of itself stands in for what the wallet leaves out.
    device = {
        key: event.context[key]
        for key in ("locale", "timezone")
        if event.context.get(key) and statements.meaning_of(key) not in stated
    }
    gathered.raws.append(
        RawStatement(
            customer_id=customer_id,
            raw=traits | device,
            at=at,
            personal=frozenset(sealed),
            change=event.name,
        )
    )
    gathered.acts += statements.read_consents(
        traits.get("consents"), customer_id=customer_id, source="identify", at=at, now=now
    )


def _write(gathered: _Gathered, *, now: datetime) -> list[AppliedEvent]:
    store.see(gathered.seen)
    store.link(gathered.links)
    after = store.count(gathered.done)
    portraits.lay(gathered.raws)
    refuse(ledger.record(gathered.acts, now=now))
    # Not here and now: a merge locks both customers alone, and this batch holds many.
    outbox.record(*gathered.merges)
    before = {key: after[key] - span.count for key, span in gathered.done.items()}
    return [
        AppliedEvent(
            event=event,
            customer_id=CustomerId(customer_id),
            nth=nth and nth + before[customer_id, event.name[:NAME_LENGTH_MAX]],
        )
        for event, customer_id, nth in gathered.applied
    ]


def refuse(effective: Iterable[ConsentAct]) -> None:
    """Announce the withdrawals among acts that changed what stands."""
    outbox.record(
        *(
            CustomerRefused(
                customer_id=CustomerId(act.customer_id),
                channel=act.channel,
                source=act.source,
                at=act.at,
                purpose=act.purpose,
            )
            for act in effective
            if act.act == rules.WITHDRAWN
        )
    )
