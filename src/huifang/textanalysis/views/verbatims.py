"""What the templates of verbatims need, on whatever screen they stand."""

from collections.abc import Iterable, Sequence

from huifang.textanalysis import naming, voices
from huifang.textanalysis.records import FindingRecord, TopicRecord

MOODS = ("negative", "neutral", "positive")
INTENTS = tuple(each for each in naming.INTENTS if each != "unsure")


def context(
    findings: Iterable[FindingRecord], topics: Sequence[TopicRecord], *, may_edit: bool
) -> dict[str, object]:
    """Names of topics, what can be set, and who set what."""
    return {
        "topics": {each.code: each.name for each in topics},
        "offered": [each for each in topics if not each.is_retired],
        "may_edit": may_edit,
        "corrected": voices.corrected(findings),
        "moods": MOODS,
        "intents": INTENTS,
    }
