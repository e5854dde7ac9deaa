"""A text that kills the process that reads it, as a fault in a library would: the others are read."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections
from tests.integration.textanalysis.texts import NOW, stored, take, text

from huifang.textanalysis import queries
from huifang.textanalysis.models import Finding

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS, DEADLY, DEATHS, SECONDS = 40, 17, 3, 240.0
# What `huifang worker` does in its loop, here until nothing is left.
_WORKER = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from tests.integration.textanalysis.texts import WordEngine
from huifang.textanalysis import working

class Deadly(WordEngine):
    def analyse(self, texts):
        if any("DEADLY" in each.text for each in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().analyse(texts)

now = datetime.fromisoformat(sys.argv[1])
while working.work(now=now, engine=Deadly()):
    pass
"""


def run_worker() -> int:
    """Let a process of its own read what waits; how it ended."""
    settings = connections["default"].settings_dict
    url = (
        f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
        f"&port={settings['PORT'] or 5432}"
    )
    root = Path(__file__).parents[3]
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "huifang.config.settings_test"}
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, NOW.isoformat()],
        env=os.environ | environment | {"PYTHONPATH": str(root)},
        check=False,
        timeout=SECONDS,
    )
    return done.returncode


def test_a_text_that_kills_its_process_is_set_aside_and_the_rest_goes_on_after_each_restart() -> None:
    take(*(text(str(at), "DEADLY 手续费" if at == DEADLY else "手续费太高") for at in range(TEXTS)))
    ends = [run_worker() for _ in range(DEATHS)]
    assert ends == [-signal.SIGKILL] * DEATHS
    assert Finding.objects.get(key=str(DEADLY)).state == "queued"
    assert run_worker() == 0
    assert queries.progress() == {"waiting": 0, "again": 0, "parked": 1, "done": TEXTS - 1}
    row = stored(str(DEADLY))
    assert (row.state, row.problem, row.tries) == ("parked", "engine_died", 0)
    assert set(Finding.objects.exclude(pk=row.pk).values_list("problem", "tries")) == {("", 0)}
