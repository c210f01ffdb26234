"""Tanlu 碳录: what people import (the client) and type (``tanlu …``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: `tanlu --help` should not wait for HTTP and cryptography.
    if name == "Client":
        from tanlu.client import Client  # noqa: PLC0415

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
