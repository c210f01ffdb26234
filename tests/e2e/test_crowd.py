"""Ten thousand clients at once: everyone gets an end, those inside keep being served, and nothing stays behind."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestation.keys import Algorithm, Kind, Purpose
from tanlu.client import Client, Credentials
from tests.faults.installation import TOGETHER, Installation, Role
from tests.faults.signers import PARK, Registrar
from tests.faults.supervision import Operator

WORKS, METER = "88.608.5288/A", "88.608.5288/A_METER_1"
CLIENTS = 10_000
GROUPS = 4
END_SECONDS = 100
MEMORY_KIB = 200 * 1024
"""What the crowd may cost the service: some 20 KiB each."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[tuple[Installation, Operator]]:
    """A deployment of this test's own."""
    made = Installation.make(tmp_path / "home")
    with Operator(made, tmp_path / "output", TOGETHER) as operator:
        yield made, operator


def resident(pid: int) -> int:
    """Resident memory of a process, KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@pytest.mark.chain
def test_ten_thousand_clients_at_once(installation: tuple[Installation, Operator], tmp_path: Path) -> None:
    made, operator = installation
    office, who = Registrar(made), Credentials(PARK, made.registrar())
    with Client(made.url, trust=made.trust_file, credentials=who, evidence=tmp_path / "kept") as client:
        client.enrol(made.first_entry())
        client.enrol(office.enrol(WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, Algorithm.ED25519, parent=PARK)[1])
        meter, entry = office.enrol(METER, Kind.DEVICE, Purpose.DEVICE, Algorithm.ED25519, parent=WORKS)
        client.enrol(entry)
        pid = operator.pid(Role.WHOLE)
        assert pid is not None
        before = resident(pid)
        command = [sys.executable, "-m", "tests.faults.crowd", "127.0.0.1", str(made.port), str(CLIENTS // GROUPS)]
        crowd = [
            subprocess.Popen([*command, str(END_SECONDS)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
            for _ in range(GROUPS)
        ]
        # Who is inside goes on being served while they come.
        seq, during, most = 0, 0, before
        while any(process.poll() is None for process in crowd):
            seq += 1
            client.submit(meter.reading(seq, "2.50"))
            during, most = during + 1, max(most, resident(pid))
            time.sleep(0.05)
        ends = Counter[str]()
        for process in crowd:
            ends.update(json.loads(process.communicate()[0]))
        assert ends.total() == CLIENTS
        print(f"ends {dict(ends)}, {during} readings acknowledged meanwhile, {most - before} KiB more at the most")
        assert set(ends) <= {"200", "408", "429", "503", "closed", "reset"}, ends
        assert ends["200"] > 0
        assert ends["503"] + ends["429"] + ends["reset"] > 0, "the crowd was no crowd"
        assert during > 20
        assert most - before < MEMORY_KIB
        assert operator.pid(Role.WHOLE) == pid, "the service ended"
        # Nothing of it stays: a newcomer gets in, and everything acknowledged is in the log.
        with Client(made.url, trust=made.trust_file, credentials=who, evidence=tmp_path / "later") as newcomer:
            newcomer.submit(meter.reading(seq + 1, "2.50"))
            state = newcomer.stream(METER, "electricity")
        assert state.last_seq == seq + 1
