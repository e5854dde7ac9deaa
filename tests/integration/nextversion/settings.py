"""The product's settings with one more app, whose migrations stand for those of the next version."""

from huifang.config.settings import *  # noqa: F403
from huifang.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.integration.nextversion"]
