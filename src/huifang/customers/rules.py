"""Decides what holds: which consent stands, which of two statements about a customer wins. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from huifang.customers.records import CHANNELS, EVERY

GIVEN, WITHDRAWN, REFUSED, LIFTED, MERGED = "given", "withdrawn", "refused", "lifted", "merged"
TRAITS_MAX = 200
_NONE: frozenset[str] = frozenset()
_ALL = frozenset(CHANNELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAct:
    """One yes or no to record. *is_claim*: the wallet states what it holds, not an act of the customer."""

    customer_id: int
    purpose: str
    channel: str = EVERY
    act: str
    wording: str = ""
    source: str
    evidence: str = ""
    at: datetime
    is_claim: bool = False

    @property
    def key(self) -> tuple[int, str, str]:
        """What the act is about."""
        return self.customer_id, self.purpose, self.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNow:
    """What stands for one customer, purpose and channel."""

    given: bool
    wording: str
    at: datetime


def is_news(now: ConsentNow | None, act: ConsentAct) -> bool:
    """Whether *act* belongs in the ledger at all: the same said again is not written again."""
    if act.act in {REFUSED, LIFTED} or now is None:
        return True
    given = act.act == GIVEN
    if act.is_claim and given and not now.given:
        return False  # a copy of an old yes, sent anew at each sign-in, says nothing against a no
    if given != now.given:
        return True
    if act.is_claim:
        return given and bool(act.wording) and act.wording != now.wording and act.at > now.at
    return act.at != now.at


def takes_effect(now: ConsentNow | None, act: ConsentAct) -> bool:
    """Whether *act*, which is news, changes what stands: the latest act does, and of two at once the no."""
    if act.act not in {GIVEN, WITHDRAWN}:
        return False
    if now is None or act.at > now.at:
        return True
    return act.act == WITHDRAWN and act.at == now.at


def consented_channels(by_channel: Mapping[str, tuple[bool, datetime]]) -> frozenset[str]:
    """The channels that a customer's states of one purpose allow.

    A no on one channel is undone only by a yes on that channel. A yes on one channel is undone by a later
    no to all.
    """
    every = by_channel.get(EVERY)
    if every is not None and len(by_channel) == 1:  # said once, of all channels, as nearly everybody does
        return _ALL if every[0] else _NONE
    return frozenset(channel for channel in CHANNELS if _allows(by_channel.get(channel), every))


def _allows(one: tuple[bool, datetime] | None, every: tuple[bool, datetime] | None) -> bool:
    if one is None:
        return every is not None and every[0]
    if not one[0]:
        return False
    return every is None or every[0] or every[1] < one[1]


def strictest(one: Mapping[str, ConsentNow], two: Mapping[str, ConsentNow]) -> dict[str, ConsentNow]:
    """What stands for one purpose once two customers turn out to be one: the no of either holds.

    A yes that only one has said stands. Where a no on all channels of the one would be undone by an older
    yes on a channel of the other, that channel gets a no of its own.
    """
    merged = {channel: _stricter(one.get(channel), two.get(channel)) for channel in sorted({*one, *two})}
    unwanted = _refused_by(one) | _refused_by(two)
    allowed = consented_channels({channel: (now.given, now.at) for channel, now in merged.items()})
    for channel in sorted(allowed & unwanted):
        latest = max(now.at for each in (one, two) for now in each.values() if not now.given)
        merged[channel] = ConsentNow(given=False, wording="", at=latest)
    return merged


def _stricter(one: ConsentNow | None, two: ConsentNow | None) -> ConsentNow:
    if one is None or two is None:
        found = one or two
        assert found is not None
        return found
    if one.given is not two.given:
        return two if one.given else one
    return one if one.at >= two.at else two


def _refused_by(by_channel: Mapping[str, ConsentNow]) -> frozenset[str]:
    """The channels on which somebody who was asked stands at no."""
    if not by_channel:
        return frozenset()
    allowed = consented_channels({channel: (now.given, now.at) for channel, now in by_channel.items()})
    asked = CHANNELS if EVERY in by_channel else by_channel
    return frozenset(asked) - allowed - {EVERY}


# The stamp of a language that the customer chose: what the wallet says of it no longer counts.
LANGUAGE_CHOSEN = "language.chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one identify or import row says of a customer. What it leaves out, it says nothing of.

    *fields*: columns of the customer. *traits*: the wallet's own; None unsets one. *contacts*: by kind.
    *dropped*: names of values that make no sense.
    """

    at: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    traits: Mapping[str, object] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    dropped: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Portrait:
    """What is known of one customer while statements are laid over it; *stamps* are seconds since 1970."""

    fields: dict[str, str]
    traits: dict[str, object]
    stamps: dict[str, float]
    name: str = ""
    contacts: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    is_different: bool = False

    def lay(self, statement: Statement) -> None:
        """Take each value that was stated no earlier than what is known: the order of arrival is nothing."""
        for name, value in statement.fields.items():
            if self._wins(name, statement.at):
                self._set_field(name, value)
        for name, trait in statement.traits.items():
            has_room = f"traits.{name}" in self.stamps or len(self.traits) < TRAITS_MAX
            if has_room and self._wins(f"traits.{name}", statement.at):
                self._set_trait(name, trait)
        if statement.name and self._wins("name", statement.at):
            self.is_different |= self.name != statement.name
            self.name = statement.name
        for kind, value in statement.contacts.items():
            if self._wins(f"contact.{kind}", statement.at):
                self.contacts[kind] = (value, statement.at)

    def _wins(self, name: str, at: datetime) -> bool:
        if name == "language" and LANGUAGE_CHOSEN in self.stamps:
            return False
        known = self.stamps.get(name)
        if known is not None and known > at.timestamp():
            return False
        self.stamps[name] = at.timestamp()
        return True

    def _set_field(self, name: str, value: str) -> None:
        self.is_different |= self.fields.get(name, "") != value
        self.fields[name] = value
        if name == "time_zone":
            self.fields["time_zone_source"] = "stated"

    def _set_trait(self, name: str, value: object) -> None:
        self.is_different |= self.traits.get(name) != value
        if value is None:
            self.traits.pop(name, None)
        else:
            self.traits[name] = value

    def derive_zone(self, zone: str) -> None:
        """Take *zone*, which the country has alone, unless the customer's own was stated."""
        if self.fields.get("time_zone_source") != "stated" and self.fields.get("time_zone", "") != zone:
            self.fields["time_zone"] = zone
            self.fields["time_zone_source"] = "country" if zone else ""
            self.is_different = True
