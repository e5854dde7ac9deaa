"""What crosses the door of the room: questionnaires, invitations, responses, and the facts it announces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from huifang.kernel.ids import CustomerId, InvitationId, ResponseId
from huifang.kernel.instants import InstantReader
from huifang.questionnaires.definitions import (
    AnswerValue,
    Blob,
    Comparison,
    Condition,
    Definition,
    Display,
    HiddenField,
    Option,
    Question,
    QuestionKind,
    Quota,
    Source,
    Texts,
)
from huifang.questionnaires.replied import (
    AnswerRecord,
    Cut,
    InvitationTally,
    LeftReply,
    ResponseFilter,
    ResponsePage,
    ResponseRecord,
    ScoreCounts,
    ScoreTally,
)

__all__ = [
    "AnswerRecord",
    "AnswerValue",
    "Blob",
    "Comparison",
    "Condition",
    "Cut",
    "Definition",
    "Display",
    "HiddenField",
    "InvitationTally",
    "LeftReply",
    "Option",
    "Question",
    "QuestionKind",
    "Quota",
    "ResponseFilter",
    "ResponsePage",
    "ResponseRecord",
    "ScoreCounts",
    "ScoreTally",
    "Source",
    "Texts",
]

IMPORT = "import"  # the mode and channel of answers out of a file
OPEN = "open"  # those of answers at an address that anybody may open
ANONYMOUS = "anonymous"  # the mode of answers that lead back to nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a customer is: on question *place* of *total*, with about *seconds_left* to go."""

    place: int
    total: int
    seconds_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireChoice:
    """A published questionnaire, as a plan chooses it."""

    id: int
    name: Texts
    version_id: int
    version_number: int
    seconds: int
    question_count: int
    languages: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """One version, without its definition."""

    id: int
    number: int
    state: str
    published_at: datetime | None
    published_by: str
    revision: int

    @property
    def stamp(self) -> str:
        """What tells this state of the version from any other, for `services.save_draft`."""
        return f"{self.number}.{self.revision}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.state == "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireRecord:
    """A questionnaire with its newest version and, where there is one, the published version."""

    id: int
    slug: str
    name: Texts
    is_archived: bool
    created_at: datetime
    latest: VersionRecord
    published: VersionRecord | None
    definition: Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireRow:
    """One line of the list of questionnaires."""

    id: int
    slug: str
    name: Texts
    is_archived: bool
    has_draft: bool
    version_number: int
    published_at: datetime | None
    question_count: int
    seconds: int
    languages: list[str]
    started: int
    completed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """One customer to be asked. *key* is unique: asking twice with it makes one invitation.

    *context* is kept with the response to cut it by (event, app_version, region, wallet_kind …).
    *thanks_path*, a path of this product, becomes a button on the page of thanks.
    """

    customer_id: CustomerId
    version_id: int
    key: str
    language: str
    mode: str
    expires_at: datetime
    plan_id: int | None = None
    channel: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    thanks_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation as the inviting room gets it: *path* is put after the public address.

    *is_answered*: the customer has begun to answer, so nobody needs to ask again.
    """

    id: InvitationId
    path: str
    key: str
    is_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """All that the public page needs of one invitation: what is asked and what was answered so far."""

    invitation_id: InvitationId
    customer_id: CustomerId | None
    definition: Definition
    language: str
    state: str
    answers: dict[str, AnswerValue]
    skipped: frozenset[str]
    is_open: bool
    context: Mapping[str, str] = field(default_factory=dict)
    thanks_path: str = ""
    seed: str = ""
    version_id: int = 0
    is_spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSitting:
    """What the page of an open link needs: the link, what is asked, what was answered so far."""

    link_id: int
    slug: str
    version_id: int
    definition: Definition
    is_open: bool
    is_once_a_device: bool
    state: str = ""
    language: str = ""
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    context: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLinkRecord:
    """An address at which anybody may answer. *reason* says why it takes no answer now, "" where it does."""

    id: int
    slug: str
    path: str
    questionnaire_id: int
    questionnaire_name: Texts
    place: str
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None
    responses_max: int | None
    response_count: int
    is_once_a_device: bool
    created_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLinkTerms:
    """What can be set of an open link."""

    place: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    responses_max: int | None = None
    is_once_a_device: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseStarted:
    """Fact: a customer gave a first answer."""

    response_id: ResponseId
    customer_id: CustomerId
    invitation_key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCompleted:
    """Fact: a customer answered all that was asked. *low_score*: CSAT to 2, NPS to 6 or CES to 3."""

    response_id: ResponseId
    customer_id: CustomerId
    invitation_key: str
    questionnaire_id: int
    at: datetime
    low_score: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationSpent:
    """Fact: somebody who was invited began to answer anonymously; which answer it was, nothing tells."""

    customer_id: CustomerId
    invitation_key: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackLayout:
    """How rows of a file become answers to the questionnaire "Imported: *name*" with a score of *metric*.

    *mapping* renames columns: to score, text, at, customer, event, language, region, version, channel,
    walletKind, responseId.
    *instants* reads their times. *is_typed*: any column may be missing from any row (JSON).
    """

    name: str
    metric: QuestionKind
    mapping: Mapping[str, str] = field(default_factory=dict)
    instants: InstantReader = field(default_factory=InstantReader)
    is_typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. *known* answers were there before; *nameless* ones belong to no customer.

    *questionnaire_id* is None where no row could be used.
    """

    questionnaire_id: int | None = None
    read: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    nameless: int = 0
