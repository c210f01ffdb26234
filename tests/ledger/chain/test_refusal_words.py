"""Every error of the contracts about units has a sentence in English and Chinese, with the values that it carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from attestation.assets import CCER, quota_of
from attestation.identifiers import account_id
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES, EXCHANGE, load_artifact
from ledger.chain.errors import ContractRefused
from ledger.chain.refusal_words import WORDS, accounts_in, refusal_in

STEEL = "88.608.5290/steel"
NAMES = {account_id(STEEL): STEEL}
# Of constructors: whoever deploys sees them, no operation does.
DEPLOYING = {
    "AccessManagedInvalidAuthority",
    "AuthorityWithoutCode",
    "DeploymentIdZero",
    "EmissionsWithoutCode",
    "IdentifiersWithoutCode",
    "LedgerWithoutCode",
}


def declared() -> Mapping[str, list[set[str]]]:
    """By name, the values that each contract's error of that name carries."""
    errors: dict[str, list[set[str]]] = {}
    for contract in (CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES, EXCHANGE):
        for entry in load_artifact(contract).abi.errors():
            errors.setdefault(entry["name"], []).append({one["name"] for one in entry["inputs"]})
    return errors


def needed(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_every_error_that_an_operation_can_meet_has_its_sentence() -> None:
    found = declared()
    assert set(found) - DEPLOYING == set(WORDS)
    for name, sentences in WORDS.items():
        for carried in found[name]:
            assert any(needed(english) | needed(chinese) <= carried for english, chinese in sentences), name


@pytest.mark.parametrize("name", sorted(WORDS))
def test_a_sentence_names_only_values_that_the_error_carries(name: str) -> None:
    for english, chinese in WORDS[name]:
        assert any(needed(english) | needed(chinese) <= carried for carried in declared()[name])
        assert re.search(r"[一-鿿]", chinese), "Chinese has Chinese in it"
        assert english.isascii()


def test_errors_of_one_name_have_a_sentence_for_each_contracts_values() -> None:
    for reason, said in (
        (refused("TermsUnknown", year=2025), "no terms hold for 2025"),
        (refused("TermsUnknown"), "no terms of the market were set"),
    ):
        found = refusal_in(reason, NAMES)
        assert found is not None
        assert found.text == said


def refused(name: str, **arguments: Any) -> str:
    return ContractRefused(name, arguments, b"").reason


def test_a_refusal_as_the_outbox_keeps_it_is_read_back() -> None:
    reason = refused("BalanceInsufficient", account=account_id(STEEL), asset=quota_of(2025), requested=9, available=2)
    assert list(accounts_in(reason)) == [account_id(STEEL)]
    found = refusal_in(reason, NAMES)
    assert found is not None
    assert found.text == f"{STEEL} holds 2 t of quota-2025 free, 9 t were asked for"
    assert found.text_zh == f"{STEEL} 可用 quota-2025 为 2 吨，申请 9 吨"
    assert found.value == f"BalanceInsufficient(account={STEEL}, asset=quota-2025, requested=9, available=2)"
    assert found.rule == "contract.BalanceInsufficient"


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("SurrenderPast", {"deadline": 1_798_732_800, "nowAt": 1_798_732_801}, "2026-12-31T16:00:00Z"),
        ("AssetInvalid", {"asset": CCER}, "ccer is no asset"),
        # Nobody's number: shown as it is.
        ("AssetInvalid", {"asset": 7}, "7 is no asset"),
        ("IntentExpired", {"deadline": 2**63}, str(2**63)),
        ("FreezeUnknown", {"freeze": bytes(32)}, "0x" + "00" * 32),
        ("AmountZero", {}, "nothing is no amount"),
    ],
)
def test_numbers_of_a_contract_are_written_as_people_do(name: str, arguments: dict[str, Any], words: str) -> None:
    found = refusal_in(refused(name, **arguments), NAMES)
    assert found is not None
    assert words in found.text


def test_an_error_without_a_sentence_and_one_of_other_arguments_still_say_what_they_are() -> None:
    for reason in (refused("VerifierTied", enterprise=account_id(STEEL)), refused("BalanceInsufficient", other=1)):
        found = refusal_in(reason, NAMES)
        assert found is not None
        assert found.value in found.text
        assert found.text_zh.startswith("合约拒绝：")


@pytest.mark.parametrize(
    "text",
    ["", "another transaction took its nonce", "reverted in block 7", "replaced by entry 9", "Error(message=a, b)"],
)
def test_what_is_no_refusal_of_a_contract_is_none(text: str) -> None:
    assert refusal_in(text, NAMES) is None
