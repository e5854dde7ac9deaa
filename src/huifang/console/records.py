"""What crosses the door of the console."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huifang.kernel.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """One person of the staff. *is_invited* means that they have not set a password yet."""

    id: PersonId
    email: str
    name: str
    role: str
    is_active: bool
    is_invited: bool
    has_second_factor: bool
    last_login_at: datetime | None
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRecord:
    """A role, how many active people have it, and what is asked of them."""

    role: str
    people: int
    needs_second_factor: bool
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRecord:
    """An open invitation: whom it lets in, and until when."""

    email: str
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of the audit log, as it is listed. *act* and *details* are in the reader's words."""

    id: int
    actor: str
    who: str
    action: str
    subject: str
    facts: Mapping[str, object]
    at: datetime
    act: str
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedFact:
    """A fact that its listener could not take, and that waits for a person."""

    id: int
    fact_type: str
    listener: str
    last_error: str
    attempts: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a person chose for themselves; "" leaves it to the browser or the device."""

    name: str
    language: str
    time_zone: str
    theme: str
