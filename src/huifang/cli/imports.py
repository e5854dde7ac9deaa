"""``huifang import customers|events|feedback FILE``: takes a file in and reports every refused row."""

import argparse
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huifang.cli import database, import_files, output
from huifang.cli.installation import Installation
from huifang.customers import records as customers
from huifang.events import records as events
from huifang.kernel import clock, rows
from huifang.kernel.instants import InstantReader
from huifang.questionnaires import records as feedback

METRICS = ("csat", "nps", "ces")
MEANINGS = {
    "customers": {
        "missing_id": "no id of a customer",
        "unusable_id": "the customer's id is over 255 characters, or has control characters in it",
    },
    "events": {
        "bad_message_id": "the messageId is over 255 characters",
        "bad_name": "the event's name is over 200 characters",
        "bad_properties": "the properties are no object, or nested too deep",
        "bad_timestamp": "a time that cannot be read; say how it is written with --time-format",
        "bad_user": "the userId is over 255 characters",
        "in_the_future": "it happens more than an hour from now",
        "missing_name": "no name of an event; give one with --event",
        "missing_timestamp": "no time",
        "missing_user": "no userId",
        "not_storable": "the database refused it",
        "null_byte": "an id or a name has a NUL character in it",
        "too_large": "longer than 32 kB",
    },
    "feedback": {
        "bad_score": "the score is no whole number",
        "bad_text": "the text is none",
        "bad_time": "a time that cannot be read; say how it is written with --time-format",
        "in_the_future": "it was given more than an hour from now",
        "missing_time": "no time",
        "nothing_said": "neither score nor text",
        "score_off_scale": "the score is not on the scale (CSAT 1 to 5, NPS 0 to 10, CES 1 to 7)",
        "text_too_long": "the text is over 20,000 characters",
    },
}


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    kinds = commands.add_parser("import", help="take in what another system knows").add_subparsers(
        title="kinds", metavar="KIND", required=True
    )
    parser = kinds.add_parser("customers", parents=[shared], help="customers from CSV or JSON Lines")
    import_files.add_options(parser, field="TRAIT", example="手机号=phone")
    parser.add_argument(
        "--as-of",
        type=_instant,
        metavar="D",
        help="when the file was true (a day or instant, UTC unless it says otherwise): newer wins",
    )
    parser.set_defaults(run=import_customers)
    parser = kinds.add_parser("events", parents=[shared], help="events of the past")
    import_files.add_options(parser, field="FIELD", example="uid=userId or price=amount")
    parser.add_argument("--event", default="", metavar="NAME", help="the event of rows that name none")
    _add_times(parser)
    parser.set_defaults(run=import_events)
    parser = kinds.add_parser("feedback", parents=[shared], help="answers of the past")
    import_files.add_options(parser, field="FIELD", example="打分=score")
    parser.add_argument("--metric", choices=METRICS, required=True, help="what the scores are")
    parser.add_argument(
        "--name", default="", help='they go to the questionnaire "Imported: NAME" (default: the file\'s name)'
    )
    _add_times(parser)
    parser.set_defaults(run=import_feedback)


def _add_times(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--zone",
        type=_zone,
        default=ZoneInfo("UTC"),
        metavar="Z",
        help="time zone of times that name none, such as Asia/Shanghai (default: UTC)",
    )
    parser.add_argument(
        "--time-format",
        default="",
        metavar="F",
        help="how times are written, in letters of strptime (default: ISO 8601, 2026/3/1 8:30, Unix time)",
    )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"there is no time zone {text!r}; one is Asia/Shanghai") from None


def _instants(arguments: argparse.Namespace) -> InstantReader:
    return InstantReader(zone=arguments.zone, pattern=arguments.time_format)


def import_customers(arguments: argparse.Namespace) -> int:
    """Import one file. Returns 1 where rows were refused, which then stand in a file with their reasons."""
    if not import_files.is_there(arguments.file):
        return import_files.MISSING
    with database.django(Installation(arguments.data_dir), purpose="import"):
        from huifang.customers import services

        with import_files.opened(arguments) as (found, refusals):
            report = services.import_customers(
                rows=found,
                mapping=dict(arguments.map),
                now=clock.now(),
                as_of=arguments.as_of,
                on_refused=refusals.write,
            )
    return _tell(customers_told(report), refusals, "customers")


def import_events(arguments: argparse.Namespace) -> int:
    """The same for events."""
    if not import_files.is_there(arguments.file):
        return import_files.MISSING
    layout = events.EventLayout(
        mapping=dict(arguments.map),
        event=arguments.event,
        instants=_instants(arguments),
        is_typed=rows.is_json_lines(arguments.file),
    )
    with database.django(Installation(arguments.data_dir), purpose="import"):
        from huifang.events import services

        with import_files.opened(arguments) as (found, refusals):
            report = services.import_events(
                rows=found, layout=layout, now=clock.now(), on_refused=refusals.write
            )
    return _tell(events_told(report), refusals, "events")


def import_feedback(arguments: argparse.Namespace) -> int:
    """The same for answers of the past."""
    if not import_files.is_there(arguments.file):
        return import_files.MISSING
    layout = feedback.FeedbackLayout(
        name=arguments.name.strip() or import_files.name_of(arguments.file),
        metric=feedback.QuestionKind(arguments.metric),
        mapping=dict(arguments.map),
        instants=_instants(arguments),
        is_typed=rows.is_json_lines(arguments.file),
    )
    with database.django(Installation(arguments.data_dir), purpose="import"):
        from huifang.questionnaires import services

        with import_files.opened(arguments) as (found, refusals):
            report = services.import_feedback(
                rows=found, layout=layout, by="command-line", now=clock.now(), on_refused=refusals.write
            )
    return _tell(feedback_told(report, layout.name), refusals, "feedback")


def _tell(lines: list[str], refusals: import_files.Refusals, kind: str) -> int:
    for line in (*lines, *refusals.told(MEANINGS[kind])):
        output.line(line)
    return 1 if refusals.counts else 0


def customers_told(report: customers.ImportReport) -> list[str]:
    """What came of it, as lines."""
    dropped = report.dropped.items()
    return [
        f"{report.read} rows read: {report.created} customers are new, {report.updated} changed, "
        f"{report.unchanged} were as they are, {report.refused} rows refused.",
        *(f"{count} values of {name} made no sense and were left out" for name, count in dropped),
    ]


def events_told(report: events.ImportReport) -> list[str]:
    """What came of it, as lines."""
    lines = [
        f"{report.read} rows read: {report.stored} events are new, {report.known} were there, "
        f"{report.refused} rows refused."
    ]
    if report.outdated:
        lines.append(
            f"{report.outdated} are older than events are kept (EVENTS_KEPT_DAYS): customers' counts and"
            " profiles keep what they say, the events themselves are dropped within a day."
        )
    return lines


def feedback_told(report: feedback.ImportReport, name: str) -> list[str]:
    """What came of it, as lines."""
    lines = [
        f"{report.read} rows read: {report.added} answers are new, {report.known} were there, "
        f"{report.refused} rows refused."
    ]
    if report.nameless:
        lines.append(f"{report.nameless} of the new answers name no customer that is known.")
    if report.questionnaire_id:
        lines.append(f"They stand under Feedback, questionnaire “Imported: {name}”.")
    return lines
