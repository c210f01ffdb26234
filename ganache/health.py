"""Whether a node answers, in time, and as the chain it should be."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from ganache.engines import Engine
from ganache.errors import EngineMismatch, EngineUnavailable
from ganache.rpc import Rpc, RpcRefused, RpcUnreachable

_PAUSE_SECONDS = 0.05
_CALL_TIMEOUT_SECONDS = 2.0


def attach(rpc_url: str, *, chain_id: int | None = None, deadline: float = 10.0) -> Engine:
    """A node that somebody else runs: nothing is started, nothing is saved, it is only asked who it is.

    Args:
        rpc_url: HTTP JSON-RPC endpoint.
        chain_id: the expected EIP-155 chain id; None takes what it answers.
        deadline: seconds until it must have answered.

    Raises:
        EngineUnavailable: no answer before the deadline.
        EngineMismatch: it answers for another chain.
    """
    answered = wait_healthy(rpc_url, chain_id=chain_id, deadline=deadline)
    with Rpc(rpc_url, timeout=_CALL_TIMEOUT_SECONDS) as rpc:
        name = str(rpc.call("web3_clientVersion"))
    return Engine(name, rpc_url, answered)


def wait_healthy(
    rpc_url: str, *, chain_id: int | None, deadline: float, ended: Callable[[], str | None] = lambda: None
) -> int:
    """The node's chain id, as soon as it answers.

    Args:
        rpc_url: HTTP JSON-RPC endpoint.
        chain_id: the expected one, if any.
        deadline: seconds from now.
        ended: asked between attempts: a reason to give up early, or None.

    Raises:
        EngineUnavailable: given up, or no answer before the deadline.
        EngineMismatch: another chain.
    """
    limit = time.monotonic() + deadline
    with Rpc(rpc_url, timeout=min(_CALL_TIMEOUT_SECONDS, deadline)) as rpc:
        while True:
            try:
                answered = rpc.chain_id()
            except (RpcUnreachable, RpcRefused) as error:
                last = str(error)
            else:
                break
            reason = ended()
            if reason is not None:
                raise EngineUnavailable("engine.start", rpc_url, reason, "链节点启动失败")
            if time.monotonic() >= limit:
                raise EngineUnavailable(
                    "engine.health", f"{deadline:g} s", f"no answer before the deadline: {last}", "链节点未在期限内响应"
                )
            time.sleep(_PAUSE_SECONDS)
    if chain_id is not None and answered != chain_id:
        raise EngineMismatch(
            "engine.chain-id",
            str(answered),
            f"the node at {rpc_url} answers for another chain; expected {chain_id}",
            f"节点的链 ID 不符，应为 {chain_id}",
        )
    return answered


def free_port() -> int:
    """A loopback TCP port that was free a moment ago. Whoever takes it must be ready to find it taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """Refuse a port on which something listens already: it would answer in the engine's place.

    Raises:
        EngineUnavailable: the port is taken.
    """
    with socket.socket() as probe:
        # As servers do: connections of an earlier run that linger in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EngineUnavailable(
                "engine.port", str(port), f"the port cannot be had: {error.strerror}", "端口已被占用"
            ) from error
