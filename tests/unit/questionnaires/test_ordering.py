"""The order of one response is always the same, differs between responses, and breaks no branch."""

from huifang.questionnaires import ordering
from huifang.questionnaires.records import Definition, Option, Question, QuestionKind


def _choice(key: str, **more: object) -> Question:
    options = (
        *(Option(key=f"o{number}", label={"en": str(number)}) for number in range(6)),
        Option(key="other", label={"en": "Other"}, is_other=True),
        Option(key="none", label={"en": "None"}, is_exclusive=True),
    )
    return Question(
        key=key,
        kind=QuestionKind.MULTIPLE,
        title={"en": key},
        options=options,
        **more,  # type: ignore[arg-type]
    )


DEFINITION = Definition(
    questions=(
        Question(key="first", kind=QuestionKind.NPS, title={"en": "First"}),
        _choice("a", is_shuffled=True),
        _choice("b"),
        _choice("c"),
        Question(key="last", kind=QuestionKind.TEXT, title={"en": "Last"}),
    ),
    shuffled=("a", "b", "c"),
)


def _keys(seed: str) -> list[str]:
    return [question.key for question in ordering.arrange(DEFINITION, seed).questions]


def test_the_same_seed_gives_the_same_order() -> None:
    assert ordering.arrange(DEFINITION, "s1") == ordering.arrange(DEFINITION, "s1")


def test_only_what_is_named_changes_places() -> None:
    orders = [_keys(f"s{number}") for number in range(50)]
    assert all(order[0] == "first" and order[-1] == "last" for order in orders)
    assert {tuple(sorted(order)) for order in orders} == {("a", "b", "c", "first", "last")}
    assert len({tuple(order) for order in orders}) == 6


def test_every_order_is_about_as_frequent() -> None:
    firsts = [_keys(f"seed-{number}")[1] for number in range(3000)]
    assert all(900 < firsts.count(key) < 1100 for key in ("a", "b", "c"))


def test_other_and_none_stay_at_the_end() -> None:
    for number in range(20):
        shown = next(each for each in ordering.arrange(DEFINITION, f"s{number}").questions if each.key == "a")
        assert [option.key for option in shown.options[-2:]] == ["other", "none"]
        assert ordering.option_order(shown) == [option.key for option in shown.options]


def test_what_is_not_shuffled_is_the_very_same() -> None:
    plain = Definition(questions=DEFINITION.questions[2:4])
    assert ordering.arrange(plain, "s") is plain
    assert ordering.arrange(DEFINITION, "") is DEFINITION
    assert ordering.option_order(DEFINITION.questions[2]) == []


def test_the_order_of_a_seed_never_changes_between_releases() -> None:
    assert _keys("pinned-1") == PINNED


PINNED = ["first", "c", "a", "b", "last"]
