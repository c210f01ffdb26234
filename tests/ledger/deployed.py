"""One deployment, made once in a process and kept as the state of its chain: tests get copies, as of a migrated store.

A world on an Anvil without a block takes the copy where it would deploy the same; everywhere else it deploys for itself
(another engine, another world on the same chain, a chain that forgot, a deployment that a test looks into or cuts off).
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from attestation.keys import Algorithm, PrivateKey
from ganache import Engine, Node
from ledger.chain.deploy import DeploymentParameters
from ledger.chain.rpc import Rpc


@dataclass(frozen=True)
class Secrets:
    """What tells one deployment from another: its identifier, and the keys of its cosigners and approvers."""

    deployment_id: bytes
    cosigners: tuple[PrivateKey, ...]
    approvers: tuple[PrivateKey, ...]

    @classmethod
    def generate(cls, cosigners: int) -> Self:
        def keys(count: int) -> tuple[PrivateKey, ...]:
            return tuple(PrivateKey.generate(Algorithm.ES256K) for _ in range(count))

        return cls(secrets.token_bytes(32), keys(cosigners), keys(2))


@dataclass(frozen=True)
class Deployed:
    """A chain after the deployment, as Anvil dumps it, with its address book."""

    secrets: Secrets
    parameters: DeploymentParameters
    state: str
    book: bytes

    def give(self, rpc: Rpc, parameters: DeploymentParameters, book: Path) -> None:
        """To a chain without a block, if it is to have just this deployment and there is no address book yet."""
        if parameters == self.parameters and not book.exists() and rpc.head().number == 0:
            assert rpc.request("anvil_loadState", self.state) is True
            book.write_bytes(self.book)


_kept: dict[int, Deployed] = {}


def deployed(cosigners: int, make_world: Callable[..., Any]) -> Deployed:
    """The deployment with so many cosigners; ``make_world`` makes the world that deploys it, the first time."""
    if cosigners not in _kept:
        with tempfile.TemporaryDirectory(prefix="tanlu-deployed-") as name:
            folder = Path(name)
            with Node(folder / "chain") as engine:
                _kept[cosigners] = _deploy(engine, folder, Secrets.generate(cosigners), make_world)
    return _kept[cosigners]


def _deploy(engine: Engine, folder: Path, made_of: Secrets, make_world: Callable[..., Any]) -> Deployed:
    world = make_world(engine, folder, secrets=made_of)
    try:
        world.deploy()
        state = str(world.rpc.request("anvil_dumpState"))
        return Deployed(made_of, world.parameters, state, world.book.read_bytes())
    finally:
        world.close()
