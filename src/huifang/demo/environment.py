"""The surroundings of a demo: its compressed time, its providers' addresses, its passing keys. No Django.

Made at the first start of a data folder and kept there, so that a demo that is started again goes on.
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
from huifang.kernel.clock import ENVIRONMENT_NAME, CompressedTime

PAST = timedelta(days=40)
RUSH = timedelta(days=14)
RUSH_SECONDS = 60.0
SPEED = 360.0


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


def known_keys() -> Keys:
    """The keys made at the first start. Raises `FileNotFoundError` before that."""
    return Keys(**json.loads((folder() / "keys.json").read_text(encoding="utf-8")))


def remember_keys(make: Callable[[], Keys]) -> Keys:
    """The keys made at the first start, or by *make* now."""
    file = folder() / "keys.json"
    if not file.exists():
        _write(file, asdict(make()))
    return known_keys()


def prepare(demo_folder: Path) -> dict[str, str]:
    """The environment variables that make every process one of this demo."""
    file = demo_folder / "environment.json"
    if not file.exists():
        _write(file, _first(datetime.now(UTC)))
    sms_port, smtp_port = _free_port(), _free_port()
    return {
        **json.loads(file.read_text(encoding="utf-8")),
        "HUIFANG_DEMO": "true",
        "HUIFANG_DEMO_SMS_PORT": str(sms_port),
        "HUIFANG_DEMO_SMTP_PORT": str(smtp_port),
        "HUIFANG_SMS_HONOURS_KEYS": "true",
        "HUIFANG_SMS_URL": f"http://127.0.0.1:{sms_port}/messages",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
    }


def _write(file: Path, values: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _first(real: datetime) -> dict[str, str]:
    squeezed = CompressedTime(
        real_start=real,
        start=real - PAST,
        rush_speed=RUSH.total_seconds() / RUSH_SECONDS,
        rush_seconds=RUSH_SECONDS,
        speed=SPEED,
    )
    return {
        ENVIRONMENT_NAME: squeezed.encode(),
        "HUIFANG_WALLET_NAME": "Spruce Wallet",
        "HUIFANG_SMS_SECRET": "whsec_" + b64encode(secrets.token_bytes(24)).decode(),
    }


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
