"""The engines that can be started: what each one's command line is, and what it keeps by itself."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ganache import npm
from ganache.accounts import COUNT, MNEMONIC
from ganache.errors import EngineMissing

EngineName = Literal["anvil", "ganache"]

# The newest rules that both engines know. The contracts are built for `paris`: the same code at the same gas on both.
HARDFORK = "shanghai"


@dataclass(frozen=True, slots=True)
class Engine:
    """A node that answers: one started here, or one reached by its URL.

    Attributes:
        name: `anvil`, `ganache`, or what an external node calls itself.
        rpc_url: HTTP JSON-RPC endpoint.
        chain_id: EIP-155 chain id, as the node answered it.
        pid: process id of the engine itself (no wrapper in between); None for an external node.
        data_dir: where a started engine keeps its chain; None for an external node.
        final_path: the file that names the last block in a saved state (`ganache.state.read_final`); None where the
            engine has no such file.
        durable: the engine itself keeps every block that it answers, so that its head is final against a crash.
    """

    name: str
    rpc_url: str
    chain_id: int
    pid: int | None = None
    data_dir: Path | None = None
    final_path: Path | None = None
    durable: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """What a driver needs to know to name its command line. `block_time` in seconds; None mines on each transaction."""

    port: int
    chain_id: int
    data_dir: Path
    load: Path | None
    block_time: int | None


class Driver(Protocol):
    """One kind of engine."""

    name: EngineName
    durable: bool

    def command(self, launch: Launch) -> list[str]:
        """The argument vector, beginning with the absolute path of the real binary.

        Raises:
            EngineMissing: not installed.
        """
        ...


class Anvil:
    """Foundry's Anvil. It keeps its chain in memory; `ganache.state` keeps it on disk."""

    name: EngineName = "anvil"
    durable = False

    def command(self, launch: Launch) -> list[str]:
        """See `Driver.command`."""
        arguments = [
            str(foundry_binary("anvil")),
            *("--host", "127.0.0.1"),
            *("--port", str(launch.port)),
            *("--chain-id", str(launch.chain_id)),
            *("--hardfork", HARDFORK),
            *("--mnemonic", MNEMONIC),
            *("--accounts", str(COUNT)),
            # Old states past some hundred blocks go to disk: below the data directory, not into the user's home.
            *("--cache-path", str(launch.data_dir / "anvil-cache")),
            # The keys are unlocked: no page in a browser may use them.
            "--no-cors",
            # A batch of pre-signed transactions passes the 2 MB limit.
            "--no-request-size-limit",
            "--quiet",
        ]
        if launch.load is not None:
            arguments += ["--load-state", str(launch.load)]
        if launch.block_time is not None:
            arguments += ["--block-time", str(launch.block_time)]
        return arguments


class Ganache:
    """Truffle's Ganache 7 (archived upstream). Its database keeps each block before it answers."""

    name: EngineName = "ganache"
    durable = True

    def command(self, launch: Launch) -> list[str]:
        """See `Driver.command`."""
        script = npm.home() / "node_modules" / "ganache" / "dist" / "node" / "cli.js"
        if not script.is_file():
            raise _missing(script.name, "ganache")
        return [
            str(npm.find_node()),
            str(script),
            *("--server.host", "127.0.0.1"),
            *("--server.port", str(launch.port)),
            *("--chain.chainId", str(launch.chain_id)),
            *("--chain.networkId", str(launch.chain_id)),
            *("--chain.hardfork", HARDFORK),
            *("--wallet.mnemonic", MNEMONIC),
            *("--wallet.totalAccounts", str(COUNT)),
            *("--wallet.defaultBalance", "10000"),
            *("--database.dbPath", str(launch.data_dir / "ganache-db")),
            *("--miner.blockTime", str(launch.block_time or 0)),
            *("--logging.quiet", "true"),
        ]


DRIVERS: dict[EngineName, Driver] = {"anvil": Anvil(), "ganache": Ganache()}


def foundry_binary(tool: Literal["anvil", "forge", "cast"]) -> Path:
    """The real binary of a Foundry tool. The one in `.bin` is a Node wrapper: killing that orphans the tool.

    Raises:
        EngineMissing: not installed, or no build for this platform in the lock.
    """
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )
    package = f"{tool}-{sys.platform}-{machine}"
    path = npm.home() / "node_modules" / "@foundry-rs" / package / "bin" / tool
    if not os.access(path, os.X_OK):
        raise _missing(package, tool)
    return path


def _missing(value: str, tool: str) -> EngineMissing:
    return EngineMissing(
        "engine.installed",
        value,
        f"{tool} is not installed; run `make bootstrap`, or `python -m ganache.install`",
        f"未安装 {tool}，请运行 make bootstrap 或 python -m ganache.install",
    )
