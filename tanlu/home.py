"""Where an installation is, and its ``config.env``, for commands that need no more of the service than that."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values

DEFAULT_HOME = "tanlu-home"
CONFIG_NAME = "config.env"
PREFIX = "TANLU_"


def home_of(given: Path | None) -> Path:
    """The home directory: as given, then ``TANLU_HOME``, then ``./tanlu-home``."""
    return (given or Path(os.environ.get(f"{PREFIX}HOME") or DEFAULT_HOME)).expanduser().absolute()


def setting(home: Path, name: str) -> str | None:
    """One setting as the service would see it: the environment, then ``config.env``; None where neither has it."""
    return os.environ.get(PREFIX + name) or dotenv_values(home / CONFIG_NAME).get(PREFIX + name)
