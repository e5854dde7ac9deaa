"""What is learnt, from what, and how well it does: part of `records`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One entry of the taxonomy. *seeds*: phrases by language that mean it. *parent*: "" at the top."""

    code: str
    name: Texts
    parent: str
    department: str
    seeds: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """The topics that a text can have."""

    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text and what a person says it is."""

    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRecord:
    """A topic as operators keep it. *labels*: how many texts people gave it."""

    code: str
    name: Texts
    parent: str
    department: str
    is_retired: bool
    merged_into: str
    is_shipped: bool
    labels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure with its 95 % interval, on so many texts after learning from so many."""

    name: str
    value: float
    low: float
    high: float
    learnt: int
    tried: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSet:
    """A public set of labelled texts: its files below a folder, and what others published for it."""

    name: str
    files: tuple[str, ...]
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFigure:
    """How one engine does on *sample* labels of people that it did not learn from.

    *field*: ``topics`` or ``sentiment``; *abstained*: the share of these texts of which it is not sure.
    """

    engine: str
    field: str
    accuracy: Figure
    macro_f1: Figure
    abstained: float
    sample: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One learnt model. *kind*: ``topics`` or ``sentiment``; *labels*: how many of people it learnt from.

    *before* and *after*: accuracy of the model it was to replace and its own, on labels that taught neither.
    *verdict*: why it was put in use, or was not (`verdicts.Verdict`); "" for those before there were any.
    """

    id: int
    kind: str
    at: datetime
    by: str
    labels: int
    classes: tuple[str, ...]
    before: Figure | None
    after: Figure | None
    is_active: bool
    verdict: str = ""
