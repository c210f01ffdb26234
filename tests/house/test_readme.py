"""README.md is run: its command list is what the program prints, its walk-through works from an empty folder."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ganache import free_port

ROOT = Path(__file__).parents[2]


def test_the_command_list_is_what_the_program_prints() -> None:
    subprocess.run([sys.executable, "tools/readme.py"], cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": "."})


def _walk_through() -> str:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, "one block of README.md is marked sh: the one that is run"
    return str(blocks[0])


@pytest.mark.chain
def test_the_walk_through_ends_with_a_verified_receipt(tmp_path: Path) -> None:
    rpc, service, witness = free_port(), free_port(), free_port()
    script = _walk_through()
    # The block uses the default ports; a test may not, since somebody may be using them.
    ports = f"tanlu init --rpc-port {rpc} --port {service} --witness-port {witness}"
    assert script.count("tanlu init\n") == 1
    script = script.replace("tanlu init\n", ports + "\n").replace("127.0.0.1:8545", f"127.0.0.1:{rpc}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TANLU_")}
    environment |= {
        "TANLU_SERVER": f"http://127.0.0.1:{service}",
        "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}",
    }
    run = subprocess.Popen(
        # A command that fails ends the script; what runs behind it must end too, or its output never does.
        ["bash", "-euc", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script + "\nkill %1 %2 %3\nwait\n"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = run.communicate(timeout=240)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode in {0, 128 + signal.SIGTERM}, said
    assert "accepted: entry 6 (report by 88.608.5288/PLANT)" in said
    assert "the contract on chain knows this root" in said
