"""Takes back what somebody dismissed: an alert, a proposal of a topic."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from huifang.kernel import audit
from huifang.textanalysis.errors import UnknownAlertError, UnknownProposalError
from huifang.textanalysis.models import Proposal, TopicAlert

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed:
    """A proposal that somebody dismissed."""

    id: int
    words: tuple[str, ...]
    size: int


def dismissed_alerts() -> dict[int, str]:
    """Who dismissed which of the newest alerts."""
    rows = TopicAlert.objects.exclude(dismissed_by="").order_by("-closed_at")
    return dict(rows.values_list("pk", "dismissed_by")[:50])


def dismissed_proposals() -> list[Dismissed]:
    """The newest proposals of topics that were dismissed."""
    rows = Proposal.objects.filter(kind="topic", state="dismissed").order_by("-pk")[:_SHOWN]
    return [Dismissed(id=row.pk, words=tuple(row.words), size=row.size) for row in rows]


def reopen_alert(*, alert_id: int, by: str, now: datetime) -> None:
    """Open a dismissed alert again. Raises `UnknownAlertError`, also where its topic has another by now."""
    try:
        with transaction.atomic():
            rows = TopicAlert.objects.filter(pk=alert_id).exclude(dismissed_by="")
            if not rows.update(closed_at=None, dismissed_by=""):
                raise UnknownAlertError
            audit.record(actor=by, action="alert.reopened", subject=f"alert:{alert_id}", at=now)
    except IntegrityError:
        raise UnknownAlertError from None


def reopen_proposal(*, proposal_id: int, by: str, now: datetime) -> None:
    """Propose again what was dismissed. Raises `UnknownProposalError`."""
    with transaction.atomic():
        rows = Proposal.objects.filter(pk=proposal_id, kind="topic", state="dismissed")
        if not rows.update(state="open"):
            raise UnknownProposalError
        audit.record(actor=by, action="topic.proposal_reopened", subject=f"proposal:{proposal_id}", at=now)
