"""The taxonomy as operators keep it: what ships, what they added, renamed, merged and retired."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import Count

from huifang.kernel import audit
from huifang.textanalysis import chores, seeds
from huifang.textanalysis.errors import (
    TopicCodeError,
    TopicNamelessError,
    TopicTakenError,
    UnknownTopicError,
)
from huifang.textanalysis.models import Label, Topic
from huifang.textanalysis.records import Taxonomy, Texts, TopicRecord
from huifang.textanalysis.records import Topic as Kept

_CODE = re.compile(r"^[a-z][a-z0-9_]{0,58}$")
_LOCK = 0x5458_544F


def _shipped() -> dict[str, Kept]:
    return {each.code: each for each in seeds.taxonomy().topics}


def records() -> list[TopicRecord]:
    """Every topic, retired ones too: shipped ones first, then in the order in which they were added."""
    shipped, changed = _shipped(), {row.code: row for row in Topic.objects.order_by("pk")}
    counted = Label.objects.filter(kind="topics").values_list("label").annotate(count=Count("pk")).order_by()
    labels: dict[str, int] = dict(counted)
    return [
        _record(code, shipped.get(code), changed.get(code), labels.get(code, 0))
        for code in dict.fromkeys([*shipped, *changed])
    ]


def _record(code: str, kept: Kept | None, row: Topic | None, labels: int) -> TopicRecord:
    return TopicRecord(
        code=code,
        name=row.name if row else kept.name if kept else {},
        parent=row.parent if row else kept.parent if kept else "",
        department=row.department if row else kept.department if kept else "",
        is_retired=row.is_retired if row else False,
        merged_into=row.merged_into if row else "",
        is_shipped=kept is not None,
        labels=labels,
    )


def taxonomy() -> Taxonomy:
    """The topics that a text can have now. What was merged gives its phrases to what it was merged into."""
    shipped, changed = _shipped(), {row.code: row for row in Topic.objects.order_by("pk")}
    phrases: dict[str, dict[str, list[str]]] = {}
    topics = []
    for each in records():
        own = changed[each.code].seeds if each.code in changed else {}
        listed = own or (shipped[each.code].seeds if each.code in shipped else {})
        target = each.merged_into or each.code
        for language, many in listed.items():
            phrases.setdefault(target, {}).setdefault(language, []).extend(many)
        if not each.is_retired:
            topics.append(each)
    return Taxonomy(
        topics=tuple(
            Kept(
                code=each.code,
                name=each.name,
                parent=each.parent,
                department=each.department,
                seeds={language: tuple(many) for language, many in phrases.get(each.code, {}).items()},
            )
            for each in topics
        )
    )


def sum_of(known: Taxonomy) -> str:
    """Changes with what can be learnt of *known*; not with names."""
    parts = [f"{each.code}:{sorted(each.seeds.items())}" for each in known.topics]
    return sha256("|".join(sorted(parts)).encode()).hexdigest()[:12]


def names() -> dict[str, Texts]:
    """The name of every topic, retired ones too."""
    return {each.code: each.name for each in records()}


def require(code: str) -> TopicRecord:
    """The live topic *code*. Raises `UnknownTopicError`."""
    for each in records():
        if each.code == code and not each.is_retired:
            return each
    raise UnknownTopicError(topic=code)


def add(  # noqa: PLR0913 - one keyword a thing that a topic has
    *,
    code: str,
    name: Texts,
    department: str = "",
    parent: str = "",
    phrases: Mapping[str, Sequence[str]] | None = None,
    by: str,
    now: datetime,
) -> None:
    """Add a topic. Raises `TopicCodeError`, `TopicTakenError`, `TopicNamelessError`, `UnknownTopicError`."""
    if not _CODE.match(code):
        raise TopicCodeError(topic=code)
    named = _named(name)
    listed = {language: list(many) for language, many in (phrases or {}).items() if many}
    with transaction.atomic():
        hold()
        if parent:
            require(parent)
        if any(each.code == code for each in records()):
            raise TopicTakenError(topic=code)
        _refuse_taken(named, parent=parent, but=code)
        Topic.objects.create(
            code=code, name=named, parent=parent, department=department, seeds=listed, changed_at=now
        )
        changed("topic.added", code, by, now, {"name": named})


def rename(*, code: str, name: Texts, department: str | None = None, by: str, now: datetime) -> None:
    """Give a topic another name; its code stays.

    Raises `UnknownTopicError`, `TopicNamelessError`, `TopicTakenError`.
    """
    named = _named(name)
    with transaction.atomic():
        row = changeable(code, now)
        _refuse_taken(named, parent=row.parent, but=code)
        before = row.name
        row.name = named
        if department is not None:
            row.department = department
        row.save()
        changed("topic.renamed", code, by, now, {"name": named, "before": before})


def retire(*, code: str, by: str, now: datetime) -> None:
    """No text gets this topic any more; those that have it keep it. Raises `UnknownTopicError`."""
    with transaction.atomic():
        row = changeable(code, now)
        row.is_retired = True
        row.save()
        changed("topic.retired", code, by, now, {})


def restore(*, code: str, by: str, now: datetime) -> None:
    """Take a retired topic back; what was merged is parted by `merging.part`. Raises `UnknownTopicError`."""
    with transaction.atomic():
        hold()
        row = Topic.objects.filter(code=code, is_retired=True, merged_into="").first()
        if row is None:
            raise UnknownTopicError(topic=code)
        row.is_retired, row.changed_at = False, now
        row.save()
        changed("topic.restored", code, by, now, {})


def hold() -> None:
    """One change of the taxonomy at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def changeable(code: str, now: datetime) -> Topic:
    """The row of a live topic, made where nobody changed it yet. Raises `UnknownTopicError`."""
    hold()
    kept = require(code)
    row = Topic.objects.filter(code=code).first()
    if row is None:
        row = Topic(code=code, name=kept.name, parent=kept.parent, department=kept.department)
    row.changed_at = now
    return row


def _named(name: Texts) -> dict[str, str]:
    named = {language: text.strip() for language, text in name.items() if text.strip()}
    if not named:
        raise TopicNamelessError
    return named


def _refuse_taken(name: Mapping[str, str], *, parent: str, but: str) -> None:
    """Whoever reads lists, and who labels, could not tell two live topics of one name apart."""
    for each in records():
        if each.is_retired or each.code == but or each.parent != parent:
            continue
        for language, text in name.items():
            if each.name.get(language, "").casefold() == text.casefold():
                raise TopicTakenError(topic=text)


def changed(action: str, code: str, by: str, now: datetime, facts: Mapping[str, object]) -> None:
    """Note a change, and have the topics learnt anew."""
    audit.record(actor=by, action=action, subject=f"topic:{code}", at=now, facts=facts)
    if action != "topic.renamed":
        chores.ask(chores.RETRAIN + "topics", now=now)
