"""A published questionnaire and a customer to ask."""

from datetime import UTC, datetime, timedelta

import pytest

from huifang.kernel.ids import CustomerId
from huifang.questionnaires import checks, services
from huifang.questionnaires.records import Definition, Invitation

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
DEFINITION = checks.convert(
    {
        "fallback_language": "zh-Hans",
        "intro": {"zh-Hans": "云杉钱包想知道哪里要改。", "en": "We want to know what to improve."},
        "thanks": {"zh-Hans": "我们会看每一条。", "en": "We read every answer."},
        "questions": [
            {
                "key": "satisfied",
                "kind": "csat",
                "title": {"zh-Hans": "这次付款满意吗？", "en": "How was this payment?"},
                "is_required": True,
            },
            {
                "key": "reason",
                "kind": "single",
                "title": {"zh-Hans": "哪里不顺？", "en": "What went wrong?"},
                "options": [
                    {"key": "slow", "label": {"zh-Hans": "太慢", "en": "Too slow"}},
                    {"key": "failed", "label": {"zh-Hans": "失败", "en": "It failed"}},
                    {"key": "other", "label": {"zh-Hans": "其他", "en": "Something else"}, "is_other": True},
                ],
                "show_if": [{"question": "satisfied", "test": "at_most", "number": 3}],
            },
            {
                "key": "words",
                "kind": "text",
                "title": {"zh-Hans": "还想说什么？", "en": "Anything else?"},
                "is_long": True,
            },
        ],
    }
)


@pytest.fixture
def version_id(db: None) -> int:
    """The id of a published version of `DEFINITION`."""
    made = services.create_questionnaire(
        slug="payment", name={"en": "Payment"}, by="test", now=NOW, definition=DEFINITION
    )
    return services.publish(questionnaire_id=made, by="test", now=NOW)


def invite(version_id: int, *, key: str = "enrolment:1:step:0", customer_id: int = 1) -> Invitation:
    """An invitation by SMS that holds for a week."""
    return services.invite(
        customer_id=CustomerId(customer_id),
        version_id=version_id,
        key=key,
        language="zh-Hans",
        mode="page",
        now=NOW,
        expires_at=NOW + timedelta(days=7),
        plan_id=3,
        channel="sms",
    )


def definition() -> Definition:
    """What is asked."""
    return DEFINITION
