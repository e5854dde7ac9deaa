"""Reads what one row of past feedback says: a score, words, when, and of whom. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from huifang.kernel.rows import MissingColumnError, fields, identifier, plain
from huifang.kernel.texts import product_language
from huifang.questionnaires.answer_errors import AnswerInvalidError, AnswerTooLongError
from huifang.questionnaires.kinds.base import Given, clean
from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.records import FeedbackLayout, Question, QuestionKind

_AHEAD_MAX = timedelta(hours=1)
_TEXT_LENGTH_MAX = 20_000
_LABEL_LENGTH_MAX = 200
_FIELDS = {
    "score": ("rating", "stars"),
    "text": ("comment", "content", "verbatim", "words"),
    "at": ("answeredat", "timestamp", "createdat", "time", "date"),
    "customer": ("userid", "customerid", "externalid"),
    "event": (),
    "language": ("locale",),
    "region": (),
    "version": ("appversion",),
    "channel": (),
    "walletKind": ("wallettype",),
    "responseId": (),
}
_CHANNELS = {
    "in_app": ("inapp", "app", "widget", "站内", "应用内", "app内"),
    "sms": ("sms", "text", "textmessage", "短信"),
    "email": ("email", "mail", "邮件", "电子邮件", "邮箱"),
    "push": ("push", "推送", "通知推送"),
    "im": ("im", "wechat", "wecom", "微信", "企业微信", "公众号"),
    "phone": ("phone", "call", "telephone", "电话"),
}
_WALLET_KINDS = {"soft": ("soft", "software", "软", "软钱包"), "hard": ("hard", "hardware", "硬", "硬钱包")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one row says. *customer* is the wallet's own id, *event* what the answer is about."""

    score: int | None
    text: str
    at: datetime
    customer: str
    event: str
    language: str
    region: str
    version: str
    channel: str = ""
    wallet_kind: str = ""
    own_id: str = ""

    @property
    def content(self) -> bytes:
        """What makes it this answer and no other: its own id where it has one, else what it says.

        Channel and wallet kind are no part of it: files that were taken in before these were read stay known.
        """
        if self.own_id:
            return msgspec.json.encode([self.own_id])
        said = (self.score, self.text, self.at, self.customer, self.event)
        return msgspec.json.encode((*said, self.language, self.region, self.version, ""))


class UnusableError(Exception):
    """The row cannot be used, for the reason *code*."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@lru_cache(maxsize=256)
def _places(columns: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return fields(columns, mapping=dict(mapping), known=_FIELDS)


def check_columns(row: Mapping[str, object], layout: FeedbackLayout) -> None:
    """Raise `MissingColumnError` for the first thing that no row of this file can say."""
    places = _places(tuple(row), tuple(layout.mapping.items()))
    for field, is_there in (("score", "score" in places or "text" in places), ("at", "at" in places)):
        if not is_there:
            raise MissingColumnError(field=field, columns=", ".join(row))


def read(row: Mapping[str, object], layout: FeedbackLayout, *, now: datetime) -> Said:
    """What *row* says. Raises `UnusableError`."""
    places = _places(tuple(row), tuple(layout.mapping.items()))
    told = {field: row[column] for field, column in places.items()}
    language = _label(told.get("language"))
    said = Said(
        score=_score(told.get("score"), layout.metric),
        text=_text(told.get("text")),
        at=_at(told.get("at"), layout, now=now),
        customer=_label(identifier(told.get("customer"))),
        event=_label(told.get("event")),
        language=product_language(language) or language,
        region=_label(told.get("region")),
        version=_label(told.get("version")),
        channel=_one_of(_CHANNELS, told.get("channel")),
        wallet_kind=_one_of(_WALLET_KINDS, told.get("walletKind")),
        own_id=_label(identifier(told.get("responseId"))),
    )
    if said.score is None and not said.text:
        raise UnusableError("nothing_said")
    return said


def _score(value: object, metric: QuestionKind) -> int | None:
    """A whole number of the scale of *metric*; 7.0, as spreadsheets write it, is one too."""
    text = _label(value)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise UnusableError("bad_score") from None
    if not number.is_integer():
        raise UnusableError("bad_score")
    question = Question(key=metric.value, kind=metric, title={})
    try:
        parsed = KINDS[metric].parse(question, Given(values=(str(int(number)),)))
    except AnswerInvalidError:
        raise UnusableError("score_off_scale") from None
    return parsed.number if parsed else None


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise UnusableError("bad_text")
    try:
        return clean(str(value), limit=_TEXT_LENGTH_MAX)
    except AnswerTooLongError:
        raise UnusableError("text_too_long") from None


def _at(value: object, layout: FeedbackLayout, *, now: datetime) -> datetime:
    if value in (None, ""):
        raise UnusableError("missing_time")
    found = layout.instants.read(value)
    if found is None:
        raise UnusableError("bad_time")
    if found > now + _AHEAD_MAX:
        raise UnusableError("in_the_future")
    return min(found, now)


def _one_of(known: Mapping[str, tuple[str, ...]], value: object) -> str:
    """Which of *known* is meant by *value*, "" where it is none of ours."""
    word = plain(_label(value))
    return next((name for name, words in known.items() if word in words), "")


def _label(value: object) -> str:
    """*value* as a short text, "" where it is neither text nor a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return "".join(sign for sign in str(value) if sign.isprintable()).strip()[:_LABEL_LENGTH_MAX]
