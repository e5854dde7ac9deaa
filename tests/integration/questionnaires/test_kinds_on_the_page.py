"""Every kind as a phone sends it: shown, taken, refused with a reason, kept, read by staff, erased."""

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.integration.questionnaires.conftest import NOW

from huifang.console.models import Person
from huifang.customers import queries as customers
from huifang.customers.models import Customer
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import checks, personal_data, queries, services
from huifang.questionnaires.models import Answer, Response, Upload

pytestmark = pytest.mark.django_db
TITLE = {"zh-Hans": "题", "en": "A question"}
PAIR = [
    {"key": "a", "label": {"zh-Hans": "甲", "en": "A"}},
    {"key": "b", "label": {"zh-Hans": "乙", "en": "B"}},
]
RECORDING = b"OggS" + b"\x01" * 200


def _picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(written, "PNG")
    return written.getvalue()


def _link(*questions: dict[str, Any], **more: Any) -> str:
    asked = [{"title": TITLE, **question} for question in questions]
    definition = checks.convert({"questions": asked, **more})
    slug = f"q-{uuid.uuid4().hex[:8]}"
    made = services.create_questionnaire(
        slug=slug, name={"en": slug}, by="test", now=NOW, definition=definition
    )
    version_id = services.publish(questionnaire_id=made, by="test", now=NOW)
    now = clock.now()
    customer, _ = Customer.objects.get_or_create(
        external_id="u-1", defaults={"first_seen_at": now, "last_seen_at": now}
    )
    return services.invite(
        customer_id=CustomerId(customer.pk),
        version_id=version_id,
        key=slug,
        language="en",
        mode="web",
        now=now,
        expires_at=now + timedelta(days=7),
        context={"shop": "Pudong"},
    ).path


def _customer() -> CustomerId:
    return CustomerId(Customer.objects.get(external_id="u-1").pk)


@pytest.mark.parametrize(
    ("question", "sent", "kept"),
    [
        ({"kind": "stars"}, {"a.k": "4"}, {"number": 4}),
        ({"kind": "number", "places": 2}, {"a.k": "12.50"}, {"amount": 12.5}),
        ({"kind": "date"}, {"a.k": "2026-11-22"}, {"day": "2026-11-22"}),
        ({"kind": "contact"}, {"a.k": "yes"}, {"choices": ["yes"]}),
        ({"kind": "matrix", "rows": PAIR, "options": PAIR}, {"a.k.a": "b"}, {"choices": ["a:b"]}),
        ({"kind": "multiple", "options": PAIR}, {"a.k": ["a", "b"]}, {"choices": ["a", "b"]}),
        ({"kind": "voice"}, {"t.k": "in words"}, {"text": "in words"}),
    ],
)
@pytest.mark.parametrize("display", ["one", "all"])
def test_a_kind_is_asked_and_kept(
    client: Client, question: dict[str, Any], sent: dict[str, Any], kept: dict[str, Any], display: str
) -> None:
    link = _link({"key": "k", **question}, display=display)
    assert client.get(link).status_code == 200
    assert client.post(link, {"q": "k", **sent}).status_code == 303
    assert Answer.objects.filter(question_key="k", **kept).exists()
    assert "Thank you." in client.get(link).content.decode()


@pytest.mark.parametrize(
    ("question", "sent", "said"),
    [
        ({"kind": "number", "highest": "5"}, {"a.k": "6"}, "between"),
        ({"kind": "number"}, {"a.k": "six"}, "in digits"),
        ({"kind": "date"}, {"a.k": "2026-02-30"}, "year-month-day"),
        ({"kind": "voice"}, {"f.k": SimpleUploadedFile("a.ogg", b"MZ" * 99)}, "no recording"),
        ({"kind": "image"}, {"f.k": SimpleUploadedFile("a.jpg", b"<svg/>" * 99)}, "no picture"),
        ({"kind": "matrix", "rows": PAIR, "options": PAIR}, {"a.k.a": "z"}, "not one of"),
    ],
)
def test_what_is_no_answer_comes_back_with_a_reason(
    client: Client, question: dict[str, Any], sent: dict[str, Any], said: str
) -> None:
    reply = client.post(_link({"key": "k", **question}), {"q": "k", **sent})
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert not Answer.objects.exists()
    assert not Upload.objects.exists()


def test_a_voice_note_is_sealed_served_to_few_and_erased(client: Client) -> None:
    link = _link({"key": "k", "kind": "voice"})
    client.post(link, {"q": "k", "f.k": SimpleUploadedFile("evil.html", RECORDING, "text/html")})
    upload = Upload.objects.get()
    assert (upload.media_type, upload.size) == ("audio/ogg", len(RECORDING))
    assert RECORDING[:20] not in bytes(upload.sealed)
    address = f"/feedback/files/{upload.pk}/"
    assert client.get(address).status_code in {302, 403}

    for role, status in (("product_owner", 403), ("supervisor", 200)):
        person = Person.objects.create(email=f"{role}@x.test", role=role, date_joined=NOW)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        reply = client.get(address)
        assert reply.status_code == status
    assert reply.content == RECORDING
    assert reply["Content-Disposition"].startswith("attachment;")
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply["Content-Security-Policy"]
    assert "Voice note" in client.get("/feedback/", headers={"accept-language": "en"}).content.decode()

    exported: Any = personal_data.export(customer_id=_customer())
    assert exported["responses"][0]["answers"][0]["file"]["media_type"] == "audio/ogg"
    personal_data.erase(customer_id=_customer(), now=clock.now())
    assert not Upload.objects.exists()
    assert client.get(address).status_code == 404


def test_another_file_takes_the_place_of_the_first(client: Client) -> None:
    link = _link({"key": "k", "kind": "image"}, {"key": "w", "kind": "text"})
    for _ in range(2):
        client.post(link, {"q": "k", "f.k": SimpleUploadedFile("a.png", _picture())})
    assert Upload.objects.count() == 1
    client.post(link, {"q": "k", "t.k": "and these words"})
    answer = Answer.objects.get()
    assert (answer.text, answer.file) == ("and these words", Upload.objects.get().pk)


def test_a_body_of_gigabytes_is_refused_before_it_is_read(client: Client) -> None:
    link = _link({"key": "k", "kind": "image"})
    reply = client.generic("POST", link, b"x", "multipart/form-data; boundary=b", CONTENT_LENGTH=str(10**10))
    assert reply.status_code == 413


def test_a_consent_is_written_with_the_words_that_were_shown(client: Client) -> None:
    question = {
        "key": "k",
        "kind": "contact",
        "title": {"en": "May we call you?"},
        "hint": {"en": "About this alone."},
        "channel": "phone",
    }
    link = _link(question, {"key": "w", "kind": "text"}, fallback_language="en")
    client.post(link, {"q": "k", "a.k": "yes"})
    client.post(link, {"q": "k", "a.k": "no"})
    entries = customers.consent_entries(customer_id=_customer())
    told = sorted((each.given, each.channel, each.purpose, each.wording) for each in entries)
    words = "May we call you? About this alone."
    assert told == [
        (False, "phone", "service_follow_up", words),
        (True, "phone", "service_follow_up", words),
    ]
    assert {each.source for each in entries} == {"survey"}


def test_the_order_is_the_same_each_time_and_kept_with_the_answer(client: Client) -> None:
    options = [{"key": f"o{number}", "label": {"en": f"Option {number}"}} for number in range(8)]
    link = _link(
        {"key": "k", "kind": "single", "options": options, "is_shuffled": True},
        {"key": "w", "kind": "text"},
        fallback_language="en",
    )
    shown = [re.findall(r'value="(o\d)"', client.get(link).content.decode()) for _ in range(3)]
    assert shown[0] == shown[1] == shown[2]
    client.post(link, {"q": "k", "a.k": "o3"})
    assert Answer.objects.get().option_order == shown[0]
    assert Response.objects.get().seed


def test_texts_take_up_answers_and_what_was_known_escaped(client: Client) -> None:
    link = _link(
        {"key": "k", "kind": "text"},
        {"key": "more", "kind": "text", "title": {"en": "“[[k|it]]” in [[shop|the shop]]?"}},
        hidden=[{"key": "shop"}],
        fallback_language="en",
    )
    client.post(link, {"q": "k", "a.k": "<script>alert(1)</script>"})
    html = client.get(link).content.decode()
    assert "“&lt;script&gt;alert(1)&lt;/script&gt;” in Pudong?" in html
    assert "<script>" not in html


def test_one_tap_from_a_message_is_confirmed_by_one_press(client: Client) -> None:
    link = _link({"key": "k", "kind": "csat"}, {"key": "n", "kind": "nps"})
    html = client.get(f"{link}?a=k:4").content.decode()
    assert 'name="a.k" value="4"' in html
    assert "Yes: Satisfied" in html
    assert not Response.objects.exists()
    for wrong in ("k:9", "n:9", "k:", "zzz", "k:<b>", ":::"):
        assert "Yes:" not in client.get(link, {"a": wrong}).content.decode()
    client.post(link, {"q": "k", "a.k": "4"})
    assert Answer.objects.get().number == 4


def test_a_quota_lets_no_more_complete_than_its_limit(client: Client) -> None:
    definition: dict[str, Any] = {
        "quotas": [
            {"key": "unhappy", "limit": 1, "when": [{"question": "k", "test": "at_most", "number": 2}]}
        ]
    }
    link = _link({"key": "k", "kind": "csat"}, **definition)
    client.post(link, {"q": "k", "a.k": "1"})
    assert Response.objects.get().state == "completed"

    version_id = Response.objects.get().version_id
    now = clock.now()
    paths = [
        services.invite(
            customer_id=_customer(),
            version_id=version_id or 0,
            key=f"more-{number}",
            language="en",
            mode="web",
            now=now,
            expires_at=now + timedelta(days=1),
        ).path
        for number in range(2)
    ]
    reply = client.post(paths[0], {"q": "k", "a.k": "2"}, follow=True)
    assert "Enough others were quicker." in reply.content.decode()
    reply = client.post(paths[1], {"q": "k", "a.k": "5"}, follow=True)
    assert "Thank you." in reply.content.decode()
    assert sorted(Response.objects.values_list("state", flat=True)) == ["completed", "completed", "full"]


def test_a_page_asks_the_database_little(client: Client, django_assert_max_num_queries: Any) -> None:
    link = _link({"key": "k", "kind": "csat"}, {"key": "w", "kind": "text"}, {"key": "x", "kind": "text"})
    with django_assert_max_num_queries(2):
        client.get(link)
    client.post(link, {"q": "k", "a.k": "4"})
    with django_assert_max_num_queries(2):
        client.get(link)
    # Beside the sitting: a lock, the response with its answers, the answer, the response; begin and release.
    with django_assert_max_num_queries(7):
        client.post(link, {"q": "w", "a.w": "words"})
    assert queries.responses_of(customer_id=_customer())[0].answers[1].text == "words"
