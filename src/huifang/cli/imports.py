"""``huifang import customers|events|feedback FILE``: takes a file in and reports every refused row."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext

from huifang.cli import import_files, output
from huifang.customers import records as customers
from huifang.events import records as events
from huifang.kernel import clock, rows
from huifang.kernel.instants import InstantReader
from huifang.questionnaires import records as feedback

METRICS = ("csat", "nps", "ces")


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    kinds = commands.add_parser("import", help="take in what another system knows").add_subparsers(
        title="kinds", metavar="KIND", required=True
    )
    parser = kinds.add_parser("customers", parents=[shared], help="customers from CSV, JSON Lines or Parquet")
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

    def work() -> int:
        from huifang.customers import services

        with import_files.opened(arguments, kind="customers") as (found, refusals):
            report = services.import_customers(
                rows=found,
                mapping=dict(arguments.map),
                now=clock.now(),
                as_of=arguments.as_of,
                on_refused=refusals.write,
            )
        return _tell(customers_told(report), refusals)

    return _run(arguments, work)


def import_events(arguments: argparse.Namespace) -> int:
    """The same for events."""
    layout = events.EventLayout(
        mapping=dict(arguments.map),
        event=arguments.event,
        instants=_instants(arguments),
        is_typed=rows.is_typed(arguments.file),
        has_columns=rows.has_columns(arguments.file),
    )

    def work() -> int:
        from huifang.events import services

        with import_files.opened(arguments, kind="events") as (found, refusals):
            report = services.import_events(
                rows=found, layout=layout, now=clock.now(), on_refused=refusals.write
            )
        return _tell(events_told(report), refusals)

    return _run(arguments, work)


def import_feedback(arguments: argparse.Namespace) -> int:
    """The same for answers of the past."""
    layout = feedback.FeedbackLayout(
        name=arguments.name.strip() or import_files.name_of(arguments.file),
        metric=feedback.QuestionKind(arguments.metric),
        mapping=dict(arguments.map),
        instants=_instants(arguments),
        is_typed=not rows.has_columns(arguments.file),
    )

    def work() -> int:
        from huifang.questionnaires import services

        with import_files.opened(arguments, kind="feedback") as (found, refusals):
            report = services.import_feedback(
                rows=found, layout=layout, by="command-line", now=clock.now(), on_refused=refusals.write
            )
        return _tell(feedback_told(report, layout.name), refusals)

    return _run(arguments, work)


def _run(arguments: argparse.Namespace, work: Callable[[], int]) -> int:
    if not import_files.is_there(arguments.file):
        return import_files.MISSING
    return import_files.run(arguments, work)


def _tell(lines: list[str], refusals: import_files.Refusals) -> int:
    for line in (*lines, *refusals.told()):
        output.line(line)
    return 1 if refusals.counts else 0


def customers_told(report: customers.ImportReport) -> list[str]:
    """What came of it, as lines."""
    text = gettext(
        "{read} rows read: {created} customers are new, {updated} changed, {unchanged} were as they are, "
        "{refused} rows refused."
    )
    dropped = gettext("{count} values of {name} made no sense and were left out")
    return [
        text.format(
            read=report.read,
            created=report.created,
            updated=report.updated,
            unchanged=report.unchanged,
            refused=report.refused,
        ),
        *(dropped.format(count=count, name=name) for name, count in report.dropped.items()),
    ]


def events_told(report: events.ImportReport) -> list[str]:
    """What came of it, as lines."""
    text = gettext("{read} rows read: {stored} events are new, {known} were there, {refused} rows refused.")
    lines = [text.format(read=report.read, stored=report.stored, known=report.known, refused=report.refused)]
    if report.outdated:
        text = gettext(
            "{count} are older than events are kept (EVENTS_KEPT_DAYS): customers' counts and"
            " profiles keep what they say, the events themselves are dropped within a day."
        )
        lines.append(text.format(count=report.outdated))
    return lines


def feedback_told(report: feedback.ImportReport, name: str) -> list[str]:
    """What came of it, as lines."""
    text = gettext("{read} rows read: {added} answers are new, {known} were there, {refused} rows refused.")
    lines = [text.format(read=report.read, added=report.added, known=report.known, refused=report.refused)]
    if report.nameless:
        text = gettext("{count} of the new answers name no customer that is known.")
        lines.append(text.format(count=report.nameless))
    if report.questionnaire_id:
        text = gettext("They stand under Feedback, questionnaire “Imported: {name}”.")
        lines.append(text.format(name=name))
    return lines
