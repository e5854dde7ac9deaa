"""The phrases from which a topic is known before anybody labelled a text: shown and changed by operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from huifang.kernel import audit
from huifang.textanalysis import chores, keeping
from huifang.textanalysis.models import Topic


def phrases(*, code: str) -> Mapping[str, Sequence[str]]:
    """A live topic's phrases by language (``zh``, ``en``), also those of what was merged into it."""
    return _phrases(code)


def _phrases(code: str) -> Mapping[str, Sequence[str]]:
    return next((each.seeds for each in keeping.taxonomy().topics if each.code == code), {})


def counts() -> dict[str, int]:
    """How many phrases each live topic has."""
    return {each.code: sum(len(many) for many in each.seeds.values()) for each in keeping.taxonomy().topics}


def set_phrases(*, code: str, phrases: Mapping[str, Sequence[str]], by: str, now: datetime) -> None:
    """Know a topic by these phrases from now on; the engine learns anew. Raises `UnknownTopicError`."""
    given = {language: list(many) for language, many in phrases.items() if many}
    with transaction.atomic():
        known = keeping.require(code)
        held = {language: list(many) for language, many in _phrases(code).items()}
        if held == given:
            return
        Topic.objects.update_or_create(
            code=code,
            defaults={
                "name": dict(known.name),
                "parent": known.parent,
                "department": known.department,
                "seeds": given,
                "changed_at": now,
            },
        )
        chores.ask(chores.RETRAIN + "topics", now=now)
        facts = {"phrases": sum(len(many) for many in given.values())}
        audit.record(actor=by, action="topic.phrases_changed", subject=f"topic:{code}", at=now, facts=facts)
