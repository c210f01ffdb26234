"""``tanlu verify``: a stranger's judgement, with nothing but a receipt and a trust file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attestation.keys import Algorithm, PrivateKey
from tanlu.verify import verify_receipt

from ..conftest import World, receipt_of
from .conftest import Json, Run


@pytest.fixture
def receipt(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt_of(world, 4))
    return path


def test_an_honest_receipt_is_accepted_with_what_was_and_was_not_checked(run: Run, answer: Json, receipt: Path) -> None:
    accepted = answer("verify", receipt)
    assert (accepted["accepted"], accepted["index"], accepted["state"]) == (True, 4, "anchored")
    assert {finding["step"] for finding in accepted["checked"]} == {1, 2, 3, 4, 5, 6, 7, 8}
    assert any("chain" in finding["text"] for finding in accepted["not_checked"])
    english, chinese = run("verify", receipt), run("verify", receipt, "--lang", "zh")
    assert english.stdout.startswith("accepted: entry 4 (reading by ")
    assert "\nnot checked:\n" in english.stdout
    assert "未核验" in chinese.stdout


def altered(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return value[:-1] if value else ["x"]
    if isinstance(value, dict):
        return {}
    middle = len(value) // 2
    return value[:middle] + ("0" if value[middle] != "0" else "1") + value[middle + 1 :]


def paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        found += paths(member, (*at, name))
    return found


def test_each_member_altered_in_turn_is_refused_with_rule_value_and_expectation(answer: Json, receipt: Path) -> None:
    text = receipt.read_text()
    # What only the chain can say is not judged without one (step 9).
    unjudged = {("anchor", name) for name in ("tx", "block_number", "block_hash")}
    tried = 0
    for path in paths(json.loads(text)):
        if path in unjudged:
            continue
        document = json.loads(text)
        parent = document
        for name in path[:-1]:
            parent = parent[name]
        parent[path[-1]] = altered(parent[path[-1]])
        receipt.write_text(json.dumps(document))
        refused = answer("verify", receipt, code=1)
        assert refused["rule"], path
        assert 1 <= refused["step"] <= 8, path
        assert refused["message_zh"], path
        tried += 1
    assert tried > 25


def test_a_trust_file_of_another_log_refuses_it(answer: Json, receipt: Path, trust_file: Path) -> None:
    trust_file.write_bytes(World().trust.format())
    assert answer("verify", receipt, code=1)["step"] == 3


def test_a_trust_file_that_is_none_is_refused(answer: Json, receipt: Path, trust_file: Path) -> None:
    trust_file.write_text("{}")
    assert answer("verify", receipt, code=1)["rule"].startswith("trust")


def test_a_node_that_does_not_answer_is_no_refusal_of_the_receipt(answer: Json, receipt: Path, free_port: int) -> None:
    answer("verify", receipt, "--rpc", f"http://127.0.0.1:{free_port}", code=3)


def test_an_unknown_rule_of_finality_is_refused(answer: Json, receipt: Path) -> None:
    arguments = ("verify", receipt, "--rpc", "http://127.0.0.1:1", "--finality", "soon")
    assert answer(*arguments, code=1)["rule"] == "finality.form"


def test_a_forger_with_a_log_of_his_own_is_refused(world: World, receipt: Path) -> None:
    forger = World(registrar=world.registrar, meter=world.meter)
    report = verify_receipt(receipt.read_bytes(), world.trust)
    assert report.index == 4
    assert forger.trust.log == world.trust.log
    with pytest.raises(Exception, match="Step 3"):
        verify_receipt(receipt.read_bytes(), forger.trust)


def test_text_and_key_of_nobody_are_refused(answer: Json, receipt: Path) -> None:
    receipt.write_bytes(b"")
    assert answer("verify", receipt, code=1)["step"] == 1
    receipt.write_bytes(PrivateKey.generate(Algorithm.ED25519).public.raw)
    assert answer("verify", receipt, code=1)["step"] == 1
