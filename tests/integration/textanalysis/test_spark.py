"""On a real Spark with workers of their own, an archive has the same findings as without."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huifang.textanalysis import bulk, seeds, spark
from huifang.textanalysis.engines import fused, tfidf
from huifang.textanalysis.engines.tfidf import Models
from huifang.textanalysis.records import Text

pyspark_sql = pytest.importorskip("pyspark.sql", reason="SKIPPED ALOUD: pyspark is not installed ([spark])")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="SKIPPED ALOUD: Spark needs Java")
SOURCE = Path(spark.__file__).parents[2]
TEXTS = [
    "提现手续费太高了，电话13800138000",
    "very good app",
    "",
    "🙂",
    "cannot log in",
    "\x00",
    "希望增加夜间模式",
] * 8


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """Two workers, each a process of its own, on the loopback interface."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    path = os.pathsep.join([str(SOURCE), *(each for each in sys.path if each)])
    building = (
        pyspark_sql.SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executorEnv.PYTHONPATH", path)
        .config("spark.executorEnv.OMP_NUM_THREADS", "1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "10")
    )
    session = building.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def models() -> Models:
    return tfidf.learn(seeds.taxonomy())


def test_spark_finds_what_one_process_finds(session: Any, models: Models) -> None:
    rows = [(str(at), text, 0.0 if at % 5 == 0 else None) for at, text in enumerate(TEXTS)]
    frame = session.createDataFrame(rows, "key string, text string, rating double").repartition(3)
    found = {row["key"]: row.asDict() for row in spark.analyse(frame, models).collect()}
    alone = fused.engine(models).analyse(
        [Text(key=key, text=text, rating=rating) for key, text, rating in rows]
    )
    assert list(bulk.SCHEMA.names) == list(next(iter(found.values())))
    assert found == {each.key: bulk.row(each) for each in alone}
