"""What every process writes to its log: one line an entry, plain or JSON, and never personal data.

Codes, numbers and names of places in the code belong into a log; a customer does not. The redactor is the
last net, not the first: what looks like a phone number, an address, a card or a key is hidden in whatever
anybody logs, in the text of exceptions too, and PostgreSQL's details, which quote whole rows, are left out.
"""

import contextvars
import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from huifang.kernel import env

LEVEL = env.text("HUIFANG_LOG_LEVEL", default="WARNING", help="Log level.")
FORMAT = env.text(
    "HUIFANG_LOG_FORMAT", default="plain", help="Form of the log: `plain`, or `json` with one line an entry."
)

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

_HIDDEN = "…"
_LINK = re.compile(
    r"(/hooks/[\w-]{1,40}/\d{1,19}/|/s/a/|/q/[\w-]{1,80}/(?=[^\s?\"'])"
    r"|/(?:[lpqrs]|reward|invitations|password/reset/key)/)[^/\s?\"']+"
)
_DETAIL = re.compile(r"^(\s*(?:DETAIL|CONTEXT|QUERY|STATEMENT):).*", re.MULTILINE)
_PERSONAL = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"  # e-mail
    r"|(?<![\w.-])\+\d[\d \-()]{6,20}\d"  # phone, international
    r"|(?<![\w.:-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\w.:])"  # Chinese mobile
    r"|(?<![\w.:-])\d{17}[\dXx](?![\w.:])"  # Chinese identity card
    r"|(?<![\w.:-])\d{4}(?:[ -]?\d{4}){2,3}[ -]?\d{1,4}(?![\w.:])"  # bank card
    r"|(?i:\b(?:basic|bearer)\s+)[\w.+/=~-]{8,}"
    r"|://[^/\s:@]{1,64}:[^/\s@]{1,128}@",  # password in an address
    re.ASCII,  # Chinese characters are no part of a number or an address
)


def redact(text: str) -> str:
    """*text* without what looks like personal data, a token or a key."""
    return _PERSONAL.sub(_HIDDEN, _DETAIL.sub(rf"\1 {_HIDDEN}", _LINK.sub(rf"\1{_HIDDEN}", text)))


class PlainFormatter(logging.Formatter):
    """One entry for a person at a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, the exception below it."""
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One entry as one line of JSON: time, level, logger, message, process, request, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            "process": record.process,
            "thread": record.threadName,
        }
        if asked := request_id.get():
            entry["request_id"] = asked
        entry.update({name: record.__dict__[name] for name in _FACTS if name in record.__dict__})
        if record.exc_info and record.exc_info[0]:
            entry["error"] = record.exc_info[0].__name__
            entry["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str)


# What an entry may carry beside its message, as logging's `extra`.
_FACTS = ("route", "method", "status", "milliseconds", "loop", "fact_type", "count")


def configuration() -> dict[str, Any]:
    """Logging's configuration for every process. Raises `env.SettingError`."""
    forms = {"plain": PlainFormatter, "json": JsonFormatter}
    if FORMAT not in forms:
        raise env.SettingError(f"HUIFANG_LOG_FORMAT must be plain or json, not {FORMAT!r}.")
    if not isinstance(logging.getLevelName(LEVEL.upper()), int):
        raise env.SettingError(f"HUIFANG_LOG_LEVEL must be a level such as INFO, not {LEVEL!r}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": forms[FORMAT]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        # An address that is not there is nothing to tell the operator; our own mistakes are.
        "loggers": {"django.request": {"level": "ERROR"}},
        "root": {"handlers": ["stderr"], "level": LEVEL.upper()},
    }
