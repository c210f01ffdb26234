"""A short round of hard kills in the suite; the long one is `make kill-test` (docs/faults.md)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.installation import APART
from tests.faults.kill_round import ROOT

DEADLINE_SECONDS = 400.0


@pytest.mark.chain
@pytest.mark.timeout(DEADLINE_SECONDS + 20)
def test_after_a_kill_of_every_process_all_that_was_acknowledged_is_final_and_nothing_is_twice(tmp_path: Path) -> None:
    figures = tmp_path / "kill_round.json"
    command = [
        *(sys.executable, "-m", "tests.faults.kill_round", "--kills", "1", "--losses", "1", "--meters", "4"),
        *("--longest-pause", "1", "--json", str(figures)),
        *("--trading", "--trading-pause", "0.6", "--day-seconds", "6"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    found = json.loads(figures.read_bytes())
    assert found["violations"] == []
    assert {role.value: found["kills"][role.value] for role in APART} == {role.value: 1 for role in APART}
    assert found["chain_state_lost"]["in_all"] == 1
    assert found["restored_database"]["refused"]
    assert found["seconds"]["quiet_after_last_kill"] <= 120
    # The load brings figures too, and not one of the kills took or doubled one (DOMAIN 2, 44).
    assert found["chain"]["figures_registered"] == found["chain"]["figures_logged"] >= 3
    # A market traded meanwhile, a day of it was closed, another is open (DOMAIN 12 to 21).
    market = found["market"]
    assert market["orders"] >= market["fills"] >= 2
    assert market["settled_on_chain"] + sum(market["undone"].values()) == market["fills"]
    assert market["days_closed"] >= 1
    assert market["sessions_replayed"] >= 2
    assert f"seed {found['seed']}" in done.stdout
    assert found["client"]["acknowledged"] == found["client"]["signed"] == found["log"]["entries"] > len(APART)
