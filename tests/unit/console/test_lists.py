"""The state of a list in its URL, its pages, and its export."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from huifang.console import lists

LISTING = lists.Listing(
    sorts={"name": ("name", "id"), "seen": ("-seen_at", "id")},
    sort="name",
    filters=[
        lists.Filter(name="role", label="Role", choices=[("admin", "Administrator"), ("agent", "Agent")])
    ],
    page_size=10,
)


def state(query: str = "") -> lists.State:
    return lists.read(QueryDict(query), LISTING)


def test_an_empty_url_is_the_list_as_it_starts() -> None:
    start = state()
    assert (start.order_by, start.number, start.is_narrowed, start.chosen) == (
        ("name", "id"),
        1,
        False,
        {"role": ""},
    )


def test_a_minus_turns_every_field_round() -> None:
    assert state("sort=-seen").order_by == ("seen_at", "-id")


@pytest.mark.parametrize(
    "query", ["sort=password", "sort=-", "role=root", "page=-3", "page=x", "page=99999999999"]
)
def test_what_the_list_does_not_offer_is_ignored(query: str) -> None:
    odd = state(query)
    assert (odd.order_by, odd.number, odd.chosen) == (("name", "id"), 1, {"role": ""})


def test_a_heading_turns_the_sort_and_goes_back_to_the_first_page() -> None:
    links = state("sort=name&page=4&role=admin").links
    assert links["name"] == lists.SortLink(query="sort=-name&role=admin", direction="ascending")
    assert links["seen"] == lists.SortLink(query="sort=seen&role=admin", direction="")


def test_a_page_knows_its_neighbours() -> None:
    page = lists.cut(range(25), state("page=2&role=admin"))
    assert list(page.rows) == list(range(10, 20))
    assert (page.first, page.last, page.total, page.pages) == (11, 20, 25, 3)
    assert (page.previous_query, page.next_query) == ("role=admin", "page=3&role=admin")


def test_past_the_end_is_the_last_page() -> None:
    page = lists.cut(range(25), state("page=9"))
    assert (page.number, list(page.rows), page.next_query) == (3, list(range(20, 25)), "")


def test_an_empty_list_has_one_empty_page() -> None:
    page = lists.cut([], state())
    assert (page.total, page.pages, page.first, page.last) == (0, 1, 0, 0)


def exported(*row: object) -> str:
    reply = lists.csv_reply(name="people", columns=["one"], rows=[row])
    return b"".join(reply).decode("utf-8-sig").splitlines()[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@sum", "\tx"])
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    assert exported(text) == f"'{text}"


def test_numbers_times_and_nothing_stay_what_they_are() -> None:
    assert (
        exported(-2, datetime(2026, 11, 18, tzinfo=UTC), None, "陈屿") == "-2,2026-11-18T00:00:00+00:00,,陈屿"
    )


def wide(query: str, count: int) -> lists.State:
    """A list with *count* filters, as the URL says."""
    filters = [lists.Filter(name=f"f{n}", label=f"F{n}", choices=[("x", "X")]) for n in range(count)]
    listing = lists.Listing(sorts={"name": ("name",)}, sort="name", filters=filters)
    return lists.read(QueryDict(query), listing)


def test_many_filters_fold_away_but_for_those_in_use() -> None:
    state = wide("f11=x", 12)
    assert [each.name for each in state.front] == ["f0", "f1", "f2", "f3", "f4", "f5", "f11"]
    assert [each.name for each in state.folded] == ["f6", "f7", "f8", "f9", "f10"]


def test_two_filters_more_are_not_folded() -> None:
    assert len(wide("", 8).front) == 8
    assert wide("", 8).folded == []
