"""Texts and what they mean over the HTTP API: findings, topics, trends, alerts, corrections, the FAQ."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from huifang.api.frame import require
from huifang.api.instants import Instant
from huifang.kernel import clock
from huifang.textanalysis import queries, services
from huifang.textanalysis.records import FindingFilter, FindingRecord, NewText

router = Router(tags=["feedback"])
SOURCE = "api"
_PAGE_MAX, _TEXTS_MAX, _TEXT_MAX, _FRAME_MAX = 500, 500, 100_000, 200


class FilterIn(Schema):
    """Which findings are meant; without *start* those of the last 28 days where there are periods."""

    start: Instant | None = None
    end: Instant | None = None
    sentiment: Literal["", "positive", "neutral", "negative", "unsure"] = ""
    topic: str = ""
    intent: str = ""
    language: str = ""
    channel: str = ""
    version: str = ""
    region: str = ""
    event: str = ""
    source: str = ""
    competitor: str = ""
    urgency_min: int = Field(0, ge=0, le=3)
    plan: int | None = Field(None, ge=1, le=2**62)
    has_wish: bool = False
    words: str = ""
    is_unsure: bool = False

    def read(self) -> FindingFilter:
        """The filter that is meant."""
        given = {name: getattr(self, name) for name in FindingFilter.__slots__ if name != "plan_id"}
        return FindingFilter(**given, plan_id=self.plan)


class FindingsQuery(FilterIn):
    """One page of findings. Send *after* of the page before for the next."""

    after: str = ""
    limit: int = Field(100, ge=1, le=_PAGE_MAX)


class TopicFindingOut(Schema):
    """A topic, how sure the engine is (0 to 1), and the words that show it."""

    code: str
    confidence: float
    words: list[str]


class FindingOut(Schema):
    """What is known of one text. *text* is masked; *corrected* names what a person set."""

    id: int
    source: str
    key: str
    at: datetime
    text: str
    language: str
    sentiment: str
    sentiment_confidence: float
    topics: list[TopicFindingOut]
    intent: str
    urgency: int
    cues: list[dict[str, Any]]
    competitors: list[dict[str, Any]]
    wish: str
    evidence: list[str]
    engine: str
    engine_version: str
    rating: float | None
    plan_id: int | None
    channel: str
    version: str
    region: str
    event: str
    corrected: list[str]


class FindingsOut(Schema):
    """One page of findings, newest first; *after* is "" on the last."""

    findings: list[FindingOut]
    after: str


class TopicOut(Schema):
    """A topic of the taxonomy. *merged_into* is what its texts have now."""

    code: str
    name: dict[str, str]
    parent: str
    department: str
    is_retired: bool
    merged_into: str
    labels: int


class TextIn(Schema):
    """A text of the wallet's own. *key* is unique; the same key again rewrites. *rating* is 0 to 1."""

    key: str = Field(min_length=1, max_length=_FRAME_MAX)
    text: str = Field(max_length=_TEXT_MAX)
    at: Instant | None = None
    rating: float | None = Field(None, ge=0, le=1)
    language: str = Field("", max_length=35)
    channel: str = Field("", max_length=_FRAME_MAX)
    version: str = Field("", max_length=_FRAME_MAX)
    region: str = Field("", max_length=_FRAME_MAX)
    event: str = Field("", max_length=_FRAME_MAX)


class TextsIn(Schema):
    """Texts to understand."""

    texts: list[TextIn] = Field(min_length=1, max_length=_TEXTS_MAX)


class TextsOut(Schema):
    """How many of the texts are new or changed; their findings are there within a minute."""

    queued: int


class CorrectionIn(Schema):
    """What holds of a finding: a sentiment, an intent, an urgency, or the codes of its topics."""

    field: Literal["sentiment", "topics", "intent", "urgency"]
    value: str | int | list[str]


def finding_out(found: FindingRecord) -> FindingOut:
    """A finding as the API shows it: no customer, no words unmasked."""
    shown = msgspec.to_builtins(found)
    shown["text"] = shown.pop("masked")
    shown["corrected"] = sorted(found.corrected)
    return FindingOut(**shown)


def _actor(request: HttpRequest) -> str:
    return str(request.auth)  # type: ignore[attr-defined]


@router.post("/texts", response={202: TextsOut}, operation_id="send_texts")
def send_texts(request: HttpRequest, body: TextsIn) -> Status[TextsOut]:
    """Take texts in. They are masked before they are stored, and read by the worker."""
    require("feedback.edit")(request)
    now = clock.now()
    texts = [
        NewText(source=SOURCE, at=min(each.at or now, now), **each.dict(exclude={"at"}))
        for each in body.texts
    ]
    return Status(202, TextsOut(queued=services.take_texts(texts=texts, now=now)))


@router.get("/feedback/findings", response=FindingsOut, operation_id="list_findings")
def list_findings(request: HttpRequest, asked: Annotated[FindingsQuery, Query()]) -> FindingsOut:
    """What was found in texts, newest first."""
    require("feedback.view")(request)
    page = queries.search(found=asked.read(), after=asked.after, limit=asked.limit)
    return FindingsOut(findings=[finding_out(each) for each in page.findings], after=page.after)


@router.get("/feedback/findings/{finding_id}", response=FindingOut, operation_id="read_finding")
def read_finding(request: HttpRequest, finding_id: int) -> FindingOut:
    """One finding."""
    require("feedback.view")(request)
    return finding_out(queries.finding(finding_id=finding_id))


@router.put("/feedback/findings/{finding_id}/correction", response=FindingOut, operation_id="correct_finding")
def correct_finding(request: HttpRequest, finding_id: int, body: CorrectionIn) -> FindingOut:
    """Set what holds, whatever engines say; it teaches the next model."""
    require("feedback.edit")(request)
    now = clock.now()
    services.correct(finding_id=finding_id, field=body.field, value=body.value, by=_actor(request), now=now)
    return finding_out(queries.finding(finding_id=finding_id))


@router.delete(
    "/feedback/findings/{finding_id}/correction", response=FindingOut, operation_id="undo_correction"
)
def undo_correction(
    request: HttpRequest, finding_id: int, field: Literal["sentiment", "topics", "intent", "urgency"]
) -> FindingOut:
    """What the engine said holds again."""
    require("feedback.edit")(request)
    services.undo_correction(finding_id=finding_id, field=field, by=_actor(request), now=clock.now())
    return finding_out(queries.finding(finding_id=finding_id))


@router.get("/feedback/topics", response=list[dict[str, Any]], operation_id="list_topic_lines")
def list_topic_lines(request: HttpRequest, asked: Annotated[FilterIn, Query()]) -> list[dict[str, Any]]:
    """Topics by size, with the change since the period before in points and its interval."""
    require("feedback.view")(request)
    return [
        msgspec.to_builtins(line) | {"verbatims": [finding_out(each).dict() for each in line.verbatims]}
        for line in queries.topics(found=asked.read())
    ]


@router.get("/feedback/taxonomy", response=list[TopicOut], operation_id="list_topics")
def list_topics(request: HttpRequest) -> list[TopicOut]:
    """The topics that texts can have, retired ones too."""
    require("feedback.view")(request)
    return [TopicOut(**msgspec.to_builtins(each)) for each in queries.taxonomy()]


class TrendQuery(FilterIn):
    """A topic over time; "" is negative texts."""

    by: Literal["day", "week"] = "day"


@router.get("/feedback/trend", response=list[dict[str, Any]], operation_id="read_topic_trend")
def read_topic_trend(request: HttpRequest, asked: Annotated[TrendQuery, Query()]) -> list[dict[str, Any]]:
    """A topic as a share of all texts by day or week of UTC, with Wilson's interval."""
    require("feedback.view")(request)
    found = asked.read()
    return [
        msgspec.to_builtins(point) for point in queries.trend(found=found, topic=found.topic, by=asked.by)
    ]


@router.get("/feedback/alerts", response=list[dict[str, Any]], operation_id="list_topic_alerts")
def list_topic_alerts(request: HttpRequest, open_only: bool = True) -> list[dict[str, Any]]:
    """Topics that rise against their own past, with the texts that show it."""
    require("feedback.view")(request)
    return [
        msgspec.to_builtins(alert) | {"verbatims": [finding_out(each).dict() for each in alert.verbatims]}
        for alert in queries.alerts(open_only=open_only)
    ]


@router.get("/feedback/faq", response=list[dict[str, Any]], operation_id="search_faq")
def search_faq(
    request: HttpRequest,
    question: Annotated[str, Query(min_length=1, max_length=500)],
    language: str = "",
    limit: Annotated[int, Query(ge=1, le=10)] = 3,
) -> list[dict[str, Any]]:
    """The entries of the FAQ that may answer, with how alike they are (0 to 1)."""
    require("feedback.view")(request)
    found = queries.faq_search(question=question, language=language, limit=limit)
    return [msgspec.to_builtins(match) for match in found]
