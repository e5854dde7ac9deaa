"""Models learn, know when they do not know, are the same twice, and come back from bytes whole or not."""

from collections.abc import Sequence

import numpy as np
import pytest

from huifang.textanalysis import calibrating, model_files, training, vectors
from huifang.textanalysis.embedding import SIZE, Vectors
from huifang.textanalysis.errors import BrokenModelError, TooFewLabelsError
from huifang.textanalysis.records import Labelled


def _listed(text: str) -> list[str]:
    return text.split("|")


FEES = _listed(
    "提现手续费太高|手续费贵得离谱|又扣了服务费|withdrawal fee is too high|hidden fees again|收费不透明"
    "|the fee doubled|为什么要收手续费|charged a fee for nothing|费用比别家贵"
)
LOGIN = _listed(
    "登录不上了|一直收不到验证码登录|cannot log in|login fails every time|登录密码错误|log in page is broken"
    "|换手机登录不了|logged out and cannot login|登录要人脸|my login is locked"
)
EXAMPLES = [
    Labelled(text=text, label=label) for label, many in (("fees", FEES), ("login", LOGIN)) for text in many
]


def fake_embed(texts: Sequence[str]) -> Vectors:
    """Two directions, one for each class; nothing else."""
    rows = np.zeros((len(texts), SIZE), np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[0 if "费" in text or "fee" in text or "charge" in text else 1] = 1
    return rows


@pytest.fixture(scope="module")
def model() -> training.Model:
    return training.fit(EXAMPLES)


def test_new_texts_get_the_class_of_their_kind(model: training.Model) -> None:
    classifier = training.Classifier(model, None)
    shares = classifier.predict_proba(["手续费又涨了", "login does not work", "登录失败", "what a fee"])
    assert [model.classes[at] for at in shares.argmax(axis=1)] == ["fees", "login", "login", "fees"]
    assert np.allclose(shares.sum(axis=1), 1)


def test_what_it_has_never_seen_is_not_named(model: training.Model) -> None:
    classifier = training.Classifier(model, None)
    assert [name for name, _ in classifier.predict(["", "🙂", "zzzz qqqq", "\x00"])] == [""] * 4


def test_the_words_that_speak_for_a_class_stand_in_the_text(model: training.Model) -> None:
    words, none = training.Classifier(model, None).words_for(
        [(vectors.words("昨天提现手续费太高了"), "fees"), ((), "fees")]
    )
    assert "手续费" in words
    assert none == ()


def test_the_same_labels_give_the_same_model(model: training.Model) -> None:
    assert model_files.version_of(training.fit(EXAMPLES)) == model_files.version_of(model)
    other = training.fit([*EXAMPLES, Labelled(text="登录太慢", label="login")])
    assert model_files.version_of(other) != model_files.version_of(model)


def test_two_views_are_averaged_and_one_alone_still_works() -> None:
    fused = training.fit(EXAMPLES, embed=fake_embed)
    texts = ["fee", "登录"]
    with_both = training.Classifier(fused, fake_embed).predict_proba(texts)
    words_only = training.Classifier(fused, None).predict_proba(texts)
    assert fused.meaning is not None
    by_meaning = fused.meaning.shares(fake_embed(texts))
    share = fused.meaning_share
    assert np.allclose(with_both, (1 - share) * words_only + share * by_meaning)


def views(chance: np.random.Generator, *knows: float, size: int = 400) -> tuple[np.ndarray, list[np.ndarray]]:
    """The truth of so many texts of three classes, and what views say of them that know so much of it."""
    truth = chance.integers(0, 3, size)
    found = []
    for much in knows:
        scores = chance.normal(0, 1, (size, 3))
        scores[np.arange(size), truth] += much
        found.append(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))
    return truth, found


def test_a_view_that_knows_nothing_counts_for_little() -> None:
    truth, (good, blind) = views(np.random.default_rng(3), 2.0, 0.0)
    assert calibrating.share_of_meaning(good, blind, truth) < 0.5
    assert calibrating.share_of_meaning(blind, good, truth) > 0.5


def test_views_that_know_as_much_count_the_same_and_chance_decides_nothing() -> None:
    shares = []
    for seed in range(20):
        truth, (one, other) = views(np.random.default_rng(seed), 1.5, 1.5, size=60)
        shares.append(calibrating.share_of_meaning(one, other, truth))
    assert shares.count(0.5) >= 10
    nobody = np.zeros((0, 3))
    assert calibrating.share_of_meaning(nobody, nobody, np.zeros(0, np.int64)) == 0.5


def test_many_classes_are_learnt_by_meaning_too() -> None:
    """A solver that is content too soon leaves a hundred classes where they began."""
    labelled = [
        Labelled(text=f"{each} {number}", label=f"{number:03}") for number in range(80) for each in "abc"
    ]
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (80, SIZE))
    directions = (signs * SIZE**-0.5).astype(np.float32)

    def numbered(texts: Sequence[str]) -> Vectors:
        rows: Vectors = directions[[int(text.split()[1]) for text in texts]]
        return rows

    model = training.fit(labelled, embed=numbered)
    assert model.meaning is not None
    said = model.meaning.shares(numbered([each.text for each in labelled])).argmax(axis=1)
    assert [model.classes[at] for at in said] == [each.label for each in labelled]


def test_what_it_says_of_itself_is_of_texts_it_did_not_see(model: training.Model) -> None:
    assert model.measured.texts == len(EXAMPLES)
    assert model.measured.right <= model.measured.texts
    chance = np.random.default_rng(1)
    noise = [Labelled(text=f"text {number}", label=str(chance.integers(2))) for number in range(60)]
    assert training.fit(noise).measured.accuracy < 0.8


@pytest.mark.parametrize("labelled", [[], EXAMPLES[:10], EXAMPLES[:1] + EXAMPLES[-1:]])
def test_too_few_labels_are_refused(labelled: list[Labelled]) -> None:
    with pytest.raises(TooFewLabelsError):
        training.fit(labelled)


def test_a_class_with_one_example_does_no_harm() -> None:
    fitted = training.fit([*EXAMPLES, Labelled(text="优惠券", label="promotion")])
    assert fitted.classes == ("fees", "login", "promotion")


def test_a_model_comes_back_as_it_was() -> None:
    fused = training.fit(EXAMPLES, embed=fake_embed)
    back = model_files.read(model_files.write(fused))
    assert model_files.version_of(back) == model_files.version_of(fused)
    before, after = (training.Classifier(each, fake_embed).predict_proba(FEES) for each in (fused, back))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("place", [0, 20, 200, -40, -2000])
def test_a_model_with_one_bit_turned_is_refused(model: training.Model, place: int) -> None:
    content = bytearray(model_files.write(model))
    content[place] ^= 1
    with pytest.raises(BrokenModelError):
        model_files.version_of(model_files.read(bytes(content)))


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"huifang-model\n{}\n", b"huifang-model\n[]"])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenModelError):
        model_files.read(content)


def test_half_a_model_is_refused(model: training.Model) -> None:
    content = model_files.write(model)
    with pytest.raises(BrokenModelError):
        model_files.read(content[: len(content) // 2])


def test_what_nobody_labelled_teaches_where_that_makes_it_right_more_often() -> None:
    """Each class has many words for one thing, and few of its labelled texts share any."""
    chance = np.random.default_rng(1)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    many = {name: ["".join(chance.choice(letters, 6)) for _ in range(30)] for name in "abcd"}

    def said(name: str) -> str:
        return " ".join(chance.choice(many[name], 4, replace=False))

    labelled = [Labelled(text=said(name), label=name) for name in many for _ in range(4)]
    crowd = [said(name) for name in many for _ in range(60)]
    tried = [Labelled(text=said(name), label=name) for name in many for _ in range(50)]
    alone, taught = training.fit(labelled), training.fit(labelled, unlabelled=crowd)
    rights = []
    for model in (alone, taught):
        guesses = training.Classifier(model, None).predict_proba([each.text for each in tried]).argmax(axis=1)
        rights.append(sum(model.classes[at] == each.label for at, each in zip(guesses, tried, strict=True)))
    assert rights[1] > rights[0]
    assert taught.measured.right > alone.measured.right
    noise = ["zzz yyy"] * 30
    assert model_files.version_of(training.fit(labelled, unlabelled=noise)) == model_files.version_of(alone)
