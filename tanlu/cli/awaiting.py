"""Waiting for what the contracts say of operations that an entry asked for (DOMAIN 22)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from tanlu.cli.console import console
from tanlu.client import Client
from tanlu.errors import OperationRefused

STATES_ZH: Mapping[str, str] = MappingProxyType(
    {"pending": "待发送", "sent": "已发送", "mined": "已上链", "final": "已终局", "refused": "合约已拒绝"}
)
_ORDER = tuple(STATES_ZH)


def await_operations(
    client: Client, index: int, operations: Sequence[bytes], *, wait: float, until: Literal["mined", "final"]
) -> str:
    """The state that all ``operations`` of entry ``index`` reached within ``wait`` seconds: the least of them, the last
    one where the contracts are asked for nothing.

    Raises OperationRefused with the contract's reason for the first that it finally refused.
    """
    deadline = time.monotonic() + wait
    reached = []
    for each in operations:
        left = max(0.0, deadline - time.monotonic())
        found = client.operation(each.hex(), wait=left, until=until)
        try:
            reached.append(found.require_taken().state)
        except OperationRefused:
            console().note(
                f"Entry {index} is in the log and stays there; the contract refused operation {each.hex()}",
                f"第 {index} 条记录已入日志并保留；合约拒绝了操作 {each.hex()}",
            )
            raise
    return min(reached, key=_ORDER.index, default="final")


def settled(state: str | None, until: str) -> bool:
    """Whether nobody waits any more: it was not asked for, or reached."""
    return state is None or _ORDER.index(state) >= _ORDER.index(until)
