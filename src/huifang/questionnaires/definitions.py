"""The shape of a questionnaire and of one answer: pure data, the same in the database, the API and the pack.

Fields are only ever added, each with a default that means what its absence meant: what was published reads
the same for ever.
"""

import datetime as dates
from decimal import Decimal
from enum import StrEnum

import msgspec

Texts = dict[str, str]


class QuestionKind(StrEnum):
    """What kind of answer a question takes. Stored: never rename a value."""

    CSAT = "csat"
    NPS = "nps"
    CES = "ces"
    STARS = "stars"
    SINGLE = "single"
    MULTIPLE = "multiple"
    MATRIX = "matrix"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    CONTACT = "contact"
    VOICE = "voice"
    IMAGE = "image"


class Display(StrEnum):
    """Whether a phone shows one question a screen or all on one. Stored: never rename a value."""

    ONE = "one"
    ALL = "all"


class Comparison(StrEnum):
    """What a condition asks about an earlier answer. Stored: never rename a value."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ANY_OF = "any_of"
    NONE_OF = "none_of"
    ANSWERED = "answered"


class Source(StrEnum):
    """Where a hidden field comes from: what the inviting room knew, or the link. Stored: never rename."""

    CONTEXT = "context"
    LINK = "link"
    SIGNED_LINK = "signed_link"


class Condition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Shown only if the answer to the earlier *question* meets *test*.

    *number* is for at_most and at_least, *options* for any_of and none_of (of a matrix, "row:column"). A
    question that was not answered meets none of them, so what depends on it stays hidden.
    """

    question: str
    test: Comparison
    number: int | None = None
    options: tuple[str, ...] = ()


class Option(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing to choose. *is_other* asks for a few words beside it; *is_exclusive* rules out the rest."""

    key: str
    label: Texts
    is_other: bool = False
    is_exclusive: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One question. All of *show_if* must hold for it to be shown.

    *labels* name numbers of a scale ("5"), *low_label* and *high_label* stand at its ends; *is_long*
    asks for a paragraph. A matrix asks each of *rows* for one of the options. *lowest*, *highest*, *places*
    (decimals) and *unit* bound a number, *earliest* and *latest* a date. A contact consent is for *purpose*
    by *channel*. *is_shuffled* puts the options in another order for everybody.
    """

    key: str
    kind: QuestionKind
    title: Texts
    hint: Texts = {}
    is_required: bool = False
    options: tuple[Option, ...] = ()
    labels: dict[str, Texts] = {}
    low_label: Texts = {}
    high_label: Texts = {}
    is_long: bool = False
    show_if: tuple[Condition, ...] = ()
    rows: tuple[Option, ...] = ()
    lowest: Decimal | None = None
    highest: Decimal | None = None
    places: int = 0
    unit: Texts = {}
    earliest: dates.date | None = None
    latest: dates.date | None = None
    purpose: str = "service_follow_up"
    channel: str = "phone"
    is_shuffled: bool = False


class HiddenField(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something kept with the response that nobody is asked."""

    key: str
    source: Source = Source.CONTEXT


class Quota(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """At most *limit* responses whose answers meet all of *when*; without conditions, responses at all."""

    key: str
    limit: int
    when: tuple[Condition, ...] = ()


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """All that a version of a questionnaire says: never changed once it is published.

    *about* is the line above the first question (who asks and why), *intro* the whole of it with what
    becomes of the answers, *thanks* what happens next, *full* what is said to those who come too late.
    *shuffled* names questions that change places among themselves. *is_anonymous*: no answer can be led back.
    """

    questions: tuple[Question, ...] = ()
    intro: Texts = {}
    about: Texts = {}
    thanks: Texts = {}
    fallback_language: str = "zh-Hans"
    display: Display = Display.ONE
    is_anonymous: bool = False
    shuffled: tuple[str, ...] = ()
    hidden: tuple[HiddenField, ...] = ()
    quotas: tuple[Quota, ...] = ()
    full: Texts = {}


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it will be kept: checked, and an image drawn anew."""

    media_type: str
    data: bytes


class AnswerValue(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: a *number* on a scale, *choices* by option key, or *text* (also the words of "other").

    *amount* is a number asked for, *day* a date, *file* the id of a stored file; *fresh* is one to be stored.
    """

    number: int | None = None
    text: str = ""
    choices: tuple[str, ...] = ()
    amount: Decimal | None = None
    day: dates.date | None = None
    file: str = ""
    fresh: Blob | None = None
