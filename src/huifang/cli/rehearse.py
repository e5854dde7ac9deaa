"""``huifang rehearse``: plays a plan over stored events and says whom it would contact. Contacts nobody."""

import argparse
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec

from huifang.cli import database, output
from huifang.cli.errors import UnknownPlanNameError
from huifang.cli.installation import Installation
from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans.records import PlanLine, RehearsalRecord, RehearsalResult


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("rehearse", parents=[shared], help="play a plan over stored events")
    parser.add_argument("plan", metavar="PLAN", help="the plan's number, or its name in either language")
    day = "day (its start, UTC) or instant, such as 2026-03-01 or 2026-03-01T09:00+08:00"
    parser.add_argument(
        "--from", dest="start", type=start_of, required=True, metavar="D", help=f"first {day}"
    )
    parser.add_argument(
        "--to", dest="end", type=end_of, required=True, metavar="D", help="last day (its end)"
    )
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON")
    parser.set_defaults(run=run)


def start_of(text: str) -> datetime:
    """The instant, or the start of the day, that *text* names; UTC where it names no zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def end_of(text: str) -> datetime:
    """The instant, or the end of the day, that *text* names; UTC where it names no zone."""
    found = start_of(text)
    is_day = "T" not in text and found.time() == time()
    return found + timedelta(days=1) if is_day else found


def run(arguments: argparse.Namespace) -> int:
    """Rehearse and print what came of it."""
    with database.django(Installation(arguments.data_dir), purpose="rehearse"):
        from huifang.plans import queries, services

        record = services.rehearse(
            plan_id=plan_named(arguments.plan, queries.plans()),
            start=arguments.start,
            end=arguments.end,
            by="command-line",
            now=clock.now(),
        )
    if arguments.json:
        output.line(msgspec.json.encode(_as_values(record)).decode())
        return 0
    assert record.result is not None, "A rehearsal that returned has a result."
    for line in told(record.result):
        output.line(line)
    return 0


def plan_named(text: str, lines: list[PlanLine]) -> PlanId:
    """The plan with this number or name. Raises `UnknownPlanNameError`."""
    for line in lines:
        if text == str(line.id) or text in line.name.values():
            return line.id
    known = ", ".join(f"{line.id} ({next(iter(line.name.values()), '')})" for line in lines)
    raise UnknownPlanNameError(plan=text, known=known or "none")


def _as_values(record: RehearsalRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "plan_id": record.plan_id,
        "version": record.version,
        "state": record.state,
        "result": None if record.result is None else msgspec.to_builtins(record.result, str_keys=True),
    }


def told(result: RehearsalResult) -> list[str]:
    """What a person wants to know first."""
    lines = [
        f"{result.events} events of {result.people} customers, read in {result.seconds:.1f} s",
        f"would be contacted: {result.contacted}",
        f"held out for comparison: {result.held_out}",
    ]
    reasons = sorted(result.reasons.items(), key=lambda item: -item[1])
    lines += [f"not contacted, {reason}: {count}" for reason, count in reasons]
    lines += [f"messages by {channel}: {count}" for channel, count in sorted(result.contacts.items())]
    return lines
