"""Counts completed responses under each quota, so that no more than its limit are ever completed."""

from django.db.models import F

from huifang.questionnaires import rules
from huifang.questionnaires.models import QuotaTally
from huifang.questionnaires.records import Definition
from huifang.questionnaires.rules import Answers


def counts(questionnaire_id: int) -> dict[str, int]:
    """Completed responses by the key of a quota."""
    found = QuotaTally.objects.filter(questionnaire=questionnaire_id)
    return dict(found.values_list("key", "count"))


def stands_in_the_way(questionnaire_id: int, definition: Definition, answers: Answers) -> bool:
    """Whether a quota under which these answers fall is full."""
    cells = rules.cells(definition, answers)
    if not cells:
        return False
    taken = counts(questionnaire_id)
    return any(taken.get(quota.key, 0) >= quota.limit for quota in cells)


def claim(questionnaire_id: int, definition: Definition, answers: Answers) -> bool:
    """Count a completed response under each of its quotas; False, counting none, where one is full.

    In the caller's transaction. The rows are locked in the order of their keys: two that complete at once
    wait for each other and cannot both have the last place.
    """
    cells = sorted(rules.cells(definition, answers), key=lambda quota: quota.key)
    if not cells:
        return True
    QuotaTally.objects.bulk_create(
        [QuotaTally(questionnaire_id=questionnaire_id, key=quota.key) for quota in cells],
        ignore_conflicts=True,
    )
    keys = [quota.key for quota in cells]
    rows = QuotaTally.objects.filter(questionnaire=questionnaire_id, key__in=keys)
    taken = dict(rows.order_by("key").select_for_update().values_list("key", "count"))
    if any(taken[quota.key] >= quota.limit for quota in cells):
        return False
    rows.update(count=F("count") + 1)
    return True
