"""The surroundings of a demo: its compressed time, its providers' addresses, its passing keys. No Django.

Made at the first start of a data folder and kept there. Demo time stands still while the demo is stopped,
so that a demo that is started again goes on where it was.
"""

import json
import secrets
import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from huifang.kernel import env
from huifang.kernel.clock import ENVIRONMENT_NAME, CompressedTime, read_compressed

PAST = timedelta(days=40)
RUSH = timedelta(days=14)
RUSH_SECONDS = 60.0
SPEED = 360.0
START_NAME = "HUIFANG_DEMO_START"
# The clock stands still for so long, since nobody is there yet to see what happens.
_STARTING = timedelta(seconds=10)
# Parts of a product that is being stopped still work for a moment; their time is never shown twice.
_STOPPING = timedelta(seconds=15)
SMS_PORT = env.integer("HUIFANG_DEMO_SMS_PORT", default=8025, help="Port of the demo's own SMS provider.")
MAIL_PORT = env.integer("HUIFANG_DEMO_SMTP_PORT", default=8026, help="Port of the demo's own mail server.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """How the demo wallet is known to Huifang."""

    write_key: str
    api_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where Huifang is, and the wallet's keys."""

    web_url: str
    gateway_url: str
    keys: Keys


def folder() -> Path:
    """Where this installation keeps its demo."""
    data = env.path(
        "HUIFANG_DATA_DIR", default=".huifang", help="Folder of everything that one machine keeps."
    )
    return data / "demo"


def gateway_url() -> str:
    """Where the demo's own events go."""
    return env.text(
        "HUIFANG_GATEWAY_URL", default="http://127.0.0.1:8001", help="Where the demo wallet sends its events."
    )


def began_at() -> datetime | None:
    """When the demo's first day began, in demo time; None outside a demo."""
    text = env.text(START_NAME, help="When the demo wallet's first day began.")
    return datetime.fromisoformat(text) if text else None


def is_rushed(at: datetime) -> bool:
    """Whether *at* lies in the first days, which pass so quickly that a second of work takes hours."""
    began = began_at()
    return began is not None and at < began + RUSH


def known_keys() -> Keys:
    """The keys made at the first start. Raises `FileNotFoundError` before that."""
    return Keys(**json.loads((folder() / "keys.json").read_text(encoding="utf-8")))


def remember_keys(make: Callable[[], Keys]) -> Keys:
    """The keys made at the first start, or by *make* now."""
    file = folder() / "keys.json"
    if not file.exists():
        _write(file, asdict(make()))
    return known_keys()


def mark_alive() -> None:
    """Note that the demo runs: its time goes on from about here when it is started again."""
    (folder() / "alive").touch()


def prepare(demo_folder: Path) -> dict[str, str]:
    """The environment variables that make every process one of this demo, whose time begins to run."""
    file, now = demo_folder / "environment.json", datetime.now(UTC)
    values = json.loads(file.read_text(encoding="utf-8")) if file.exists() else _first(now)
    alive = demo_folder / "alive"
    if alive.exists():
        stopped = datetime.fromtimestamp(alive.stat().st_mtime, UTC) + _STOPPING
        values[ENVIRONMENT_NAME] = resumed(
            read_compressed(values[ENVIRONMENT_NAME]), stopped=stopped, now=now
        ).encode()
        alive.touch()
    _write(file, values)
    sms_port, smtp_port = _free_port(), _free_port()
    return {
        **values,
        "HUIFANG_DEMO": "true",
        "HUIFANG_DEMO_SMS_PORT": str(sms_port),
        "HUIFANG_DEMO_SMTP_PORT": str(smtp_port),
        "HUIFANG_SMS_HONOURS_KEYS": "true",
        "HUIFANG_SMS_PRICE_PER_PART": "0.045",
        "HUIFANG_SMS_URL": f"http://127.0.0.1:{sms_port}/messages",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
    }


def resumed(before: CompressedTime, *, stopped: datetime, now: datetime) -> CompressedTime:
    """The time of a demo that stood still from the real instant *stopped* until *now*."""
    rushed = max(0.0, (stopped - before.real_start).total_seconds())
    return CompressedTime(
        real_start=max(now, stopped),
        start=before.at(stopped),
        rush_speed=before.rush_speed,
        rush_seconds=max(0.0, before.rush_seconds - rushed),
        speed=before.speed,
    )


def _write(file: Path, values: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(values, indent=1), encoding="utf-8")
    draft.replace(file)


def _first(real: datetime) -> dict[str, str]:
    squeezed = CompressedTime(
        real_start=real + _STARTING,
        start=real - PAST,
        rush_speed=RUSH.total_seconds() / RUSH_SECONDS,
        rush_seconds=RUSH_SECONDS,
        speed=SPEED,
    )
    return {
        ENVIRONMENT_NAME: squeezed.encode(),
        START_NAME: squeezed.start.isoformat(),
        "HUIFANG_WALLET_NAME": "Spruce Wallet",
        "HUIFANG_WALLET_NAME_ZH": "云杉钱包",
        "HUIFANG_SMS_SECRET": "whsec_" + b64encode(secrets.token_bytes(24)).decode(),
    }


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
