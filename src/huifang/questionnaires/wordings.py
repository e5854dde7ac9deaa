"""What customers wrote, row by row, for whoever reads texts: with the score beside it and its frame.

Read by ranges of ids, which are the order in which rows came, and by when a response was last touched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.kinds.scale import Scale
from huifang.questionnaires.models import Answer, Response, TakenReply
from huifang.questionnaires.records import QuestionKind

# A contact is what somebody is called, not what they say.
_SAYING = ("text", "single", "multiple", "matrix", "voice", "image")
_SCALES = tuple(kind.value for kind, each in KINDS.items() if isinstance(each, Scale))
_AFTER_ALL = 1_000_000
_DETRACTOR, _PASSIVE, _PROMOTER_MAX = 6, 8, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words of one response. *key* begins with the id of the response; *rating* is a share of its scale.

    *customer_id* is None where the answer is anonymous or an import names nobody.
    """

    key: str
    at: datetime
    words: str
    rating: float | None
    language: str
    customer_id: int | None
    plan_id: int | None
    channel: str
    version: str
    region: str
    event: str


def last_answer_id() -> int:
    """The highest id, 0 where there is none."""
    return Answer.objects.aggregate(last=Max("pk"))["last"] or 0


def last_reply_id() -> int:
    """The highest id, 0 where there is none."""
    return TakenReply.objects.aggregate(last=Max("pk"))["last"] or 0


def answers(*, after: int, until: int, limit: int) -> tuple[list[Wording], int]:
    """The words in some answers with ids above *after*, and the id up to which these are all."""
    ids = Answer.objects.filter(pk__gt=after, pk__lte=until).order_by("pk").values_list("pk", flat=True)
    last = list(ids[limit - 1 : limit])
    end = last[0] if last else until
    found = _saying().filter(pk__gt=after, pk__lte=end, is_live=True).exclude(text="")
    return _wordings(list(found.order_by("pk"))), end


def replies(*, after: int, until: int, limit: int) -> tuple[list[Wording], int]:
    """The same for words that came by message and stand beside a response as a comment."""
    found = TakenReply.objects.filter(pk__gt=after, pk__lte=until, response__isnull=False).exclude(words="")
    rows = list(found.select_related("response").order_by("pk")[:limit])
    ratings = _ratings([row.response_id for row in rows if row.response_id])
    end = rows[-1].pk if len(rows) == limit else until
    return [
        _wording(row.response, f"reply:{row.pk}", row.at, words=row.words, ratings=ratings, place=_AFTER_ALL)
        for row in rows
        if row.response is not None
    ], end


def touched(*, since: datetime, until: datetime, limit: int) -> tuple[list[Wording], list[str], datetime]:
    """Words of responses touched after *since*, keys of answers without words now, and up to when."""
    found = Response.objects.filter(last_answered_at__gt=since, last_answered_at__lte=until)
    instants = found.order_by("last_answered_at").values_list("last_answered_at", flat=True)
    last = list(instants[limit - 1 : limit])
    end = last[0] if last else until
    ids = list(found.filter(last_answered_at__lte=end).values_list("pk", flat=True))
    rows = list(_saying().filter(response_id__in=ids).order_by("pk"))
    said = [row for row in rows if row.is_live and row.text]
    gone = [_key(row.response_id, row.question_key) for row in rows if not (row.is_live and row.text)]
    return _wordings(said), gone, end


def _saying() -> QuerySet[Answer]:
    return Answer.objects.filter(kind__in=_SAYING).select_related("response")


def _wordings(rows: Sequence[Answer]) -> list[Wording]:
    ratings = _ratings([row.response_id for row in rows])
    return [
        _wording(
            row.response, row.question_key, row.answered_at, words=row.text, ratings=ratings, place=row.place
        )
        for row in rows
    ]


def _key(response_id: int, part: str) -> str:
    return f"{response_id}/{part}"


def _wording(  # noqa: PLR0913 - one keyword a thing that is known of the words
    response: Response,
    part: str,
    at: datetime,
    *,
    words: str,
    ratings: dict[int, list[tuple[int, float]]],
    place: int,
) -> Wording:
    known = response.context
    return Wording(
        key=_key(response.pk, part),
        at=at,
        words=words,
        rating=_nearest(ratings.get(response.pk, []), place),
        language=response.language,
        customer_id=response.customer_id,
        plan_id=response.plan_id,
        channel=response.channel or response.mode,
        version=response.app_version or str(known.get("app_version") or ""),
        region=response.region,
        event=str(known.get("event") or ""),
    )


def _ratings(ids: Iterable[int]) -> dict[int, list[tuple[int, float]]]:
    """The scores of each response as shares of their scales, with the places of their questions."""
    rows = Answer.objects.filter(response_id__in=set(ids), is_live=True, number__isnull=False)
    found: dict[int, list[tuple[int, float]]] = {}
    for row in rows.filter(kind__in=_SCALES).order_by("place"):
        share = share_of(row.kind, row.number or 0)
        if share is not None:
            found.setdefault(row.response_id, []).append((row.place, share))
    return found


def share_of(kind: str, number: int) -> float | None:
    """*number* as a share of the scale of *kind*, 0 worst and 1 best.

    For NPS the bounds are its own: who gives 6 is a detractor, and below the middle here too.
    """
    scale = KINDS[QuestionKind(kind)]
    if not isinstance(scale, Scale):
        return None
    if scale.metric != "nps":
        return (number - scale.lowest) / (scale.highest - scale.lowest)
    if number <= _DETRACTOR:
        return 0.4 * number / _DETRACTOR
    return 0.6 if number <= _PASSIVE else number / _PROMOTER_MAX


def _nearest(scores: Sequence[tuple[int, float]], place: int) -> float | None:
    """The score that words at *place* speak of: the last before them, else the first after."""
    before = [share for at, share in scores if at < place]
    return before[-1] if before else scores[0][1] if scores else None
