"""Collects texts into the catalogues, compiles them, and checks that the translation is complete.

Usage: messages.py collect | compile | check. Only collecting needs gettext's own tools.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import polib  # type: ignore[import-untyped,import-not-found,unused-ignore]

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("zh_Hans",)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def catalogues() -> list[Path]:
    """Every catalogue of the product."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def compile_all() -> int:
    """Write a ``.mo`` beside each ``.po`` that is newer; returns the exit code."""
    for source in catalogues():
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
    return 0


def collect(locale: Path) -> int:
    """Bring the catalogues in *locale* up to date with the source; returns the exit code."""
    locale.mkdir(exist_ok=True)
    languages = [option for language in LANGUAGES for option in ("--locale", language)]
    environment = os.environ | {
        "HUIFANG_LOCALE_DIR": str(locale),
        "DJANGO_SETTINGS_MODULE": "huifang.config.settings_test",
    }
    command = ["makemessages", *languages, "--add-location=file", "--verbosity=0"]
    done = subprocess.run(
        [sys.executable, "-m", "django", *command], cwd=ROOT / "src", env=environment, check=False
    )
    return done.returncode


def complaints_of(source: Path) -> list[str]:
    """What is wrong in one catalogue: fuzzy, empty, or with other placeholders than its source."""
    found = []
    for entry in polib.pofile(str(source)):
        if entry.obsolete:
            continue
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.fuzzy:
            found.append(f"fuzzy: {entry.msgid!r}")
        elif not all(texts):
            found.append(f"empty: {entry.msgid!r}")
        found += [
            f"placeholders differ: {entry.msgid!r} → {text!r}"
            for text in texts
            if not same_places(entry, text)
        ]
    return [f"{source.relative_to(ROOT)}: {complaint}" for complaint in found]


def same_places(entry: polib.POEntry, text: str) -> bool:
    """Whether *text* has the placeholders of the entry's source, or of its plural."""
    wanted = [sorted(_PLACEHOLDER.findall(each)) for each in (entry.msgid, entry.msgid_plural or entry.msgid)]
    return not text or sorted(_PLACEHOLDER.findall(text)) in wanted


def missing() -> list[str]:
    """Texts of the source that no catalogue has. Needs xgettext."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "locale"
        if LOCALE.is_dir():
            shutil.copytree(LOCALE, fresh)
        if collect(fresh) != 0:
            return ["The texts of the source could not be collected."]
        return [
            f"not in the catalogue, run `make messages`: {entry.msgid!r}"
            for source in sorted(fresh.glob("*/LC_MESSAGES/django.po"))
            for entry in polib.pofile(str(source))
            if not entry.obsolete and (entry.msgid, entry.msgctxt) not in _known(source.relative_to(fresh))
        ]


@cache
def _known(name: Path) -> frozenset[tuple[str, str | None]]:
    """Source and context of every text in the catalogue *name*, which is read once."""
    kept = LOCALE / name
    entries = polib.pofile(str(kept)) if kept.exists() else ()
    return frozenset((entry.msgid, entry.msgctxt) for entry in entries if not entry.obsolete)


def check() -> int:
    """Say everything that is incomplete; returns the exit code."""
    complaints = [complaint for source in catalogues() for complaint in complaints_of(source)]
    if shutil.which("xgettext"):
        complaints += missing()
    else:
        print("xgettext is not installed: new texts of the source are not looked for.")
    print("\n".join(complaints) or "Both languages are complete.")
    return 1 if complaints else 0


if __name__ == "__main__":
    actions = {"collect": lambda: collect(LOCALE), "compile": compile_all, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.exit(actions[sys.argv[1]]())
