"""The few JSON-RPC 2.0 calls that supervising a node takes."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx


class RpcUnreachable(Exception):
    """No answer: refused connection, timeout, or something that does not speak JSON-RPC."""


class RpcRefused(Exception):
    """The node answered with a JSON-RPC error object."""


class Rpc:
    """A connection to one node. `timeout` in seconds holds for each call.

    Proxy settings of the environment are ignored: an engine's node is reached directly.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self.url = url
        self._client = httpx.Client(timeout=timeout, trust_env=False)

    def call(self, method: str, *params: object) -> Any:
        """The call's `result`.

        Raises:
            RpcUnreachable: no JSON-RPC answer came back.
            RpcRefused: the node answered with an error.
        """
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        try:
            answer = self._client.post(self.url, json=request).raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise RpcUnreachable(f"{method} at {self.url}: {error or type(error).__name__}") from error
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            raise RpcUnreachable(f"{method} at {self.url}: not a JSON-RPC answer")
        if "error" in answer:
            raise RpcRefused(f"{method}: {answer['error']}")
        return answer["result"]

    def chain_id(self) -> int:
        """EIP-155 chain id."""
        return int(self.call("eth_chainId"), 16)

    def head(self) -> tuple[int, str]:
        """Number and 0x-hash of the latest block, from one answer so that the two belong together."""
        block = self.call("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), str(block["hash"])

    def block_hash(self, number: int) -> str | None:
        """0x-hash of the block at that height, None where the chain has none."""
        block = self.call("eth_getBlockByNumber", hex(number), False)
        return None if block is None else str(block["hash"])

    def genesis_timestamp(self) -> str:
        """Block 0's time as the engine spells it (0x-hex seconds)."""
        return str(self.call("eth_getBlockByNumber", "0x0", False)["timestamp"])

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
