"""What was answered, as other rooms read it: responses, their answers, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from huifang.customers.records import Profile
from huifang.kernel.ids import CustomerId, PlanId, ResponseId
from huifang.questionnaires.definitions import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftReply:
    """A reply to a message that answered nothing. *who* is None after erasure."""

    reply_id: int
    who: Profile | None
    channel: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecord:
    """One answer with what Feedback and Insights cut it by. *customer_id* is None after erasure."""

    id: int
    response_id: ResponseId
    customer_id: CustomerId | None
    questionnaire_id: int
    version: int
    plan_id: PlanId | None
    channel: str
    language: str
    wallet_kind: str
    region: str
    question_key: str
    kind: str
    metric: str
    is_low: bool
    number: int | None
    text: str
    choices: list[str]
    answered_at: datetime
    amount: Decimal | None = None
    day: date | None = None
    file: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    mode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRecord:
    """One response with its answers in the order of the questions.

    *event* is what an imported one says that it is about; *comments* came by message beside the answers.
    """

    id: ResponseId
    invitation_key: str
    customer_id: CustomerId | None
    questionnaire_id: int
    questionnaire_name: Texts
    version_id: int
    version: int
    plan_id: PlanId | None
    channel: str
    mode: str
    language: str
    wallet_kind: str
    region: str
    app_version: str
    state: str
    low_score: bool
    started_at: datetime
    completed_at: datetime | None
    last_answered_at: datetime
    event: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    answers: list[AnswerRecord] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts:
    """How often each value of one metric was given: *counts* by value."""

    metric: str
    counts: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFilter:
    """Which responses are meant; what is empty does not narrow. *start* and *end* bound the last answer.

    *response_ids*: these at most; None does not narrow.
    """

    questionnaire_id: int | None = None
    plan_id: int | None = None
    channel: str = ""
    metric: str = ""
    wallet_kind: str = ""
    language: str = ""
    event: str = ""
    start: datetime | None = None
    end: datetime | None = None
    is_low: bool = False
    has_text: bool = False
    search: str = ""
    version: int | None = None
    place: str = ""
    kind: str = ""
    score: int | None = None
    mode: str = ""
    response_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePage:
    """Responses, newest first; *after* asks for the next page, "" where there is none."""

    responses: list[ResponseRecord]
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What is counted: from *start* until before *end*; what is empty does not narrow. Days are *zone*'s."""

    start: datetime
    end: datetime
    plan_id: int | None = None
    channel: str = ""
    wallet_kind: str = ""
    language: str = ""
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTally:
    """How often each value of one metric was given in one group: *counts* by value."""

    group: tuple[str, ...]
    metric: str
    counts: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationTally:
    """Invitations of one group, and how many of them were answered, finished, and scored low."""

    group: tuple[str, ...]
    invited: int
    answered: int
    completed: int
    low: int
