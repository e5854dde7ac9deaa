"""Feedback: answers as they come, filtered by the address, read down, and taken out as a table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext, pgettext

from huifang.console import lists, names, plan_names, sheets
from huifang.console.figures import grouped, in_percent
from huifang.console.screens import Request, screen
from huifang.customers import queries as customers
from huifang.customers.records import Profile
from huifang.kernel import audit, clock
from huifang.kernel.texts import LANGUAGES, pick, product_language
from huifang.questionnaires import ballots, editor, queries, telling, views_kept
from huifang.questionnaires.errors import UnknownVersionError
from huifang.questionnaires.records import (
    AnswerRecord,
    AnswerValue,
    Definition,
    Question,
    ResponseFilter,
    ResponseRecord,
    ScoreCounts,
    Texts,
)
from huifang.stats import intervals
from huifang.stats.errors import EmptySampleError
from huifang.stats.intervals import Interval
from huifang.textanalysis import queries as texts
from huifang.textanalysis.records import FindingFilter, FindingRecord

_READ_MAX = 20_000
_LISTING_SORTS = {"at": ("last_answered_at", "id")}
_HIGHEST = {"csat": 5, "nps": 10, "ces": 7}
_INTERVALS: Mapping[str, Callable[[Mapping[int, int]], Interval]] = {
    "csat": intervals.csat,
    "nps": intervals.nps_of,
    "ces": intervals.ces,
}
_COLUMNS = (
    *(
        "response",
        "answered_at",
        "customer",
        "questionnaire",
        "version",
        "plan",
        "channel",
        "mode",
        "language",
    ),
    *("wallet_kind", "region", "app_version", "event", "place", "state"),
    *("question", "kind", "score", "choices", "text", "value"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer as it is read: the question, a score out of *highest*, choices, words and what they mean."""

    title: str
    metric: str
    number: int | None
    highest: int
    is_low: bool
    choices: list[str]
    text: str
    value: str = ""
    kind: str = ""
    file: str = ""
    finding: FindingRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One response as it is read: who, when, where, what they said."""

    response: ResponseRecord
    who: Profile | None
    plan: Texts
    said: list[Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One score of the responses shown, with its interval and base."""

    name: str
    value: str
    interval: str
    base: int


@screen(permission="feedback.view")
def feedback(request: Request) -> HttpResponse | StreamingHttpResponse:
    """Answers, newest first, under a sentence that says how they are."""
    plans = plan_names.names()
    state = lists.read(request.GET, _listing(plans))
    only = _filter(request, state)
    if state.is_export or request.GET.get("export") == "xlsx":
        return _export(request, only)
    page = lists.cut(queries.ResponseList(only), state)
    lines = _lines(page.rows, plans)
    context = {
        "state": state,
        "page": page,
        "lines": lines,
        "findings": [said.finding for line in lines for said in line.said if said.finding],
        "measures": [measure(each) for each in queries.scores(only=only)],
        "start": request.GET.get("from", ""),
        "end": request.GET.get("to", ""),
        "xlsx": state.with_query(page="", export="xlsx"),
        "kept": views_kept.kept(owner=request.person.actor),
        "query": state.with_query(page=""),
        "may_hear": "feedback.files" in request.permissions,
        "may_export": "feedback.export" in request.permissions,
        "is_narrowed": state.is_narrowed or only.start or only.end,
        "waiting": _waiting(only),
        "lot": ballots.MIXED_MIN,
    }
    template = "questionnaires/feedback.html#table" if request.htmx else "questionnaires/feedback.html"
    return render(request, template, context)


def _waiting(only: ResponseFilter) -> int:
    """How many anonymous answers of what is shown wait to be mixed; a narrower filter would tell of whom."""
    if only == ResponseFilter(questionnaire_id=only.questionnaire_id):
        return ballots.waiting(questionnaire_id=only.questionnaire_id)
    return 0


def _language() -> str:
    return product_language(get_language() or "") or LANGUAGES[0]


def _listing(plans: Mapping[int, Texts]) -> lists.Listing:
    values = queries.filter_values()
    language = _language()
    asked = [(str(row.id), pick(row.name, language)) for row in queries.questionnaire_rows()]
    named = [(each, pick(plans.get(int(each), {}), language) or each) for each in values["plan_id"]]
    metrics = [(metric, names.named("metric", metric)) for metric in names.METRICS]

    def coded(kind: str) -> list[tuple[str, str]]:
        return [(each, names.named(kind, each)) for each in values[kind]]

    def plainly(column: str) -> list[tuple[str, str]]:
        return [(each, each) for each in sorted(values[column])]

    return lists.Listing(
        sorts=_LISTING_SORTS,
        sort="-at",
        filters=[
            lists.Filter(name="questionnaire", label=gettext("Questionnaire"), choices=asked),
            lists.Filter(name="plan", label=gettext("Plan"), choices=named),
            lists.Filter(name="channel", label=gettext("Channel"), choices=coded("channel")),
            lists.Filter(name="topic", label=pgettext("field of a finding", "Topic"), choices=_topics()),
            lists.Filter(name="mood", label=gettext("Mood"), choices=texts.names_of(field="sentiment")),
            lists.Filter(name="low", label=gettext("Level"), choices=[("yes", gettext("low scores only"))]),
            lists.Filter(name="metric", label=gettext("Score"), choices=metrics),
            lists.Filter(name="words", label=gettext("Words"), choices=[("yes", gettext("with words only"))]),
            lists.Filter(name="wallet", label=gettext("Wallet"), choices=coded("wallet_kind")),
            lists.Filter(name="language", label=gettext("Language"), choices=coded("language")),
            lists.Filter(name="kind", label=gettext("Kind"), choices=editor.kind_names()),
            lists.Filter(name="version", label=gettext("Version"), choices=plainly("version_number")),
            lists.Filter(name="place", label=gettext("Place"), choices=plainly("place")),
            lists.Filter(name="score", label=gettext("Value"), choices=[(str(n), str(n)) for n in range(11)]),
            lists.Filter(name="urgency", label=gettext("Urgency at least"), choices=_urgencies()),
        ],
    )


def _topics() -> list[tuple[str, str]]:
    live = [each for each in texts.taxonomy() if not each.is_retired]
    return [(each.code, pick(each.name, _language()) or each.code) for each in live]


def _urgencies() -> list[tuple[str, str]]:
    return [(code, name) for code, name in texts.names_of(field="urgency") if code != "0"]


def _filter(request: Request, state: lists.State) -> ResponseFilter:
    chosen = state.chosen
    start, end = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    return ResponseFilter(
        questionnaire_id=int(chosen["questionnaire"] or 0) or None,
        plan_id=int(chosen["plan"] or 0) or None,
        channel=chosen["channel"],
        metric=chosen["metric"],
        wallet_kind=chosen["wallet"],
        language=chosen["language"],
        start=start,
        end=end + timedelta(days=1) if end else None,
        is_low=bool(chosen["low"]),
        has_text=bool(chosen["words"]),
        search=state.search.replace("\0", ""),
        kind=chosen["kind"],
        version=int(chosen["version"] or 0) or None,
        place=chosen["place"],
        score=int(chosen["score"]) if chosen["score"] else None,
        response_ids=_about(chosen),
    )


def _about(chosen: Mapping[str, str]) -> tuple[int, ...] | None:
    """The newest responses whose words have the topic, mood and urgency that are chosen; None for any."""
    wanted = FindingFilter(
        topic=chosen["topic"], sentiment=chosen["mood"], urgency_min=int(chosen["urgency"] or 0)
    )
    if wanted == FindingFilter():
        return None
    keys = texts.keys_with(source="answer", found=wanted, limit=_READ_MAX)
    return tuple({int(key.partition("/")[0]) for key in keys})


def _day(text: str) -> datetime | None:
    """The first instant of a day of the reader, None where *text* is no day."""
    try:
        found = parse_date(text)
    except ValueError:
        return None
    # The day after the last one that there is would be none.
    return timezone.make_aware(datetime.combine(found, time.min)) if found and found.year < 9999 else None


def _lines(responses: Sequence[ResponseRecord], plans: Mapping[int, Texts]) -> list[Line]:
    ids = {each.customer_id for each in responses if each.customer_id is not None}
    people = customers.profiles(customer_ids=ids)
    worded = [answer for each in responses for answer in each.answers if answer.text]
    keys = [f"{each.response_id}/{each.question_key}" for each in worded]
    found = texts.findings(source="answer", keys=keys)
    return [
        Line(
            response=each,
            who=people.get(each.customer_id) if each.customer_id is not None else None,
            plan=plans.get(each.plan_id, {}) if each.plan_id is not None else {},
            said=[
                replace(
                    _said(answer, _definition(each.version_id)),
                    finding=found.get(f"{each.id}/{answer.question_key}"),
                )
                for answer in each.answers
            ],
        )
        for each in responses
    ]


def _definition(version_id: int) -> Definition:
    try:
        return queries.definition(version_id=version_id)
    except UnknownVersionError:
        return Definition()


def _said(answer: AnswerRecord, definition: Definition) -> Said:
    language = _language()
    question = next((each for each in definition.questions if each.key == answer.question_key), None)
    return Said(
        title=pick(question.title, language, definition.fallback_language)
        if question
        else answer.question_key,
        metric=names.named("metric", answer.metric),
        number=answer.number,
        highest=_HIGHEST.get(answer.metric, 0),
        is_low=answer.is_low,
        choices=[
            telling.label_of(question, key, language, definition.fallback_language) if question else key
            for key in answer.choices
        ],
        text=answer.text,
        value=_value(answer, question, language),
        kind=answer.kind,
        file=answer.file,
    )


def _value(answer: AnswerRecord, question: Question | None, language: str) -> str:
    """A number with its unit, a day, stars: what is neither a score nor words."""
    if answer.kind == "stars" and answer.number is not None:
        return "★" * answer.number + "☆" * (5 - answer.number)
    if answer.amount is not None:
        unit = pick(question.unit, language) if question else ""
        return f"{telling.plain_amount(AnswerValue(amount=answer.amount))} {unit}".strip()
    return answer.day.isoformat() if answer.day else ""


def measure(scores: ScoreCounts) -> Measure:
    """The measure of *scores* as it is printed: CSAT in per cent, NPS in points, CES on its scale."""
    try:
        found = _INTERVALS[scores.metric](scores.counts)
    except EmptySampleError:
        return Measure(name=names.named("metric", scores.metric), value="–", interval="–", base=0)
    ends = (found.low, found.high)
    if scores.metric == "csat":
        value, bounds = in_percent(found.estimate, 0) + "%", [in_percent(each, 0) for each in ends]
    else:
        places = 0 if scores.metric == "nps" else 1
        value, bounds = grouped(found.estimate, places), [grouped(each, places) for each in ends]
    joint = " – " if min(ends) < 0 else "–"
    return Measure(
        name=names.named("metric", scores.metric), value=value, interval=joint.join(bounds), base=found.base
    )


def _export(request: Request, only: ResponseFilter) -> HttpResponse | StreamingHttpResponse:
    if "feedback.export" not in request.permissions:
        raise PermissionDenied("feedback.export")
    audit.record(
        actor=request.person.actor,
        action="feedback.exported",
        subject="feedback",
        facts={"query": request.GET.urlencode()[:500]},
        at=clock.now(),
    )
    if request.GET.get("export") == "xlsx":
        return sheets.reply(name="feedback", columns=_COLUMNS, rows=_table(only))
    return lists.csv_reply(name="feedback", columns=_COLUMNS, rows=_table(only))


def _table(only: ResponseFilter) -> Iterator[tuple[object, ...]]:
    """One row an answer, at most `lists.EXPORT_ROWS_MAX` responses."""
    plans = plan_names.names()
    after, count = "", 0
    while count < lists.EXPORT_ROWS_MAX:
        page = queries.responses(only=only, after=after, limit=500)
        for line in _lines(page.responses, plans):
            yield from _rows(line)
        count += len(page.responses)
        after = page.after
        if not after:
            return


def _rows(line: Line) -> Iterator[tuple[object, ...]]:
    response, language = line.response, _language()
    head = (
        response.id,
        response.last_answered_at,
        line.who.external_id if line.who else "",
        pick(response.questionnaire_name, language),
        response.version,
        pick(line.plan, language),
        response.channel,
        response.mode,
        response.language,
        response.wallet_kind,
        response.region,
        response.app_version,
        response.event,
        response.place,
        response.state,
    )
    for answer, said in zip(response.answers, line.said, strict=True):
        choices = "; ".join(said.choices)
        yield (*head, answer.question_key, answer.kind, answer.number, choices, answer.text, _cell(answer))


def _cell(answer: AnswerRecord) -> object:
    """An amount as a number, a day as a date; that there is a file, without it."""
    if answer.amount is not None:
        return answer.amount
    return answer.day or ("file" if answer.file else None)
