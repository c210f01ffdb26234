"""Local chain engines: Anvil (default) and Ganache, pinned in this folder's npm manifest.

Start and stop, health with a deadline, crash-safe state, published development accounts on loopback only; or a node
that somebody else runs, by its URL (`attach`).
"""

from __future__ import annotations

from ganache.accounts import development_keys, require_development_chain
from ganache.engines import Engine, EngineName, foundry_binary
from ganache.errors import (
    DataDirectoryBusy,
    DevelopmentKeyRefused,
    EngineDied,
    EngineError,
    EngineMismatch,
    EngineMissing,
    EngineUnavailable,
    StateUnreadable,
)
from ganache.health import attach, free_port
from ganache.node import Node
from ganache.service import run
from ganache.state import Final, read_final

__all__ = [
    "DataDirectoryBusy",
    "DevelopmentKeyRefused",
    "Engine",
    "EngineDied",
    "EngineError",
    "EngineMismatch",
    "EngineMissing",
    "EngineName",
    "EngineUnavailable",
    "Final",
    "Node",
    "StateUnreadable",
    "attach",
    "development_keys",
    "foundry_binary",
    "free_port",
    "read_final",
    "require_development_chain",
    "run",
]
