"""Segments without a database: which conditions contradict, and that the editor loses nothing."""

import pytest

from huifang.customers.segments import clashes, definition, drafting


def clash(*conditions: dict[str, object], kind: str = "all") -> list[tuple[str, str]]:
    found = definition.read({"where": {"kind": kind, "of": list(conditions)}})
    return clashes.clashes_of(found.where)


SOFT = {"kind": "field", "name": "wallet_kind", "value": "soft"}
HARD = {"kind": "field", "name": "wallet_kind", "value": "hard"}
LEVEL = {"kind": "trait", "name": "level"}
PAID = {"kind": "did", "event": "Paid"}
CONSENT = {"kind": "consent", "channel": "sms"}
SEEN = {"kind": "when", "what": "last_seen_at"}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (SOFT, HARD),
        (SOFT, {**SOFT, "op": "is_not"}),
        (SOFT, {"kind": "field", "name": "wallet_kind", "op": "missing"}),
        (SOFT, {"kind": "not", "of": [SOFT]}),
        ({**LEVEL, "op": "at_least", "value": 5}, {**LEVEL, "op": "at_most", "value": 4}),
        ({**LEVEL, "value": 3}, {**LEVEL, "op": "in", "value": [1, 2]}),
        ({**PAID, "at_least": 3}, {**PAID, "at_least": 0, "at_most": 2}),
        (PAID, {"kind": "not", "of": [PAID]}),
        ({**PAID, "at_least": 2}, {"kind": "not", "of": [PAID]}),
        ({**PAID, "within_days": 7}, {**PAID, "last_before_days": 30}),
        (CONSENT, {"kind": "not", "of": [{**CONSENT, "channel": "*"}]}),
        ({**SEEN, "from_days": -7}, {**SEEN, "until_days": -30}),
    ],
)  # fmt: skip
def test_two_conditions_that_cannot_both_hold_are_named(one: dict[str, object], two: dict[str, object]):
    assert len(clash(one, two)) == 1
    assert len(clash(two, one)) == 1
    assert clash(one, two, kind="any") == []


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (SOFT, {"kind": "field", "name": "language", "value": "en"}),
        (SOFT, {"kind": "any", "of": [SOFT, HARD]}),
        ({**PAID, "at_least": 3}, {**PAID, "at_least": 0, "at_most": 2, "within_days": 7}),
        ({**SEEN, "from_days": -30}, {**SEEN, "until_days": -7}),
        ({"kind": "not", "of": [SOFT]}, {"kind": "not", "of": [HARD]}),
        ({**CONSENT, "channel": "*"}, {"kind": "not", "of": [CONSENT]}),
    ],
)
def test_conditions_that_go_together_raise_no_warning(one: dict[str, object], two: dict[str, object]):
    assert clash(one, two) == [] and clash(two, one) == []


WHOLE = {
    "kind": "any",
    "of": [
        {"kind": "field", "name": "region", "op": "in", "value": ["华东", "华北"]},
        {
            "kind": "all",
            "of": [
                {"kind": "trait", "name": "level", "op": "at_least", "value": 2.5},
                {"kind": "trait", "name": "vip", "op": "exists"},
                {"kind": "did", "event": "Paid", "at_least": 0, "at_most": 2, "within_days": 30},
                {"kind": "did", "event": "Paid", "at_least": 2, "amount_at_least": 150.5},
                {"kind": "did", "event": "Paid", "last_before_days": 9},
            ],
        },
        {"kind": "not", "of": [{"kind": "reachable", "channel": "sms"}, {"kind": "left_alone"}]},
        {"kind": "consent", "purpose": "marketing", "channel": "email"},
        {"kind": "when", "what": "registered_at", "until_days": -30},
        {"kind": "when", "what": "trait:contract_end", "from_days": 0, "until_days": 14},
    ],
}  # fmt: skip


def posted(row: drafting.Row) -> dict[str, str]:
    """The fields that the editor sends for *row*."""
    fields = {f"kind.{row.path}": row.kind} | {
        f"{name}.{row.path}": value for name, value in row.values.items()
    }
    for each in row.rows:
        fields |= posted(each)
    return fields


def test_the_editor_brings_back_what_it_was_given():
    stored = definition.to_json(definition.read({"where": WHOLE}))["where"]
    raw = drafting.to_raw(drafting.rows_of(posted(drafting.whole(stored))))
    assert definition.to_json(definition.read({"where": raw}))["where"] == stored


def test_conditions_are_added_and_taken_away_by_their_place():
    root = drafting.rows_of({})
    root = drafting.changed(root, "add:0:any")
    root = drafting.changed(root, "add:0.0:trait")
    root = drafting.changed(root, "add:0:left_alone")
    assert [(row.path, row.kind) for row in root.rows] == [("0.0", "any"), ("0.1", "left_alone")]
    assert [(row.path, row.kind) for row in root.rows[0].rows] == [("0.0.0", "trait")]
    root = drafting.changed(root, "remove:0.0")
    assert [(row.path, row.kind) for row in root.rows] == [("0.0", "left_alone")]


def test_what_is_not_filled_in_yet_is_left_out():
    root = drafting.changed(drafting.rows_of({}), "add:0:trait")
    assert drafting.to_raw(drafting.rows_of(posted(root))) == {"kind": "all", "of": []}


def test_a_number_in_the_editor_is_met_by_a_number_and_by_its_text():
    raw = drafting.to_raw(
        drafting.Row(path="0", kind="trait", values={"name": "level", "op": "is", "value": "3"})
    )
    assert raw == {"kind": "trait", "name": "level", "op": "in", "value": [3, "3"]}
    assert drafting.from_raw(raw).values == {"name": "level", "op": "is", "value": "3"}


@pytest.mark.parametrize(
    "fields",
    [
        {"kind.0": "all", "kind.0.0": "did", "event.0.0": "x", "times.0.0": "9" * 5000},
        {"kind.0": "all", "kind.0.0": "when", "days.0.0": "-1"},
        {"kind.0": "<script>", "kind.0.0": "trait"},
        {"kind.0": "all", **{f"kind.0.{number}": "left_alone" for number in range(500)}},
        {"kind.0" + ".0" * depth: "all" for depth in range(40)},
    ],
)
def test_hostile_fields_make_a_tree_of_bounded_size(fields: dict[str, str]):
    root = drafting.rows_of(fields)
    assert len(fields) < 2 or len(list(drafting.walk(root))) <= definition.CONDITIONS_MAX
    definition.read({"where": drafting.to_raw(root)})


LEAF = {"kind": "did", "event": "Paid", "at_least": 1, "within_days": 30}
TELLING = [
    LEAF | {"amount_at_least": 10.0, "amount_at_most": 99.5},
    LEAF | {"at_least": 2, "at_most": 5},
    LEAF | {"where": [{"name": "tier", "value": "gold"}, {"name": "city", "op": "is_not", "value": "x"}]},
    {"kind": "when", "what": "registered_at", "from_days": -30, "until_days": -10},
    {"kind": "when", "what": "last_seen_at", "from_days": 0, "until_days": 0},
    {"kind": "trait", "name": "city", "op": "in", "value": ["a, b", "c"]},
    {"kind": "trait", "name": "code", "op": "contains", "value": "12"},
    {"kind": "trait", "name": " spaced ", "op": "is", "value": " x "},
    {"kind": "field", "name": "region", "op": "is", "value": "a，b"},
    {"kind": "did", "event": "Paid", "amount_at_least": 0.1234567891234},
]


@pytest.mark.parametrize("leaf", TELLING)
def test_saving_what_was_only_opened_takes_nothing_away(leaf: dict[str, object]):
    stored = definition.to_json(definition.read({"where": leaf}))["where"]
    root = drafting.whole(stored)
    for _ in range(2):  # also through a screen that was shown anew
        root = drafting.rows_of(posted(root))
    raw = drafting.to_raw(root)
    again = definition.to_json(definition.read({"where": raw}))["where"]["of"][0]
    assert again == stored


def test_what_the_fields_hold_is_not_locked():
    stored = definition.to_json(definition.read({"where": TELLING[0]}))["where"]
    row = drafting.from_raw(stored)
    assert (row.kind, row.values["amount"], row.values["amount_most"]) == ("did", "10", "99.5")
    number = {"kind": "trait", "name": "level", "op": "is", "value": 3}
    assert drafting.from_raw(number).kind == "trait"


def test_conditions_as_deep_as_they_may_be_come_back():
    raw: dict[str, object] = {"kind": "left_alone"}
    for _ in range(definition.DEPTH_MAX):
        raw = {"kind": "all", "of": [raw]}
    stored = definition.to_json(definition.read({"where": raw}))["where"]
    again = drafting.to_raw(drafting.rows_of(posted(drafting.whole(stored))))
    assert definition.to_json(definition.read({"where": again}))["where"] == stored


@pytest.mark.parametrize("raw", ["", "[]", "3", '{"kind": "all", "of": []}', "[" * 9000, '{"kind": "x"}'])
def test_a_kept_line_is_one_condition_or_nothing(raw: str):
    root = drafting.rows_of({"kind.0": "all", "kind.0.0": "kept", "raw.0.0": raw})
    assert drafting.to_raw(root) == {"kind": "all", "of": []}
