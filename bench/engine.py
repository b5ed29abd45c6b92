"""Thousands of objects planned and applied: whole processes, against terraform on the same files.

By default terraform gets 1,000 objects, as it needs minutes for 4,000; with
`full`, it gets 4,000 flat ones, and we get 100,000 besides.  Of a chain it
gets 1,000 at most: it writes down for each object all that it builds upon, so
its time and memory grow faster than the square.  A ratio is always of the
same work, measured in the same run: ours is the median of three, one of them
before and two after terraform's.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.measure import Figure

_OURS: Final = (sys.executable, "-m", "cotta")
_SIZES: Final = (1_000, 4_000, 16_000)
_SMALL: Final = """
variable "name" { default = "web" }
resource "terraform_data" "a" { input = var.name }
resource "terraform_data" "b" { input = terraform_data.a.output }
resource "terraform_data" "c" { input = upper(terraform_data.b.id) }
output "name" { value = terraform_data.c.output }
"""


@dataclass(frozen=True)
class Run:
    """One process, from start to end: the time that passed, and that of processors."""

    seconds: float
    megabytes: float
    cpu_seconds: float


@dataclass(frozen=True)
class Runs:
    """The same folder planned, applied and planned again."""

    plan: Run
    apply: Run
    no_op: Run

    @property
    def megabytes(self) -> float:
        """The peak of the three."""
        return max(run.megabytes for run in (self.plan, self.apply, self.no_op))


def configuration(size: int, *, is_chain: bool) -> str:
    """Return so many resources; of a chain, each refers to the one before."""
    return "".join(
        f'resource "terraform_data" "r{n}" {{\n  input = '
        + (f"terraform_data.r{n - 1}.output" if is_chain and n else f'"value {n}"')
        + "\n}\n"
        for n in range(size)
    )


def run(command: tuple[str, ...], folder: Path, environment: dict[str, str]) -> Run:
    """Run a command to its end and return what it took; raise if it failed."""
    weigh = (sys.executable, "-I", "-S", str(Path(__file__).with_name("weigh.py")), "weighed.txt")
    with (folder / "out.txt").open("wb") as out:
        subprocess.run(
            (*weigh, *command),
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=True,
        )
    status, seconds, cpu_seconds, kilobytes = (folder / "weighed.txt").read_text().split()
    if int(status):
        raise subprocess.CalledProcessError(int(status), command)
    return Run(float(seconds), int(kilobytes) / 1000, float(cpu_seconds))


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment for both programs; ours finds its code compiled in the second run."""
    settings = folder / "empty.tfrc"
    settings.touch()
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "TF_CLI_CONFIG_FILE": str(settings),
        "CHECKPOINT_DISABLE": "1",
    }


def _all_three(program: tuple[str, ...], text: str, top: Path, environment: dict[str, str]) -> Runs:
    with tempfile.TemporaryDirectory(dir=top) as name:
        folder = Path(name)
        (folder / "main.tf").write_text(text)

        def once(*arguments: str) -> Run:
            return run((*program, *arguments), folder, environment)

        return Runs(once("plan"), once("apply", "-auto-approve"), once("plan"))


def _median(several: list[Runs]) -> Runs:
    """Return the median of each number."""

    def middle(which: str) -> Run:
        runs = [getattr(each, which) for each in several]
        return Run(
            statistics.median(run.seconds for run in runs),
            statistics.median(run.megabytes for run in runs),
            statistics.median(run.cpu_seconds for run in runs),
        )

    return Runs(middle("plan"), middle("apply"), middle("no_op"))


def _against_terraform(
    sizes: dict[str, int], top: Path, environment: dict[str, str]
) -> list[Figure]:
    found = []
    for kind, size in sizes.items():
        text = configuration(size, is_chain=kind == "chained")
        _all_three(_OURS, configuration(3, is_chain=False), top, environment)  # compiles it
        several = [_all_three(_OURS, text, top, environment)]
        peer = _all_three(("terraform",), text, top, environment)
        several += [_all_three(_OURS, text, top, environment) for _ in range(2)]
        ours = _median(several)
        what = f"{size:,} terraform_data, {kind}"
        for name, wanted in (("apply", "≥ 50x"), ("plan", "> 1x"), ("no_op", "> 1x")):
            own, other = getattr(ours, name), getattr(peer, name)
            mine, theirs = own.seconds, other.seconds
            found.append(
                Figure(
                    f"{name.replace('_', '-')} {what}",
                    f"{mine:.2f} s ({theirs / mine:.1f}x), CPU {own.cpu_seconds:.2f} s",
                    f"terraform {theirs:.1f} s, CPU {other.cpu_seconds:.1f} s",
                    wanted,
                )
            )
        found.append(
            Figure(
                f"peak memory of {what}",
                f"{ours.megabytes:.0f} MB",
                f"terraform {peer.megabytes:.0f} MB",
                "less",
            )
        )
    return found


def _growth(top: Path, environment: dict[str, str]) -> list[Figure]:
    """Return what an object costs at several sizes: the same at each, if growth is linear."""
    found = []
    for kind in ("flat", "chained"):
        runs = {
            size: _all_three(
                _OURS, configuration(size, is_chain=kind == "chained"), top, environment
            )
            for size in _SIZES
        }
        for name in ("plan", "apply", "no_op"):
            seconds = {size: getattr(each, name).seconds for size, each in runs.items()}
            small, middle, large = _SIZES
            steps = [
                (seconds[more] - seconds[less]) / (more - less) * 1e6
                for less, more in ((small, middle), (middle, large))
            ]
            found.append(
                Figure(
                    f"{name.replace('_', '-')} {', '.join(f'{n:,}' for n in _SIZES)}, {kind}",
                    ", ".join(f"{one:.2f} s" for one in seconds.values()),
                    "",
                    f"linear: {steps[0]:.0f}, {steps[1]:.0f} µs per object",
                )
            )
        found.append(Figure(f"peak memory of {large:,}, {kind}", f"{runs[large].megabytes:.0f} MB"))
    return found


def _largest(top: Path, environment: dict[str, str]) -> list[Figure]:
    runs = _all_three(_OURS, configuration(100_000, is_chain=False), top, environment)
    each = ", ".join(f"{one.seconds:.0f} s" for one in (runs.plan, runs.apply, runs.no_op))
    return [
        Figure(
            "plan, apply, no-op plan of 100,000, flat",
            f"{each}; {runs.megabytes:.0f} MB",
            "",
            "completes",
        )
    ]


def _small(top: Path, environment: dict[str, str]) -> list[Figure]:
    (top / "main.tf").write_text(_SMALL)
    found = []
    limits = (("version", "≤ 0.15 s"), ("validate", "≤ 0.25 s"), ("plan", "≤ 0.35 s"))
    for command, wanted in limits:
        # The first one compiles.
        runs = [run((*_OURS, command), top, environment) for _ in range(10)][1:]
        seconds = statistics.median(each.seconds for each in runs)
        cpu = statistics.median(each.cpu_seconds for each in runs)
        text = f"{seconds:.2f} s, CPU {cpu:.2f} s"
        found.append(Figure(f"{command}, 3 resources", text, "", wanted))
    return found


def figures(*, full: bool = False) -> list[Figure]:
    """Measure everything here; with `full`, as large as the promises are."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        environment = _environment(top)
        found = _small(top, environment)
        if shutil.which("terraform") is None:
            found.append(Figure("against terraform", "not measured: it is not on PATH"))
        else:
            sizes = {"flat": 4_000 if full else 1_000, "chained": 1_000}
            found += _against_terraform(sizes, top, environment)
        found += _growth(top, environment)
        if full:
            found += _largest(top, environment)
        return found
