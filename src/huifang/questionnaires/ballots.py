"""Takes anonymous answers so that nothing leads from them to who gave them, nor from a person to them.

The page that asks carries a ballot: a random token of its own. An invitation is marked as spent in one
transaction; the answers are kept under a hash of the ballot in another. Neither knows the other. Ballots
wait, sealed and without a time, until at least `MIXED_MIN` of a version are ready; then all of them become
responses at once, in random order, with a day for a time, and the ballots are deleted.
"""

import base64
import hmac
import secrets
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256

import msgspec
from django.db import transaction
from django.db.models import Count, Q

from huifang.kernel import vault
from huifang.questionnaires import ordering, queries, quotas, rules
from huifang.questionnaires.answering import Sheet, Submission
from huifang.questionnaires.errors import BallotGoneError, UnknownInvitationError
from huifang.questionnaires.kinds.registry import kind_of
from huifang.questionnaires.models import Answer, Ballot, Response, ResponseState, Version, answer_fields
from huifang.questionnaires.records import ANONYMOUS, AnswerValue, Definition

MIXED_MIN = 5
_SEAL = "ballot"
_NUMBER_BYTES, _NONCE_BYTES, _MAC_BYTES = 8, 18, 16  # 42 bytes: a token without padding


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What a ballot says."""

    answers: dict[str, AnswerValue] = {}
    skipped: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A ballot as its token tells it: the version that it answers and the hash that it is kept under."""

    version_id: int
    id: uuid.UUID
    seed: str


def draw(*, version_id: int) -> str:
    """A fresh ballot for a version. It stands nowhere but in the page that is sent with it."""
    body = version_id.to_bytes(_NUMBER_BYTES, "big") + secrets.token_bytes(_NONCE_BYTES)
    mac = vault.signature(body, context="ballot")[:_MAC_BYTES]
    return base64.urlsafe_b64encode(body + mac).decode()


def read(token: str) -> Drawn:
    """What *token* stands for. Raises `UnknownInvitationError` where it is none of ours."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        raise UnknownInvitationError from None
    body, mac = raw[: _NUMBER_BYTES + _NONCE_BYTES], raw[_NUMBER_BYTES + _NONCE_BYTES :]
    if not hmac.compare_digest(mac, vault.signature(body, context="ballot")[:_MAC_BYTES]):
        raise UnknownInvitationError
    return Drawn(
        version_id=int.from_bytes(body[:_NUMBER_BYTES], "big"),
        id=uuid.UUID(bytes=sha256(b"ballot:" + body).digest()[:16]),
        seed=sha256(b"order:" + body).hexdigest()[:16],
    )


def paper(drawn: Drawn) -> Paper | None:
    """What the ballot says so far; None where it was not begun, or is among the others already."""
    found = Ballot.objects.filter(pk=drawn.id).first()
    return _opened(found) if found else None


def _opened(found: Ballot) -> Paper:
    return msgspec.json.decode(vault.unseal(bytes(found.sealed), context=_SEAL), type=Paper)


def mark(*, drawn: Drawn, submission: Submission, is_first: bool, now: datetime) -> bool:
    """Write on a ballot; whether it is done with that. Only a *first* act may begin one.

    Raises `BallotGoneError`, and what an answer that is none raises.
    """
    definition = queries.definition(version_id=drawn.version_id)
    with transaction.atomic():
        found = Ballot.objects.select_for_update().filter(pk=drawn.id).first()
        if (found is None and not is_first) or (found is not None and found.is_done):
            raise BallotGoneError
        before = _opened(found) if found else Paper()
        sheet = Sheet(
            definition=ordering.arrange(definition, drawn.seed),
            answers=dict(before.answers),
            skipped=set(before.skipped),
        )
        sheet.take(submission)
        said = Paper(
            answers=sheet.answers,
            skipped=tuple(sorted(sheet.skipped)),
            language=submission.language or before.language,
        )
        is_done = sheet.is_done or _is_full(drawn.version_id, definition, sheet)
        Ballot.objects.update_or_create(
            pk=drawn.id,
            defaults={
                "version_id": drawn.version_id,
                "sealed": vault.seal(msgspec.json.encode(said), context=_SEAL),
                "is_done": is_done,
                "touched_on": now.date(),
            },
        )
    return is_done


def _is_full(version_id: int, definition: Definition, sheet: Sheet) -> bool:
    if not definition.quotas:
        return False
    questionnaire_id = Version.objects.values_list("questionnaire_id", flat=True).get(pk=version_id)
    return quotas.stands_in_the_way(questionnaire_id, definition, sheet.answers)


def mix(*, now: datetime) -> int:
    """Turn ballots that are ready into responses, where enough of one version are; how many.

    Ready is what is done, and what nobody has touched since the day before.
    """
    ready = Q(is_done=True) | Q(touched_on__lt=now.date())
    counted = Ballot.objects.filter(ready).values("version").annotate(count=Count("pk"))
    return sum(
        _mix(row["version"], ready, now=now)
        for row in counted.filter(count__gte=MIXED_MIN).order_by("version")
    )


def _mix(version_id: int, ready: Q, *, now: datetime) -> int:
    with transaction.atomic():
        version = Version.objects.get(pk=version_id)
        found = list(Ballot.objects.select_for_update().filter(ready, version=version_id).order_by("pk"))
        if len(found) < MIXED_MIN:
            return 0  # another worker was here first
        papers = [_opened(each) for each in found]
        secrets.SystemRandom().shuffle(papers)
        _release(version, papers, now=now)
        Ballot.objects.filter(pk__in=[each.pk for each in found]).delete()
    return len(papers)


def waiting(*, questionnaire_id: int | None = None) -> int:
    """How many ballots wait for others: of one questionnaire, or of all."""
    found = Ballot.objects.all()
    if questionnaire_id is not None:
        found = found.filter(version__questionnaire=questionnaire_id)
    return found.count()


def _release(version: Version, papers: Sequence[Paper], *, now: datetime) -> None:
    definition = queries.definition(version_id=version.pk)
    day = datetime.combine(now.date(), time.min, tzinfo=now.tzinfo)
    spoken = Counter(each.language for each in papers)
    made = Response.objects.bulk_create(
        _response(version, definition, each, at=day, keeps_language=spoken[each.language] >= MIXED_MIN)
        for each in papers
    )
    Answer.objects.bulk_create(
        answer
        for response, each in zip(made, papers, strict=True)
        for answer in _answers(response, definition, each.answers)
    )


def _response(
    version: Version, definition: Definition, said: Paper, *, at: datetime, keeps_language: bool
) -> Response:
    live = rules.live_answers(definition, said.answers)
    is_done = rules.next_question(definition, said.answers, frozenset(said.skipped)) is None
    # Where the quota is full by now the response is kept and counts as no completed one.
    is_counted = is_done and quotas.claim(version.questionnaire_id, definition, said.answers)
    unfinished = ResponseState.FULL if is_done else ResponseState.STARTED
    return Response(
        questionnaire_id=version.questionnaire_id,
        version=version,
        version_number=version.number,
        mode=ANONYMOUS,
        language=said.language if keeps_language else "",
        state=ResponseState.COMPLETED if is_counted else unfinished,
        skipped=sorted(said.skipped),
        low_score=rules.is_low(definition, said.answers),
        has_text=any(value.text for value in live.values()),
        started_at=at,
        completed_at=at if is_done else None,
        last_answered_at=at,
    )


def _answers(response: Response, definition: Definition, answers: Mapping[str, AnswerValue]) -> list[Answer]:
    """In the order that the version gives its questions: an order of its own would be a mark."""
    live = rules.live_answers(definition, answers)
    return [
        Answer(
            response=response,
            question_key=question.key,
            place=place,
            kind=question.kind.value,
            metric=kind_of(question).metric,
            is_live=question.key in live,
            answered_at=response.last_answered_at,
            questionnaire_id=response.questionnaire_id,
            **answer_fields(answers[question.key]),
        )
        for place, question in enumerate(definition.questions)
        if question.key in answers
    ]
