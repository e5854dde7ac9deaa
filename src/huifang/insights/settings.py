"""The settings of Insights."""

from pathlib import Path

from django.conf import settings

from huifang.kernel import env

_FOLDER = env.text(
    "HUIFANG_FACTS_DIR",
    help="Folder of the Parquet facts; several machines share one. Empty: facts in HUIFANG_DATA_DIR.",
)
MEMORY_MB_MAX = env.integer(
    "INSIGHTS_MEMORY_MB_MAX", default=512, help="Memory that one process may use to reckon from the facts."
)
THREADS_MAX = env.integer(
    "INSIGHTS_THREADS_MAX", default=2, help="Threads that one process may use to reckon from the facts."
)


def facts_folder() -> Path:
    """Where the facts lie."""
    return Path(_FOLDER).expanduser().absolute() if _FOLDER else Path(settings.DATA_DIR) / "facts"
