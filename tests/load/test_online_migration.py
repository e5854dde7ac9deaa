"""The next version's migrations, applied while events come in, messages go out and customers answer.

No request fails. A report that reads a table meanwhile does not hold up the writers behind the migration.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from tests.integration.test_start import ENVIRONMENT, HUIFANG, Product
from tests.load.havoc import Havoc, rows
from tests.load.kills import people_around, running_product

from huifang.cli.installation import Installation
from huifang.kernel import processes

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent
BEFORE = {"delivery": "0006", "textanalysis": "0002"}  # what the running version does without
SECONDS = 180.0
REPORT_SECONDS = 60.0


def apply_the_next_version(product: Product, told: threading.Event) -> tuple[int, str]:
    """`huifang migrate` of a version that has five migrations more; *told* once it met somebody's lock."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    settings = {"DJANGO_SETTINGS_MODULE": "tests.integration.nextversion.settings", "PYTHONPATH": path}
    command = [*HUIFANG, "migrate", "--data-dir", str(product.folder)]
    said = ""
    with subprocess.Popen(command, env=ENVIRONMENT | settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "tries again" in line:
                told.set()
    return process.returncode, said


def go_back(product: Product) -> None:
    """Take the newest real migrations away again, so that they are applied under load, too."""
    url = Installation(product.folder).read_url()
    environment = {**os.environ, **Installation(product.folder).environment(database_url=url)}
    for room, name in BEFORE.items():
        command = [sys.executable, "-m", "django", "migrate", "-v0", room, name]
        subprocess.run(command, env=environment, timeout=SECONDS, check=True)


def report(product: Product, told: threading.Event) -> threading.Thread:
    """Somebody who reads the attempts until the migration has stepped back from them."""
    begun = threading.Event()

    def read() -> None:
        with psycopg.connect(Installation(product.folder).read_url()) as connection:
            connection.execute("SELECT count(*) FROM delivery_attempt")
            begun.set()
            told.wait(REPORT_SECONDS)

    reading = threading.Thread(target=read)
    reading.start()
    assert begun.wait(SECONDS)
    return reading


def wait_for_more(havoc: Havoc) -> None:
    """Come back when more was paid, received and answered than now."""
    before = havoc.counts()
    names = ("messages", "received", "answered")
    assert processes.wait_until(
        lambda: all(havoc.counts()[name] > before[name] for name in names), seconds=SECONDS
    ), havoc.counts()


def test_no_request_fails_while_the_schema_changes() -> None:
    with running_product() as product:
        go_back(product)
        with people_around(product, seed=3) as havoc:
            wait_for_more(havoc)
            told = threading.Event()
            reading = report(product, told)
            code, said = apply_the_next_version(product, told)
            reading.join()
            wait_for_more(havoc)
        assert code == 0, said
        assert "tries again" in said, "the report was in nobody's way"
        assert "Applied 7 migrations." in said
        # A customer who refuses before their first event was read is not known yet.
        assert set(havoc.failed) <= {"404"}
        (columns,) = rows(
            product.folder, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'next_note'"
        )[0]
        assert columns == 2
