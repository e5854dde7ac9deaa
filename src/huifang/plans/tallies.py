"""Counts what became of the people of a rehearsal; counts of parts add up to those of the whole. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum

import msgspec

from huifang.plans.playing import Hour, Sent
from huifang.plans.records import RehearsalRow
from huifang.plans.rehearsal import Simulation

SAMPLES_MAX = 20
CONTACTED = "contacted"
_Counted = dict[tuple[str, str, str], int]


class SentBy(IntEnum):
    """The places of what is known of a contact; a person is counted by the first two."""

    DAY = 0
    HOUR = 1
    CHANNEL = 2


class Tally(msgspec.Struct, kw_only=True):
    """*people* by the day and hour of their first event and by what became of them: a reason or `CONTACTED`.

    *sent*: contacts. *samples*: some people by what became of them, each with when their first event was.
    """

    events: int = 0
    people: _Counted = msgspec.field(default_factory=dict)
    sent: dict[Sent, int] = msgspec.field(default_factory=dict)
    twice: int = 0
    reminded: int = 0
    samples: dict[str, list[tuple[datetime, str]]] = msgspec.field(default_factory=dict)

    @property
    def outcomes(self) -> Counter[str]:
        """People by what became of them, the most frequent first."""
        found: Counter[str] = Counter()
        for (_, _, outcome), count in self.people.items():
            found[outcome] += count
        return Counter(dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))))

    @property
    def shown(self) -> dict[str, list[str]]:
        """The external ids of the samples."""
        return {outcome: [name for _, name in found] for outcome, found in self.samples.items()}

    def sent_by(self, place: SentBy) -> dict[str, int]:
        """Contacts by one of the things that are known of them."""
        found: Counter[str] = Counter()
        for key, count in self.sent.items():
            found[key[place]] += count
        return dict(sorted(found.items()))

    @property
    def days(self) -> list[RehearsalRow]:
        """People by local day."""
        return _rows(self.people, SentBy.DAY)

    @property
    def hours(self) -> list[RehearsalRow]:
        """People by local hour."""
        return _rows(self.people, SentBy.HOUR)


def tally_of(simulation: Simulation) -> Tally:
    """What came of *simulation*, which is finished."""
    people: Counter[tuple[Hour, str]] = Counter()
    samples: dict[str, list[tuple[datetime, str]]] = {}
    twice = reminded = 0
    for person in simulation.people.values():
        contacts, planned = person.contacts, person.planned
        outcome = CONTACTED if contacts or planned else person.first_reason
        people[person.hour, outcome] += 1
        shown = samples.setdefault(outcome, [])
        if len(shown) < SAMPLES_MAX:
            shown.append((person.first_at, person.external_id))
        if len(contacts) + len(planned) > 1:
            reminded += 1
            rounds = len({contact.round_key for contact in contacts}) + bool(planned)
            twice += rounds > 1
    return Tally(
        events=simulation.events,
        people={(*hour, outcome): count for (hour, outcome), count in people.items()},
        sent=dict(simulation.sent),
        twice=twice,
        reminded=reminded,
        samples=samples,
    )


def together(parts: Iterable[Tally]) -> Tally:
    """The tally of several parts, none of which shares a customer with another."""
    whole = Tally()
    people: Counter[tuple[str, str, str]] = Counter()
    sent: Counter[Sent] = Counter()
    for part in parts:
        people.update(part.people)
        sent.update(part.sent)
        whole.events += part.events
        whole.twice += part.twice
        whole.reminded += part.reminded
        for outcome, shown in part.samples.items():
            whole.samples.setdefault(outcome, []).extend(shown)
    whole.people, whole.sent = dict(people), dict(sent)
    for shown in whole.samples.values():
        shown.sort()
        del shown[SAMPLES_MAX:]
    return whole


def _rows(people: _Counted, place: SentBy) -> list[RehearsalRow]:
    """People by the label at *place* of their key, in the order of labels."""
    contacted: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for key, count in people.items():
        label, outcome = key[place], key[2]
        held = reasons.setdefault(label, Counter())
        if outcome == CONTACTED:
            contacted[label] += count
        elif outcome:
            held[outcome] += count
    return [
        RehearsalRow(label=label, contacted=contacted[label], reasons=dict(reasons[label]))
        for label in sorted(reasons)
    ]
