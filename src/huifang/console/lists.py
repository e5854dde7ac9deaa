"""What every list shares: its state in the URL (search, filters, sort, page), its pages, its CSV export.

A view makes one `Listing`, reads the state with `read`, cuts a queryset or a sequence with `cut`, and gives
the template ``state`` and ``page``. Unknown names and values in the URL are ignored, never an error.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict, StreamingHttpResponse
from django.utils.translation import get_language, override

_Row = TypeVar("_Row")
_Cut = TypeVar("_Cut")
PAGE_SIZE = 50
EXPORT_ROWS_MAX = 100_000
_FRONT_MAX, _FOLD_MIN = 6, 3  # filters that are seen at once; fewer than these are not folded away
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter: its name in the URL, its label, its choices as (value, label), and what is chosen."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list offers. *sorts* maps a word in the URL to the fields of ``order_by``, ascending.

    *sort* is the word it starts with; "-word" turns it round.
    """

    sorts: Mapping[str, tuple[str, ...]]
    sort: str
    filters: Sequence[Filter] = ()
    page_size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class SortLink:
    """Where a column's heading leads, and how the list is sorted by it now ("" where it is not)."""

    query: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of one list, read from the URL."""

    listing: Listing
    search: str
    sort: str
    is_descending: bool
    number: int
    is_export: bool
    filters: Sequence[Filter]
    query: QueryDict = field(repr=False)

    @property
    def chosen(self) -> dict[str, str]:
        """The value chosen in each filter, "" for all."""
        return {each.name: each.chosen for each in self.filters}

    @property
    def front(self) -> list[Filter]:
        """The filters that are seen at once: the first ones, and those in use."""
        folded = self.folded
        return [each for each in self.filters if each not in folded]

    @property
    def folded(self) -> list[Filter]:
        """The filters that are folded away, none of them in use."""
        rest = [each for each in self.filters[_FRONT_MAX:] if not each.chosen]
        return rest if len(rest) >= _FOLD_MIN else []

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides rows."""
        return bool(self.search or any(self.chosen.values()))

    @property
    def sort_word(self) -> str:
        """The sort as it stands in the URL; "" for the list's own."""
        word = f"-{self.sort}" if self.is_descending else self.sort
        return "" if word == self.listing.sort else word

    @property
    def order_by(self) -> tuple[str, ...]:
        """The fields for ``order_by``."""
        fields = self.listing.sorts[self.sort]
        return tuple(_turned(each) for each in fields) if self.is_descending else fields

    @property
    def links(self) -> dict[str, SortLink]:
        """Each sort word's link: once ascending, again descending."""
        return {word: self._link(word) for word in self.listing.sorts}

    @property
    def export_query(self) -> str:
        """The query of the same list as CSV."""
        return self.with_query(page="", export="csv")

    def with_query(self, **changed: str) -> str:
        """The present query with *changed* values; an empty value takes its name out."""
        query = self.query.copy()
        for name, value in changed.items():
            if value:
                query[name] = value
            else:
                query.pop(name, None)
        return query.urlencode()

    def _link(self, word: str) -> SortLink:
        is_here = word == self.sort
        wanted = f"-{word}" if is_here and not self.is_descending else word
        direction = ("descending" if self.is_descending else "ascending") if is_here else ""
        return SortLink(query=self.with_query(sort=wanted, page=""), direction=direction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[_Row]):
    """One page of a list. *first* and *last* count from 1."""

    rows: Sequence[_Row]
    number: int
    pages: int
    first: int
    last: int
    total: int
    previous_query: str
    next_query: str
    query: str
    export_query: str


def read(query: QueryDict, listing: Listing) -> State:
    """The state of *listing* that *query* asks for."""
    word = query.get("sort", "") or listing.sort
    if word.removeprefix("-") not in listing.sorts:
        word = listing.sort
    return State(
        listing=listing,
        search=query.get("q", "").strip(),
        sort=word.removeprefix("-"),
        is_descending=word.startswith("-"),
        number=_whole(query.get("page", "")),
        is_export=query.get("export") == "csv",
        filters=[_chosen(each, query.get(each.name, "")) for each in listing.filters],
        query=query,
    )


def cut(
    rows: "QuerySet[Any] | Sequence[_Row]",
    state: State,
    *,
    to_record: Callable[[Any], _Cut] | None = None,
) -> Page[Any]:
    """The page of *rows* that *state* asks for, sorted where *rows* is a queryset; past the end, the last."""
    if isinstance(rows, QuerySet):
        rows, total = rows.order_by(*state.order_by), rows.count()
    else:
        total = len(rows)
    size = state.listing.page_size
    pages = max(1, -(-total // size))
    number = min(state.number, pages)
    found = list(rows[(number - 1) * size : number * size])
    return Page(
        rows=[to_record(each) for each in found] if to_record else found,
        number=number,
        pages=pages,
        first=(number - 1) * size + 1 if total else 0,
        last=(number - 1) * size + len(found),
        total=total,
        previous_query=state.with_query(page=str(number - 1) if number > 2 else "") if number > 1 else "",
        next_query=state.with_query(page=str(number + 1)) if number < pages else "",
        query=state.with_query(page=""),
        export_query=state.export_query,
    )


def for_export(rows: "QuerySet[_Model]", state: State) -> "Iterator[_Model]":
    """Every row of *rows* in the order of *state*, for `csv_reply`; at most `EXPORT_ROWS_MAX`."""
    return rows.order_by(*state.order_by)[:EXPORT_ROWS_MAX].iterator(chunk_size=2000)


_Model = TypeVar("_Model", bound=Model)


def csv_reply(
    *, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A CSV file that spreadsheets open as UTF-8, and in which no cell is taken for a formula."""
    told = in_readers_language(_csv(columns, rows))
    reply = StreamingHttpResponse(told, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return reply


def in_readers_language(parts: Iterator[str]) -> Iterator[str]:
    """*parts* as they would be made now: what is streamed is made after the request's language has ended."""
    return _in_language(parts, get_language())


def _in_language(parts: Iterator[str], language: str | None) -> Iterator[str]:
    while True:
        with override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield _BYTE_ORDER_MARK + _line(columns)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[object]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([_cell(value) for value in row])
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = str(value)
    if isinstance(value, str) and text.startswith(_FORMULA):
        return f"'{text}"
    return text


def _chosen(each: Filter, value: str) -> Filter:
    known = {choice for choice, _ in each.choices}
    return Filter(
        name=each.name, label=each.label, choices=each.choices, chosen=value if value in known else ""
    )


def _whole(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"
