"""Takes answers of the past into a questionnaire of their own, a thousand at once. Announces nothing."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction

from huifang.customers import queries as customers
from huifang.customers.records import Profile
from huifang.kernel import vault
from huifang.kernel.rows import BrokenRow, RefusedRow, Repeats, Row
from huifang.questionnaires import past
from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.models import Answer, Invitation, Questionnaire, Response, ResponseState, Version
from huifang.questionnaires.past import Said
from huifang.questionnaires.records import (
    IMPORT,
    Definition,
    FeedbackLayout,
    ImportReport,
    Question,
    QuestionKind,
)

CHUNK = 1000
SCORE, WORDS = "score", "words"
_TITLES = {
    QuestionKind.CSAT: {"zh-Hans": "满意度（导入）", "en": "Satisfaction (imported)"},
    QuestionKind.NPS: {"zh-Hans": "推荐意愿（导入）", "en": "Likelihood to recommend (imported)"},
    QuestionKind.CES: {"zh-Hans": "容易程度（导入）", "en": "Ease (imported)"},
}


@dataclass(slots=True)
class _Count:
    read: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    nameless: int = 0


def slug_of(layout: FeedbackLayout) -> str:
    """The short name of the questionnaire that *layout* fills: the same for the same name and metric."""
    return f"imported-{layout.metric.value}-{hashlib.sha256(layout.name.encode()).hexdigest()[:12]}"


def name_of(layout: FeedbackLayout) -> dict[str, str]:
    """What the questionnaire is called."""
    return {"zh-Hans": f"导入：{layout.name}", "en": f"Imported: {layout.name}"}


def definition_of(metric: QuestionKind) -> Definition:
    """One score and one text, neither of which must be there."""
    words = {"zh-Hans": "原话（导入）", "en": "In their words (imported)"}
    return Definition(
        questions=(
            Question(key=SCORE, kind=metric, title=_TITLES[metric]),
            Question(key=WORDS, kind=QuestionKind.TEXT, title=words, is_long=True),
        )
    )


@dataclass(slots=True, kw_only=True)
class Import:
    """One import on its way. *version_of* gives the questionnaire's version, made with the first answer."""

    layout: FeedbackLayout
    version_of: Callable[[], Version]
    now: datetime
    on_refused: Callable[[RefusedRow], None]
    _tally: _Count = field(default_factory=_Count)
    _version: Version | None = None

    def take(self, rows: Iterable[Row]) -> ImportReport:
        """Import *rows*. Raises `MissingColumnError` where the first lacks what every row must say."""
        left = iter(rows)
        with Repeats() as repeats:
            while chunk := list(islice(left, CHUNK)):
                self._write(self._read(chunk, repeats))
        tally = self._tally
        return ImportReport(
            questionnaire_id=self._version.questionnaire_id if self._version else None,
            read=tally.read,
            added=tally.added,
            known=tally.known,
            refused=tally.refused,
            nameless=tally.nameless,
        )

    def _read(self, chunk: Sequence[Row], repeats: Repeats) -> dict[str, Said]:
        """What the rows of *chunk* say, by the key of the invitation."""
        found: dict[str, Said] = {}
        for row in chunk:
            self._tally.read += 1
            if isinstance(row, BrokenRow):
                self._refuse(row.code, {"line": row.text})
                continue
            if self._tally.read == 1 and not self.layout.is_typed:
                past.check_columns(row, self.layout)
            try:
                said = past.read(row, self.layout, now=self.now)
            except past.UnusableError as problem:
                self._refuse(problem.code, row)
                continue
            key = self._key(said, repeats)
            self._tally.known += key in found
            found.setdefault(key, said)
        return found

    def _refuse(self, code: str, row: Mapping[str, object]) -> None:
        self._tally.refused += 1
        self.on_refused(RefusedRow(number=self._tally.read, code=code, row=row))

    def _key(self, said: Said, repeats: Repeats) -> str:
        """The same in every run: out of the questionnaire and the row; equal rows of a file are numbered."""
        content = slug_of(self.layout).encode() + said.content
        digest = vault.signature(content, context="imported-feedback")[:16]
        repeat = 0 if said.own_id else repeats.number(digest)
        return f"{IMPORT}:{digest.hex()}" + (f"-{repeat}" if repeat else "")

    def _write(self, said: Mapping[str, Said]) -> None:
        if not said:
            return
        self._version = version = self._version or self.version_of()
        ids = customers.ids_of(external_ids={each.customer for each in said.values() if each.customer})
        people = customers.profiles(customer_ids=ids.values())
        with transaction.atomic():
            # Two imports of one file at once: the second waits, and then finds what the first has written.
            Questionnaire.objects.select_for_update().get(pk=version.questionnaire_id)
            known = set(Invitation.objects.filter(key__in=list(said)).values_list("key", flat=True))
            new = [
                _New(key=key, said=each, who=people[ids[each.customer]] if each.customer in ids else None)
                for key, each in said.items()
                if key not in known
            ]
            _insert(new, version, self.layout.metric)
        self._tally.known += len(known)
        self._tally.added += len(new)
        self._tally.nameless += sum(each.who is None for each in new)


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """An answer that is not there yet; *who* is None where nobody is named, or nobody we know."""

    key: str
    said: Said
    who: Profile | None


def _insert(new: Sequence[_New], version: Version, metric: QuestionKind) -> None:
    invitations = Invitation.objects.bulk_create(
        Invitation(
            key=each.key,
            customer_id=each.who.id if each.who else None,
            version=version,
            channel=IMPORT,
            mode=IMPORT,
            language=each.said.language,
            created_at=each.said.at,
            expires_at=each.said.at,
            closed_at=each.said.at,
        )
        for each in new
    )
    responses = Response.objects.bulk_create(
        _response(each, invitation, version, metric)
        for each, invitation in zip(new, invitations, strict=True)
    )
    Answer.objects.bulk_create(
        answer
        for each, response in zip(new, responses, strict=True)
        for answer in _answers(each.said, response, metric)
    )


def _response(each: _New, invitation: Invitation, version: Version, metric: QuestionKind) -> Response:
    said, who = each.said, each.who
    return Response(
        invitation=invitation,
        questionnaire_id=version.questionnaire_id,
        version_number=version.number,
        customer_id=who.id if who else None,
        channel=said.channel or IMPORT,
        mode=IMPORT,
        language=said.language,
        wallet_kind=said.wallet_kind or (who.wallet_kind if who else ""),
        region=said.region or (who.region if who else ""),
        app_version=said.version[:60],
        context={"event": said.event} if said.event else {},
        state=ResponseState.COMPLETED,
        skipped=[SCORE] if said.score is None else [] if said.text else [WORDS],
        low_score=said.score is not None and KINDS[metric].is_low(said.score),
        has_text=bool(said.text),
        started_at=said.at,
        completed_at=said.at,
        last_answered_at=said.at,
    )


def _answers(said: Said, response: Response, metric: QuestionKind) -> list[Answer]:
    found = []
    if said.score is not None:
        found.append(
            Answer(question_key=SCORE, place=0, kind=metric.value, metric=metric.value, number=said.score)
        )
    if said.text:
        found.append(Answer(question_key=WORDS, place=1, kind=QuestionKind.TEXT.value, text=said.text))
    for answer in found:
        answer.response = response
        answer.answered_at = said.at
        answer.questionnaire_id = response.questionnaire_id
        answer.customer_id = response.customer_id
        answer.channel = response.channel
    return found
