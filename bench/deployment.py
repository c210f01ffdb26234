"""A deployment for benchmarks that go through real processes: node, witness, the service's roles apart or together."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from attestation.keys import PrivateKey
from ledger.trust import Trust
from tanlu.demo.processes import Processes
from tanlu.installation import Choices, create
from tanlu.keyring import open_key
from tanlu.trustfile import load_trust

_PARK = "88.608.1/PARK"


@dataclass(frozen=True)
class Deployment:
    """A running deployment. ``first_entry`` is the registrar's own statement, not yet submitted."""

    home: Path
    url: str
    trust: Trust
    registrar_identifier: str
    registrar: PrivateKey
    first_entry: bytes
    processes: Processes


@contextmanager
def deployed(folder: Path, *, apart: bool) -> Iterator[Deployment]:
    """Make and start one; ``apart``: each role of the service in a process of its own."""
    rpc, port, witness = _free_ports(3)
    installed = create(
        folder / "home",
        Choices(
            name="bench.tanlu.local",
            park=_PARK,
            chain_id=31337,
            rpc_url=f"http://127.0.0.1:{rpc}",
            development=True,
            finality="anvil-state:node/final.json",
            port=port,
            witness_port=witness,
        ),
    )
    # Limits are what is measured elsewhere; here one carrier brings what a whole park would.
    with (installed.home / "config.env").open("a", encoding="utf-8") as config:
        config.write("TANLU_BULK_LINES_PER_MIN=100000000\nTANLU_REQUESTS_PER_S=100000\nTANLU_BULK_REQUESTS_EACH=100\n")
        config.write("TANLU_BULK_REQUESTS=100\nTANLU_LOG_LEVEL=warning\n")
    office = installed.home / "administration"
    held = open_key(office / "registrar.pem", (office / "password").read_text("ascii").strip())
    with Processes(installed.home, folder / "logs") as processes:
        processes.start("node")
        processes.start("witness")
        if apart:
            service = processes.start("serve", "--roles", "api", label="api")
            processes.start("serve", "--roles", "sequencer", label="sequencer")
            processes.start("serve", "--roles", "relayer", label="relayer")
        else:
            service = processes.start("serve")
        yield Deployment(
            installed.home,
            str(service["url"]),
            load_trust(installed.trust_file),
            held.card.identifier,
            held.private,
            installed.first_entry.read_bytes().strip(),
            processes,
        )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
