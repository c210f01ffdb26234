"""``tanlu score``: proposed, commented on, recomputed to the byte, withdrawn (DOMAIN 49)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from ledger.db.chain_models import ChainHeadRow
from quota.scoring import read_score
from tanlu.keyring import write_key
from tests.read_chain import ReadChain

from ...conftest import DEPLOYMENT, PARK, PASSWORD
from .conftest import GLASS, STEEL, YEAR, Register

WORKS = "88.608.5292/works"


@pytest.fixture
def words_of_works(register: Register) -> Path:
    """An enterprise with a key for statements."""
    key = PrivateKey.generate(Algorithm.ES256K)
    register.office.client.enrol(register.office.world.key(WORKS, Kind.ENTERPRISE, key, Purpose.STATEMENT))
    path = register.folder / "works.key"
    write_key(path, key, PASSWORD, identifier=WORKS, purposes=Purpose.STATEMENT)
    return path


@pytest.fixture
def read_chain(register: Register) -> None:
    """As if the chain had been read up to block 7, with nothing of interest in it."""
    with register.office.database.write() as session:
        session.add(ChainHeadRow(id=1, number=7, hash=bytes(32), final_number=None, final_hash=None))


def test_facts_score_comment_and_the_same_bytes_again(register: Register, words_of_works: Path, read_chain) -> None:
    shown = register.answer("score", "show", WORKS, YEAR)
    assert (shown["facts"]["document"]["grade"], shown["scores"]) == ("unrated", [])
    proposed = register.act("score", "propose", WORKS, YEAR)
    assert proposed["grade"] == "unrated"
    assert "points_bps" not in proposed
    score = proposed["score"]
    said = register.answer("score", "comment", score, "--text", "未提交报告", "--key", words_of_works)
    assert said["index"] == proposed["index"] + 1
    out = register.folder / "score.json"
    same = register.answer("score", "recompute", WORKS, YEAR, "-o", out)
    assert (same["same"], same["input_root"]) == (True, proposed["input_root"])
    assert read_score(json.loads(out.read_bytes())).grade.value == "unrated"
    again = register.folder / "again.json"
    register.answer("score", "recompute", WORKS, YEAR, "--score", score, "-o", again)
    assert again.read_bytes() == out.read_bytes()
    (listed,) = register.answer("score", "show", WORKS, YEAR)["scores"]
    assert (listed["state"], [one["text"] for one in listed["comments"]]) == ("proposed", ["未提交报告"])
    kept = sorted(register.folder.glob("office.key.signed/*/assets/*"))
    assert register.act("score", "publish", score, code=1)["rule"] == "score.early"
    assert sorted(register.folder.glob("office.key.signed/*/assets/*")) == kept, "what is refused takes no place"
    register.act("score", "withdraw", score, "--reason", "to be proposed anew")
    assert register.act("score", "publish", score, code=1)["rule"] == "score.settled"
    nothing = register.answer("score", "certificate", WORKS, YEAR, "-o", register.folder / "c.json", code=1)
    assert nothing["rule"] == "score.absent"


def test_points_weights_and_steps_are_shown_with_their_units(register: Register, run) -> None:
    """DOMAIN 49: a part has points of 100, a weight in percent."""
    register.determine(600)
    chain = ReadChain(register.office.database, DEPLOYMENT, PARK)
    chain.knows(STEEL)
    chain.figure(STEEL, YEAR, 600)
    english = run("score", "show", STEEL, YEAR, "--lang", "en").stdout.splitlines()
    assert "  accuracy: 0.00 of 100 points, weight 25 %" in english
    assert "  backing: not known, left out (weight 20 %)" in english
    assert "    accuracy = 0 = 0 hundredths of a point  (DOMAIN 10: determined, no registrable report)" in english
    assert "  weights = 2000 + 2500 = 4500 bp of weight" in english
    assert "  0.00 of 100 points: grade D" in english
    chinese = run("score", "show", STEEL, YEAR, "--lang", "zh").stdout.splitlines()
    assert "  accuracy 准确性：0.00 分（满分 100），权重 25 %" in chinese
    assert "  0.00 分（满分 100），等级 D" in chinese


def test_nobody_comments_on_another_ones_score(register: Register, words_of_works: Path, read_chain) -> None:
    score = register.act("score", "propose", GLASS, YEAR)["score"]
    answer = register.answer("score", "comment", score, "--text", "x", "--key", words_of_works, code=1)
    assert answer["rule"] == "score.enterprise"


def test_a_score_that_was_never_proposed_is_absent(register: Register, read_chain) -> None:
    assert register.answer("score", "recompute", STEEL, YEAR, code=1)["rule"] == "score.absent"
    assert register.act("score", "withdraw", "ab" * 32, "--reason", "x", code=1)["rule"] == "score.unknown"
