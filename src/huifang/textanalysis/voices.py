"""Who corrected what in the findings that a screen shows."""

from collections.abc import Iterable

from huifang.console import names
from huifang.textanalysis.models import Correction
from huifang.textanalysis.records import FindingRecord

Corrected = dict[int, list[tuple[str, str]]]


def corrected(findings: Iterable[FindingRecord]) -> Corrected:
    """By finding: each field that a person set, and their name."""
    ids = [each.id for each in findings if each.corrected]
    if not ids:
        return {}
    held = Correction.objects.filter(finding_id__in=ids).order_by("at")
    rows = list(held.values_list("finding_id", "field", "by"))
    people = names.actors({by for _, _, by in rows})
    found: Corrected = {}
    for finding_id, field, by in rows:
        found.setdefault(finding_id, []).append((field, people[by]))
    return found
