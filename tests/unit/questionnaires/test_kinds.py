"""Each kind of question takes what it asks for, and nothing else."""

import datetime as dates
import io
from decimal import Decimal

import pytest
from PIL import Image

from huifang.questionnaires import answer_errors, checks, media, rules
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.kinds.registry import KINDS
from huifang.questionnaires.records import (
    AnswerValue,
    Comparison,
    Condition,
    Definition,
    Option,
    Question,
    QuestionKind,
)

OPTIONS = tuple(Option(key=key, label={"en": key}) for key in ("a", "b", "c"))
HOSTILE = ["'; DROP TABLE x; --", "<script>", "\0", "१", "1e9", "NaN", "9" * 400, "∞", "\ud83d", "0x10"]


def _question(kind: QuestionKind, **more: object) -> Question:
    return Question(key="k", kind=kind, title={"en": "T"}, **more)  # type: ignore[arg-type]


def _parse(question: Question, *values: str, **more: object) -> AnswerValue | None:
    return rules.parse_answer(question, Given(values=values, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_every_kind_is_registered_under_its_name_and_takes_nothing_for_a_skip(kind: QuestionKind) -> None:
    question = _question(kind, options=OPTIONS, rows=OPTIONS)
    assert KINDS[kind].name == kind.value
    assert _parse(question) is None
    assert KINDS[kind].seconds(question) > 0


@pytest.mark.parametrize("kind", [each for each in QuestionKind if each not in {"text", "voice", "image"}])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_is_no_answer_is_refused_and_never_kept(kind: QuestionKind, value: str) -> None:
    question = _question(kind, options=OPTIONS, rows=OPTIONS)
    wrong = (
        answer_errors.AnswerInvalidError,
        answer_errors.AnswerNotNumberError,
        answer_errors.AnswerNotDateError,
    )
    with pytest.raises(wrong):
        _parse(question, value, cells={"a": value})


def test_stars_are_one_to_five() -> None:
    question = _question(QuestionKind.STARS)
    assert _parse(question, "5") == AnswerValue(number=5)
    for value in ("0", "6"):
        with pytest.raises(answer_errors.AnswerInvalidError):
            _parse(question, value)
    assert KINDS[QuestionKind.STARS].is_low(2)
    assert not KINDS[QuestionKind.STARS].is_low(3)


def test_none_of_these_cannot_go_with_another() -> None:
    options = (*OPTIONS, Option(key="none", label={"en": "None"}, is_exclusive=True))
    question = _question(QuestionKind.MULTIPLE, options=options)
    assert _parse(question, "none") == AnswerValue(choices=("none",))
    with pytest.raises(answer_errors.AnswerExclusiveError):
        _parse(question, "a", "none")


def test_a_matrix_keeps_a_cell_a_row() -> None:
    question = _question(QuestionKind.MATRIX, options=OPTIONS, rows=OPTIONS[:2])
    assert _parse(question, cells={"a": "b", "b": "c"}) == AnswerValue(choices=("a:b", "b:c"))
    assert _parse(question, cells={"a": "b", "b": ""}) == AnswerValue(choices=("a:b",))


@pytest.mark.parametrize("cells", [{"z": "a"}, {"a": "z"}, {"a": "b:c"}])
def test_a_cell_that_is_none_is_refused(cells: dict[str, str]) -> None:
    with pytest.raises(answer_errors.AnswerInvalidError):
        _parse(_question(QuestionKind.MATRIX, options=OPTIONS, rows=OPTIONS), cells=cells)


def test_a_required_matrix_wants_every_row() -> None:
    question = _question(QuestionKind.MATRIX, options=OPTIONS, rows=OPTIONS, is_required=True)
    with pytest.raises(answer_errors.AnswerIncompleteError):
        _parse(question, cells={"a": "b"})
    with pytest.raises(answer_errors.AnswerMissingError):
        _parse(question, cells={})


@pytest.mark.parametrize(
    ("text", "amount"),
    [("25", "25"), ("１２．５", "12.5"), ("1,250.00", "1250"), (" 7 ", "7"), ("-3", "-3"), ("+4", "4")],
)
def test_a_number_is_kept_exactly(text: str, amount: str) -> None:
    found = _parse(_question(QuestionKind.NUMBER, places=2), text)
    assert found is not None
    assert found.amount == Decimal(amount)


@pytest.mark.parametrize("text", ["12.345", "1,25", "12 apples", "--1", ".5", "1.", "१२"])
def test_a_number_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(answer_errors.AnswerNotNumberError):
        _parse(_question(QuestionKind.NUMBER, places=2), text)


def test_a_number_stays_within_its_bounds() -> None:
    question = _question(QuestionKind.NUMBER, lowest=Decimal(0), highest=Decimal(10))
    assert _parse(question, "0") == AnswerValue(amount=Decimal(0))
    assert _parse(question, "10") == AnswerValue(amount=Decimal(10))
    for text in ("-1", "11"):
        with pytest.raises(answer_errors.AnswerOutOfRangeError):
            _parse(question, text)


@pytest.mark.parametrize("text", ["2026-11-22", "2026/11/22", "2026年11月22日", "2026.11.22"])
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert _parse(_question(QuestionKind.DATE), text) == AnswerValue(day=dates.date(2026, 11, 22))


@pytest.mark.parametrize("text", ["2026-02-30", "22.11", "yesterday", "2026-11-22T10:00", "1-2-3-4"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(answer_errors.AnswerNotDateError):
        _parse(_question(QuestionKind.DATE), text)


def test_a_date_stays_within_its_range() -> None:
    question = _question(QuestionKind.DATE, earliest=dates.date(2026, 1, 1), latest=dates.date(2026, 12, 31))
    for text in ("2025-12-31", "2027-01-01"):
        with pytest.raises(answer_errors.AnswerOutOfRangeError):
            _parse(question, text)


@pytest.mark.parametrize(("number", "is_met"), [(4, False), (5, True), (6, True)])
def test_a_branch_can_hang_on_an_amount(number: int, is_met: bool) -> None:
    condition = Condition(question="k", test=Comparison.AT_MOST, number=number)
    assert rules.meets(condition, {"k": AnswerValue(amount=Decimal("4.5"))}) is is_met


def test_a_branch_can_hang_on_a_cell_and_on_a_consent() -> None:
    matrix = _question(QuestionKind.MATRIX, options=OPTIONS, rows=OPTIONS)
    any_of = Condition(question="k", test=Comparison.ANY_OF, options=("a:b",))
    assert KINDS[QuestionKind.MATRIX].can_meet(matrix, any_of)
    assert not KINDS[QuestionKind.MATRIX].can_meet(
        matrix, Condition(question="k", test=Comparison.ANY_OF, options=("a:z",))
    )
    contact = _question(QuestionKind.CONTACT)
    yes = Condition(question="k", test=Comparison.ANY_OF, options=("yes",))
    assert KINDS[QuestionKind.CONTACT].can_meet(contact, yes)


def _picture(*, size: tuple[int, int] = (60, 40), form: str = "JPEG", **more: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, form, **more)  # type: ignore[arg-type]
    return written.getvalue()


def test_a_picture_is_drawn_anew_without_what_it_says_of_place_and_device() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhoneMaker"
    exif[0x8825] = {1: "N", 2: (31.0, 12.0, 5.0)}
    sent = _picture(exif=exif, comment=b"hidden words")
    assert b"SecretPhoneMaker" in sent
    kept = media.read_image(sent + b"<?php payload ?>")
    assert kept.media_type == "image/jpeg"
    for secret in (b"SecretPhoneMaker", b"hidden words", b"payload", b"Exif"):
        assert secret not in kept.data
    assert dict(Image.open(io.BytesIO(kept.data)).getexif()) == {}


def test_a_picture_is_turned_upright_and_made_small() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the phone on its side
    kept = Image.open(io.BytesIO(media.read_image(_picture(size=(5000, 1000), exif=exif)).data))
    assert kept.height > kept.width
    assert max(kept.size) <= media.EDGE_MAX


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
def test_the_usual_forms_are_taken(form: str) -> None:
    assert media.read_image(_picture(form=form)).media_type == "image/jpeg"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 200,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7" + b"\0" * 100,
        _picture()[:200],
        b"\xff\xd8\xff\xe0" + b"\0" * 500,
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(answer_errors.AnswerNotImageError):
        media.read_image(data)


def test_a_bomb_is_refused_before_it_is_drawn() -> None:
    """A few kilobytes that claim 400 million points."""
    small = bytearray(_picture(form="PNG", size=(8, 8)))
    at = small.index(b"IHDR") + 4
    small[at : at + 8] = (20_000).to_bytes(4, "big") * 2
    with pytest.raises(answer_errors.AnswerNotImageError):
        media.read_image(bytes(small))


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"OggS", "audio/ogg"),
        (b"\x1a\x45\xdf\xa3", "audio/webm"),
        (b"RIFF\x10\0\0\0WAVE", "audio/wav"),
        (b"\0\0\0\x1cftypM4A ", "audio/mp4"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
    ],
)
def test_a_recording_is_known_by_its_first_bytes_and_kept_as_it_came(start: bytes, media_type: str) -> None:
    data = start + b"\x07" * 100
    kept = media.read_audio(data)
    assert (kept.media_type, kept.data) == (media_type, data)


@pytest.mark.parametrize(
    "data", [b"", b"OggS", b"MZ" + b"\0" * 100, b"<html>" + b" " * 100, b"RIFF\0\0\0\0AVI " + b"\0" * 80]
)
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(answer_errors.AnswerNotSoundError):
        media.read_audio(data)


def test_words_do_where_no_file_can_be_sent() -> None:
    question = _question(QuestionKind.VOICE, is_required=True)
    assert _parse(question, text="I would rather write") == AnswerValue(text="I would rather write")
    with pytest.raises(answer_errors.AnswerMissingError):
        _parse(question)


def test_a_file_too_large_is_refused_before_it_is_looked_into() -> None:
    with pytest.raises(answer_errors.AnswerFileTooLargeError):
        _parse(_question(QuestionKind.IMAGE), file=b"x" * (8 * 1024 * 1024 + 1))


def test_a_definition_written_before_these_kinds_reads_as_it_did() -> None:
    old = {
        "questions": [
            {
                "key": "why",
                "kind": "multiple",
                "title": {"en": "Why?"},
                "options": [{"key": "a", "label": {"en": "A"}}, {"key": "b", "label": {"en": "B"}}],
            }
        ]
    }
    found = checks.convert(old)
    assert found == Definition(
        questions=(
            Question(
                key="why",
                kind=QuestionKind.MULTIPLE,
                title={"en": "Why?"},
                options=(Option(key="a", label={"en": "A"}), Option(key="b", label={"en": "B"})),
            ),
        )
    )
    assert not found.is_anonymous
