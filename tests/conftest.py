"""Fixtures that every room shares."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = os.environ.get("VCFVIEWER_TEST_DATA")
    if not folder:
        pytest.skip("VCFVIEWER_TEST_DATA is unset: the real films and labelme files are elsewhere")
    return Path(folder)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the program keeps to be quicker the next time goes into a folder of this run, not into the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
