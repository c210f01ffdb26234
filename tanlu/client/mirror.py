"""Reads of the whole log, as ``client.mirror``: for regulator and administration. Nothing is judged here: pages are
held against the signed head by who puts them together (``tanlu.mirror``)."""

from __future__ import annotations

from typing import Literal

import msgspec

from tanlu.client.answers import decode
from tanlu.client.transport import Transport

Part = Literal["heads", "equivocations", "refused"]


class MirrorBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A block, its hash as lowercase hexadecimal."""

    number: int
    hash: str


class MirrorDeployment(msgspec.Struct, frozen=True, kw_only=True):
    """Where the service says that the contracts are: addresses as lowercase hexadecimal."""

    deployment_id: str
    chain_id: int
    first_block: int
    contracts: dict[str, str]


class MirrorStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How far the service says that it goes. ``size``: entries in its newest cosigned checkpoint."""

    log: str
    size: int
    page_entries: int
    final: MirrorBlock | None
    deployment: MirrorDeployment | None


class Mirror:
    """Part of ``tanlu.client.Client``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def standing(self) -> MirrorStanding:
        """What can be mirrored now."""
        return decode(self._transport.request("GET", "/v1/mirror").content, MirrorStanding)

    def page(self, number: int, size: int) -> bytes:
        """The lines of a page of a log of ``size`` entries."""
        return self._transport.request("GET", f"/v1/mirror/entries/{number}", params={"size": size}).content

    def part(self, part: Part, size: int) -> bytes:
        """The lines of what there is besides."""
        return self._transport.request("GET", f"/v1/mirror/{part}", params={"size": size}).content

    def tile(self, path: str) -> bytes:
        """The hashes of a tile (C2SP tlog-tiles)."""
        return self._transport.request("GET", f"/v1/tile/{path}").content
