"""What can go wrong between the ledger and the chain; branches of the tree in ``ledger.errors``.

::

    LedgerError
    ├── Retryable
    │   ├── ChainUnavailable            no usable answer; the write may or may not have happened
    │   │   ├── ChainMoved              the chain changed while it was being read
    │   │   └── FinalityUnknown         what says which block is final cannot be read
    │   └── LeaseLost                   another relayer took over
    ├── Integrity                       stop, a person must look
    │   ├── WrongChain                  another chain id than configured
    │   ├── DeploymentMismatch          another contract, deployment id or parameter at our address
    │   ├── DeploymentFailed            a step of the deployment reverted
    │   ├── OutboxConflict              one operation id with two different contents
    │   └── HistoryDiverged
    │       └── AnchorConflict          the chain holds a root that this log does not extend
    └── Refusal
        └── RequestRefused              the node answered with an error (code, message)
            └── ContractRefused         the contract reverted (name, arguments)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.errors import ChainUnavailable, HistoryDiverged, Integrity, LeaseLost, Refusal

__all__ = [
    "AnchorConflict",
    "ChainMoved",
    "ChainUnavailable",
    "ContractRefused",
    "DeploymentFailed",
    "DeploymentMismatch",
    "FinalityUnknown",
    "LeaseLost",
    "OutboxConflict",
    "RequestRefused",
    "WrongChain",
]


class ChainMoved(ChainUnavailable):
    """Blocks changed between two requests that belong together; read again."""


class FinalityUnknown(ChainUnavailable):
    """What says which block is final cannot be read now."""


class RequestRefused(Refusal):
    """The node refused a request.

    Parameters
    ----------
    method
        JSON-RPC method.
    code, message
        As the node gave them.
    data
        Raw revert data, empty if there was none.
    """

    def __init__(self, method: str, code: int, message: str, data: bytes = b"") -> None:
        super().__init__(
            f"the chain's node refused {method}: {message}",
            rule="chain.request",
            value=f"code {code}",
            expected="a result",
            message_zh=f"链节点拒绝了 {method}:{message}",
        )
        self.method = method
        self.code = code
        self.reason = message
        self.data = data

    @property
    def is_known_transaction(self) -> bool:
        """The node has this very transaction already."""
        text = self.reason.lower()
        return any(part in text for part in ("already known", "already imported", "known transaction"))

    @property
    def is_nonce_used(self) -> bool:
        """A transaction with this nonce is on chain."""
        text = self.reason.lower()
        return "nonce too low" in text or "correct nonce" in text

    @property
    def is_underpriced(self) -> bool:
        """Another transaction waits at this nonce, or the fee is below what the node takes."""
        text = self.reason.lower()
        return "underpriced" in text or "fee too low" in text or "less than block base fee" in text

    @property
    def is_short_of_funds(self) -> bool:
        """The account cannot pay for gas and value at the price offered."""
        text = self.reason.lower()
        return any(part in text for part in ("insufficient funds", "enough funds", "exceeds account balance"))


class ContractRefused(RequestRefused):
    """A contract reverted.

    Parameters
    ----------
    name
        The custom error's name; ``Error`` or ``Panic`` for the built-in ones, ``unknown`` if no ABI knows it.
    arguments
        Decoded arguments by name; integers as ``int``, bytes as ``bytes``.
    data
        The raw revert data.
    """

    def __init__(self, name: str, arguments: Mapping[str, Any], data: bytes) -> None:
        shown = ", ".join(f"{key}={_show(value)}" for key, value in arguments.items())
        super().__init__("call", 3, f"{name}({shown})", data)
        self.rule = f"contract.{name}"
        self.name = name
        self.arguments = dict(arguments)


class WrongChain(Integrity):
    """The endpoint serves another chain id than the one configured."""


class DeploymentMismatch(Integrity):
    """What stands at the expected address, or in the address book, is not this deployment."""


class DeploymentFailed(Integrity):
    """A deployment transaction reverted, or the deployer account cannot go on."""


class AnchorConflict(HistoryDiverged):
    """The chain holds a root that this log does not extend."""


class OutboxConflict(Integrity):
    """The same operation id was given with two different contents."""


def _show(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
