"""What can be done with a demo: prepare its surroundings, before Django is up, and play it."""

from pathlib import Path


def prepare(*, folder: Path) -> dict[str, str]:
    """The environment variables that make every process one of the demo in *folder*."""
    from huifang.demo import environment

    return environment.prepare(folder)


def play(*, web_url: str, gateway_url: str) -> int:
    """Play the wallet until told to stop; returns the exit code."""
    from huifang.demo import play as playing

    return playing.run(web_url=web_url, gateway_url=gateway_url)
