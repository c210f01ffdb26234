"""``tanlu streams``, ``gaps`` and ``loss``: what is missing is seen, and said to be lost, by whole commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestation.keys import Purpose
from tanlu.client import Client

from ..conftest import ENTERPRISE, METER, KeyFile, World
from .conftest import Json, Run

STREAM = "electricity"


@pytest.fixture
def works(client: Client, world: World, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The enterprise's key file; its meter's stream holds 1, 2 and 6: 3 to 5 are open."""
    monkeypatch.setenv("TANLU_SERVER", client.base_url)
    for seq in (1, 2, 6):
        client.submit(world.reading(seq))
    return key_file(world.enterprise, ENTERPRISE, Purpose.STATEMENT)


def declare(first: int, last: int, key: Path, *more: str) -> list[str]:
    place = ["--device", METER, "--stream", STREAM, "--first", str(first), "--last", str(last)]
    return ["loss", "declare", *place, "--reason", "meter replaced", "--key", str(key), *more]


def test_what_is_open_is_seen_declared_lost_and_seen_again(answer: Json, works: Path) -> None:
    before = answer("gaps", "--as", works)
    assert (before["identifier"], before["open"], before["lost"]) == (ENTERPRISE, 3, 0)
    declared = answer(*declare(3, 4, works))
    assert (declared["count"], declared["own_stream"], declared["seq"]) == (2, "losses", 1)
    after = answer("gaps", METER, "--as", works)
    assert [(one["first_seq"], one["last_seq"], one["state"], one["entry_index"]) for one in after["gaps"]] == [
        (3, 4, "lost", declared["index"]),
        (5, 5, "open", None),
    ]
    assert answer("gaps", "--state", "open", "--as", works)["open"] == 1
    assert "lost" not in answer("gaps", "--state", "open", "--as", works)
    streams = {one["stream"]: one["coverage"] for one in answer("streams", "--as", works)["streams"]}
    assert set(streams) == {"losses", STREAM}
    assert (streams[STREAM]["backfilled"], streams[STREAM]["open"], streams[STREAM]["lost"]) == (3, 1, 2)
    assert streams["losses"]["other"] == 1


def test_a_loss_that_would_be_refused_is_refused_before_it_takes_a_place(
    answer: Json, run: Run, works: Path, client: Client
) -> None:
    for first, last, rule in ((2, 3, "loss.not_open"), (6, 7, "loss.not_open"), (5, 4, "loss.range")):
        assert answer(*declare(first, last, works), code=1)["rule"] == rule
    answer(*declare(3, 3, works))
    assert answer(*declare(3, 4, works), code=1)["rule"] == "loss.overlap"
    assert client.stream(ENTERPRISE, "losses").last_seq == 1
    assert len(list(works.with_name(works.name + ".signed").glob("*/losses/*.jws"))) == 1
    said = run(*declare(3, 4, works, "--lang", "zh"))
    assert (said.exit_code, "loss.overlap" in said.stderr) == (1, True)
    assert "已声明缺失" in said.stderr


def test_the_meter_declares_its_own_loss_without_naming_itself(
    answer: Json, works: Path, world: World, key_file: KeyFile
) -> None:
    meter = key_file(world.meter, METER, Purpose.DEVICE)
    declared = answer(
        *("loss", "declare", "--stream", STREAM, "--first", 3, "--last", 5, "--reason", "memory full", "--key", meter)
    )
    assert (declared["device"], declared["count"]) == (METER, 3)
    assert answer("gaps", "--as", meter)["lost"] == 3


def test_tables_are_for_people_in_both_languages(run: Run, works: Path) -> None:
    run(*declare(3, 4, works))
    english = run("gaps", "--as", works).stdout.splitlines()
    assert english[0].split() == ["issuer", "stream", "first", "last", "count", "state", "entry", "reason"]
    assert english[1].split()[2:6] == ["3", "4", "2", "lost"]
    assert english[-1] == "1 open, 2 lost"
    chinese = run("gaps", "--as", works, "--lang", "zh").stdout.splitlines()
    assert chinese[0].split()[:2] == ["标识", "数据流"]
    assert chinese[-1] == "缺口 1 条，缺失 2 条"
    streams = run("streams", "--as", works).stdout.splitlines()
    assert streams[0].split()[:3] == ["issuer", "stream", "last"]
    assert streams[1].split()[:2] == [ENTERPRISE, "losses"]
    assert "声明缺失 1 条" in run(*declare(5, 5, works, "--lang", "zh")).stdout


def test_an_identifier_without_streams_has_none_and_an_unknown_one_is_refused(
    answer: Json, run: Run, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANLU_SERVER", client.base_url)
    assert answer("streams", METER)["streams"] == []
    assert "has no streams" in run("streams", METER).stdout
    assert run("gaps", METER).stdout.strip() == "0 open, 0 lost"
    for command in ("streams", "gaps"):
        refused = answer(command, "88.608.9/NOBODY", code=1)
        assert (refused["rule"], refused["status"]) == ("identifiers.unknown", 404)


def test_who_names_nobody_and_signs_in_as_nobody_is_told_so(
    answer: Json, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANLU_SERVER", client.base_url)
    monkeypatch.delenv("TANLU_AS")
    assert answer("gaps", code=1)["rule"] == "identifier.unnamed"
    refused = answer("gaps", METER, code=1)
    assert refused["rule"] == "access.token_missing"
    assert "--as FILE" in refused["expected"]
    assert "TANLU_AS" in refused["expected"]


def test_mistakes_of_usage_and_a_service_that_is_away_have_their_own_codes(
    run: Run, works: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("gaps", "--state", "filled").exit_code == 2
    assert run(*declare(0, 3, works)).exit_code == 2
    assert run(*declare(1, 2**53, works)).exit_code == 2
    monkeypatch.setenv("TANLU_SERVER", "http://127.0.0.1:9")
    assert run("gaps", "--as", works, "--patience", "0").exit_code == 3
    assert run(*declare(3, 3, works, "--patience", "0")).exit_code == 3
