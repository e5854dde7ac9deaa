"""Worker processes of a benchmark, which get ready one by one and begin all at once."""

import subprocess
import sys

Worker = subprocess.Popen[str]


def ready(program: str, count: int) -> list[Worker]:
    """*count* processes of *program* with ``--work``, each of which has said that it is ready."""
    command = [sys.executable, program, "--work"]
    every = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for each in every:
        assert each.stdout and each.stdout.readline() == "ready\n"
    return every


def run(every: list[Worker]) -> tuple[int, float]:
    """Give the word to all, and wait: how much was done, and the processor seconds that it took them."""
    for each in every:  # `communicate` would wait for each before it told the next
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    told = [each.communicate()[0].split() for each in every]
    return sum(int(done) for done, _ in told), sum(float(seconds) for _, seconds in told)
