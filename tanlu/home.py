"""Where an installation is, and its ``config.env``, for commands that need no more of the service than that."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values

DEFAULT_HOME = "tanlu-home"
CONFIG_NAME = "config.env"
PREFIX = "TANLU_"
DEFAULT_DATABASE = "sqlite:///tanlu.sqlite3"
DEFAULT_RPC = "http://127.0.0.1:8545"
DEFAULT_FINALITY = "finalized"
_SQLITE = "sqlite:///"


def home_of(given: Path | None) -> Path:
    """The home directory: as given, then ``TANLU_HOME``, then ``./tanlu-home``."""
    return (given or Path(os.environ.get(f"{PREFIX}HOME") or DEFAULT_HOME)).expanduser().absolute()


def setting(home: Path, name: str) -> str | None:
    """One setting as the service would see it: the environment, then ``config.env``; None where neither has it."""
    return os.environ.get(PREFIX + name) or dotenv_values(home / CONFIG_NAME).get(PREFIX + name)


def database_url(home: Path) -> str:
    """The database as the service finds it: the path of a SQLite file starts from the home directory."""
    url = setting(home, "DATABASE_URL") or DEFAULT_DATABASE
    return f"{_SQLITE}{home / url.removeprefix(_SQLITE)}" if url.startswith(_SQLITE) else url


def file_of(home: Path, name: str, default: str) -> Path:
    """The path in one setting, from the home directory."""
    return home / Path(setting(home, name) or default).expanduser()
