"""Finds what has no name yet: subjects that no topic knows, and questions that no FAQ entry answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from msgspec import structs

from huifang.kernel import audit
from huifang.textanalysis import chores, engine_choice, faq_book, keeping, labelling, stored
from huifang.textanalysis.errors import UnknownProposalError
from huifang.textanalysis.models import Finding, Proposal, TextState
from huifang.textanalysis.records import FaqCandidate, Intent, NewTopicProposal, Sentiment, Texts
from huifang.textanalysis.stored import TOPICS

if TYPE_CHECKING:
    from huifang.textanalysis.discovery import Cluster
    from huifang.textanalysis.embedding import Embedder

TOPIC, QUESTION = "topic", "question"
OPEN, TAKEN, DISMISSED = "open", "taken", "dismissed"
EVERY, NEW_MIN = timedelta(hours=6), 40
_LOOKED_AT, _MANY, _PROPOSED_MAX, _SUBJECTS_MAX = 1_500, 1_000, 12, 10
_SIZE_MIN, _ASKED_MIN, _MEMBERS_MAX = 6, 3, 300
_SAME = 0.5


def is_due(*, now: datetime) -> bool:
    """Whether it is worth looking: some hours ago, and enough texts came since; or very many, as a file."""
    if chores.is_asked(chores.DISCOVERY):
        return True
    # Of half a file half the truth would be told, for hours.
    if Finding.objects.filter(state=TextState.QUEUED, found_at=None).exists():
        return False
    since = chores.state(chores.DISCOVERY).until_id
    least = NEW_MIN if chores.is_due(chores.DISCOVERY, every=EVERY, now=now) else _MANY
    return _readable().filter(pk__gt=since)[:least].count() >= least


def last_id() -> int:
    """The newest text that has a finding."""
    return _readable().order_by("-pk").values_list("pk", flat=True).first() or 0


def _readable() -> QuerySet[Finding]:
    return Finding.objects.filter(state=TextState.DONE).exclude(masked="").exclude(language="")


def discover(*, now: datetime) -> int:
    """Look at the newest texts; how many proposals are open then. Up to a minute of work."""
    from huifang.textanalysis import asking, faq

    embed = engine_choice.embedder()
    rows, found = _subjects(embed)
    _keep(TOPIC, rows, found, now)
    asked = list(_readable().filter(intent=Intent.QUESTION).order_by("-at", "-pk")[:_LOOKED_AT])
    questions = [asking.question_of(row.masked) for row in asked]
    asked = [row for row, question in zip(asked, questions, strict=True) if question]
    said = [
        structs.replace(stored.said(row), masked=question)
        for row, question in zip(asked, filter(None, questions), strict=True)
    ]
    search = faq.Search(faq_book.searchable(), embed=embed)
    recurring = faq.candidates(said, search, embed=embed, size_min=_ASKED_MIN)
    _keep(QUESTION, asked, [each for each in recurring if each.name], now)
    return Proposal.objects.filter(state=OPEN).count()


def _subjects(embed: "Embedder | None") -> "tuple[list[Finding], list[Cluster]]":
    """Subjects that no topic knows; then what texts without a topic have in common, where that is more."""
    from huifang.textanalysis import discovery, unheard

    # That many are content, in the same few words, is no topic.
    content = Q(sentiment=Sentiment.POSITIVE, intent__in=[Intent.PRAISE, Intent.OTHER, Intent.UNSURE])
    rows = list(_readable().exclude(content).order_by("-at", "-pk")[:_LOOKED_AT])
    decided = Proposal.objects.filter(kind=TOPIC).exclude(state=OPEN)
    heads = [words[0] for words in decided.values_list("words", flat=True) if words]
    besides = [*engine_choice.own_names(), *heads]
    said = [stored.said(row) for row in rows]
    found = unheard.subjects(said, keeping.taxonomy(), besides=besides, embed=embed)[:_SUBJECTS_MAX]
    bare = [at for at, row in enumerate(rows) if not row.topics]
    for cluster in discovery.clusters([said[at] for at in bare], embed=embed, size_min=_SIZE_MIN):
        placed = cluster.at(bare)
        if len(placed.name) > 1 and not any(_is_part(placed, each) for each in found):
            found.append(placed)
    return rows, found


def _is_part(cluster: "Cluster", subject: "Cluster") -> bool:
    return subject.name[0] in cluster.name or _is_same(subject.members, cluster.members)


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
