"""Self-harm is heard by meaning where rules have no words for it; the numbers that ship are those learnt."""

import json
from pathlib import Path

import numpy as np
import pytest
from tools.self_harm import LEAST

from huifang.textanalysis import cues, distress, embedding, phrases
from huifang.textanalysis.engines.fused import FusedEngine
from huifang.textanalysis.engines.tfidf import LearntEngine, Models
from huifang.textanalysis.records import Labelled, Text
from huifang.textanalysis.training import fit

pytestmark = pytest.mark.skipif(not embedding.is_installed(), reason="embeddings are not installed")

# Written by others than those who wrote the rules and the texts that are learnt from.
SET = json.loads((Path(__file__).parent / "self_harm_set.json").read_text(encoding="utf-8"))
GOOD = ("good app", "很好用", "love it", "满意", "great", "不错")
BAD = ("bad app", "太差了", "hate it", "失望", "awful", "垃圾")
MOODS = [
    *(Labelled(text=text, label="positive") for text in GOOD),
    *(Labelled(text=text, label="negative") for text in BAD),
]


@pytest.fixture(scope="module")
def engine() -> FusedEngine:
    model = fit(MOODS, embed=embedding.embed)
    return FusedEngine(Models(sentiment=model, topics=model), embed=embedding.embed)


def test_the_numbers_that_ship_are_learnt_from_the_texts_that_ship() -> None:
    learnt, shipped = distress.learn(embedding.embed, least=LEAST), phrases.data(distress.MODEL)

    assert shipped["embedding"] == embedding.NAME
    assert np.allclose(learnt.slopes, shipped["slopes"], atol=0.02)
    assert learnt.offset == pytest.approx(shipped["offset"], abs=0.02)


def test_nothing_is_learnt_from_what_is_measured() -> None:
    known = set(phrases.by_language(phrases.data("self_harm_texts")["yes"]))
    assert known.isdisjoint(text for part in SET for text in phrases.by_language(part["yes"]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_more_is_heard_than_rules_have_words_for(engine: FusedEngine, language: str) -> None:
    texts = [text for part in SET for text in part["yes"][language]]
    found = engine.analyse([Text(key=str(at), text=text) for at, text in enumerate(texts)])
    heard = sum(any(cue.kind == "self_harm" for cue in each.cues) for each in found)
    by_rules = sum(any(cue.kind == "self_harm" for cue in cues.find(text)) for text in texts)

    assert heard / len(texts) > {"zh": 0.75, "en": 0.65}[language]
    assert heard > 1.4 * by_rules
    assert all(each.urgency == 3 for each in found if any(cue.kind == "self_harm" for cue in each.cues))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_near_to_it_is_seldom_taken_for_it(engine: FusedEngine, language: str) -> None:
    texts = [text for part in SET for text in part["no"][language]]
    found = engine.analyse([Text(key=str(at), text=text) for at, text in enumerate(texts)])

    assert sum(any(cue.kind == "self_harm" for cue in each.cues) for each in found) / len(texts) < 0.12


def test_the_sentence_that_says_it_is_shown_masked_and_once(engine: FusedEngine) -> None:
    said = "你们电话13800138000没人接。我已经写好了给家里人的信，明天就不在了。"
    (found,) = engine.analyse([Text(key="1", text=said)])
    (cue,) = [each for each in found.cues if each.kind == "self_harm"]

    assert cue.severity == 3
    assert cue.words in found.masked
    assert cue.words == "我已经写好了给家里人的信，明天就不在了。"
    assert "13800138000" not in cue.words


def test_where_rules_have_words_theirs_are_shown(engine: FusedEngine) -> None:
    (found,) = engine.analyse([Text(key="1", text="I want to end my life because of you")])
    assert [each.words for each in found.cues if each.kind == "self_harm"] == ["end my life"]


@pytest.mark.parametrize("text", ["", "?", "🙂🙂🙂", "。。。", "\x00", "a", "好" * 9_000, ". ! ?" * 500])
def test_odd_texts_are_not_heard(engine: FusedEngine, text: str) -> None:
    (found,) = engine.analyse([Text(key="1", text=text)])
    assert found.cues == ()


def test_the_version_tells_what_is_heard(engine: FusedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    models = Models(sentiment=fit(MOODS), topics=fit(MOODS))
    versions = {LearntEngine(models).version, FusedEngine(models).version}
    monkeypatch.setattr(FusedEngine, "known", ("other",))
    versions.add(FusedEngine(models).version)
    assert len(versions) == 3
