"""Finds what has no name yet: new topics among texts without one, and questions that no FAQ entry answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from huifang.kernel import audit
from huifang.textanalysis import chores, engine_choice, faq_book, keeping, labelling, stored
from huifang.textanalysis.errors import UnknownProposalError
from huifang.textanalysis.models import Finding, Proposal, TextState
from huifang.textanalysis.records import FaqCandidate, Intent, NewTopicProposal, Sentiment, Texts
from huifang.textanalysis.stored import TOPICS

if TYPE_CHECKING:
    from huifang.textanalysis.discovery import Cluster

TOPIC, QUESTION = "topic", "question"
OPEN, TAKEN, DISMISSED = "open", "taken", "dismissed"
EVERY, NEW_MIN = timedelta(hours=6), 40
_LOOKED_AT, _PROPOSED_MAX, _SIZE_MIN, _ASKED_MIN, _MEMBERS_MAX = 1_500, 12, 6, 3, 300
_SAME = 0.5


def is_due(*, now: datetime) -> bool:
    """Whether it is worth looking: some hours ago, and enough texts came since."""
    if chores.is_asked(chores.DISCOVERY):
        return True
    if not chores.is_due(chores.DISCOVERY, every=EVERY, now=now):
        return False
    since = chores.state(chores.DISCOVERY).until_id
    return _readable().filter(pk__gt=since)[:NEW_MIN].count() >= NEW_MIN


def last_id() -> int:
    """The newest text that has a finding."""
    return _readable().order_by("-pk").values_list("pk", flat=True).first() or 0


def _readable() -> QuerySet[Finding]:
    return Finding.objects.filter(state=TextState.DONE).exclude(masked="").exclude(language="")


def discover(*, now: datetime) -> int:
    """Look at the newest texts; how many proposals are open then. Up to a minute of work."""
    from huifang.textanalysis import discovery, faq

    embed = engine_choice.embedder()
    # That many are content, in the same few words, is no topic.
    content = Q(sentiment=Sentiment.POSITIVE, intent__in=[Intent.PRAISE, Intent.OTHER, Intent.UNSURE])
    nameless = list(_readable().filter(topics=[]).exclude(content).order_by("-pk")[:_LOOKED_AT])
    found = discovery.clusters([stored.said(row) for row in nameless], embed=embed, size_min=_SIZE_MIN)
    _keep(TOPIC, nameless, [each for each in found if each.name], now)
    asked = list(_readable().filter(intent="question").order_by("-pk")[:_LOOKED_AT])
    search = faq.Search(faq_book.searchable(), embed=embed)
    recurring = faq.candidates([stored.said(row) for row in asked], search, embed=embed, size_min=_ASKED_MIN)
    _keep(QUESTION, asked, recurring, now)
    return Proposal.objects.filter(state=OPEN).count()


def _keep(kind: str, rows: Sequence[Finding], found: "Sequence[Cluster]", now: datetime) -> None:
    """Store what was found: the same cluster keeps its number; nobody is asked twice; what is gone goes."""
    with transaction.atomic():
        known = {row.pk: row for row in Proposal.objects.select_for_update().filter(kind=kind)}
        kept = set[int]()
        for cluster in found[:_PROPOSED_MAX]:
            members = [rows[at].pk for at in cluster.members][:_MEMBERS_MAX]
            same = [row for row in known.values() if _is_same(row.members, members)]
            if any(row.state != OPEN for row in same):
                continue
            row = next((row for row in same if row.pk not in kept), None) or Proposal(kind=kind, at=now)
            row.words, row.members, row.size = list(cluster.name), members, cluster.size
            row.sentiment, row.intent = cluster.sentiment, cluster.intent
            row.verbatims = [rows[at].pk for at in cluster.verbatims]
            row.save()
            kept.add(row.pk)
        Proposal.objects.filter(kind=kind, state=OPEN).exclude(pk__in=kept).delete()


def _is_same(one: Sequence[int], other: Sequence[int]) -> bool:
    return len({*one} & {*other}) >= _SAME * min(len(one), len(other))


def proposals() -> list[NewTopicProposal]:
    """Open proposals of new topics, the largest first."""
    rows = list(Proposal.objects.filter(kind=TOPIC, state=OPEN).order_by("-size", "pk"))
    shown = stored.by_ids([each for row in rows for each in row.verbatims])
    return [
        NewTopicProposal(
            id=row.pk,
            words=tuple(row.words),
            sentiment=row.sentiment,
            intent=row.intent,
            size=row.size,
            verbatims=tuple(shown[each] for each in row.verbatims if each in shown),
            at=row.at,
            state=row.state,
        )
        for row in rows
    ]


def faq_candidates() -> list[FaqCandidate]:
    """Questions that recur and that no entry answers, the most frequent first."""
    rows = list(Proposal.objects.filter(kind=QUESTION, state=OPEN).order_by("-size", "pk"))
    shown = stored.by_ids([each for row in rows for each in row.verbatims])
    return [
        FaqCandidate(
            words=tuple(row.words),
            size=row.size,
            verbatims=tuple(shown[each] for each in row.verbatims if each in shown),
        )
        for row in rows
    ]


def _decide(proposal_id: int, state: str, by: str, now: datetime, facts: Mapping[str, object]) -> Proposal:
    row = Proposal.objects.select_for_update().filter(pk=proposal_id, kind=TOPIC, state=OPEN).first()
    if row is None:
        raise UnknownProposalError
    row.state = state
    row.save(update_fields=["state"])
    audit.record(
        actor=by, action=f"topic.proposal_{state}", subject=f"proposal:{row.pk}", at=now, facts=facts
    )
    return row


def take(  # noqa: PLR0913 - one keyword a thing that a topic has
    *, proposal_id: int, code: str, name: Texts, department: str = "", by: str, now: datetime
) -> int:
    """Make a topic of a proposal; its texts become labels. How many. Raises as `keeping.add` does."""
    with transaction.atomic():
        row = _decide(proposal_id, TAKEN, by, now, {"code": code})
        keeping.add(code=code, name=name, department=department, by=by, now=now)
        count = labelling.label_many(ids=row.members, code=code, by=by, now=now)
        chores.ask(chores.RETRAIN + TOPICS, now=now)
        return count


def dismiss(*, proposal_id: int, by: str, now: datetime) -> None:
    """Do not propose this again. Raises `UnknownProposalError`."""
    with transaction.atomic():
        _decide(proposal_id, DISMISSED, by, now, {})
