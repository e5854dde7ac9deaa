"""What people say a text is: corrections that outrank every engine, and labels that engines learn from."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from huifang.kernel import audit
from huifang.textanalysis import chores, keeping, seeds, stored
from huifang.textanalysis.errors import FieldValueError, UnknownFindingError
from huifang.textanalysis.models import Correction, Finding, Label, TextState
from huifang.textanalysis.records import Intent, Labelled, Sentiment
from huifang.textanalysis.stored import SENTIMENT, TOPICS

_HELD_OUT_EVERY = 4
_URGENCY_MAX = 3
_UNLABELLED_MAX = 4_000


def correct(*, finding_id: int, field: str, value: object, by: str, now: datetime) -> None:
    """Set *field* (sentiment, topics, intent, urgency) of a finding to *value*, whatever engines say.

    *topics* takes codes, the main one first. Sentiment and topics become labels too.
    Raises `UnknownFindingError`, `FieldValueError`, `UnknownTopicError`.
    """
    meant = _checked(field, value)
    with transaction.atomic():
        row = _held(finding_id)
        before = getattr(row, field)
        Correction.objects.update_or_create(
            finding=row, field=field, defaults={"value": meant, "by": by, "at": now}
        )
        _apply(row)
        if field in (SENTIMENT, TOPICS):
            _label(row, field, _label_of(field, meant), by, now)
        _note("finding.corrected", row, by, now, {"field": field, "from": before, "to": meant})


def undo_correction(*, finding_id: int, field: str, by: str, now: datetime) -> None:
    """What the engine said holds again, and its label is withdrawn. Raises `UnknownFindingError`."""
    with transaction.atomic():
        row = _held(finding_id)
        gone, _ = Correction.objects.filter(finding=row, field=field).delete()
        if not gone:
            return
        _apply(row)
        if Label.objects.filter(finding=row, kind=field).delete()[0]:
            chores.ask(chores.RETRAIN + field, now=now)
        _note("finding.correction_undone", row, by, now, {"field": field})


def label(*, finding_id: int, field: str, value: object, by: str, now: datetime) -> None:
    """Say what a text is; the same as `correct`, since who labels a text knows what it is."""
    correct(finding_id=finding_id, field=field, value=value, by=by, now=now)


def label_many(*, ids: Sequence[int], code: str, by: str, now: datetime) -> int:
    """Give all of these texts the topic *code*, in the caller's transaction; how many there were."""
    rows = list(_readable().filter(pk__in=list(ids)).select_for_update(no_key=True).order_by("pk"))
    for row in rows:
        Correction.objects.update_or_create(
            finding=row, field=TOPICS, defaults={"value": [code], "by": by, "at": now}
        )
        _apply(row)
        _label(row, TOPICS, code, by, now)
    return len(rows)


def _checked(field: str, value: object) -> object:
    if field == SENTIMENT and isinstance(value, str) and value in set(Sentiment):
        return str(value)
    if field == "intent" and isinstance(value, str) and value in set(Intent):
        return str(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if field == "urgency" and is_number and 0 <= int(str(value)) <= _URGENCY_MAX:
        return value
    if field == TOPICS and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        codes = list(dict.fromkeys(value))
        for code in codes:
            keeping.require(code)
        return codes
    raise FieldValueError(field=field, value=str(value)[:60])


def _readable() -> QuerySet[Finding]:
    return Finding.objects.exclude(found_at=None).exclude(state=TextState.ERASED)


def _held(finding_id: int) -> Finding:
    row = _readable().select_for_update(no_key=True).filter(pk=finding_id).first()
    if row is None:
        raise UnknownFindingError
    return row


def _apply(row: Finding) -> None:
    stored.apply(row, stored.corrections_of([row.pk]).get(row.pk, {}))
    row.save(update_fields=["sentiment", "topics", "topic_details", "topic_confidence", "intent", "urgency"])


def _label_of(field: str, value: object) -> str:
    """The class that *value* stands for; "" where it teaches nothing."""
    if field == TOPICS:
        assert isinstance(value, list)
        return value[0] if value else seeds.NO_TOPIC
    return "" if value == Sentiment.UNSURE else str(value)


def is_held_out(words: str) -> bool:
    """Whether a label of *words* measures models and never teaches them: one in four, by the words."""
    return sha256(words.encode("utf-8", "replace")).digest()[0] % _HELD_OUT_EVERY == 0


def _label(row: Finding, kind: str, name: str, by: str, now: datetime) -> None:
    if name:
        values = {"label": name, "is_held_out": is_held_out(row.masked), "by": by, "at": now}
        Label.objects.update_or_create(finding=row, kind=kind, defaults=values)
    else:
        Label.objects.filter(finding=row, kind=kind).delete()
    chores.ask(chores.RETRAIN + kind, now=now)


def _note(action: str, row: Finding, by: str, now: datetime, facts: dict[str, object]) -> None:
    audit.record(actor=by, action=action, subject=f"finding:{row.pk}", at=now, facts=facts)


def labelled(kind: str, *, held_out: bool) -> list[Labelled]:
    """The labels of *kind* that measure (*held_out*) or teach, in the order of their texts."""
    found = Label.objects.filter(kind=kind, is_held_out=held_out).exclude(finding__masked="")
    live = {each.code for each in keeping.records() if not each.is_retired} | {seeds.NO_TOPIC}
    return [
        Labelled(text=words, label=name)
        for words, name in found.order_by("finding_id").values_list("finding__masked", "label")
        if kind == SENTIMENT or name in live
    ]


def unlabelled(kind: str) -> list[str]:
    """The newest different texts that nobody labelled, those kept aside left out."""
    said = set(Label.objects.filter(kind=kind).values_list("finding__masked", flat=True))
    newest = _readable().exclude(masked="").order_by("-at", "-pk").values_list("masked", flat=True)
    return [words for words in dict.fromkeys(newest[:_UNLABELLED_MAX]) if words not in said]


def label_counts() -> dict[str, int]:
    """How many labels of people there are of each kind."""
    return {kind: Label.objects.filter(kind=kind).count() for kind in (TOPICS, SENTIMENT)}
