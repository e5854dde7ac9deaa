"""Decisions a second on one core, against the bar; prints one ratio a line and the bar's last.

Customers, most of them not contacted lately, are asked about one plan with a holdout, by the default
policy with a global holdout. Time is the processor's, and the best of several runs: neighbours on
the machine do not count.
"""

import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from huifang.decisions.budget import Contact
from huifang.decisions.calendars import calendar_around
from huifang.decisions.eligibility import Ask, Candidate, Stage, decide
from huifang.decisions.policy import DEFAULT_POLICY

BAR_PER_SECOND = 200_000
CUSTOMERS = 20_000
RUNS = 9
# A Wednesday, 12:30 in Shanghai: calls and messages are allowed there.
NOON = datetime(2025, 9, 24, 4, 30, tzinfo=UTC)


def make_contacts(chance: random.Random, number: int) -> tuple[Contact, ...]:
    return tuple(
        Contact(
            at=NOON - timedelta(hours=chance.uniform(1, 24 * 30)),
            channel="sms",
            contact_class="follow_up",
            round_key=f"enrolment:{chance.randrange(10**6)}",
        )
        for _ in range(number)
    )


def make_candidates(contacted_share: float, zones: list[str]) -> list[Candidate]:
    chance = random.Random(1)
    return [
        Candidate(
            customer_key=str(number),
            time_zone=chance.choice(zones),
            consented_channels=frozenset({"*"} if chance.random() < 0.97 else ()),
            suppressed_channels=frozenset({"*"} if chance.random() < 0.02 else ()),
            reachable_channels=frozenset({"in_app", "sms"}),
            contacts=make_contacts(chance, chance.randint(1, 3) if chance.random() < contacted_share else 0),
            clock_trusted=True,
        )
        for number in range(CUSTOMERS)
    ]


def measure(candidates: list[Candidate]) -> tuple[float, Counter[str]]:
    """Decisions a second of the processor, and what was decided."""
    policy = replace(DEFAULT_POLICY, global_holdout_basis_points=200)
    calendar = calendar_around(policy.calendar, NOON)
    ask = Ask(
        plan_key="12",
        contact_class="follow_up",
        channel="sms",
        round_key="",
        deadline=NOON + timedelta(days=3),
        stage=Stage.ENROL,
        cooldown=timedelta(days=30),
        holdout_basis_points=500,
    )
    outcomes: Counter[str] = Counter()
    best = float("inf")
    for _ in range(RUNS):
        started = time.process_time()
        decisions = [decide(one, ask, policy, calendar, now=NOON) for one in candidates]
        best = min(best, time.process_time() - started)
        outcomes = Counter(one.outcome.value for one in decisions)
    return len(candidates) / best, outcomes


def report(name: str, candidates: list[Candidate]) -> float:
    per_second, outcomes = measure(candidates)
    ratio = per_second / BAR_PER_SECOND
    decided = " ".join(f"{outcome}={number}" for outcome, number in sorted(outcomes.items()))
    print(f"{name}: {per_second:,.0f} decisions/s, {ratio:.2f} of the bar ({decided})")
    return ratio


def main() -> int:
    here, world = ["Asia/Shanghai"], ["Asia/Shanghai", "Europe/London", "America/New_York", "Asia/Dubai"]
    report("every customer contacted in the last 30 days", make_candidates(1.0, here))
    report("customers around the world, where many are asleep", make_candidates(0.05, world))
    ratio = report("common path: one in twenty contacted in the last 30 days", make_candidates(0.05, here))
    print(f"decide {ratio:.2f}")
    return 0 if ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
