"""How benchmarks tell what they measured; one application for those of the window, which must leave nothing behind."""

import sys
from pathlib import Path

import pytest
from benchmark_page import print_table, update_readme, write_page
from measurements import Measurement
from window_fixtures import clean_house as clean_house
from window_fixtures import qt_app as qt_app

MEASURED = pytest.StashKey[list[Measurement]]()
README = Path(__file__).parents[2] / "README.md"


def pytest_addoption(parser):
    parser.addoption("--benchmark-page", type=Path, metavar="FOLDER",
                     help="print a table of the measurements, and write JSON and a page with charts there")  # fmt: skip
    parser.addoption("--benchmark-readme", action="store_true", help="fill in the README's table of benchmarks, too")


def pytest_configure(config):
    config.stash[MEASURED] = []


@pytest.fixture
def measurement(request):
    """Take down what was measured, and return it: `measurement(name, unit, values, peer=..., ...)`, see Measurement.

    The topic is what the module's TOPIC says.
    """

    def record(name, unit, ours, **more):
        one = Measurement(request.module.TOPIC, name, unit, ours, **more)
        request.config.stash[MEASURED].append(one)
        sys.stderr.write(f"{one}\n")
        return one

    return record


def pytest_terminal_summary(config):
    folder = config.getoption("--benchmark-page", None)
    measured = config.stash[MEASURED]
    if folder is None or not measured:
        return
    print_table(measured)
    write_page(measured, folder)
    if config.getoption("--benchmark-readme"):
        update_readme(measured, README)
