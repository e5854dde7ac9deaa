"""The FAQ as operators keep it, and the search in it."""

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction

from huifang.kernel import audit
from huifang.textanalysis import engine_choice, reading
from huifang.textanalysis.errors import FaqEmptyError, UnknownFaqError
from huifang.textanalysis.models import FaqAnswer
from huifang.textanalysis.records import FaqEntry, FaqMatch, Texts

if TYPE_CHECKING:
    from huifang.textanalysis import faq

LIVE, RETIRED = "live", "retired"
_QUESTION_MAX = 500
_searching = threading.Lock()
_searches: "dict[str, faq.Search]" = {}


def entries(*, with_retired: bool = False) -> list[FaqEntry]:
    """Every entry, in the order in which they were written."""
    rows = FaqAnswer.objects.order_by("pk")
    return [_record(row) for row in (rows if with_retired else rows.filter(is_retired=False))]


def _record(row: FaqAnswer) -> FaqEntry:
    state = RETIRED if row.is_retired else LIVE
    return FaqEntry(id=row.pk, questions=row.questions, answer=row.answer, state=state)


def searchable() -> "list[faq.Entry]":
    """Live entries as the search takes them, in all of their languages."""
    from huifang.textanalysis import faq

    return [
        faq.Entry(
            key=str(each.id),
            questions=tuple(question for many in each.questions.values() for question in many),
            answer="\n".join(each.answer.values()),
        )
        for each in entries()
    ]


def search(*, question: str, limit: int) -> list[FaqMatch]:
    """The entries most like *question*, the best first."""
    asked = reading.clean(question)[:_QUESTION_MAX]
    known = {str(each.id): each for each in entries()}
    if not asked or not known:
        return []
    found = _search().find_all([asked], most=limit)[0]
    return [FaqMatch(entry=known[each.key], score=each.score) for each in found if each.key in known]


def _search() -> "faq.Search":
    """A search over the entries as they are, made anew when they change."""
    from huifang.textanalysis import faq

    listed = searchable()
    embed = engine_choice.embedder()
    version = sha256(repr((listed, embed is None)).encode()).hexdigest()
    with _searching:
        if version not in _searches:
            _searches.clear()
            _searches[version] = faq.Search(listed, embed=embed)
        return _searches[version]


def save(
    *,
    entry_id: int | None = None,
    questions: Mapping[str, Sequence[str]],
    answer: Texts,
    by: str,
    now: datetime,
) -> int:
    """Write an entry, or another text of one; its number. Raises `FaqEmptyError`, `UnknownFaqError`."""
    asked = {
        language: [each.strip()[:_QUESTION_MAX] for each in many if each.strip()]
        for language, many in questions.items()
    }
    asked = {language: many for language, many in asked.items() if many}
    said = {language: text.strip() for language, text in answer.items() if text.strip()}
    if not asked or not said:
        raise FaqEmptyError
    with transaction.atomic():
        row = FaqAnswer() if entry_id is None else _held(entry_id)
        row.questions, row.answer, row.is_retired = asked, said, False
        row.changed_at, row.changed_by = now, by
        row.save()
        _note("faq.saved", row, by, now)
    return row.pk


def retire(*, entry_id: int, by: str, now: datetime) -> None:
    """Answer with this entry no more. Raises `UnknownFaqError`."""
    with transaction.atomic():
        row = _held(entry_id)
        row.is_retired, row.changed_at, row.changed_by = True, now, by
        row.save()
        _note("faq.retired", row, by, now)


def _held(entry_id: int) -> FaqAnswer:
    row = FaqAnswer.objects.select_for_update().filter(pk=entry_id).first()
    if row is None:
        raise UnknownFaqError
    return row


def _note(action: str, row: FaqAnswer, by: str, now: datetime) -> None:
    audit.record(actor=by, action=action, subject=f"faq:{row.pk}", at=now)
