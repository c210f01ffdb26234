"""A store as the programs made it, and copies of it to be spoiled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .stores import Made, Maker


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The store as the programs made it."""
    return Maker(tmp_path_factory.mktemp("fsck")).make()


@pytest.fixture
def made(sound: Made, tmp_path: Path) -> Made:
    """A copy of the store, to be spoiled."""
    copy = tmp_path / "log.sqlite3"
    shutil.copyfile(sound.path, copy)
    return Made(copy, sound.trust)
