"""What can be done with a demo: prepare its surroundings, before Django is up, and play it."""

from pathlib import Path


def prepare(*, folder: Path) -> dict[str, str]:
    """The environment variables that make every process one of the demo in *folder*."""
    from huifang.demo import environment

    return environment.prepare(folder)


def play(
    *, web_url: str, gateway_url: str, people: int | None = None, acts_per_day: float | None = None
) -> int:
    """Play the wallet until told to stop; returns the exit code. More *people* and acts make more load."""
    from huifang.demo import play as playing
    from huifang.demo.parameters import Parameters, adjusted

    parameters = adjusted(Parameters(), people=people, acts_per_day=acts_per_day)
    return playing.run(web_url=web_url, gateway_url=gateway_url, parameters=parameters)
