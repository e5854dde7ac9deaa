"""Settings of the test suite: those of the product, with a made-up key and quick password hashes."""

import base64
import os

os.environ.setdefault("HUIFANG_KEYS", "1:" + base64.b64encode(b"huifang-test-key-of-32-bytes-len").decode())
os.environ.setdefault("HUIFANG_WALLET_NAME", "Spruce Wallet")
# The providers of the tests live on this machine.
os.environ.setdefault("HUIFANG_PRIVATE_PROVIDERS", "127.0.0.0/8,::1/128")

from huifang.config.settings import *  # noqa: F403
from huifang.config.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["OPTIONS"].pop("pool", None)
DATABASES["default"]["OPTIONS"]["options"] = "-c huifang.may_truncate=yes"
