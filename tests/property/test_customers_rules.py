"""What is known of a customer does not depend on the order in which it arrived; a no is never lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huifang.customers import cleaning
from huifang.customers.rules import (
    ConsentAct,
    ConsentNow,
    Portrait,
    Statement,
    consented_channels,
    is_news,
    takes_effect,
)
from huifang.customers.statements import read_consents, read_statement

START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 10_000).map(lambda minutes: START + timedelta(minutes=minutes))
words = st.sampled_from(["a", "b", "c"])
statements = st.builds(
    Statement,
    at=instants,
    fields=st.dictionaries(st.sampled_from(["language", "region"]), words),
    traits=st.dictionaries(st.sampled_from(["tier", "city"]), st.one_of(st.none(), words)),
    contacts=st.dictionaries(st.just("phone"), words),
    name=st.one_of(st.just(""), words),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def draw(statements: list[Statement]) -> tuple[dict, dict, str, dict]:
    portrait = Portrait(fields={}, traits={}, stamps={})
    for statement in statements:
        portrait.lay(statement)
    return portrait.fields, portrait.traits, portrait.name, portrait.contacts


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    found=st.lists(statements, max_size=6, unique_by=lambda statement: statement.at),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_does_not_matter(found, order):
    other = list(found)
    order.shuffle(other)
    assert draw(found) == draw(other)


@given(st.dictionaries(st.text() | st.sampled_from(["phone", "email", "name", "timezone"]), json_values))
def test_any_traits_are_read_and_can_be_stored(raw):
    """Nothing raises, and nothing that PostgreSQL refuses is left."""
    statement = read_statement(raw, at=START, country="CN")
    kept = [*statement.traits, *statement.traits.values(), statement.name, *statement.fields.values()]
    for value in kept:
        text = str(value)
        assert "\0" not in text
        text.encode()
    read_consents(raw.get("consents", raw), customer_id=1, source="test", at=START, now=START)


@given(st.text())
def test_cleaning_again_changes_nothing(text):
    once = cleaning.clean_text(text)
    assert cleaning.clean_text(once) == once
    for clean in (cleaning.clean_email, cleaning.clean_zone, cleaning.clean_language):
        assert clean(clean(text)) == clean(text)


acts = st.builds(
    ConsentAct,
    customer_id=st.just(1),
    purpose=st.just("marketing"),
    act=st.sampled_from(["given", "withdrawn"]),
    at=instants,
    source=st.just("test"),
    is_claim=st.booleans(),
)


def stands_after(said: list[ConsentAct]) -> list[ConsentNow | None]:
    """What stands after each act, from nothing."""
    history: list[ConsentNow | None] = [None]
    for act in said:
        now = history[-1]
        changes = is_news(now, act) and takes_effect(now, act)
        history.append(ConsentNow(given=act.act == "given", wording="", at=act.at) if changes else now)
    return history


@given(st.lists(acts.map(lambda act: replace(act, is_claim=False)), min_size=1, max_size=10))
def test_the_latest_act_stands_in_whatever_order_they_come_and_of_two_at_once_the_no(said):
    latest = max(said, key=lambda act: (act.at, act.act == "withdrawn"))
    now = stands_after(said)[-1]
    assert now is not None
    assert (now.given, now.at) == (latest.act == "given", latest.at)


@given(st.lists(acts, max_size=10))
def test_a_claim_never_undoes_a_no(said):
    history = stands_after(said)
    for act, before, after in zip(said, history, history[1:], strict=False):
        if act.is_claim and before is not None and not before.given:
            assert after is not None and not after.given


@given(st.dictionaries(st.sampled_from(["*", "sms", "email"]), st.tuples(st.booleans(), instants)))
def test_a_channel_is_allowed_only_where_somebody_said_yes(states):
    allowed = consented_channels(states)
    for channel in allowed:
        assert any(states[key][0] for key in (channel, "*") if key in states)
        assert states.get(channel, (True, START))[0]
