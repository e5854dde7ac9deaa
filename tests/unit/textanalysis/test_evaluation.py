"""Measures against values worked out by hand, and commands at the terminal."""

import json
from pathlib import Path

import numpy as np
import pytest

from huifang.cli.main import main
from huifang.textanalysis import calibrating, evaluation
from huifang.textanalysis.records import Labelled


def test_macro_f1_by_hand() -> None:
    guesses, truth = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0])
    # Class 0: 2*1/(2+2), class 1: 2*2/(2+3), class 2: nothing right.
    assert calibrating.macro_f1(guesses, truth) == pytest.approx((0.5 + 0.8 + 0) / 3)


def test_auroc_by_hand_ties_count_half() -> None:
    scores, positive = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    found = evaluation.auroc("AUROC", scores, positive, learnt=1)
    assert found.value == pytest.approx(3.5 / 4)
    assert found.low <= found.value <= found.high


def test_themes_by_hand() -> None:
    truth = np.array([[1, 0], [1, 1], [0, 0]], bool)
    said = np.array([[1, 0], [0, 1], [0, 1]], bool)
    micro, macro = evaluation.themes(truth, said, learnt=3)
    assert micro.value == pytest.approx(2 * 2 / 6)
    assert macro.value == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_what_is_tried_was_not_learnt() -> None:
    texts = [Labelled(text=f"{label} {number}", label=label) for label in "ab" for number in range(10)]
    tried = evaluation.held_out(texts, share=0.2, embed=None)
    assert (tried.learnt, len(tried.truth)) == (16, 4)
    few = evaluation.few_shot(texts, each=3, most=100, embed=None)
    # Three texts and the name of each class.
    assert (few.learnt, len(few.truth)) == (8, 14)
    # The label is in the text: it must be found.
    assert evaluation.accuracy(tried).value == 1.0


def test_evaluate_says_what_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["text", "evaluate"]) == 2
    assert "--data FOLDER" in capsys.readouterr().err
    assert main(["text", "evaluate", "nonsense", "--data", str(tmp_path)]) == 2
    assert main(["text", "evaluate", "telecom", "--data", str(tmp_path)]) == 1
    assert "telecom left out" in capsys.readouterr().err


def test_evaluate_measures_a_set_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "nps_csat"
    folder.mkdir()
    lines = [f"great {number} nice,Promoter" for number in range(20)]
    lines += [f"awful {number} bad,Detractor" for number in range(20)]
    (folder / "telecom_nps_verbatims.csv").write_text(
        "\n".join(["text,NPS_RATING", *lines]), encoding="utf-8"
    )
    arguments = ["text", "evaluate", "telecom", "--data", str(tmp_path), "--engine", "tfidf", "--json"]
    assert main(arguments) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert [each["name"] for each in figures] == ["accuracy", "macro-F1", "AUROC"]
    assert figures[0]["tried"] == 10


def test_analyse_writes_findings_beside_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "comments.csv"
    file.write_text("评论,分\n提现手续费太高，电话13800138000,1\n,5\n很好用,5\n", encoding="utf-8")
    options = ["--map", "评论=text", "--map", "分=rating", "--engine", "rules"]
    assert main(["text", "analyse", str(file), *options]) == 1
    found = (tmp_path / "comments.findings.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["sentiment"] for line in found] == ["negative", "positive"]
    assert "13800138000" not in "".join(found)
    assert "2,no_text" in (tmp_path / "comments.refused.csv").read_text(encoding="utf-8-sig")
    assert "3 rows read: 2 findings" in capsys.readouterr().out
    assert main(["text", "analyse", str(tmp_path / "nowhere.csv")]) == 2
