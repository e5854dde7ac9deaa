"""What crosses the door of the API frame."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls: the name of the key and its role."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """An API key as it is listed; the key itself is never kept."""

    name: str
    role: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
