"""Topics that are merged and parted again: texts, labels and corrections come back as they were."""

from datetime import timedelta

import pytest
from tests.integration.textanalysis.texts import NOW, WordEngine, read_all, stored, take, text

from huifang.textanalysis import keeping, services
from huifang.textanalysis.errors import UnknownTopicError
from huifang.textanalysis.models import Correction, Finding, Label, MergedRow

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def as_they_are() -> dict[str, object]:
    """Everything that a merge may change."""
    return {
        "findings": list(
            Finding.objects.order_by("key").values_list("key", "topics", "topic_details", "said")
        ),
        "corrections": list(Correction.objects.order_by("pk").values_list("value")),
        "labels": list(Label.objects.order_by("pk").values_list("label")),
        "taxonomy": keeping.sum_of(keeping.taxonomy()),
    }


@pytest.fixture(autouse=True)
def _texts() -> None:
    take(
        text("fee", "手续费太高"),
        text("both", "手续费太高，还一直闪退"),
        text("other", "一直闪退"),
        text("set", "很好"),
        text("set_both", "还行"),
    )
    read_all()
    for key, codes in (("set", ["fees"]), ("set_both", ["speed", "fees"])):
        services.correct(finding_id=stored(key).pk, field="topics", value=codes, by="anna", now=NOW)


def test_a_merge_is_undone_to_the_last_topic_and_label() -> None:
    before = as_they_are()
    services.merge_topics(code="fees", into="speed", by="anna", now=LATER)
    assert {code for codes in Finding.objects.values_list("topics", flat=True) for code in codes} == {"speed"}
    assert stored("set_both").topics == ["speed"]
    services.part_topics(code="fees", by="anna", now=LATER)
    after = as_they_are()
    assert after["corrections"] == before["corrections"]
    assert after["labels"] == before["labels"]
    assert after["taxonomy"] == before["taxonomy"]
    topics = {row[0]: set(row[1]) for row in after["findings"]}  # type: ignore[attr-defined]
    assert topics == {row[0]: set(row[1]) for row in before["findings"]}  # type: ignore[attr-defined]
    assert not MergedRow.objects.exists()
    with pytest.raises(UnknownTopicError):
        services.part_topics(code="fees", by="anna", now=LATER)


def test_what_was_merged_before_goes_along_both_ways() -> None:
    services.merge_topics(code="payment", into="fees", by="anna", now=LATER)
    services.merge_topics(code="fees", into="speed", by="anna", now=LATER)
    assert {each.code: each.merged_into for each in keeping.records()}["payment"] == "speed"
    services.part_topics(code="fees", by="anna", now=LATER)
    assert {each.code: each.merged_into for each in keeping.records()}["payment"] == "fees"


def test_what_was_read_or_corrected_since_stays() -> None:
    services.merge_topics(code="fees", into="speed", by="anna", now=NOW)
    since = NOW + timedelta(minutes=5)
    services.correct(finding_id=stored("set").pk, field="topics", value=["payment"], by="anna", now=since)
    Finding.objects.filter(key="fee").update(found_at=since)
    services.part_topics(code="fees", by="anna", now=LATER)
    assert stored("set").topics == ["payment"]
    assert stored("fee").topics == ["speed"]
    assert set(stored("both").topics) == {"fees", "speed"}
    # An engine that knows the topic gives it again.
    Finding.objects.update(state="queued")
    read_all(WordEngine(version="2"))
    assert stored("fee").topics == ["fees"]


def test_what_it_was_merged_into_must_be_there() -> None:
    services.merge_topics(code="fees", into="speed", by="anna", now=LATER)
    services.retire_topic(code="speed", by="anna", now=LATER)
    with pytest.raises(UnknownTopicError):
        services.part_topics(code="fees", by="anna", now=LATER)
    services.restore_topic(code="speed", by="anna", now=LATER)
    services.part_topics(code="fees", by="anna", now=LATER)
    assert not {each.code: each for each in keeping.records()}["fees"].is_retired
