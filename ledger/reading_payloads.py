"""Payloads of logged readings, decoded for one pass over many: nothing is judged again, nothing is decoded twice."""

from __future__ import annotations

from typing import NamedTuple, Self

import msgspec


class Body(msgspec.Struct, gc=False):
    """A reading's body."""

    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    quantity: str
    unit: str
    meter: str | None = None


class Payload(msgspec.Struct, gc=False):
    """Where a reading stands, and what it says."""

    stream: str
    seq: int
    body: Body


class Whole(msgspec.Struct, gc=False):
    """A payload with what its stream's payloads begin with."""

    v: int
    type: str
    log: str
    iss: str
    stream: str
    seq: int
    body: Body


# Not tracked by the collector: they hold texts and numbers only, and there are millions of them.
URL_SAFE = bytes.maketrans(b"-_", b"+/")
decode_whole = msgspec.json.Decoder(Whole).decode
decode_rest = msgspec.json.Decoder(Payload).decode


class Beginning(NamedTuple):
    """What the payloads of a stream's readings begin with: version, type, log, issuer. It is judged once; of an entry
    that begins with the very same characters only the rest is decoded.

    ``text``: in whole groups of base64url, ``length`` its length; ``over``: what of the beginning lies in the first
    characters after them, ``skip`` how many.
    """

    text: bytes
    length: int
    over: bytes
    skip: int

    @classmethod
    def of(cls, payload: bytes, text: bytes, whole: Whole) -> Self:
        """That of a payload: its base64url, its bytes, what they say."""
        members = (b'"%b":%b,' % (name.encode(), msgspec.json.encode(getattr(whole, name))) for name in _FIRST)
        begun = b"{" + b"".join(members)
        if not text.startswith(begun):
            return cls(*NOTHING)  # members in another order, or with spaces: nothing is taken as known
        groups = len(begun) // 3
        return cls(payload[: groups * 4], groups * 4, begun[groups * 3 :], len(begun) - groups * 3)


_FIRST = ("v", "type", "log", "iss")
NOTHING = Beginning(b".", 1, b"", 0)
"""No payload begins with a dot."""
