"""Fixtures that every room shares."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = os.environ.get("VCFVIEWER_TEST_DATA")
    if not folder:
        pytest.skip("VCFVIEWER_TEST_DATA is unset: the real films and labelme files are elsewhere")
    return Path(folder)
