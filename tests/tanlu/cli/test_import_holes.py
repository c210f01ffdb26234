"""``tanlu import-readings`` where rows are missing: said, decided before anything is sent, and never undone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from attestation.examination import examine
from attestation.keys import Purpose
from attestation.statements import Close, Loss, Reading
from tanlu.client import Client
from tanlu.keyring import write_key
from tanlu.reporting import cite_journal

from ..conftest import ENTERPRISE, METER, ORIGIN, PASSWORD, KeyFile, World
from .conftest import Json, Run

STREAM = "electricity"
START = datetime(2018, 1, 1, tzinfo=UTC)


def instant(hour: int) -> str:
    return f"{START + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}"


def hours_csv(path: Path, hours: Iterable[int]) -> Path:
    lines = [f"{instant(hour)},{instant(hour + 1)},{hour}.5" for hour in hours]
    path.write_text("from,to,quantity\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def arguments(key_file: KeyFile, world: World, client: Client) -> list[str]:
    key = key_file(world.meter, METER, Purpose.DEVICE)
    return ["--key", str(key), "--stream", STREAM, "--unit", "kWh", "--server", client.base_url]


def hour_at(client: Client, seq: int) -> str | None:
    entry = client.entry_at(METER, STREAM, seq)
    if entry is None:
        return None
    assert entry.equivocations == 0
    body = examine(entry.entry.encode(), ORIGIN).body
    assert isinstance(body, Reading)
    return body.start


def test_rows_with_a_hole_are_refused_until_it_is_said_what_becomes_of_the_missing(
    answer: Json, run: Run, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = hours_csv(tmp_path / "m.csv", (0, 1, 2, 3, 6, 7, 8))
    refused = answer("import-readings", path, *arguments, code=1)
    assert refused["rule"] == "import.holes"
    assert refused["value"] == f"1, the first before line 6: {instant(4)} to {instant(6)}"
    for lang, words in (("en", "Readings are missing"), ("zh", "缺少读数")):
        shown = run("import-readings", path, *arguments, "--lang", lang).stderr
        assert words in shown
        assert {option in shown for option in ("--leave-gaps", "--ignore-holes", instant(4), instant(6))} == {True}
    assert client.stream(METER, STREAM).last_seq == 0
    assert list(tmp_path.glob("*.journal")) == []


def test_the_numbers_of_missing_rows_stay_open_are_filled_late_or_declared_lost(
    answer: Json, run: Run, arguments: list[str], client: Client, world: World, tmp_path: Path
) -> None:
    path = hours_csv(tmp_path / "m.csv", (0, 1, 2, 3, 6, 7, 8))
    done = answer("import-readings", path, *arguments, "--leave-gaps", "--close")
    assert (done["accepted"], done["first_seq"], done["last_seq"], done["left_open"]) == (7, 1, 9, 2)
    assert (done["hole_count"], done["holes"]) == (1, [{"from": instant(4), "to": instant(6), "line": 6}])
    assert client.stream(METER, STREAM).gaps == ((5, 6),)
    gaps = answer("gaps", METER, "--server", client.base_url)
    assert [(one["first_seq"], one["last_seq"], one["state"]) for one in gaps["gaps"]] == [(5, 6, "open")]
    # A report cites what is there, on both sides.
    cited = [(one.first_seq, one.last_seq, Decimal(one.quantity)) for one in cite_journal(Path(done["journal"]))]
    assert cited == [(1, 4, Decimal("8.0")), (7, 9, Decimal("22.5"))]
    # Late, in the closed period, at its own number.
    late = answer("import-readings", hours_csv(tmp_path / "late.csv", (4,)), *arguments, "--first-seq", 5)
    assert late["accepted"] == 1
    assert [hour_at(client, seq) for seq in (4, 5, 6, 7)] == [instant(3), instant(4), None, instant(6)]
    loss = Loss(device=METER, stream=STREAM, first_seq=6, last_seq=6, reason="cable cut")
    client.submit(world.sign("loss", ENTERPRISE, world.enterprise, "losses", 1, loss))
    # A number that was left open may be lost: no row stands there.
    Path(done["journal"]).unlink()
    again = answer("import-readings", path, *arguments, "--leave-gaps")
    assert (again["present"], again["first_seq"]) == (7, 1)
    for lang, words in (("en", "1 hole in time"), ("zh", "时间上有 1 处空缺")):
        assert words in run("import-readings", path, *arguments, "--leave-gaps", "--lang", lang).stdout


def test_holes_that_are_ignored_are_warned_of_on_standard_error(
    run: Run, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = hours_csv(tmp_path / "m.csv", range(0, 300, 2))
    shown = run("import-readings", path, *arguments, "--ignore-holes", "--json")
    answered = json.loads(shown.stdout)
    assert (answered["last_seq"], answered["left_open"], answered["hole_count"], len(answered["holes"])) == (
        150,
        0,
        149,
        100,
    )
    assert "--leave-gaps" in shown.stderr
    assert instant(1) in shown.stderr
    # The rows have their numbers now: nothing is left to decide, what is said stays the same.
    again = run("import-readings", path, *arguments, "--lang", "zh")
    assert again.exit_code == 0
    assert "149 处空缺" in again.stderr
    assert client.stream(METER, STREAM).gaps == ()


def test_a_hole_between_two_files_of_a_meter_counts_as_one_within(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    first = hours_csv(tmp_path / "1.csv", range(10, 15))
    second = hours_csv(tmp_path / "2.csv", range(24, 31))
    closed = answer("import-readings", first, *arguments, "--close")
    refused = answer("import-readings", second, *arguments, code=1)
    assert (refused["rule"], refused["value"]) == (
        "import.holes",
        f"1, the first before line 2: {instant(15)} to {instant(24)}",
    )
    done = answer("import-readings", second, *arguments, "--leave-gaps", "--close")
    assert (done["first_seq"], done["left_open"]) == (closed["last_seq"] + 2 + 9, 9)
    assert client.stream(METER, STREAM).gaps == ((7, 15),)
    # The period of the second close takes in what was missing, so that it may still come.
    body = examine(client.entry(done["close_index"]).entry.encode(), ORIGIN).body
    assert body == Close(start=instant(15), end=instant(31), last_seq=22, count=16)
    late = answer("import-readings", hours_csv(tmp_path / "late.csv", range(15, 24)), *arguments, "--first-seq", 7)
    assert late["accepted"] == 9
    assert client.stream(METER, STREAM).gaps == ()


def test_a_hole_that_no_whole_number_of_rows_fills_is_refused_and_leaves_nothing(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = hours_csv(tmp_path / "m.csv", (0, 1, 4))
    text = path.read_text()
    for changed, rule in (
        (text.replace("T04:00:00Z,", "T04:30:00Z,").replace("T05:00", "T05:30"), "import.hole_length"),
        (text.replace("T05:00", "T05:30"), "import.intervals"),
    ):
        path.write_text(changed)
        assert answer("import-readings", path, *arguments, "--leave-gaps", code=1)["rule"] == rule
        assert list(tmp_path.glob("*.journal")) == []
    assert client.stream(METER, STREAM).last_seq == 0


def test_what_a_journal_says_is_not_overruled(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = hours_csv(tmp_path / "m.csv", (0, 1, 4))
    done = answer("import-readings", path, *arguments, "--leave-gaps")
    refused = answer("import-readings", path, *arguments, "--leave-gaps", "--first-seq", 15, code=1)
    assert (refused["rule"], refused["value"]) == ("journal.first_seq", "--first-seq 15")
    assert answer("import-readings", path, *arguments, "--leave-gaps", "--first-seq", 1)["present"] == 3
    assert answer("import-readings", path, *arguments, "--ignore-holes", code=1)["rule"] == "journal.other"
    # Without the journal the log itself refuses rows that stand elsewhere.
    Path(done["journal"]).unlink()
    elsewhere = answer("import-readings", path, *arguments, "--ignore-holes", code=1)
    assert elsewhere["rule"] == "sequence.overlap_below"
    assert client.stream(METER, STREAM).count == 3
    assert list(tmp_path.glob("*.journal")) == []
    through = [word.replace(STREAM, "through") if word == STREAM else word for word in arguments]
    Path(answer("import-readings", path, *through, "--ignore-holes")["journal"]).unlink()
    assert answer("import-readings", path, *through, "--leave-gaps", code=1)["rule"] == "import.other_data"
    assert client.stream(METER, "through").count == 3


def test_a_refused_import_leaves_no_journal_in_the_way_of_the_right_key(
    answer: Json, arguments: list[str], client: Client, world: World, tmp_path: Path
) -> None:
    path = hours_csv(tmp_path / "m.csv", range(3))
    foreign = tmp_path / "foreign.key"
    write_key(foreign, world.enterprise, PASSWORD, identifier=METER, purposes=Purpose.DEVICE)
    answer("import-readings", path, "--key", foreign, *arguments[2:], code=1)
    # Refused line by line, with the meter's own key: a reading of these hours stands higher up.
    body = Reading(start=instant(1), end=instant(2), quantity="1", unit="kWh")
    client.submit(world.sign("reading", METER, world.meter, "above", 40, body))
    above = [word.replace(STREAM, "above") if word == STREAM else word for word in arguments]
    late = hours_csv(tmp_path / "late.csv", range(1, 3))
    assert answer("import-readings", late, *above, "--first-seq", 1, code=1)["rule"] == "sequence.overlap_above"
    assert list(tmp_path.glob("*.journal")) == []
    assert answer("import-readings", path, *arguments)["accepted"] == 3


def test_readings_by_hand_need_not_follow_each_other(
    answer: Json, key_file: KeyFile, client: Client, world: World, tmp_path: Path
) -> None:
    key = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    path = hours_csv(tmp_path / "m.csv", (0, 5))
    given = ["--key", key, "--stream", "by-hand", "--unit", "kWh", "--server", client.base_url, "--meter", METER]
    done = answer("import-readings", path, *given)
    assert (done["accepted"], done["last_seq"], done["hole_count"]) == (2, 2, 1)


def test_an_import_that_leaves_gaps_goes_on_after_kills_with_every_row_at_its_number(
    answer: Json, arguments: list[str], client: Client, trust_file: Path, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    hours = [hour for hour in range(5_000) if hour in (0, 4_999) or chance.random() > 0.3]
    path = hours_csv(tmp_path / "m.csv", hours)
    journal = tmp_path / f"m.csv.{STREAM}.journal"
    words = ["import-readings", str(path), *arguments, "--leave-gaps"]
    environment = os.environ | {"TANLU_TRUST": str(trust_file), "TANLU_KEY_PASSWORD": PASSWORD}
    kills = 0
    for attempt in range(2):
        before = client.stream(METER, STREAM).last_seq
        process = subprocess.Popen(
            [sys.executable, "-c", "from tanlu.cli import main; main()", *words],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 60
            while process.poll() is None and client.stream(METER, STREAM).last_seq == before:
                assert time.monotonic() < deadline
                time.sleep(0.002)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            process.wait(30)
        if attempt == 0:
            journal.unlink()
    assert kills >= 1
    done = answer(*words)
    assert done["present"] + done["accepted"] + done["repeated"] == len(hours)
    assert (done["first_seq"], done["last_seq"], done["left_open"]) == (1, 5_000, 5_000 - len(hours))
    state = client.stream(METER, STREAM)
    assert (state.last_seq, state.count, state.missing) == (5_000, len(hours), 5_000 - len(hours))
    for hour in chance.sample(range(5_000), 60):
        assert hour_at(client, hour + 1) == (instant(hour) if hour in hours else None)
