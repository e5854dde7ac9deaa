"""The composition root: ties rooms together once Django is up."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Loads the one table of who listens to which fact."""

    name = "huifang.config"
    label = "config"

    def ready(self) -> None:
        """Import the wiring, which registers its listeners."""
        import_module("huifang.config.wiring")
