"""Writes the reference pages that come from code: settings, commands, permissions, HTTP API, facts,
dependencies.

``python tools/reference.py`` writes them; a test compares. A page is never edited by hand.
"""

import argparse
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import django

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
_NOTE = "<!-- Made by tools/reference.py; do not edit. -->"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(*columns: str) -> Iterator[str]:
    yield _row(*columns)
    yield _row(*("---" for _ in columns))


def _modules_with_settings() -> Iterator[str]:
    """Every module that reads a setting when it is imported."""
    source = Path(__file__).parent.parent / "src"
    for file in sorted((source / "huifang").rglob("*.py")):
        if re.search(
            r"^\w.*= env\.(?:text|integer|boolean|path)\(", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield ".".join(file.relative_to(source).with_suffix("").parts)


def settings() -> Iterator[str]:
    """Every row of the settings table."""
    from importlib import import_module

    from huifang.demo import environment
    from huifang.kernel import env, vault

    for module in _modules_with_settings():
        import_module(module)
    for read in (vault.keyring, environment.folder, environment.gateway_url, environment.began_at):
        read()
    yield "# Settings"
    yield ""
    yield "Read from the environment once, at the start. What an operator changes weekly is data, not a"
    yield "setting: caps, hours and texts are edited in the console and audited."
    yield ""
    yield from _table("setting", "kind", "default", "what it does")
    for setting in sorted(env.TABLE.values(), key=lambda each: each.name):
        default = f"`{setting.default}`" if setting.default else "–"
        yield _row(f"`{setting.name}`", setting.kind, default, setting.help)


def commands() -> Iterator[str]:
    """Every command with its options."""
    from huifang.cli.main import command_names

    yield "# Commands"
    yield ""
    yield "Every command takes `--data-dir` (default `.huifang`). A refusal is one line on standard error and"
    yield "exit code 2."
    for name, parser in command_names().items():
        yield ""
        yield f"## huifang {name}"
        yield ""
        yield from _table("argument", "meaning")
        for action in parser._actions:
            if isinstance(action, argparse._HelpAction) or "--data-dir" in action.option_strings:
                continue
            shown = ", ".join(action.option_strings) or action.metavar or action.dest
            yield _row(f"`{shown}`", action.help or "")


def permissions() -> Iterator[str]:
    """Which role may do what."""
    from huifang.kernel.roles import ROLE_NAMES, ROLES

    yield "# Roles and permissions"
    yield ""
    yield "People and API keys have one role. Screens and endpoints ask for one permission each."
    yield ""
    names = sorted({permission for role in ROLES.values() for permission in role})
    yield from _table("permission", *(ROLE_NAMES[role] for role in ROLES))
    for name in names:
        yield _row(f"`{name}`", *("✓" if name in ROLES[role] else "" for role in ROLES))


def http_api() -> Iterator[str]:
    """Every endpoint of the web process, from its OpenAPI document."""
    from huifang.api.frame import api
    from huifang.config import urls

    assert urls.urlpatterns, "the addresses are loaded, which hangs every router into the API"

    yield "# HTTP API"
    yield ""
    yield "`GET /api/v1/openapi.json` describes every field. Send a key as `Authorization: Bearer KEY`."
    yield "Errors are `application/problem+json` with a stable `code`."
    yield "A customer's id with a slash, or with a first `~`, stands as `~` and its base64url, unpadded."
    yield ""
    yield from _table("endpoint", "what it does")
    for path, acts in sorted(api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()):
        for method, act in acts.items():
            about = str(act.get("description") or act.get("summary") or "").split("\n")[0]
            yield _row(f"`{method.upper()} {path}`", about)


def facts() -> Iterator[str]:
    """Which facts are announced, and who hears them."""
    from huifang.kernel import outbox

    yield "# Facts"
    yield ""
    yield "A fact is recorded in the transaction of the room that announces it and handed over at least once."
    yield "Who listens is said in `config/wiring.py` alone."
    yield ""
    yield from _table("fact", "announced by", "listener", "what it does")
    for listener in sorted(outbox.listeners(), key=lambda each: (each.fact_type.__name__, each.name)):
        room = listener.fact_type.__module__.split(".")[1]
        about = (listener.handle.__doc__ or "").split("\n")[0]
        yield _row(f"`{listener.fact_type.__name__}`", f"`{room}`", f"`{listener.name}`", about)


def dependencies() -> Iterator[str]:
    """What is installed with the product, and under which licence."""
    yield "# Dependencies"
    yield ""
    yield "Every package that `requirements.lock` installs with the product on Linux, and the licence it"
    yield "states. Huifang itself is under the Apache License 2.0. A test refuses what nobody agreed to."
    yield ""
    yield from _table("package", "licence")
    for name, licence in licences().items():
        yield _row(f"`{name}`", licence)


def licences() -> dict[str, str]:
    """The licence that each installed package of the lock states, by its name."""
    lock = (Path(__file__).parent.parent / "requirements.lock").read_text(encoding="utf-8")
    found = {}
    for name in sorted(set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))):
        with suppress(metadata.PackageNotFoundError):  # those of other systems
            found[name] = _licence(metadata.metadata(name))
    return found


def _licence(told: metadata.PackageMetadata) -> str:
    classes = [each for each in told.get_all("Classifier") or [] if each.startswith("License ::")]
    named = [each.split(" :: ")[-1] for each in classes if each != "License :: OSI Approved"]
    stated = [
        each.split("\n")[0]
        for field in ("License-Expression", "License")
        for each in told.get_all(field) or []
    ]
    return stated[0] if "License-Expression" in told else "; ".join(named) or "".join(stated[:1])


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "settings.md": settings,
    "commands.md": commands,
    "permissions.md": permissions,
    "http-api.md": http_api,
    "facts.md": facts,
    "dependencies.md": dependencies,
}


def render(name: str) -> str:
    """The whole text of one page."""
    return "\n".join((_NOTE, "", *PAGES[name]())) + "\n"


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifang.config.settings_test")
    django.setup()
    for name in PAGES:
        (FOLDER / name).write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    main()
