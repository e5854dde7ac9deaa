"""Reads a segment from the fields of the editor, and writes it into them. Pure; the tree is in the names.

A field of the third condition of the first group is called ``<what>.0.2``. What a person has not filled in
yet stays away from the segment, but not from the screen. A condition that says more than the fields hold (it
came by the API) is shown as one line that is kept as it is, so that saving takes nothing away.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from huifang.customers.segments.definition import CONDITIONS_MAX, DEPTH_MAX

GROUPS = ("all", "any", "not")
LEAVES = ("field", "trait", "did", "when", "reachable", "consent", "left_alone")
KEPT = "kept"
TURNS = {"last": (-1, "from"), "before": (-1, "until"), "next": (1, "range"), "after": (1, "from")}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_WHOLE = re.compile(r"[0-9]{1,6}")
_SEPARATORS = re.compile(r"[,，、;\n]")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "field": ("name", "op", "value"),
    "trait": ("name", "op", "value"),
    "did": (
        "event",
        "how",
        "times",
        "amount",
        "amount_most",
        "within",
        "first",
        "last",
        "property",
        "op",
        "value",
    ),
    "when": ("what", "trait", "turn", "days"),
    "reachable": ("channel",),
    "consent": ("purpose", "channel"),
    "left_alone": (),
    KEPT: ("raw",),
}


@dataclass(slots=True, kw_only=True)
class Row:
    """One node as the editor shows it: its place, its kind, what stands in its fields, what it holds.

    *sentence* says one that is kept as it is in words; the screen fills it in.
    """

    path: str
    kind: str
    values: dict[str, str] = field(default_factory=dict)
    rows: list["Row"] = field(default_factory=list)
    sentence: str = ""

    @property
    def is_group(self) -> bool:
        """Whether it holds others."""
        return self.kind in GROUPS

    @property
    def may_nest(self) -> bool:
        """Whether a group may stand in it."""
        return self.path.count(".") + 2 < DEPTH_MAX


def rows_of(post: Mapping[str, str]) -> Row:
    """The tree that was posted; an empty group where none was."""
    return _row(post, "0", [CONDITIONS_MAX]) or Row(path="0", kind="all")


def _row(post: Mapping[str, str], path: str, room: list[int]) -> Row | None:
    kind = post.get(f"kind.{path}", "")
    depth_max = DEPTH_MAX - 1 if kind in GROUPS else DEPTH_MAX
    if kind not in (*GROUPS, *LEAVES, KEPT) or room[0] <= 0 or path.count(".") > depth_max:
        return None
    room[0] -= 1
    row = Row(path=path, kind=kind)
    row.values = {name: post.get(f"{name}.{path}", "").strip() for name in _FIELDS.get(kind, ())}
    if row.is_group:
        found = (_row(post, f"{path}.{number}", room) for number in range(CONDITIONS_MAX))
        row.rows = [each for each in found if each]
    return row


def changed(root: Row, act: str) -> Row:
    """The tree after *act*: ``add.<path>.<kind>`` or ``remove.<path>``; places are numbered anew."""
    word, _, rest = act.partition(":")
    path, _, kind = rest.partition(":")
    for row in walk(root):
        if word == "add" and row.path == path and row.is_group and kind in (*GROUPS, *LEAVES):
            row.rows.append(Row(path="", kind=kind, values=dict.fromkeys(_FIELDS.get(kind, ()), "")))
        if word == "remove":
            row.rows = [each for each in row.rows if each.path != path]
    return _numbered(root, "0")


def walk(row: Row) -> Iterator[Row]:
    """Every node, groups before what they hold."""
    yield row
    for each in row.rows:
        yield from walk(each)


def _numbered(row: Row, path: str) -> Row:
    row.path = path
    for number, each in enumerate(row.rows):
        _numbered(each, f"{path}.{number}")
    return row


def to_raw(row: Row) -> dict[str, object] | None:
    """The condition for `definition.read`; None where a person has still to fill it in."""
    if row.is_group:
        inner = [raw for each in row.rows if (raw := to_raw(each))]
        return {"kind": row.kind, "of": inner}
    return _WRITERS[row.kind](row.values)


def _compared(values: Mapping[str, str], *, is_text: bool) -> dict[str, object] | None:
    op, text = values["op"] or "is", values["value"]
    if op in {"exists", "missing"}:
        return {"op": op}
    if op in {"at_least", "at_most"}:
        return {"op": op, "value": _number(text)} if _NUMBER.fullmatch(text) else None
    texts = [each.strip() for each in _SEPARATORS.split(text)] if op == "in" else [text]
    wanted = [each for each in texts if each]
    if not wanted:
        return None
    read = [value for each in wanted for value in ([each] if is_text else _readings(each))]
    if op in {"is", "in"} and len(read) > 1:
        return {"op": "in", "value": read}
    return {"op": op, "value": read if op == "in" else read[0]}


def _readings(text: str) -> list[object]:
    """What *text* may stand for: an import keeps 3 as a text, an identify as a number; yes may be true."""
    found: list[object] = []
    if _NUMBER.fullmatch(text):
        found.append(_number(text))
    if text in {"true", "false"}:
        found.append(text == "true")
    return [*found, text]


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _field(values: Mapping[str, str]) -> dict[str, object] | None:
    compared = _compared(values, is_text=True)
    return {"kind": "field", "name": values["name"] or "wallet_kind", **compared} if compared else None


def _trait(values: Mapping[str, str]) -> dict[str, object] | None:
    compared = _compared(values, is_text=False)
    return {"kind": "trait", "name": values["name"], **compared} if compared and values["name"] else None


def _did(values: Mapping[str, str]) -> dict[str, object] | None:
    if not values["event"]:
        return None
    known = _whole(values["times"])
    times = 1 if known is None else known
    how = values["how"] or "least"
    raw: dict[str, object] = {"kind": "did", "event": values["event"]}
    raw |= {
        "least": {"at_least": times},
        "most": {"at_least": 0, "at_most": times},
        "just": {"at_least": times, "at_most": times},
        "never": {"at_least": 0, "at_most": 0},
    }.get(how, {})
    keys = {"within": "within_days", "first": "first_within_days", "last": "last_before_days"}
    for name, key in keys.items():
        if days := _whole(values[name]):
            raw[key] = days
    for name, key in {"amount": "amount_at_least", "amount_most": "amount_at_most"}.items():
        if _NUMBER.fullmatch(values[name]):
            raw[key] = float(values[name])
    compared = _compared(values, is_text=False) if values["property"] else None
    if compared:
        raw["where"] = [{"name": values["property"], **compared}]
    return raw


def _when(values: Mapping[str, str]) -> dict[str, object] | None:
    what = values["what"] or "last_seen_at"
    if what == "trait":
        what = f"trait:{values['trait']}"
    count = _whole(values["days"])
    if what == "trait:" or count is None:
        return None
    sign, end = TURNS.get(values["turn"], TURNS["last"])
    days = sign * count
    raw: dict[str, object] = {"kind": "when", "what": what}
    if end == "range":
        return raw | {"from_days": 0, "until_days": days}
    return raw | {f"{end}_days": days}


_WRITERS: Mapping[str, Callable[[Mapping[str, str]], dict[str, object] | None]] = {
    "field": _field,
    "trait": _trait,
    "did": _did,
    "when": _when,
    "reachable": lambda values: {"kind": "reachable", "channel": values["channel"] or "sms"},
    "consent": lambda values: {
        "kind": "consent",
        "purpose": values["purpose"] or "service_follow_up",
        "channel": values["channel"] or "*",
    },
    "left_alone": lambda _: {"kind": "left_alone"},
    KEPT: lambda values: kept(values["raw"]),
}


def kept(text: str) -> dict[str, object] | None:
    """The condition that a line holds as it is, which `definition` checks; None where *text* is none."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and raw.get("kind") in LEAVES else None


def from_raw(raw: Mapping[str, object], path: str = "0") -> Row:
    """The editor's rows of a stored condition."""
    kind = str(raw["kind"])
    if kind in GROUPS:
        inner = raw.get("of", ())
        assert isinstance(inner, list | tuple)
        rows = [from_raw(each, f"{path}.{number}") for number, each in enumerate(inner)]
        return Row(path=path, kind=kind, rows=rows)
    # A field holds one line, without spaces around it.
    values = {name: "".join(text.splitlines()).strip() for name, text in _values(kind, raw).items()}
    row = Row(path=path, kind=kind, values=values)
    if _meant(to_raw(row)) == _meant(raw):
        return row
    return Row(path=path, kind=KEPT, values={"raw": json.dumps(raw, ensure_ascii=False)})


def _meant(raw: Mapping[str, object] | None) -> dict[str, object]:
    """*raw* without what says nothing, and with a value for all that its text may stand for."""
    if raw is None:
        return {}
    meant = {name: value for name, value in raw.items() if value is not None and value != ()}
    if raw.get("kind") == "did":
        meant.setdefault("at_least", 1)
        where = raw.get("where") or ()
        assert isinstance(where, list | tuple)
        meant["where"] = [_meant(each) for each in where]
    if meant.setdefault("op", "is") in {"is", "in"}:
        value = raw.get("value")
        values = value if isinstance(value, list | tuple) else [value]
        meant |= {"op": "in", "value": sorted({_text(each) for each in values})}
    return meant


def whole(raw: Mapping[str, object]) -> Row:
    """The same, with a group around a condition that stands alone."""
    return from_raw(raw if raw["kind"] in GROUPS else {"kind": "all", "of": [raw]})


def _values(kind: str, raw: Mapping[str, object]) -> dict[str, str]:
    values = dict.fromkeys(_FIELDS[kind], "")
    if kind in {"field", "trait"}:
        return values | {"name": str(raw["name"])} | _told(raw)
    if kind == "did":
        return values | _did_values(raw)
    if kind == "when":
        return values | _when_values(raw)
    return values | {name: str(raw[name]) for name in values if raw.get(name)}


def _told(raw: Mapping[str, object]) -> dict[str, str]:
    value, op = raw.get("value"), str(raw.get("op", "is"))
    if not isinstance(value, list | tuple):
        return {"op": op, "value": "" if value is None else _text(value)}
    texts = list(dict.fromkeys(_text(each) for each in value))
    return {"op": "is" if len(texts) == 1 else op, "value": ", ".join(texts)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _did_values(raw: Mapping[str, object]) -> dict[str, str]:
    least, most = raw.get("at_least", 1), raw.get("at_most")
    how = "least" if most is None else "never" if most == 0 else "just" if most == least else "most"
    found = {
        "event": raw["event"],
        "how": how,
        "times": least if most is None else most,
        "amount": _text(raw["amount_at_least"]) if raw.get("amount_at_least") is not None else "",
        "amount_most": _text(raw["amount_at_most"]) if raw.get("amount_at_most") is not None else "",
        "within": raw.get("within_days") or "",
        "first": raw.get("first_within_days") or "",
        "last": raw.get("last_before_days") or "",
    }
    where = raw.get("where") or ()
    assert isinstance(where, list | tuple)
    told = {"property": str(where[0]["name"]), **_told(where[0])} if where else {}
    return {name: str(value) for name, value in found.items()} | told


def _when_values(raw: Mapping[str, object]) -> dict[str, str]:
    what = str(raw["what"])
    start, end = raw.get("from_days"), raw.get("until_days")
    days = start if end is None else end
    assert isinstance(days, int)
    turn = (
        ("before" if end is not None and start is None else "last")
        if days <= 0
        else ("next" if end is not None else "after")
    )
    return {
        "what": "trait" if what.startswith("trait:") else what,
        "trait": what.removeprefix("trait:") if what.startswith("trait:") else "",
        "turn": turn,
        "days": str(abs(days)),
    }
