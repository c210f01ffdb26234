"""What can go wrong with a local chain engine.

EngineError
├── EngineMissing           the binary, Node.js or an npm package is not installed
├── EngineUnavailable       it did not start, or did not answer before the deadline
├── EngineDied              it ran and ended by itself
├── EngineMismatch          it answers, but it is another chain than expected
├── DataDirectoryBusy       another supervisor holds this data directory
├── StateUnreadable         a saved state that cannot be loaded (integrity)
└── DevelopmentKeyRefused   published keys asked for off a loopback development chain
"""

from __future__ import annotations


class EngineError(Exception):
    """Base: a stable dotted `rule`, the offending `value`, and the message in English and Chinese."""

    def __init__(self, rule: str, value: str, message: str, message_zh: str) -> None:
        super().__init__(f"{rule}: {message} [{value}] {message_zh}")
        self.rule = rule
        self.value = value
        self.message = message
        self.message_zh = message_zh


class EngineMissing(EngineError):
    """The engine's binary, Node.js or an npm package is not installed."""


class EngineUnavailable(EngineError):
    """The engine did not start or did not answer before the deadline."""


class EngineDied(EngineError):
    """The engine ran and ended by itself."""


class EngineMismatch(EngineError):
    """The node answers for another chain than the one expected."""


class DataDirectoryBusy(EngineError):
    """Another supervisor runs an engine on this data directory."""


class StateUnreadable(EngineError):
    """A saved chain state is empty, truncated or otherwise not loadable."""


class DevelopmentKeyRefused(EngineError):
    """Published development keys were asked for off a loopback development chain."""
