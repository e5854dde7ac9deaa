"""Undo, two people at once, the library, and Feedback's search, saved views and workbook."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from tests.integration.questionnaires.conftest import DEFINITION, NOW, invite

from huifang.console.models import Person
from huifang.kernel import clock
from huifang.questionnaires import answered, checks, editor, library, queries, services
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.errors import NothingToUndoError
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.records import Definition, QuestionKind, ResponseFilter

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("http://evil.test","click")'


@pytest.fixture
def staff(client: Client) -> Client:
    person = Person.objects.create(email="o@x.test", role="operations", date_joined=clock.now())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def draft(db: None) -> int:
    return services.create_questionnaire(
        slug="draft", name={"en": "Draft"}, by="person:1", now=NOW, definition=DEFINITION
    )


def _form(questionnaire_id: int, *, title: str, **more: str) -> dict[str, object]:
    found = queries.questionnaire(questionnaire_id=questionnaire_id)
    return {
        "name.en": "Draft",
        "stamp": found.latest.stamp,
        "order": ["satisfied"],
        "k.satisfied.kind": "csat",
        "k.satisfied.title.zh-Hans": title,
        **more,
    }


def _titles(questionnaire_id: int) -> list[str]:
    found = queries.questionnaire(questionnaire_id=questionnaire_id).definition
    return [question.title.get("zh-Hans", "") for question in found.questions]


def test_a_change_is_undone_step_by_step(draft: int) -> None:
    whole = _titles(draft)
    for kept in (2, 1):
        less = Definition(questions=DEFINITION.questions[:kept])
        services.save_draft(questionnaire_id=draft, definition=less, by="person:1", now=NOW)
    assert len(_titles(draft)) == 1
    services.undo(questionnaire_id=draft, by="person:1", now=NOW)
    assert len(_titles(draft)) == 2
    services.undo(questionnaire_id=draft, by="person:1", now=NOW)
    assert _titles(draft) == whole
    with pytest.raises(NothingToUndoError):
        services.undo(questionnaire_id=draft, by="person:1", now=NOW)


def test_who_saves_second_is_told_loses_nothing_and_may_save_over_it(staff: Client, draft: int) -> None:
    mine, theirs = _form(draft, title="我的"), _form(draft, title="她的")
    address = f"/questionnaires/{draft}/save/"
    assert staff.post(address, theirs).status_code == 302
    # The same once more with the older stamp is what Save does right after the form kept itself.
    assert staff.post(address, theirs).status_code == 302
    reply = staff.post(address, mine)
    assert reply.status_code == 409
    assert "frame-src 'self'" in reply["Content-Security-Policy"]
    html = reply.content.decode()
    assert "Somebody else changed this draft" in html
    assert "我的" in html
    assert _titles(draft) == ["她的"]

    reply = staff.post(address, mine, headers={"HX-Request": "true"})
    assert reply.status_code == 200
    assert "Save mine over it" in reply.content.decode()
    assert _titles(draft) == ["她的"]

    staff.post(address, {**mine, "keep_mine": "yes"})
    assert _titles(draft) == ["我的"]
    staff.post(f"/questionnaires/{draft}/undo/")
    assert _titles(draft) == ["她的"]


def test_what_the_editor_shows_is_what_it_reads_back(staff: Client) -> None:
    """Every kind and every setting goes through the form unchanged."""
    every = checks.convert(
        {
            "fallback_language": "en",
            "is_anonymous": False,
            "questions": [
                *({"key": f"r_{each.question.key}", **_plain(each)} for each in library.ready()),
                {"key": "n", "kind": "number", "title": {"en": "N"}, "lowest": "-1.5", "places": 2},
            ],
            "shuffled": ["r_stars", "r_wish"],
            "hidden": [{"key": "shop", "source": "signed_link"}],
            "quotas": [
                {
                    "key": "low",
                    "limit": 5,
                    "when": [{"question": "r_satisfied", "test": "at_most", "number": 2}],
                }
            ],
            "full": {"en": "Enough"},
        }
    )
    made = services.create_questionnaire(
        slug="every", name={"en": "Every"}, by="person:1", now=NOW, definition=every
    )
    page = staff.get(f"/questionnaires/{made}/")
    assert page.status_code == 200
    from tests.integration.questionnaires.filling import fields_of

    data = fields_of(page.content.decode(), form="editor")
    assert editor.read(data) == every


def _plain(kept: library.Kept) -> dict[str, object]:
    import msgspec

    told: dict[str, object] = msgspec.to_builtins(kept.question)
    told.pop("key")
    return told


def test_a_question_goes_to_the_library_and_from_there_into_another(staff: Client, draft: int) -> None:
    staff.post(f"/questionnaires/{draft}/save/", _form(draft, title="留着这题", do="keep:satisfied"))
    (kept,) = library.search("留着")
    assert (kept.is_own, kept.question.kind) == (True, QuestionKind.CSAT)
    assert "留着这题" in staff.get(f"/questionnaires/{draft}/", {"library": "留着"}).content.decode()
    staff.post(f"/questionnaires/{draft}/take/", {"question": kept.name})
    found = queries.questionnaire(questionnaire_id=draft).definition
    assert [question.key for question in found.questions] == ["satisfied", "satisfied_2"]
    staff.post(f"/questionnaires/{draft}/take/", {"drop": kept.name})
    assert library.search("留着") == []


def test_every_ready_question_is_whole_and_well_worded() -> None:
    from huifang.questionnaires import advice

    questions = tuple(each.question for each in library.ready())
    definition = Definition(questions=questions, intro={"en": "x"})
    assert checks.faults(definition) == []
    codes = {warning.code for warning in advice.warnings(definition)}
    assert codes <= {"too_long"}


@pytest.fixture
def said(version_id: int) -> None:
    for number, words in enumerate(["转账太慢了，等了半天", FORMULA, "客服很好", "Slow transfer again"]):
        now = NOW + timedelta(minutes=number)
        made = invite(version_id, key=f"k{number}", customer_id=number + 1)
        given = {"satisfied": Given(values=(str(number + 1),)), "words": Given(values=(words,))}
        services.answer(invitation_id=made.id, submission=Submission(given=given, language="en"), now=now)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("太慢", 1),
        ("慢", 1),
        ("半天", 1),
        ("慢了，", 1),
        ("SLOW", 1),
        ("transfer again", 1),
        ("%", 0),
        ("快", 0),
    ],
)
def test_words_are_found_two_chinese_characters_too(said: None, search: str, found: int) -> None:
    assert queries.response_count(only=ResponseFilter(search=search)) == found


def test_the_search_can_use_its_index(said: None) -> None:
    sql, values = answered.filtered(ResponseFilter(search="太慢")).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "questionnaires_answer_words" in plan


def test_feedback_filters_by_value_version_and_kind(said: None) -> None:
    assert queries.response_count(only=ResponseFilter(score=4)) == 1
    assert queries.response_count(only=ResponseFilter(version=1)) == 4
    assert queries.response_count(only=ResponseFilter(version=2)) == 0
    assert queries.response_count(only=ResponseFilter(kind="text")) == 4
    assert queries.response_count(only=ResponseFilter(kind="stars")) == 0


def test_a_workbook_holds_words_and_no_formula(said: None, staff: Client) -> None:
    reply = staff.get("/feedback/", {"export": "xlsx"})
    assert reply["Content-Type"].startswith("application/vnd.openxmlformats")
    book = zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content)))  # type: ignore[attr-defined]
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=HYPERLINK(" in sheet
    assert "客服很好" in sheet
    assert "hyperlink" not in " ".join(book.namelist())


def test_a_view_is_kept_under_a_name_for_its_owner_alone(said: None, staff: Client) -> None:
    staff.post("/feedback/views/", {"name": "Slow ones", "query": "q=太慢&low=yes"})
    html = staff.get("/feedback/").content.decode()
    assert "Slow ones" in html
    other = Client()
    person = Person.objects.create(email="p@x.test", role="product_owner", date_joined=NOW)
    other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert "Slow ones" not in other.get("/feedback/").content.decode()
    staff.post("/feedback/views/", {"forget": "Slow ones"})
    assert "Slow ones" not in staff.get("/feedback/").content.decode()


def test_the_api_lists_questionnaires_in_few_queries(django_assert_max_num_queries: object) -> None:
    for number in range(10):
        services.create_questionnaire(slug=f"q{number}", name={"en": "Q"}, by="t", now=NOW)
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        assert len(queries.questionnaires()) == 10
