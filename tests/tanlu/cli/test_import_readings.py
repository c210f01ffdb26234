"""``tanlu import-readings``: every row in the log exactly once, whatever interrupts it."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from attestation.examination import examine
from attestation.keys import Purpose
from attestation.statements import Close, Loss, Reading
from ledger import promises
from tanlu.client import Client

from ..conftest import ENTERPRISE, METER, ORIGIN, PASSWORD, KeyFile, World
from .conftest import Json, Run

STREAM = "electricity"


def meter_csv(path: Path, rows: int, *, first: int = 0) -> Path:
    start = datetime(2018, 1, 1, tzinfo=UTC)
    times = [f"{start + timedelta(minutes=15 * step):%Y-%m-%dT%H:%M:%SZ}" for step in range(first, first + rows + 1)]
    lines = [f"{a},{b},{step % 7}.{step % 100:02d}" for step, (a, b) in enumerate(pairwise(times))]
    path.write_text("from,to,quantity\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def meter_key(key_file: KeyFile, world: World) -> Path:
    return key_file(world.meter, METER, Purpose.DEVICE)


@pytest.fixture
def arguments(meter_key: Path, client: Client) -> list[str]:
    return ["--key", str(meter_key), "--stream", STREAM, "--unit", "kWh", "--server", client.base_url]


def logged(client: Client, seqs: range) -> list[Reading]:
    found = []
    for seq in seqs:
        entry = client.entry_at(METER, STREAM, seq)
        assert entry is not None, seq
        body = examine(entry.entry.encode(), ORIGIN).body
        assert isinstance(body, Reading)
        found.append(body)
    return found


def journal_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_rows_become_readings_in_order_and_the_journal_keeps_promises_and_sum(
    answer: Json, arguments: list[str], client: Client, world: World, tmp_path: Path
) -> None:
    path = meter_csv(tmp_path / "m.csv", 250)
    done = answer("import-readings", path, *arguments)
    assert (done["accepted"], done["repeated"], done["present"], done["skipped"]) == (250, 0, 0, [])
    assert (done["first_seq"], done["last_seq"], done["unit"]) == (1, 250, "kWh")
    cells = [line.split(",") for line in path.read_text().splitlines()[1:]]
    bodies = logged(client, range(1, 251))
    assert [[body.start, body.end, body.quantity] for body in bodies] == cells
    assert done["total"] == f"{sum(int(q.replace('.', '')) for *_, q in cells) / 100:.2f}"
    lines = journal_lines(Path(done["journal"]))
    covered = [
        promises.verify(str(line["promise"]), world.log_key.public, ORIGIN) for line in lines if "promise" in line
    ]
    assert sum(each.count for each in covered) == 250
    assert lines[-1]["quantity"] == done["total"]


def test_an_import_run_again_sends_nothing_and_says_so(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = meter_csv(tmp_path / "m.csv", 50)
    answer("import-readings", path, *arguments)
    again = answer("import-readings", path, *arguments)
    assert (again["accepted"], again["repeated"], again["present"]) == (0, 0, 50)
    # Without its journal the place is found in the log.
    Path(again["journal"]).unlink()
    found = answer("import-readings", path, *arguments)
    assert (found["accepted"], found["present"], found["first_seq"]) == (0, 50, 1)


def test_the_next_file_of_a_meter_goes_on_after_the_last(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    first = meter_csv(tmp_path / "1.csv", 20)
    second = meter_csv(tmp_path / "2.csv", 30, first=20)
    closed = answer("import-readings", first, *arguments, "--close")
    done = answer("import-readings", second, *arguments, "--close")
    assert (done["first_seq"], done["last_seq"], done["accepted"]) == (22, 51, 30)
    bodies = [examine(client.entry(each["close_index"]).entry.encode(), ORIGIN) for each in (closed, done)]
    assert bodies[0].body == Close(start="2018-01-01T00:00:00Z", end="2018-01-01T05:00:00Z", last_seq=20, count=20)
    assert bodies[1].body == Close(start="2018-01-01T05:00:00Z", end="2018-01-01T12:30:00Z", last_seq=51, count=30)
    assert answer("import-readings", second, *arguments, "--close")["close_index"] == done["close_index"]
    # The first file's journal still knows its place although the stream went on.
    assert answer("import-readings", first, *arguments)["present"] == 20


def test_two_files_are_closed_as_one_period(answer: Json, arguments: list[str], client: Client, tmp_path: Path) -> None:
    answer("import-readings", meter_csv(tmp_path / "1.csv", 20), *arguments)
    done = answer("import-readings", meter_csv(tmp_path / "2.csv", 30, first=20), *arguments, "--close")
    body = examine(client.entry(done["close_index"]).entry.encode(), ORIGIN).body
    assert body == Close(start="2018-01-01T00:00:00Z", end="2018-01-01T12:30:00Z", last_seq=50, count=50)


def test_a_changed_file_is_refused_and_nothing_is_sent(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = meter_csv(tmp_path / "m.csv", 40)
    journal = Path(answer("import-readings", path, *arguments)["journal"])
    path.write_text(path.read_text().replace(",2.02", ",2.03", 1))
    assert answer("import-readings", path, *arguments, code=1)["rule"] == "journal.other"
    journal.unlink()
    refused = answer("import-readings", path, *arguments, code=1)
    assert refused["rule"] == "import.other_data"
    assert ": 2.02 kWh, 2018-01-01T00:" in refused["value"]
    assert ": 2.03 kWh, 2018-01-01T00:" in refused["expected"]
    assert client.stream(METER, STREAM).count == 40
    entry = client.entry_at(METER, STREAM, 3)
    assert entry is not None
    assert entry.equivocations == 0


def test_a_stream_of_other_readings_is_refused(
    answer: Json, arguments: list[str], client: Client, world: World, tmp_path: Path
) -> None:
    client.submit(world.reading(1, stream=STREAM))
    refused = answer("import-readings", meter_csv(tmp_path / "m.csv", 5), *arguments, code=1)
    assert refused["rule"] == "import.other_data"
    assert client.stream(METER, STREAM).count == 1


def test_a_gap_in_the_middle_is_filled(
    answer: Json, arguments: list[str], client: Client, meter_key: Path, tmp_path: Path
) -> None:
    path = meter_csv(tmp_path / "m.csv", 30)
    whole = answer("import-readings", path, *arguments)
    entries = [client.entry_at(METER, STREAM, seq) for seq in range(1, 31)]
    # The same rows into another stream, but for three of them.
    journal = Path(whole["journal"])
    assert journal.exists()
    other = [*arguments]
    other[other.index(STREAM)] = "second"
    lines = path.read_text().splitlines()
    partial = tmp_path / "partial.csv"
    partial.write_text("\n".join(lines[:11]) + "\n")
    answer("import-readings", partial, *other)
    tail = tmp_path / "tail.csv"
    tail.write_text("\n".join([lines[0], *lines[14:]]) + "\n")
    answer("import-readings", tail, *other, "--first-seq", 14)
    assert client.stream(METER, "second").gaps == ((11, 13),)
    filled = answer("import-readings", path, *other)
    assert (filled["first_seq"], filled["present"], filled["accepted"], filled["repeated"]) == (1, 10, 3, 17)
    state = client.stream(METER, "second")
    assert (state.count, state.gaps, len(entries)) == (30, (), 30)


def test_rows_read_by_hand_name_their_meter_and_are_marked_manual(
    answer: Json, run: Run, client: Client, world: World, key_file: KeyFile, tmp_path: Path
) -> None:
    """DOMAIN 43: readings by an enterprise or a person count apart."""
    works = key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)
    path = meter_csv(tmp_path / "m.csv", 5)
    arguments = ["--key", works, "--stream", "by-hand", "--unit", "kWh", "--server", client.base_url, "--meter", METER]
    done = answer("import-readings", path, *arguments)
    assert (done["accepted"], done["issuer"]) == (5, ENTERPRISE)
    entry = client.entry_at(ENTERPRISE, "by-hand", 3)
    assert entry is not None
    assert entry.marks == ("manual",)
    body = examine(entry.entry.encode(), ORIGIN).body
    assert isinstance(body, Reading)
    assert body.meter == METER
    assert answer("import-readings", path, *arguments)["present"] == 5
    # The same file for no meter, or another one, says something else: its journal is another's.
    assert answer("import-readings", path, *arguments[:-1], ENTERPRISE, code=1)["rule"] == "journal.other"
    assert run("import-readings", path, *arguments, "--close").exit_code == 2
    spare = ["spare" if word == "by-hand" else word for word in arguments[:-1]]
    refused = answer("import-readings", path, *spare, ENTERPRISE, code=1)
    assert refused["rule"] == "reading.device"


def test_rows_at_lost_places_are_refused_before_anything_is_sent(
    answer: Json, arguments: list[str], client: Client, world: World, tmp_path: Path
) -> None:
    whole = meter_csv(tmp_path / "whole.csv", 25)
    header, *rows = whole.read_text().splitlines()

    def part(name: str, first: int, last: int) -> dict[str, object]:
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join([header, *rows[first - 1 : last]]) + "\n")
        return answer("import-readings", path, *arguments, "--first-seq", first)

    part("head", 1, 10)
    part("tail", 16, 25)
    loss = Loss(device=METER, stream=STREAM, first_seq=12, last_seq=13, reason="cable cut")
    client.submit(world.sign("loss", ENTERPRISE, world.enterprise, "losses", 1, loss))
    refused = answer("import-readings", whole, *arguments, code=1)
    assert (refused["rule"], refused["value"]) == ("import.lost", "line 13, seq 12")
    assert client.stream(METER, STREAM).count == 20
    # What lies on both sides goes in as files of their own.
    assert part("below", 11, 11)["accepted"] == 1
    assert part("above", 14, 15)["accepted"] == 2
    assert client.stream(METER, STREAM).gaps == ()


def test_a_bad_row_is_named_before_anything_is_sent(
    answer: Json, run: Run, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = meter_csv(tmp_path / "m.csv", 10)
    lines = path.read_text().splitlines()
    lines[5] = lines[5].rpartition(",")[0] + ",-3"
    path.write_text("\n".join(lines))
    refused = answer("import-readings", path, *arguments, code=1)
    assert (refused["rule"], refused["value"], refused["rows"][0]["line"]) == ("decimal.grammar", "-3", 6)
    assert "6" in run("import-readings", path, *arguments).stderr
    assert "第 6 行" in run("import-readings", path, *arguments, "--lang", "zh").stderr
    assert client.stream(METER, STREAM).last_seq == 0
    assert answer("import-readings", path, *arguments, "--skip-bad", code=1)["rule"] == "import.holes"
    done = answer("import-readings", path, *arguments, "--skip-bad", "--leave-gaps")
    assert (done["accepted"], done["skipped"][0]["line"], done["left_open"]) == (9, 6, 1)
    assert client.stream(METER, STREAM).gaps == ((5, 5),)


def test_a_refused_row_is_named_by_its_line_and_the_import_stops(
    answer: Json, arguments: list[str], client: Client, world: World, tmp_path: Path
) -> None:
    # A reading of the file's hour stands at a later place already: row 5 overlaps it (step 11).
    body = Reading(start="2018-01-01T01:05:00Z", end="2018-01-01T01:06:00Z", quantity="1", unit="kWh")
    client.submit(world.sign("reading", METER, world.meter, STREAM, 40, body))
    refused = answer("import-readings", meter_csv(tmp_path / "m.csv", 10), *arguments, "--first-seq", 1, code=1)
    assert (refused["rule"], refused["line"], refused["seq"]) == ("sequence.overlap_above", 6, 5)
    assert refused["problem"]["step"] == 11


def test_columns_formats_and_intervals_can_be_named(
    answer: Json, arguments: list[str], client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "m.csv.gz"
    text = "wann;Verbrauch\n31.10.2021 02:00;1,0\n"
    path.write_bytes(gzip.compress(text.replace("1,0", "1.0").encode()))
    options = ["--to-column", "wann", "--quantity-column", "Verbrauch", "--time-format", "%d.%m.%Y %H:%M"]
    options += ["--time-zone", "Asia/Shanghai", "--interval", "1h", "--delimiter", ";"]
    answer("import-readings", path, *arguments, *options)
    (body,) = logged(client, range(1, 2))
    assert (body.start, body.end) == ("2021-10-31T01:00:00+08:00", "2021-10-31T02:00:00+08:00")
    for name, value, rule in (
        ("--time-zone", "Mars/Olympus", "layout.zone"),
        ("--interval", "15 minutes", "layout.interval"),
    ):
        assert answer("import-readings", path, *arguments, *options, name, value, code=1)["rule"] == rule


def test_one_file_is_imported_by_one_process_at_a_time(answer: Json, arguments: list[str], tmp_path: Path) -> None:
    import fcntl

    path = meter_csv(tmp_path / "m.csv", 5)
    with (tmp_path / f"m.csv.{STREAM}.journal").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert answer("import-readings", path, *arguments, code=1)["rule"] == "journal.busy"


def test_a_journal_line_that_a_crash_left_unfinished_is_dropped(
    answer: Json, arguments: list[str], tmp_path: Path
) -> None:
    path = meter_csv(tmp_path / "m.csv", 5)
    journal = Path(answer("import-readings", path, *arguments)["journal"])
    with journal.open("ab") as file:
        file.write(b'{"first":6,"la')
    answer("import-readings", path, *arguments)
    assert all(isinstance(line, dict) for line in journal_lines(journal))


def test_an_import_killed_again_and_again_ends_with_every_row_exactly_once(
    answer: Json, arguments: list[str], client: Client, trust_file: Path, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    rows, kills = 6_000, 0
    path = meter_csv(tmp_path / "m.csv", rows)
    journal = tmp_path / f"m.csv.{STREAM}.journal"
    command = [sys.executable, "-c", "from tanlu.cli import main; main()", "import-readings", str(path), *arguments]
    environment = os.environ | {"TANLU_TRUST": str(trust_file), "TANLU_KEY_PASSWORD": PASSWORD}
    for attempt in range(4):
        before = client.stream(METER, STREAM).last_seq
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            # From the moment that rows of this run arrive: between signing, sending, storing and the answer.
            while process.poll() is None and client.stream(METER, STREAM).last_seq == before:
                assert time.monotonic() < deadline
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.1))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            process.wait(30)
        if attempt == 1:
            journal.unlink()
    assert kills >= 2
    done = answer("import-readings", path, *arguments, "--close")
    assert done["present"] + done["accepted"] + done["repeated"] == rows
    state = client.stream(METER, STREAM)
    assert (state.last_seq, state.count, state.gaps) == (rows + 1, rows + 1, ())
    cells = [line.split(",") for line in path.read_text().splitlines()[1:]]
    places = sorted(chance.sample(range(rows), 200))
    for place in places:
        entry = client.entry_at(METER, STREAM, place + 1)
        assert entry is not None
        assert entry.equivocations == 0
        body = examine(entry.entry.encode(), ORIGIN).body
        assert isinstance(body, Reading)
        assert [body.start, body.end, body.quantity] == cells[place]
