"""A receipt proves what it says, or is refused at the step that finds it out; only the trust file is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import ChainUnavailable, Integrity, ReceiptRefused, Refusal
from ledger.receipts import ChainAnchor, Receipt, parse, verify
from ledger.trust import parse as parse_trust

UNPROVABLE_OFFLINE = {"tx", "block_number", "block_hash", "state"}


def test_the_recipe_makes_the_committed_vectors(recipe: ModuleType, vectors: Path) -> None:
    assert {name: (vectors / name).read_bytes() for name in recipe.files()} == recipe.files()


GOOD = (
    "reading.json",
    "report.json",
    "first-entry.json",
    "rotated.json",
    "rotation.json",
    "added.json",
    "before-rotation.json",
    "before-compromise.json",
    "recovered.json",
)


@pytest.mark.parametrize("name", GOOD)
def test_good_receipts_are_accepted_offline_and_with_the_chain(
    name: str, vectors: Path, log: Any, recipe: ModuleType
) -> None:
    trust = parse_trust((vectors / "trust.json").read_bytes())
    receipt = parse((vectors / name).read_bytes())
    offline = verify(receipt, trust)
    assert [finding.step for finding in offline.checked] == [1, 2, 3, 4, 5, 6, 6, 7, 8]
    assert 9 in [finding.step for finding in offline.not_checked]
    assert (offline.state, offline.size, offline.index) == ("anchored", log.size, receipt.index)
    online = verify(receipt, trust, chain=recipe.MemoryChain(log))
    assert [finding.step for finding in online.checked] == [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 9]
    final = verify(receipt, trust, chain=recipe.MemoryChain(log, final=77))
    assert (online.state, final.state) == ("anchored", "final")


def test_every_mutation_is_refused_at_its_step(recipe: ModuleType, log: Any) -> None:
    good = json.loads(log.receipt(recipe.READING, recipe.METER_KEY).format())
    names = set()
    for name, step, patch in recipe.cases(log):
        data = json.dumps(recipe.patched(good, patch)).encode()
        with pytest.raises(ReceiptRefused) as refusal:
            verify(parse(data), log.trust, chain=recipe.MemoryChain(log, final=76))
        assert refusal.value.step == step, (name, refusal.value)
        for member in ("rule", "expected", "message", "message_zh"):
            assert refusal.value.as_dict()[member], (name, member)
        assert refusal.value.message_zh != refusal.value.message
        names.add(name)
    assert len(names) >= 80


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for step, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(member, (*path, step))
    else:
        yield path


def altered(value: Any) -> Iterator[Any]:
    if isinstance(value, int):
        yield from (value + 1, value - 1)
        return
    for at in {0, 1, len(value) // 3, len(value) // 2, len(value) - 1}:
        yield value[:at] + ("a" if value[at] != "a" else "b") + value[at + 1 :]
    yield value[:-1]
    yield value + value[-1]


def test_each_field_altered_in_turn_is_refused(recipe: ModuleType, log: Any) -> None:
    good = json.loads(log.receipt(recipe.READING, recipe.METER_KEY).format())
    count = 0
    for path in leaves(good):
        value = good
        for step in path:
            value = value[step]
        for other in altered(value):
            data = json.dumps(recipe.patched(good, [(path, other)])).encode()
            with pytest.raises(ReceiptRefused):
                verify(parse(data), log.trust, chain=recipe.MemoryChain(log))
            count += 1
            if path[0] == "anchor" and path[1] in UNPROVABLE_OFFLINE:
                continue
            with pytest.raises(ReceiptRefused):
                verify(parse(data), log.trust)
    assert count > 150


def test_what_only_the_chain_could_prove_is_listed_as_not_checked(recipe: ModuleType, log: Any) -> None:
    receipt = log.receipt(recipe.READING, recipe.METER_KEY)
    anchor = replace(receipt.anchor, tx=b"\xcc" * 32, block_number=5, block_hash=b"\xdd" * 32, state="final")
    report = verify(replace(receipt, anchor=anchor), log.trust)
    assert report.state == "anchored"
    said = next(finding for finding in report.not_checked if finding.step == 9)
    for text in (said.text, said.text_zh):
        for claim in ("cc" * 32, "dd" * 32, "5", "final"):
            assert claim in text
    assert all(finding.text != finding.text_zh for finding in (*report.checked, *report.not_checked))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_single_altered_character_is_refused_or_means_the_same(
    data: st.DataObject, recipe: ModuleType, log: Any
) -> None:
    good = log.receipt(recipe.READING, recipe.METER_KEY)
    text = good.format().decode()
    at = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(
        st.sampled_from(' \n\t0123456789abcdefABCDEF+/=-_.,:"\\{}[]ntu—x') | st.characters(codec="utf-8")
    )
    try:
        changed = parse((text[:at] + character + text[at + 1 :]).encode())
        verify(changed, log.trust, chain=recipe.MemoryChain(log))
    except ReceiptRefused:
        return
    assert changed == good


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=40), at=st.integers(0, 9000), cut=st.integers(0, 60))
def test_noise_is_refused_or_means_the_same(noise: bytes, at: int, cut: int, recipe: ModuleType, log: Any) -> None:
    good = log.receipt(recipe.READING, recipe.METER_KEY)
    data = good.format()
    try:
        changed = parse(data[:at] + noise + data[at + cut :])
        verify(changed, log.trust, chain=recipe.MemoryChain(log))
    except ReceiptRefused:
        return
    assert changed == good


def test_strangers_lines_are_ignored_and_named(recipe: ModuleType, log: Any) -> None:
    receipt = log.receipt(recipe.READING, recipe.METER_KEY)
    assert verify(receipt, log.trust).not_checked[-1].step == 9
    assert 3 not in [finding.step for finding in verify(receipt, log.trust).not_checked]
    double = recipe.Evidence(seed=9)
    surplus = replace(receipt, checkpoint=log.note([*log.all_signers, *double.cosigners]).format())
    said = next(finding for finding in verify(surplus, log.trust).not_checked if finding.step == 3)
    for text in (said.text, said.text_zh):
        assert "2" in text
        assert "cosigner.example/c0, cosigner.example/c1" in text


def test_without_an_anchor_only_who_asks_for_less_is_satisfied(recipe: ModuleType, log: Any) -> None:
    receipt = replace(log.receipt(recipe.READING, recipe.METER_KEY), anchor=None)
    with pytest.raises(ReceiptRefused, match=r"receipt\.anchor") as refusal:
        verify(receipt, log.trust)
    assert refusal.value.step == 7
    report = verify(receipt, log.trust, require="integrated")
    assert report.state == "integrated"
    assert [finding.step for finding in report.checked] == [1, 2, 3, 4, 5, 6, 6]
    assert 7 in [finding.step for finding in report.not_checked]
    unsigned = replace(receipt, checkpoint=log.note([log.log_key, *log.witnesses]).format())
    assert verify(unsigned, log.trust, require="integrated").state == "integrated"


def test_an_anchor_is_judged_even_where_none_is_required(recipe: ModuleType, log: Any) -> None:
    receipt = log.receipt(recipe.READING, recipe.METER_KEY)
    with pytest.raises(ReceiptRefused) as refusal:
        verify(replace(receipt, anchor=replace(receipt.anchor, chain_id=1)), log.trust, require="integrated")
    assert refusal.value.step == 8


def test_another_trust_file_refuses_the_receipt(recipe: ModuleType, log: Any) -> None:
    receipt = log.receipt(recipe.READING, recipe.METER_KEY)
    double = recipe.Evidence(seed=9)
    for change, step in (
        ({"log_key": double.trust.log_key}, 3),
        ({"witnesses": double.trust.witnesses}, 3),
        ({"witnesses": log.trust.witnesses[:1], "witness_quorum": 1}, None),
        ({"registrar": double.trust.registrar}, 5),
        ({"registrar_identifier": recipe.WORKS}, 5),
        ({"identifier_registry": b"\x77" * 20}, 5),
        ({"chain_id": 1}, 5),
        ({"evidence_log": b"\x77" * 20}, 7),
        ({"cosigners": double.trust.cosigners}, 7),
    ):
        trust = replace(log.trust, **change)
        if step is None:
            verify(receipt, trust)
            continue
        with pytest.raises(ReceiptRefused) as refusal:
            verify(receipt, trust)
        assert refusal.value.step == step, change


class Contradicting:
    """A chain that answers one question otherwise."""

    def __init__(self, chain: Any, question: str, answer: Any) -> None:
        self._chain, self._question, self._answer = chain, question, answer

    def __getattr__(self, name: str) -> Any:
        if name != self._question:
            return getattr(self._chain, name)

        def answer(*_: Any) -> Any:
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return answer


@pytest.mark.parametrize(
    ("question", "answer", "rule"),
    [
        ("chain_id", 1, "chain.chain-id"),
        ("deployment_id", b"\x01" * 32, "chain.deployment-id"),
        ("root_at", None, "chain.root"),
        ("root_at", b"\x01" * 32, "chain.root"),
        ("verify_inclusion", Refusal("reverted", rule="contract.RootMismatch"), "contract.RootMismatch"),
        ("anchor_of", None, "receipt.anchor.tx"),
        ("anchor_of", ChainAnchor(0, 1, b"\x01" * 32, 77, b"\xbb" * 32), "chain.anchor.size"),
        ("block_hash", None, "receipt.anchor.block_hash"),
        ("final_block", Integrity("another chain", rule="chain.wrong"), "chain.wrong"),
    ],
)
def test_a_chain_that_says_otherwise_refuses_the_receipt(
    question: str, answer: Any, rule: str, recipe: ModuleType, log: Any
) -> None:
    chain: Any = Contradicting(recipe.MemoryChain(log), question, answer)
    with pytest.raises(ReceiptRefused) as refusal:
        verify(log.receipt(recipe.READING, recipe.METER_KEY), log.trust, chain=chain)
    assert (refusal.value.step, refusal.value.rule) == (9, rule)


@pytest.mark.parametrize(
    ("name", "index", "ended", "rule"),
    [
        ("reading.json", 2, (5, None), "receipt.key.revoked"),
        ("reading.json", 2, (9, 5), "receipt.key.compromised"),
        ("reading.json", 2, (9, 6), None),
        ("added.json", 30, (33, None), "receipt.key.revoked"),
        ("added.json", 30, (40, 33), "receipt.key.compromised"),
        ("rotation.json", 28, (30, None), None),
        ("rotation.json", 28, (29, None), "receipt.key.revoked"),
        ("recovered.json", 28, (30, 29), None),
    ],
)
def test_the_registrys_word_on_a_key_counts_against_an_older_receipt(
    name: str, index: int, ended: Any, rule: str | None, vectors: Path, recipe: ModuleType, log: Any
) -> None:
    """The receipt is as good as it was; the contract knows what became of its keys since."""
    receipt = parse((vectors / name).read_bytes())
    chain = recipe.MemoryChain(log, ended={28: (30, None)} | {index: ended})
    assert verify(receipt, log.trust).state == "anchored"
    if rule is None:
        assert "80" in verify(receipt, log.trust, chain=chain).checked[-1].text
        return
    with pytest.raises(ReceiptRefused) as refusal:
        verify(receipt, log.trust, chain=chain)
    assert (refusal.value.step, refusal.value.rule) == (9, rule)
    assert (refusal.value.message.count("Step 9"), refusal.value.message_zh.count("第 9 步")) == (1, 1)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"account": b"\x01" * 32}, "chain.key.account"),
        ({"leaf_hash": b"\x01" * 32}, "chain.key.leaf"),
        ({"log_index": 3}, "chain.key.index"),
    ],
)
def test_a_registry_that_knows_the_key_otherwise_refuses_the_receipt(
    change: dict[str, Any], rule: str, recipe: ModuleType, log: Any
) -> None:
    chain = recipe.MemoryChain(log)
    thumbprint = next(name for name, key in chain.registry.items() if key.log_index == recipe.METER_KEY)
    chain.registry[thumbprint] = replace(chain.registry[thumbprint], **change)
    with pytest.raises(ReceiptRefused) as refusal:
        verify(log.receipt(recipe.READING, recipe.METER_KEY), log.trust, chain=chain)
    assert (refusal.value.step, refusal.value.rule) == (9, rule)


def test_keys_that_the_registry_has_not_heard_of_are_said_to_be_unchecked(recipe: ModuleType, log: Any) -> None:
    chain = recipe.MemoryChain(log, unknown=(recipe.METER_KEY,))
    report = verify(log.receipt(recipe.READING, recipe.METER_KEY), log.trust, chain=chain)
    assert not any("identifier registry" in finding.text for finding in report.checked)
    assert any(recipe.METER in finding.text and "block 80" in finding.text for finding in report.not_checked)


def test_a_node_that_lags_behind_the_anchor_is_named_as_that(recipe: ModuleType, log: Any) -> None:
    """It knows neither the root nor how the keys ended since: neither says anything about the receipt."""
    memory = recipe.MemoryChain(log)
    receipt = log.receipt(recipe.READING, recipe.METER_KEY)
    with pytest.raises(ReceiptRefused) as refusal:
        verify(receipt, log.trust, chain=Contradicting(memory, "head_block", 76))
    assert (refusal.value.step, refusal.value.rule, refusal.value.value) == (9, "chain.head", "76")
    assert "lags" in str(refusal.value)
    assert "落后" in refusal.value.message_zh


def test_a_silent_chain_decides_nothing(recipe: ModuleType, log: Any) -> None:
    chain: Any = Contradicting(recipe.MemoryChain(log), "root_at", ChainUnavailable("no answer", rule="chain.silent"))
    with pytest.raises(ChainUnavailable):
        verify(log.receipt(recipe.READING, recipe.METER_KEY), log.trust, chain=chain)


def test_receipts_of_good_form_round_trip(recipe: ModuleType, log: Any) -> None:
    for anchor in (True, False):
        receipt: Receipt = log.receipt(recipe.READING, recipe.METER_KEY)
        made = receipt if anchor else replace(receipt, anchor=None)
        assert parse(made.format()) == made
        assert parse(made.format()).format() == made.format()
    shuffled = dict(reversed(json.loads(receipt.format()).items()))
    assert parse(json.dumps(shuffled).encode()) == receipt


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"v": 1', '"v": 1, "v": 1', "receipt.json.duplicate_key"),
        ('"v": 1', '"v": 1.0', "receipt.json.float"),
        ('"v": 1', '"v": NaN', "receipt.json.nan"),
        ('"index": 5', '"index": 5e0', "receipt.json.float"),
        ('"index": 5', '"index": "5"', "receipt.index"),
    ],
)
def test_json_with_two_readings_is_refused(old: str, new: str, rule: str, recipe: ModuleType, log: Any) -> None:
    text = log.receipt(recipe.READING, recipe.METER_KEY).format().decode()
    assert old in text
    with pytest.raises(ReceiptRefused) as refusal:
        parse(text.replace(old, new, 1).encode())
    assert refusal.value.rule == rule


def test_a_flood_is_refused_unread() -> None:
    with pytest.raises(ReceiptRefused, match=r"receipt\.size"):
        parse(b" " * 600_000)
