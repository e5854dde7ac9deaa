"""Compiles a segment to one SQL condition over the customers' own tables. Pure: values travel as parameters.

Every leaf is true or false, never NULL, so that "none of" means what it says of customers with gaps too.
"""

# ruff: noqa: S608 - SQL is made of our own pieces; whatever people wrote is a parameter

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huifang.customers.records import KIND_OF_CHANNEL
from huifang.customers.segments.definition import (
    FIELDS,
    All,
    AnyOf,
    Condition,
    Consent,
    Did,
    Field,
    LeftAlone,
    Not,
    Reachable,
    Trait,
    Value,
    When,
)
from huifang.decisions.conditions import Op

# A year from 1900, month and day of a trait that holds a date, whatever stands between and behind them.
_DAY = r"^(19|20|21)\d\d[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])(\D|$)"
_NUMBER = r"^-?\d{1,15}(\.\d{1,9})?$"
Bind = Callable[[object], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A condition on ``customers_customer AS c``, and its values in their order."""

    sql: str
    values: Sequence[object]


@dataclass(slots=True)
class _Writer:
    now: datetime
    scanned: Mapping[Did, Sequence[int]]
    values: list[object] = field(default_factory=list)

    def bind(self, value: object) -> str:
        """A place for *value*. Places are bound in the order in which they are written."""
        self.values.append(value)
        return "%s"

    def before(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


def compile_condition(
    condition: Condition, *, now: datetime, scanned: Mapping[Did, Sequence[int]] | None = None
) -> Compiled:
    """The SQL of *condition*. *scanned*: who does what the stored counts do not tell, read beforehand."""
    writer = _Writer(now, scanned or {})
    sql = _write(condition, writer)
    return Compiled(sql=sql, values=tuple(writer.values))


def _write(condition: Condition, writer: _Writer) -> str:
    if isinstance(condition, All | AnyOf | Not):
        inner = [_write(each, writer) for each in condition.of]
        return _group(condition, inner)
    return f"({_leaf(condition, writer)}) IS TRUE"


def _group(group: All | AnyOf | Not, inner: Sequence[str]) -> str:
    """An empty group holds nobody back: who has said nothing yet sees everybody."""
    if not inner:
        return "TRUE"
    if isinstance(group, All):
        return f"({' AND '.join(inner)})"
    joined = f"({' OR '.join(inner)})"
    return f"NOT {joined}" if isinstance(group, Not) else joined


def _leaf(leaf: Condition, writer: _Writer) -> str:
    if isinstance(leaf, Field):
        assert leaf.name in FIELDS
        return _field(f"c.{leaf.name}", leaf.op, leaf.value, writer.bind)
    if isinstance(leaf, Trait):
        return _trait(leaf, writer)
    if isinstance(leaf, Reachable):
        return _reachable(leaf, writer)
    if isinstance(leaf, Consent):
        return _consent(leaf, writer)
    if isinstance(leaf, LeftAlone):
        return (
            "EXISTS (SELECT 1 FROM customers_suppression AS s WHERE s.customer_id = c.id"
            " AND s.contact_hash = '' AND s.channel = '*' AND s.lifted_at IS NULL)"
        )
    if isinstance(leaf, When):
        return _when(leaf, writer)
    assert isinstance(leaf, Did)
    return _did(leaf, writer)


def _field(column: str, op: Op, value: Value, bind: Bind) -> str:
    if op is Op.EXISTS:
        return f"{column} <> ''"
    if op is Op.MISSING:
        return f"{column} = ''"
    if op is Op.IN:
        assert isinstance(value, tuple)
        return f"{column} = ANY({bind([str(each) for each in value])})"
    if op is Op.CONTAINS:
        return f"position({bind(str(value))} in {column}) > 0"
    if op is Op.IS_NOT:
        return f"{column} <> '' AND {column} <> {bind(str(value))}"
    return f"{column} = {bind(str(value))}"


def _trait(leaf: Trait, writer: _Writer) -> str:
    bind, name = writer.bind, leaf.name

    def whole() -> str:
        return f"c.traits -> {bind(name)}::text"

    def text() -> str:
        return f"c.traits ->> {bind(name)}::text"

    if leaf.op is Op.EXISTS:
        return f"coalesce({text()}, '') <> ''"
    if leaf.op is Op.MISSING:
        return f"coalesce({text()}, '') = ''"
    if leaf.op is Op.IN:
        assert isinstance(leaf.value, tuple)
        return f"({whole()}) = ANY({bind([_json(each) for each in leaf.value])}::text[]::jsonb[])"
    if leaf.op is Op.CONTAINS:
        return (
            f"CASE jsonb_typeof({whole()}) WHEN 'string'"
            f" THEN position({bind(str(leaf.value))} in {text()}) > 0"
            f" WHEN 'array' THEN ({whole()}) @> {bind(_json(leaf.value))}::jsonb END"
        )
    if leaf.op in {Op.AT_LEAST, Op.AT_MOST}:
        turn = ">=" if leaf.op is Op.AT_LEAST else "<="
        number = f"CASE WHEN {text()} ~ '{_NUMBER}' THEN ({text()})::numeric END"
        return f"{number} {turn} {bind(leaf.value)}::numeric"
    if leaf.op is Op.IS_NOT:
        json_value = _json(leaf.value)
        kind = f"jsonb_typeof({whole()}) = jsonb_typeof({bind(json_value)}::jsonb)"
        return f"{kind} AND ({whole()}) <> {bind(json_value)}::jsonb"
    return f"({whole()}) = {bind(_json(leaf.value))}::jsonb"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _reachable(leaf: Reachable, writer: _Writer) -> str:
    kind, own = writer.bind(KIND_OF_CHANNEL[leaf.channel]), writer.bind(["*", leaf.channel])
    of_address = writer.bind(["*", leaf.channel])
    return (
        "EXISTS (SELECT 1 FROM customers_contactpoint AS p WHERE p.customer_id = c.id"
        f" AND p.state = 'active' AND p.kind = {kind}"
        " AND NOT EXISTS (SELECT 1 FROM customers_suppression AS s WHERE s.customer_id = c.id"
        f" AND s.contact_hash = '' AND s.lifted_at IS NULL AND s.channel = ANY({own}))"
        " AND NOT EXISTS (SELECT 1 FROM customers_suppression AS h WHERE h.contact_hash = p.blind_index"
        f" AND h.contact_hash <> '' AND h.lifted_at IS NULL AND h.channel = ANY({of_address})))"
    )


def _consent(leaf: Consent, writer: _Writer) -> str:
    """As `rules.consented_channels`: a no on a channel is undone there only, a yes by a later no to all."""
    yes = (
        "SELECT 1 FROM customers_consentstate AS y WHERE y.customer_id = c.id"
        f" AND y.purpose = {writer.bind(leaf.purpose)} AND y.given"
    )
    if leaf.channel != "*":
        yes += (
            f" AND (y.channel = {writer.bind(leaf.channel)} OR y.channel = '*'"
            " AND NOT EXISTS (SELECT 1 FROM customers_consentstate AS o WHERE o.customer_id = c.id"
            f" AND o.purpose = y.purpose AND o.channel = {writer.bind(leaf.channel)}))"
        )
    return (
        f"EXISTS ({yes} AND (y.channel = '*' OR NOT EXISTS (SELECT 1 FROM customers_consentstate AS n"
        " WHERE n.customer_id = c.id AND n.purpose = y.purpose AND n.channel = '*' AND NOT n.given"
        " AND n.at >= y.at)))"
    )


def _when(leaf: When, writer: _Writer) -> str:
    if leaf.what.startswith("trait:"):
        name = leaf.what.removeprefix("trait:")
        parts = [
            f"{_trait_day(name, writer)} {turn} {writer.bind(f'{writer.now + timedelta(days=days):%Y%m%d}')}"
            for turn, days in ((">=", leaf.from_days), ("<=", leaf.until_days))
            if days is not None
        ]
        return " AND ".join(parts)
    parts = [
        f"c.{leaf.what} {turn} {writer.bind(writer.now + timedelta(days=days))}"
        for turn, days in ((">=", leaf.from_days), ("<=", leaf.until_days))
        if days is not None
    ]
    return " AND ".join(parts)


def _trait_day(name: str, writer: _Writer) -> str:
    one, two = (f"c.traits ->> {writer.bind(name)}::text" for _ in range(2))
    return f"CASE WHEN {one} ~ '{_DAY}' THEN left(regexp_replace({two}, '[-/.]', '', 'g'), 8) END"


def _did(leaf: Did, writer: _Writer) -> str:
    clauses = _kept_clauses(leaf, writer) if not leaf.needs_events else []
    if leaf.needs_events:
        return _did_scanned(leaf, writer)
    name, rest = clauses[0], clauses[1:]
    row = f"SELECT 1 FROM customers_activity AS a WHERE a.customer_id = c.id AND {name}"
    if _counts_nobody(leaf):
        return f"NOT EXISTS ({row} AND NOT ({' AND '.join(rest)}))" if rest else "TRUE"
    return f"EXISTS ({' AND '.join([row, *rest])})"


def _counts_nobody(leaf: Did) -> bool:
    """Whether who never did it meets the condition too."""
    has_more = leaf.first_within_days is not None or leaf.last_before_days is not None
    return leaf.at_least == 0 and not has_more and not (leaf.amount_at_least or 0) > 0


def _kept_clauses(leaf: Did, writer: _Writer) -> list[str]:
    """Conditions on the counts that are kept; the first names the event."""
    clauses = [f"a.name = {writer.bind(leaf.event)}"]
    if leaf.within_days is not None:
        since = writer.bind(writer.before(leaf.within_days))
        clauses.append(f"a.last_at < {since}" if leaf.at_most == 0 else f"a.last_at >= {since}")
    else:
        if leaf.at_least > 0:
            clauses.append(f"a.count >= {writer.bind(leaf.at_least)}")
        if leaf.at_most is not None:
            clauses.append(f"a.count <= {writer.bind(leaf.at_most)}")
    return clauses + _amounts_and_times(leaf, writer)


def _amounts_and_times(leaf: Did, writer: _Writer) -> list[str]:
    clauses: list[str] = []
    if leaf.amount_at_least is not None and leaf.within_days is None:
        clauses.append(f"a.amount_sum >= {writer.bind(leaf.amount_at_least)}::numeric")
    if leaf.amount_at_most is not None and leaf.within_days is None:
        clauses.append(f"a.amount_sum <= {writer.bind(leaf.amount_at_most)}::numeric")
    if leaf.first_within_days is not None:
        clauses.append(f"a.first_at >= {writer.bind(writer.before(leaf.first_within_days))}")
    if leaf.last_before_days is not None:
        clauses.append(f"a.last_at < {writer.bind(writer.before(leaf.last_before_days))}")
    return clauses


def _did_scanned(leaf: Did, writer: _Writer) -> str:
    """*scanned* has who meets it, or where nobody who did nothing may be left out, who does not."""
    ids = writer.bind(list(writer.scanned[leaf]))
    member = f"NOT (c.id = ANY({ids}::bigint[]))" if _counts_nobody(leaf) else f"c.id = ANY({ids}::bigint[])"
    times = _amounts_and_times(leaf, writer) if leaf.first_within_days or leaf.last_before_days else []
    if not times:
        return member
    # Reading the window tells nothing of the first time ever: that is kept.
    parts = [f"a.name = {writer.bind(leaf.event)}"]
    return (
        f"{member} AND EXISTS (SELECT 1 FROM customers_activity AS a WHERE a.customer_id = c.id"
        f" AND {' AND '.join([*times, *parts])})"
    )


def is_inverted(leaf: Did) -> bool:
    """Whether *scanned* must give those who do not meet *leaf*."""
    return _counts_nobody(leaf)
