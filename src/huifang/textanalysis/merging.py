"""Merges one topic into another, in every text, label and correction, and parts them again.

A merge notes which rows had the topic, never their words. Parting gives it back to those that nobody read
anew or corrected since; the others have it when all texts are read again.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from huifang.textanalysis import keeping, stored
from huifang.textanalysis.errors import SameTopicError, UnknownTopicError
from huifang.textanalysis.models import Correction, Finding, Label, MergedRow, Topic

_FINDING, _CORRECTION, _LABEL, _TOPIC = "finding", "correction", "label", "topic"
_CHUNK = 500
_COLUMNS = ("said", "topics", "topic_details", "topic_confidence")


def merge(*, code: str, into: str, by: str, now: datetime) -> None:
    """Make every text about *code* one about *into*. Raises `UnknownTopicError`, `SameTopicError`."""
    if code == into:
        raise SameTopicError(topic=code)
    with transaction.atomic():
        row = keeping.changeable(code, now)
        keeping.require(into)
        row.is_retired, row.merged_into = True, into
        row.save()
        # What was merged into it before goes with it.
        before = Topic.objects.filter(merged_into=code)
        _note(code, _TOPIC, before.values_list("pk", flat=True))
        before.update(merged_into=into)
        labels = Label.objects.filter(kind=stored.TOPICS, label=code)
        _note(code, _LABEL, labels.values_list("pk", flat=True))
        labels.update(label=into)
        _move(code, into)
        keeping.changed("topic.merged", code, by, now, {"into": into})


def _note(code: str, kind: str, ids: Collection[int], both: Collection[int] = ()) -> None:
    rows = [MergedRow(code=code, kind=kind, row_id=each, had_both=each in both) for each in ids]
    MergedRow.objects.bulk_create(rows, batch_size=5_000)


def _move(code: str, into: str) -> None:
    """*into* instead of *code* in what engines said and in what people corrected."""
    held = Correction.objects.select_for_update().filter(field=stored.TOPICS, value__contains=[code])
    corrected = list(held)
    both = {each.pk for each in corrected if into in each.value}
    _note(code, _CORRECTION, [each.pk for each in corrected], both)
    for each in corrected:
        each.value = list(dict.fromkeys(into if value == code else value for value in each.value))
    Correction.objects.bulk_update(corrected, ["value"], batch_size=_CHUNK)
    held_or_said = Q(said__topics__contains=[{"code": code}]) | Q(topics__contains=[code])
    for rows in _chunks(list(Finding.objects.filter(held_or_said).values_list("pk", flat=True))):
        said = [row for row in rows if code in _codes(row)]
        _note(code, _FINDING, [row.pk for row in said], {row.pk for row in said if into in _codes(row)})
        for row in rows:
            row.said = row.said | {stored.TOPICS: _renamed(row.said[stored.TOPICS], code, into)}
        _apply(rows)


def _chunks(ids: list[int]) -> Iterator[list[Finding]]:
    for at in range(0, len(ids), _CHUNK):
        yield list(Finding.objects.select_for_update(no_key=True).filter(pk__in=ids[at : at + _CHUNK]))


def _codes(row: Finding) -> set[object]:
    return {each["code"] for each in row.said.get(stored.TOPICS, ())}


def _apply(rows: list[Finding]) -> None:
    corrected = stored.corrections_of([row.pk for row in rows])
    for row in rows:
        stored.apply(row, corrected.get(row.pk, {}))
    Finding.objects.bulk_update(rows, _COLUMNS, batch_size=_CHUNK)


def _renamed(details: list[dict[str, object]], code: str, into: str) -> list[dict[str, object]]:
    """*details* with *into* for *code*, each code once."""
    found: dict[object, dict[str, object]] = {}
    for each in details:
        name = into if each["code"] == code else each["code"]
        found.setdefault(name, each | {"code": name})
    return list(found.values())


def part(*, code: str, by: str, now: datetime) -> None:
    """Undo the merge of *code*. Raises `UnknownTopicError` where it is not merged into a live topic."""
    with transaction.atomic():
        keeping.hold()
        row = Topic.objects.filter(code=code).exclude(merged_into="").first()
        if row is None:
            raise UnknownTopicError(topic=code)
        into, merged_at = row.merged_into, row.changed_at
        keeping.require(into)
        row.is_retired, row.merged_into, row.changed_at = False, "", now
        row.save()
        Topic.objects.filter(pk__in=_noted(code, _TOPIC), merged_into=into).update(merged_into=code)
        labels = Label.objects.filter(pk__in=_noted(code, _LABEL), label=into, at__lte=merged_at)
        labels.update(label=code)
        _move_back(code, into, merged_at)
        MergedRow.objects.filter(code=code).delete()
        keeping.changed("topic.parted", code, by, now, {"from": into})


def _noted(code: str, kind: str) -> dict[int, bool]:
    return dict(MergedRow.objects.filter(code=code, kind=kind).values_list("row_id", "had_both"))


def _move_back(code: str, into: str, merged_at: datetime) -> None:
    noted = _noted(code, _CORRECTION)
    corrected = list(Correction.objects.select_for_update().filter(pk__in=list(noted), at__lte=merged_at))
    for each in corrected:
        put = [into, code] if noted[each.pk] else [code]
        each.value = [code for value in each.value for code in (put if value == into else [value])]
    Correction.objects.bulk_update(corrected, ["value"], batch_size=_CHUNK)
    said = _noted(code, _FINDING)
    ids = {*said, *(each.finding_id for each in corrected)}
    for rows in _chunks(sorted(ids)):
        for row in rows:
            if row.pk in said and row.found_at is not None and row.found_at <= merged_at:
                details = _parted(row.said[stored.TOPICS], code, into, had_both=said[row.pk])
                row.said = row.said | {stored.TOPICS: details}
        _apply(rows)


def _parted(
    details: list[dict[str, object]], code: str, into: str, *, had_both: bool
) -> list[dict[str, object]]:
    found = []
    for each in details:
        if each["code"] == into and had_both:
            found.append(each)
        found.append(each | {"code": code} if each["code"] == into else each)
    return found
