"""The rules of the house that no other tool checks: sizes, names, direction of relations, locks, leaks."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "huifang"
MODULE_LINES, TEST_MODULE_LINES, TEMPLATE_LINES, README_LINES = 500, 600, 150, 40
FUNCTION_LINES, POSITIONAL_PARAMETERS = 60, 5
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
# Written apart, so that this file does not find itself.
MACHINE_PATHS = ["/" + "work/", "/" + "root/", "/" + "tmp/hf", "/" + "home/", "../" + "shared"]
PACKAGE_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "npm" + "mirror",
    "deb." + "debian",
]


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def modules() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def too_long(paths: Iterator[Path] | list[Path], most: int) -> list[str]:
    counted = ((path, line_count(path)) for path in paths)
    return [f"{path.relative_to(ROOT)}: {count} lines" for path, count in counted if count > most]


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def rooms_by_level() -> dict[str, int]:
    """Each room's height in the line of rooms: 0 is the top."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["huifang"])
    return {room.strip(" ()"): level for level, layer in enumerate(layers) for room in layer.split("|")}


def test_no_module_is_too_long() -> None:
    assert too_long(modules(), MODULE_LINES) == []


def test_no_test_module_is_too_long() -> None:
    assert too_long(list((ROOT / "tests").rglob("*.py")), TEST_MODULE_LINES) == []


def test_no_template_is_too_long() -> None:
    assert too_long(list(SOURCE.rglob("templates/**/*.html")), TEMPLATE_LINES) == []


def test_no_function_is_too_long() -> None:
    lengths = ((path, node, (node.end_lineno or node.lineno) - node.lineno + 1) for path, node in functions())
    assert [
        f"{path}: {node.name}: {length}" for path, node, length in lengths if length > FUNCTION_LINES
    ] == []


def test_no_function_takes_too_many_positional_parameters() -> None:
    counts = ((path, node, len(node.args.posonlyargs) + len(node.args.args)) for path, node in functions())
    # A method's self or cls is not handed over by the caller.
    many = [(path, node) for path, node, count in counts if count - _is_bound(node) > POSITIONAL_PARAMETERS]
    assert [f"{path}: {node.name}" for path, node in many] == []


def _is_bound(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg in {"self", "cls"}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        path for path in modules() if FORBIDDEN_NAMES & {path.stem, *path.relative_to(SOURCE).parts}
    ] == []


def test_package_files_are_empty() -> None:
    assert [path for path in SOURCE.rglob("__init__.py") if path.read_text(encoding="utf-8").strip()] == []


def test_every_module_says_what_it_is_for() -> None:
    parsed = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in modules())
    assert [path for path, tree in parsed if tree.body and ast.get_docstring(tree) is None] == []


def relations() -> Iterator[tuple[str, str, Field]]:
    """Each relation between two rooms: from, to, and the field."""
    levels = rooms_by_level()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not (isinstance(field, Field) and field.is_relation and isinstance(field.related_model, type)):
                continue
            start, end = model._meta.app_label, field.related_model._meta.app_label
            if start != end and start in levels and end in levels:
                yield start, end, field


def test_relations_between_rooms_go_down() -> None:
    levels = rooms_by_level()
    assert [str(field) for start, end, field in relations() if levels[end] <= levels[start]] == []


def test_relations_between_rooms_leave_no_trace_on_the_lower_room() -> None:
    assert [str(field) for _, _, field in relations() if not field.remote_field.hidden] == []


def test_rooms_of_the_contract_and_folders_are_the_same() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert folders <= set(rooms_by_level())


@pytest.mark.parametrize("room", sorted({path.parent.name for path in SOURCE.glob("*/__init__.py")}))
def test_a_room_has_a_short_readme(room: str) -> None:
    readme = SOURCE / room / "README.md"
    assert readme.is_file()
    assert line_count(readme) <= README_LINES


def test_python_locks_carry_hashes() -> None:
    for lock in chain(ROOT.glob("*.lock"), ROOT.glob("tools/*.lock")):
        text = lock.read_text(encoding="utf-8")
        entries = re.split(r"\n(?=\S)", text.strip())
        assert entries
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
        assert "://" not in text


def test_the_lock_of_the_frontend_names_no_host() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in text
    assert '"resolved": "http' not in text


def text_files() -> Iterator[tuple[str, str]]:
    for file in tracked_files():
        raw = file.read_bytes()
        if b"\0" not in raw[:8000]:
            yield str(file.relative_to(ROOT)), raw.decode("utf-8", errors="replace")


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [(name, part) for name, text in text_files() for part in MACHINE_PATHS if part in text]
    assert found == []


def test_no_file_names_a_host_of_packages() -> None:
    found = [(name, part) for name, text in text_files() for part in PACKAGE_HOSTS if part in text]
    assert found == []
