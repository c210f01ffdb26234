"""A meter with a hole, through real processes: filled late in part, the rest declared lost, and what that forbids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attestation.keyfiles import decrypt
from tanlu.client import Client, Coverage, Credentials
from tests.e2e.conftest import PASSWORD, Deployment

pytestmark = pytest.mark.chain

PIT, METER, STREAM = "88.608.5290/PIT", "88.608.5290/PIT_METER_1", "electricity"
HOURS = 12


def meter_csv(path: Path, first: int, last: int) -> str:
    """Rows ``first`` to ``last`` (1 is the day's first hour), 1.10 kWh and more."""
    hours = (
        f"2018-03-01T{hour - 1:02d}:00:00Z,2018-03-01T{hour:02d}:00:00Z,{hour}.10" for hour in range(first, last + 1)
    )
    path.write_text("from,to,quantity\n" + "\n".join(hours) + "\n")
    return str(path)


class Story:
    """The enterprise PIT and its meter, whose hours 5 to 8 never came."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment, self.folder = deployment, deployment.folder
        self.works = deployment.enrol("pit", PIT, "enterprise", "statement", algorithm="ES256K")
        self.meter = deployment.enrol("pit-meter", METER, "device", "device", "--parent", PIT, algorithm="Ed25519")
        who = Credentials(PIT, decrypt(Path(self.works).read_bytes(), PASSWORD))
        installation = deployment.installation
        self.client = Client(installation.url, trust=installation.trust_file, credentials=who)
        self.load("early", 1, 4)
        self.load("late", 9, HOURS, "--first-seq", "9")

    def load(self, name: str, first: int, last: int, *more: str, code: int = 0) -> dict[str, Any]:
        path = self.folder / f"pit-{name}.csv"
        return self.deployment.tanlu(
            *("import-readings", meter_csv(path, first, last), "--key", self.meter, "--stream", STREAM),
            *("--unit", "kWh", *more),
            code=code,
        )

    def lose(self, first: int, last: int, code: int = 0) -> dict[str, Any]:
        return self.deployment.tanlu(
            *("loss", "declare", "--device", METER, "--stream", STREAM, "--first", str(first), "--last", str(last)),
            *("--reason", "cable cut", "--key", self.works),
            code=code,
        )

    def gaps(self) -> list[tuple[int, int, str]]:
        return [(one.first_seq, one.last_seq, one.state) for one in self.client.gaps(PIT)]

    def coverage(self) -> Coverage:
        """Of the meter's stream; that it adds up is checked by the client."""
        (found,) = [one for one in self.client.streams(PIT) if (one.issuer, one.stream) == (METER, STREAM)]
        assert found.coverage is not None
        assert (found.coverage.first_seq, found.coverage.last_seq) == (1, HOURS)
        return found.coverage

    def marks(self, seq: int) -> tuple[str, ...]:
        entry = self.client.entry_at(METER, STREAM, seq)
        assert entry is not None
        return entry.marks

    def submit(self, type_: str, name: str, body: Any, key: str, *more: str, code: int = 0) -> dict[str, Any]:
        path, signed = self.folder / f"{name}.json", str(self.folder / f"{name}.jws")
        path.write_text(json.dumps(body))
        self.deployment.tanlu("sign", type_, str(path), "--key", key, *more, "-o", signed)
        return self.deployment.tanlu("submit", signed, code=code)


def test_a_hole_is_filled_late_in_part_and_the_rest_is_lost_for_ever(deployment: Deployment, policies: str) -> None:
    story = Story(deployment)
    assert story.gaps() == [(5, 8, "open")]
    assert deployment.tanlu("gaps", "--as", story.works)["open"] == 4
    assert (story.coverage().open, story.coverage().late) == (4, 0)

    # The gateway had kept one more hour.
    filled = story.load("more", 1, 5, "--first-seq", "1")
    assert (filled["present"], filled["accepted"]) == (4, 1)
    assert story.marks(5) == ("backfilled", "late")
    assert story.marks(9) == ("backfilled",)

    # The rest will not come.
    declared = story.lose(6, 8)
    assert story.gaps() == [(6, 8, "lost")]
    covered = story.coverage()
    assert (covered.backfilled, covered.open, covered.lost, covered.late) == (9, 0, 3, 1)
    for first, last, rule in ((8, 9, "loss.overlap"), (12, 13, "loss.not_open")):
        assert story.lose(first, last, code=1)["error"]["rule"] == rule

    # Found after all: neither a file nor a single reading enters where readings were declared lost.
    refused = story.load("found", 1, HOURS, code=1)["error"]
    assert (refused["rule"], refused["value"]) == ("import.lost", "line 7, seq 6")
    reading = {"from": "2018-03-01T05:00:00Z", "to": "2018-03-01T06:00:00Z", "quantity": "6.10", "unit": "kWh"}
    found = story.submit("reading", "found-one", reading, story.meter, "--stream", STREAM, "--seq", "6", code=1)
    assert found["error"]["rule"] == "sequence.lost"
    assert f"entry {declared['index']}" in found["error"]["expected"]
    # By hand it does, in a stream of the enterprise's own.
    story.submit("reading", "by-hand", reading | {"meter": METER}, story.works, "--stream", "by-hand")
    streams = deployment.tanlu("streams", "--as", story.works)["streams"]
    assert len(streams) == 3
    assert [one["coverage"]["manual"] for one in streams if one["stream"] == "by-hand"] == [1]

    cite_over_the_hole(story, policies)
    assert story.coverage() == covered
    parts = [story.client.coverage(METER, STREAM, *ends) for ends in ((1, 5), (6, 8), (9, HOURS))]
    assert [(part.backfilled, part.lost) for part in parts] == [(5, 0), (0, 3), (4, 0)]
    # A loss is evidence like everything else.
    (lost,) = story.client.gaps(PIT)
    assert (lost.entry_index, lost.reason) == (declared["index"], "cable cut")
    assert json.loads(story.client.receipt(declared["index"], wait=60))["index"] == declared["index"]
    story.client.close()


def cite_over_the_hole(story: Story, policies: str) -> None:
    """A report may cite both sides of the hole, never over it: said before it is signed, and by the log."""
    lines = story.folder / "pit-lines.json"
    lines.write_text(json.dumps({"lines": [{"id": "power", "kind": "electricity", "name": "ets_constant/2021"}]}))
    build = (
        *("report", "build", "--lines", str(lines), "--factor-set", policies, "--year", "2018"),
        *("--from", "2018-01-01T00:00:00Z", "--to", "2019-01-01T00:00:00Z", "--base", "direct+energy"),
    )
    deployment, cited = story.deployment, f"power={METER}#{STREAM}:"
    refused = deployment.tanlu(*build, "--evidence", f"{cited}1-12", code=1)["error"]
    assert (refused["rule"], refused["value"]) == ("evidence.missing", f"{STREAM} seq 6")
    body = deployment.tanlu(*build, "--evidence", f"{cited}1-5", "--evidence", f"{cited}9-12")["body"]
    over = json.loads(json.dumps(body))
    over["lines"][0]["evidence"] = [over["lines"][0]["evidence"][0] | {"last_seq": HOURS}]
    refused = story.submit("report", "over", over, story.works, "--stream", "spare", code=1)["error"]
    assert refused["rule"] == "citation.readings"
    assert story.submit("report", "beside", body, story.works, "--stream", "reports")["results"][0]["index"] > 0
