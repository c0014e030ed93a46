"""Check everything: ruff, mypy, the import contracts, then the tests. The first call sets up `.venv`.

  python3 packaging/test.py                  all checks; tests marked slow are left out
  python3 packaging/test.py --all            the slow ones too
  python3 packaging/test.py tests/engine -x  anything else goes to pytest; paths are those of the repository
  python3 packaging/test.py --benchmarks     the benchmarks in full: a table here, JSON and charts in build/benchmarks
  python3 packaging/test.py --benchmarks --readme
                                             the same, into resources/benchmarks and the README's table

Tests on real films need the folder that holds them in VCFVIEWER_TEST_DATA, and say so where they skip.
"""

import subprocess
import sys

# hexversion, not version_info: this line is for Pythons older than the project may otherwise know of.
if sys.hexversion < 0x030B0000:
    sys.exit(f"vcfviewer needs Python 3.11 or newer, and this is {sys.version.split()[0]}: start it with a newer one.")

import os
from collections.abc import Sequence
from pathlib import Path

from _screen import virtual_screen
from _setup import ROOT, SetupError, child_environment, ensure_environment, say, venv_program
from _system import prepare_qt

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports", "--no-logo"),
)

BENCHMARKS = "tests/benchmarks"
JOURNEYS = "tests/journeys"
"""Whole jobs in real windows, on a virtual screen where there is none; all other tests draw off screen then."""


def failed_checks(venv: Path, checks: Sequence[tuple[str, ...]], environment: dict[str, str]) -> list[str]:
    """Run every check, whatever the ones before it said, and return those that failed as they were called."""
    failed = []
    for program, *arguments in checks:
        name = " ".join((program, *arguments))
        say(f"== {name}")
        command = [str(venv_program(venv, program)), *arguments]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            failed.append(name)
    return failed


def pytest_arguments(arguments: Sequence[str]) -> list[str]:
    """Return what pytest is called with; the caller's own -m comes later, so it wins."""
    given = [argument for argument in arguments if argument != "--all"]
    return given if "--all" in arguments else ["-m", "not slow", *given]


def benchmark_arguments(arguments: Sequence[str]) -> list[str]:
    """Return what pytest is called with for the benchmarks and their page; the quick ones only with -m "not slow"."""
    given = [argument for argument in arguments if argument not in ("--benchmarks", "--readme")]
    chosen = given if names_tests(given) else [BENCHMARKS, *given]
    if "--readme" in arguments:
        return [*chosen, "--benchmark-page", "resources/benchmarks", "--benchmark-readme"]
    return [*chosen, "--benchmark-page", "build/benchmarks"]


def names_tests(arguments: Sequence[str]) -> bool:
    """Tell whether the caller chose tests by their path; then they run as they are called, where the caller is."""
    return any((ROOT / argument.partition("::")[0]).exists() for argument in arguments if not argument.startswith("-"))


def main(arguments: list[str]) -> int:
    """Run all checks and return 0 only if each passed; pytest's closing line is the last that is printed."""
    if "-h" in arguments or "--help" in arguments:
        say((__doc__ or "").strip())
        return 0
    try:
        venv = ensure_environment(ROOT, dev=True)
        prepare_qt(with_screen=True)
        environment = child_environment(os.environ, sys.platform)
        if "--benchmarks" in arguments:
            command = [str(venv_program(venv, "python")), "-m", "pytest", *benchmark_arguments(arguments)]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        failed = failed_checks(venv, CHECKS, environment)
        say(f"== FAILED before the tests: {', '.join(failed)}" if failed else "== all checks before the tests passed")
        pytest = [str(venv_program(venv, "python")), "-m", "pytest", *pytest_arguments(arguments)]
        journeys = 0
        if not names_tests(arguments):
            say(f"== {JOURNEYS}, in real windows")
            with virtual_screen(environment) as screened:
                journeys = subprocess.run([*pytest, JOURNEYS], cwd=ROOT, env=screened, check=False).returncode
            say(f"== {JOURNEYS} ended with {journeys}; all other tests")
            pytest.append(f"--ignore={JOURNEYS}")
        tested = subprocess.run(pytest, cwd=ROOT, env=environment, check=False).returncode
        return tested or journeys or (1 if failed else 0)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
