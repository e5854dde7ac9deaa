"""The consent ledger: acts are appended to sixteen hash chains; what they amount to is kept beside them.

Callers hold the lock of the customers concerned. A chain's head is locked while it grows; heads are locked
in order, and after customers, so that two workers never wait for each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from huifang.customers import rules
from huifang.customers.models import ConsentEntry, ConsentHead, ConsentState
from huifang.customers.records import EVERY, ChainBreak, ChainReport
from huifang.customers.rules import ConsentAct, ConsentNow
from huifang.kernel import chain, vault

CHAINS = 16
_CONTEXT = "consent"
_HEAD_CONTEXT = "consent-head"
_Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    chain: int
    position: int


def record(acts: Sequence[ConsentAct], *, now: datetime) -> list[ConsentAct]:
    """Append what is new among *acts*, in order; returns those that changed what stands."""
    standing = _standing({act.customer_id for act in acts})
    news: list[ConsentAct] = []
    changes: list[bool] = []
    for act in acts:
        present = standing.get(act.key)
        if not rules.is_news(present, act):
            continue
        has_effect = rules.takes_effect(present, act)
        if has_effect:
            standing[act.key] = ConsentNow(given=act.act == rules.GIVEN, wording=act.wording, at=act.at)
        elif act.act in {rules.GIVEN, rules.WITHDRAWN} and (act in news or _is_recorded(act)):
            continue
        news.append(act)
        changes.append(has_effect)
    places = _append(news, now=now)
    effective = [(act, place) for act, place, yes in zip(news, places, changes, strict=True) if yes]
    _keep(effective)
    return [act for act, _ in effective]


def merge(*, kept_id: int, gone_id: int, source: str, at: datetime) -> list[ConsentAct]:
    """Carry over what the gone customer said, the no of either first; returns what is withdrawn by it.

    Entries that are there stay as they are: new ones say what was merged, and what stands after it.
    """
    standing = _standing({kept_id, gone_id})
    purposes = sorted({purpose for _, purpose, _ in standing})
    carried: list[ConsentAct] = []
    for purpose in purposes:
        kept, gone = (_of(standing, pk, purpose) for pk in (kept_id, gone_id))
        for channel, now in rules.strictest(kept, gone).items():
            if kept.get(channel) != now:
                carried.append(_carried(now, (kept_id, purpose, channel), gone_id=gone_id, source=source))
    notes = [
        ConsentAct(
            customer_id=pk,
            purpose=EVERY,
            act=rules.MERGED,
            source=source,
            evidence=f"customer:{other}",
            at=at,
        )
        for pk, other in ((kept_id, gone_id), (gone_id, kept_id))
    ]
    places = _append([*notes, *carried], now=at)
    ConsentState.objects.filter(customer_id=gone_id).delete()
    _keep(list(zip(carried, places[len(notes) :], strict=True)))
    was = {key: now.given for key, now in standing.items()}
    return [act for act in carried if act.act == rules.WITHDRAWN and was.get(act.key, True)]


def _of(standing: Mapping[_Key, ConsentNow], customer_id: int, purpose: str) -> dict[str, ConsentNow]:
    return {
        channel: now for (pk, what, channel), now in standing.items() if (pk, what) == (customer_id, purpose)
    }


def _carried(now: ConsentNow, key: _Key, *, gone_id: int, source: str) -> ConsentAct:
    customer_id, purpose, channel = key
    return ConsentAct(
        customer_id=customer_id,
        purpose=purpose,
        channel=channel,
        act=rules.GIVEN if now.given else rules.WITHDRAWN,
        wording=now.wording,
        source=source,
        evidence=f"customer:{gone_id}",
        at=now.at,
    )


def _standing(customer_ids: set[int]) -> dict[_Key, ConsentNow]:
    found = ConsentState.objects.filter(customer_id__in=customer_ids)
    return {
        (state.customer_id, state.purpose, state.channel): ConsentNow(
            given=state.given, wording=state.wording, at=state.at
        )
        for state in found
    }


def _is_recorded(act: ConsentAct) -> bool:
    """Whether an act that came too late to change anything has come before."""
    return ConsentEntry.objects.filter(
        customer_id=act.customer_id, purpose=act.purpose, channel=act.channel, act=act.act, at=act.at
    ).exists()


def _head_signature(head: ConsentHead) -> bytes:
    body = f"{head.chain}:{head.length}:".encode() + bytes(head.last_hash)
    return vault.signature(body, context=_HEAD_CONTEXT)


def _lock_heads(chains: set[int]) -> dict[int, ConsentHead]:
    def locked() -> dict[int, ConsentHead]:
        found = ConsentHead.objects.filter(chain__in=chains).order_by("chain").select_for_update()
        return {head.chain: head for head in found}

    heads = locked()
    if missing := chains - heads.keys():
        fresh = [ConsentHead(chain=number, length=0, last_hash=chain.GENESIS) for number in sorted(missing)]
        for head in fresh:
            head.signature = _head_signature(head)
        ConsentHead.objects.bulk_create(fresh, ignore_conflicts=True)
        heads = locked()
    return heads


def _append(acts: Sequence[ConsentAct], *, now: datetime) -> list[_Place]:
    """Write *acts* to their chains; returns where each went."""
    if not acts:
        return []
    heads = _lock_heads({act.customer_id % CHAINS for act in acts})
    entries: list[ConsentEntry] = []
    for act in acts:
        head = heads[act.customer_id % CHAINS]
        entry = _entry(act, head, now=now)
        head.length, head.last_hash = entry.position, entry.hash
        entries.append(entry)
    ConsentEntry.objects.bulk_create(entries)
    for head in heads.values():
        head.signature = _head_signature(head)
    ConsentHead.objects.bulk_update(heads.values(), ["length", "last_hash", "signature"])
    return [_Place(chain=entry.chain, position=entry.position) for entry in entries]


def _entry(act: ConsentAct, head: ConsentHead, *, now: datetime) -> ConsentEntry:
    entry = ConsentEntry(
        chain=head.chain,
        position=head.length + 1,
        customer_id=act.customer_id,
        purpose=act.purpose,
        channel=act.channel,
        act=act.act,
        wording=act.wording,
        source=act.source,
        evidence=act.evidence,
        at=act.at,
        recorded_at=now,
        previous_hash=bytes(head.last_hash),
    )
    entry.hash = chain.link(bytes(entry.previous_hash), _content(entry), context=_CONTEXT)
    return entry


def _content(entry: ConsentEntry) -> dict[str, object]:
    return {
        "chain": entry.chain,
        "position": entry.position,
        "customer": entry.customer_id,
        "purpose": entry.purpose,
        "channel": entry.channel,
        "act": entry.act,
        "wording": entry.wording,
        "source": entry.source,
        "evidence": entry.evidence,
        "at": entry.at.timestamp(),
        "recorded_at": entry.recorded_at.timestamp(),
    }


def _keep(effective: Sequence[tuple[ConsentAct, _Place]]) -> None:
    """Store what now stands; the last act on one key is the one that counts."""
    latest = {act.key: (act, place) for act, place in effective}
    ConsentState.objects.bulk_create(
        [
            ConsentState(
                customer_id=act.customer_id,
                purpose=act.purpose,
                channel=act.channel,
                given=act.act == rules.GIVEN,
                wording=act.wording,
                at=act.at,
                chain=place.chain,
                position=place.position,
            )
            for act, place in latest.values()
        ],
        update_conflicts=True,
        unique_fields=["customer", "purpose", "channel"],
        update_fields=["given", "wording", "at", "chain", "position"],
    )


def verify() -> ChainReport:
    """Walk every chain from its start and hold it against its head and against what stands."""
    count = 0
    breaks: list[ChainBreak] = []
    heads = {head.chain: head for head in ConsentHead.objects.all()}
    present = ConsentEntry.objects.order_by().values_list("chain", flat=True).distinct()
    for number in sorted({*heads, *present}):
        length, found = _verify_chain(number, heads.get(number))
        count += length
        breaks.extend(found)
    return ChainReport(entries=count, breaks=(*breaks, *_verify_states()))


def _verify_chain(number: int, head: ConsentHead | None) -> tuple[int, list[ChainBreak]]:
    breaks: list[ChainBreak] = []
    previous, expected, count = chain.GENESIS, 1, 0
    for entry in ConsentEntry.objects.filter(chain=number).order_by("position").iterator(chunk_size=2000):
        if entry.position != expected:
            breaks.append(ChainBreak(chain=number, position=expected, what="missing"))
            previous = bytes(entry.previous_hash)
        if bytes(entry.previous_hash) != previous or bytes(entry.hash) != chain.link(
            previous, _content(entry), context=_CONTEXT
        ):
            breaks.append(ChainBreak(chain=number, position=entry.position, what="edited"))
        previous, expected, count = bytes(entry.hash), entry.position + 1, count + 1
    if not _fits(head, length=expected - 1, last_hash=previous):
        breaks.append(ChainBreak(chain=number, position=expected, what="truncated"))
    return count, breaks


def _fits(head: ConsentHead | None, *, length: int, last_hash: bytes) -> bool:
    return (
        head is not None
        and bytes(head.signature) == _head_signature(head)
        and head.length == length
        and bytes(head.last_hash) == last_hash
    )


def _verify_states() -> Iterator[ChainBreak]:
    """What stands must be what the entry that it names says."""
    for given, act in ((True, rules.GIVEN), (False, rules.WITHDRAWN)):
        backing = ConsentEntry.objects.filter(
            chain=OuterRef("chain"),
            position=OuterRef("position"),
            customer_id=OuterRef("customer_id"),
            purpose=OuterRef("purpose"),
            channel=OuterRef("channel"),
            at=OuterRef("at"),
            act=act,
        )
        states = ConsentState.objects.filter(~Exists(backing), given=given).order_by("chain", "position")
        for state in states.iterator(chunk_size=2000):
            yield ChainBreak(chain=state.chain, position=state.position, what="state")
