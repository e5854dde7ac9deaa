"""Public sets of labelled texts, and what of each is measured: read from a folder, never shipped."""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huifang.textanalysis import evaluation, faq, themes
from huifang.textanalysis.embedding import Embedder
from huifang.textanalysis.records import Figure, Labelled, PublicSet

_TENS, _LEARN_MAX, _TRY_MAX = 10, 8_000, 3_000
_SEED = 7


Measure = Callable[[Path, Embedder | None], list[Figure]]


def _rows(file: Path, *, delimiter: str = ",") -> Iterator[dict[str, str]]:
    csv.field_size_limit(sys.maxsize)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        if delimiter == "\t":
            yield from csv.DictReader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        else:
            yield from csv.DictReader(stream)


def _some(texts: Sequence[Labelled], most: int) -> list[Labelled]:
    """A stable draw of at most so many different texts: a copy in both halves would be no test."""
    different = list({each.text.strip(): each for each in texts if each.text and each.text.strip()}.values())
    order = np.random.default_rng(_SEED).permutation(len(different))[:most]
    return [different[at] for at in order]


def _both(tried: evaluation.Tried) -> list[Figure]:
    return [evaluation.accuracy(tried), evaluation.macro_f1(tried)]


def _banking(folder: Path) -> list[Labelled]:
    return [
        Labelled(text=row["text"], label=row["category"]) for row in _rows(folder / "banking77/train.csv")
    ]


def _banking77(folder: Path, embed: Embedder | None) -> list[Figure]:
    return _both(evaluation.held_out(_banking(folder), embed=embed))


def _banking77_ten(folder: Path, embed: Embedder | None) -> list[Figure]:
    return _both(evaluation.few_shot(_banking(folder), each=_TENS, most=_TRY_MAX, embed=embed))


def _clinc150(folder: Path, embed: Embedder | None) -> list[Figure]:
    whole = json.loads((folder / "clinc150/data_full.json").read_text(encoding="utf-8"))
    parts = {
        name: [Labelled(text=text, label=label) for text, label in whole[name]]
        for name in ("train", "val", "oos_val")
    }
    tried = evaluation.against(
        _some(parts["train"], _LEARN_MAX), [*parts["val"], *parts["oos_val"]], embed=embed
    )
    is_outside = np.arange(len(tried.truth)) >= len(parts["val"])
    inside = evaluation.Tried(
        classes=tried.classes,
        truth=tried.truth[~is_outside],
        shares=tried.shares[~is_outside],
        learnt=tried.learnt,
    )
    # How spread the probabilities are tells strangers better than the greatest alone.
    spread = -(tried.shares * np.log(tried.shares + 1e-12)).sum(axis=1)
    outside = evaluation.auroc("out-of-scope AUROC", spread, is_outside, learnt=tried.learnt)
    return [evaluation.accuracy(inside), outside]


def _chnsenticorp(folder: Path, embed: Embedder | None) -> list[Figure]:
    learn, tried = (
        [
            Labelled(text=row["text_a"], label=row["label"])
            for row in _rows(folder / f"zh_sentiment/chnsenticorp/{part}.tsv", delimiter="\t")
        ]
        for part in ("train", "dev")
    )
    known = {each.text for each in tried}
    return _both(evaluation.against([each for each in learn if each.text not in known], tried, embed=embed))


def _reviews(file: str) -> Measure:
    def measure(folder: Path, embed: Embedder | None) -> list[Figure]:
        texts = [Labelled(text=row["review"] or "", label=row["label"]) for row in _rows(folder / file)]
        return _both(evaluation.held_out(_some(texts, _LEARN_MAX + _TRY_MAX), embed=embed))

    return measure


def _two_sided(texts: list[Labelled], embed: Embedder | None) -> list[Figure]:
    tried = evaluation.held_out(_some(texts, _LEARN_MAX), share=0.25, embed=embed)
    area = evaluation.auroc("AUROC", tried.shares[:, 1], tried.truth == 1, learnt=tried.learnt)
    return [*_both(tried), area]


def _wallet(folder: Path, embed: Embedder | None) -> list[Figure]:
    texts = [
        Labelled(text=row["content"], label="good" if row["score"] in "45" else "bad")
        for row in _rows(folder / "wallet_reviews_en/reviews.csv")
        if row["score"] in {"1", "2", "4", "5"}
    ]
    return _two_sided(texts, embed)


def _telecom(folder: Path, embed: Embedder | None) -> list[Figure]:
    texts = [
        Labelled(text=row["text"], label=row["NPS_RATING"])
        for row in _rows(folder / "nps_csat/telecom_nps_verbatims.csv")
        if row["NPS_RATING"] in {"Detractor", "Promoter"}
    ]
    return _two_sided(texts, embed)


def _bank_faq(folder: Path, embed: Embedder | None) -> list[Figure]:
    """Each question left out in turn of its entry; then the second of each entry, left out of all at once."""
    entries = _faq_entries(folder)
    count = sum(len(entry.questions) for entry in entries)
    ranks = _ranks_left_out(entries, embed)
    second = [(at, entry.questions[1]) for at, entry in enumerate(entries) if len(entry.questions) > 1]
    rest = [faq.without(entry, 1) if len(entry.questions) > 1 else entry for entry in entries]
    found = faq.Search(rest, embed=embed).alike([text for _, text in second])
    places = np.array([at for at, _ in second])
    held, plain = (int((each.argmax(axis=1) == places).sum()) for each in (found, _plain(rest, second)))
    learnt = len(entries)
    return [
        evaluation.share("top-1", sum(rank == 0 for rank in ranks), count, learnt=learnt),
        evaluation.share("top-3", sum(rank < 3 for rank in ranks), count, learnt=learnt),
        evaluation.share("2nd out: top-1", held, len(second), learnt=learnt),
        evaluation.share("2nd out: TF-IDF", plain, len(second), learnt=learnt),
    ]


def _faq_entries(folder: Path) -> list[faq.Entry]:
    questions: dict[str, list[str]] = defaultdict(list)
    answers: dict[str, dict[str, None]] = defaultdict(dict)
    for row in _rows(folder / "bank_faq/esun_faq_zh_tw.csv"):
        questions[row["pid"]].append(row["question"])
        answers[row["pid"]][" ".join(row["answer"].split())] = None
    return [
        faq.Entry(key=name, questions=tuple(many), answer="\n".join(answers[name]))
        for name, many in questions.items()
    ]


def _ranks_left_out(entries: Sequence[faq.Entry], embed: Embedder | None) -> list[int]:
    """How many entries come before the right one, for each question while its entry lacks it."""
    search = faq.Search(entries, embed=embed)
    asked = [(at, number) for at, entry in enumerate(entries) for number in range(len(entry.questions))]
    scores = search.alike([entries[at].questions[number] for at, number in asked])
    ranks = []
    for row, (at, number) in zip(scores, asked, strict=True):
        entry = entries[at]
        own = search.alike_to(entry.questions[number], faq.without(entry, number))
        row[at] = -1
        ranks.append(int((row > own).sum()))
    return ranks


def _plain(entries: Sequence[faq.Entry], asked: Sequence[tuple[int, str]]) -> NDArray[np.float64]:
    """What plain TF-IDF of one and two characters finds over the questions of each entry."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    learner = TfidfVectorizer(analyzer="char", ngram_range=(1, 2))
    rows = learner.fit_transform([" ".join(entry.questions) for entry in entries])
    scores: NDArray[np.float64] = (learner.transform([text for _, text in asked]) @ rows.T).toarray()
    return scores


_NHS_NOT_THEMES = frozenset({"Not assigned"})


def _nhs(folder: Path, embed: Embedder | None) -> list[Figure]:
    """One yes-or-no classifier a theme, on a quarter of the comments."""
    rows = list(_rows(folder / "nps_csat/nhs_fft_v6_labelled.csv"))
    columns = list(rows[0])
    first = columns.index("Not assigned")
    names = [name for name in columns[first:] if {row[name] for row in rows} <= {"0", "1", "", "0.0", "1.0"}]
    text_column = max(columns[:], key=lambda name: sum(len(row[name] or "") for row in rows[:200]))
    names = [name for name in names if name not in _NHS_NOT_THEMES]
    rows = [row for row in rows if (row[text_column] or "").strip()]
    truth = np.array([[row[name] in {"1", "1.0"} for name in names] for row in rows])
    order = np.random.default_rng(_SEED).permutation(len(rows))
    tried, learn = order[: len(rows) // 4], order[len(rows) // 4 :]
    texts = [row[text_column] for row in rows]
    said = themes.themes([texts[at] for at in learn], truth[learn], [texts[at] for at in tried], embed=embed)
    return list(evaluation.themes(truth[tried], said, learnt=len(learn)))


_HOTEL = "zh_sentiment/ChnSentiCorp_htl_all_minus_csc_devtest.csv"
_SHOPPING = "zh_sentiment/online_shopping_10_cats_minus_csc_devtest.csv"
_CHN = ("zh_sentiment/chnsenticorp/train.tsv", "zh_sentiment/chnsenticorp/dev.tsv")
_TABLE: tuple[tuple[str, tuple[str, ...], str, Measure], ...] = (
    ("banking77", ("banking77/train.csv",), "BERT .937 on its test set", _banking77),
    ("banking77-ten", ("banking77/train.csv",), "USE+ConveRT .852 on its test set", _banking77_ten),
    ("clinc150", ("clinc150/data_full.json",), "BERT .969 in scope", _clinc150),
    ("chnsenticorp", _CHN, "BERT .950 on its test set", _chnsenticorp),
    ("hotel", (_HOTEL,), "-", _reviews(_HOTEL)),
    ("shopping", (_SHOPPING,), "-", _reviews(_SHOPPING)),
    ("wallet", ("wallet_reviews_en/reviews.csv",), "TF-IDF AUROC .950", _wallet),
    ("telecom", ("nps_csat/telecom_nps_verbatims.csv",), "TF-IDF accuracy .899", _telecom),
    ("nhs", ("nps_csat/nhs_fft_v6_labelled.csv",), "micro-F1 .71, macro-F1 .64", _nhs),
    ("faq", ("bank_faq/esun_faq_zh_tw.csv",), "char TF-IDF top-1 .68", _bank_faq),
)
SETS = {name: PublicSet(name=name, files=files, published=published) for name, files, published, _ in _TABLE}
MEASURES = {name: measure for name, _, _, measure in _TABLE}
