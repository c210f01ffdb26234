"""Keccak-256 as Ethereum has it, for hashes on every signature's way.

pycryptodome computes it, as for ``eth_utils``; but its public object allocates and frees the state of every hash and
says so to Python five times, which costs more than the permutation of a short message. One state a thread is taken
back to its beginning instead, with the three functions that the object itself calls. Where pycryptodome has others,
its public object is used.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

from Crypto.Hash import keccak as _pycryptodome
from Crypto.Util import _raw_api

__all__ = ["keccak256"]

# What is private of them is in no stub.
_HASH: Any = _pycryptodome
_RAW: Any = _raw_api
_BYTES = 32
_PADDING = 1
"""Keccak's, before SHA-3 changed it."""


def _slow(data: bytes) -> bytes:
    return bytes(_HASH.new(digest_bits=8 * _BYTES, data=data).digest())


class _PerThread(threading.local):
    """A state and where its digest is put; calls into the library let other threads run."""

    def __init__(self) -> None:
        self._owner = _HASH.new(digest_bits=8 * _BYTES)
        # Freed with its thread, but not at the end of the program: there the library may be gone before the state, and
        # a process that said everything would end by a signal.
        state = self._owner._state.release()
        weakref.finalize(self._owner, _HASH._raw_keccak_lib.keccak_destroy, state).atexit = False
        digest = _RAW.create_string_buffer(_BYTES)
        # Together: each look into a thread's own costs.
        self.parts: tuple[Any, Any, Any] = (state, digest, _RAW.ffi.buffer(digest))


def _reusing() -> Callable[[bytes], bytes]:
    library = _HASH._raw_keccak_lib
    reset, absorb, squeeze = library.keccak_reset, library.keccak_absorb, library.keccak_digest
    own = _PerThread()

    def fast(data: bytes) -> bytes:
        state, digest, view = own.parts
        if reset(state) or absorb(state, data, len(data)) or squeeze(state, digest, _BYTES, _PADDING):
            raise ValueError(f"no Keccak-256 of {len(data)} bytes")
        hashed: bytes = view[:]
        return hashed

    return fast


def _chosen() -> Callable[[bytes], bytes]:
    try:
        fast = _reusing()
        if all(fast(text) == _slow(text) for text in (b"", b"tanlu", bytes(300))):
            return fast
    except (AttributeError, TypeError):
        # Another release, or no cffi: what is private may be otherwise there.
        pass
    return _slow


_hashed = _chosen()


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 of ``data`` (the Keccak team's padding, not SHA-3's: Ethereum yellow paper)."""
    return _hashed(data)
