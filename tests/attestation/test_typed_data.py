from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from attestation.identifiers import account_id
from attestation.keys import SECP256K1_ORDER, Algorithm, PrivateKey, Purpose
from attestation.typed_data import (
    Domain,
    checkpoint_digest,
    emissions_determination_digest,
    key_consent_digest,
    key_possession_digest,
    recover,
    recover_key,
    recovery_approval_digest,
    recovery_veto_digest,
    sign_compact_digest,
    sign_key_possession,
    to_compact,
    verified_emissions_digest,
)

words = st.binary(min_size=32, max_size=32)
domains = st.builds(Domain, st.integers(0, 2**64), st.binary(min_size=20, max_size=20), words)
scalars = st.integers(1, SECP256K1_ORDER - 1).map(lambda n: n.to_bytes(32))
DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
    {"name": "salt", "type": "bytes32"},
]


def oracle(domain: Domain, primary: str, fields: list[tuple[str, str]], message: dict[str, object]) -> bytes:
    """The digest as eth_account computes it from the types."""
    signable = encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": DOMAIN_FIELDS,
                primary: [{"name": name, "type": kind} for name, kind in fields],
            },
            "primaryType": primary,
            "domain": {
                "name": "Tanlu",
                "version": "1",
                "chainId": domain.chain_id,
                "verifyingContract": "0x" + domain.verifying_contract.hex(),
                "salt": domain.salt,
            },
            "message": message,
        }
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@given(domains, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), words)
def test_checkpoint_digest_is_that_of_eth_account(domain: Domain, epoch: int, size: int, root: bytes) -> None:
    fields = [("epoch", "uint64"), ("size", "uint64"), ("root", "bytes32")]
    expected = oracle(domain, "Checkpoint", fields, {"epoch": epoch, "size": size, "root": root})
    assert checkpoint_digest(domain, epoch, size, root) == expected


@given(domains, words, words, st.integers(0, 255))
def test_key_possession_digest_is_that_of_eth_account(
    domain: Domain, account: bytes, thumbprint: bytes, purposes: int
) -> None:
    fields = [("accountId", "bytes32"), ("thumbprint", "bytes32"), ("purposes", "uint8")]
    message = {"accountId": account, "thumbprint": thumbprint, "purposes": purposes}
    expected = oracle(domain, "KeyPossession", fields, message)
    assert key_possession_digest(domain, account, thumbprint, purposes) == expected


@given(scalars, words)
def test_compact_signatures_recover_to_the_signer(raw: bytes, digest: bytes) -> None:
    key = PrivateKey(Algorithm.ES256K, raw)
    compact = to_compact(key.sign_digest(digest))
    assert len(compact) == 64
    assert recover(digest, compact) == key.public.evm_address
    assert recover_key(digest, compact) == key.public


@given(scalars, words)
def test_compact_signatures_are_those_of_eth_account(raw: bytes, digest: bytes) -> None:
    signed = Account.unsafe_sign_hash(digest, raw)
    assert to_compact(PrivateKey(Algorithm.ES256K, raw).sign_digest(digest)) == to_compact(bytes(signed.signature))


@given(scalars, words, st.integers(0, 511))
def test_an_altered_bit_never_recovers_to_the_signer(world, raw: bytes, digest: bytes, bit: int) -> None:
    key = PrivateKey(Algorithm.ES256K, raw)
    changed = int.from_bytes(to_compact(key.sign_digest(digest))) ^ (1 << bit)
    altered = changed.to_bytes(64)
    if world.refusal_of(recover, digest, altered) is None:
        assert recover(digest, altered) != key.public.evm_address


def test_high_s_is_refused_in_both_forms(world) -> None:
    signature = PrivateKey(Algorithm.ES256K, (5).to_bytes(32)).sign_digest(bytes(32))
    high = (SECP256K1_ORDER - int.from_bytes(signature[32:64])).to_bytes(32)
    with world.refused("signature.high_s", 5):
        to_compact(signature[:32] + high + signature[64:])
    # In the compact form the top bit is the parity: only these s can be above half the order.
    for above in (SECP256K1_ORDER // 2 + 1, 2**255 - 1):
        with world.refused("signature.high_s", 5):
            recover(bytes(32), signature[:32] + above.to_bytes(32))


def test_signatures_of_another_form_are_refused(world) -> None:
    signature = PrivateKey(Algorithm.ES256K, (5).to_bytes(32)).sign_digest(bytes(32))
    for wrong in (signature[:64], signature[:64] + b"\x00", signature[:64] + b"\x1d", b""):
        with world.refused("signature.length", 5):
            to_compact(wrong)
    with world.refused("signature.length", 5):
        recover(bytes(32), signature)
    with world.refused("signature.invalid", 5):
        recover(bytes(32), bytes(64))


def test_values_that_do_not_fit_their_type_are_errors() -> None:
    domain = Domain(31337, bytes(20), bytes(32))
    for wrong in (
        lambda: Domain(1, bytes(19), bytes(32)),
        lambda: Domain(1, bytes(20), bytes(31)),
        lambda: Domain(-1, bytes(20), bytes(32)),
        lambda: checkpoint_digest(domain, 2**64, 0, bytes(32)),
        lambda: checkpoint_digest(domain, 0, -1, bytes(32)),
        lambda: checkpoint_digest(domain, 0, 0, bytes(31)),
        lambda: key_possession_digest(domain, bytes(32), bytes(32), 256),
    ):
        with pytest.raises(ValueError, match=r"uint|32 bytes|EIP-712"):
            wrong()


@given(domains, domains, scalars)
def test_a_possession_proof_for_one_registry_is_none_for_another(one: Domain, two: Domain, raw: bytes) -> None:
    key = PrivateKey(Algorithm.ES256K, raw)
    account = account_id("88.608.5288/works")
    compact = sign_key_possession(one, account, key, Purpose.STATEMENT)
    digest = key_possession_digest(one, account, key.public.thumbprint, 2)
    assert recover(digest, compact) == key.public.evm_address
    if one != two:
        other = key_possession_digest(two, account, key.public.thumbprint, 2)
        assert recover(other, compact) != key.public.evm_address


ACCOUNT_KEY = [("accountId", "bytes32"), ("thumbprint", "bytes32")]


@given(domains, words, words, words, st.integers(0, 255), st.text(max_size=40))
def test_digests_of_key_life_are_those_of_eth_account(
    domain: Domain, account: bytes, old: bytes, new: bytes, purposes: int, reason: str
) -> None:
    message = {"accountId": account, "thumbprint": new, "purposes": purposes}
    fields = [*ACCOUNT_KEY, ("purposes", "uint8")]
    assert key_consent_digest(domain, account, new, purposes) == oracle(domain, "KeyConsent", fields, message)
    assert recovery_veto_digest(domain, account, new) == oracle(domain, "RecoveryVeto", ACCOUNT_KEY, message)
    message |= {"replaces": old, "reasonHash": keccak(text=reason)}
    fields = [("accountId", "bytes32"), ("replaces", "bytes32"), ("thumbprint", "bytes32"), ("purposes", "uint8")]
    fields.append(("reasonHash", "bytes32"))
    expected = oracle(domain, "KeyRecovery", fields, message)
    assert recovery_approval_digest(domain, account, old, new, purposes, reason) == expected


FIGURE = [("enterprise", "bytes32"), ("year", "uint16"), ("tonnes", "uint64")]
REVISION = ("revision", "uint32")


@given(domains, words, words, words, st.integers(0, 2**16 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_digests_of_emissions_are_those_of_eth_account(
    domain: Domain, account: bytes, one: bytes, two: bytes, year: int, tonnes: int, revision: int
) -> None:
    """What a verifier signs (DOMAIN 44), and what two persons determine (DOMAIN 10)."""
    figure = {"enterprise": account, "year": year, "tonnes": tonnes, "revision": revision}
    fields = [*FIGURE, ("reportLeaf", "bytes32"), ("statementLeaf", "bytes32"), REVISION]
    expected = oracle(domain, "VerifiedEmissions", fields, figure | {"reportLeaf": one, "statementLeaf": two})
    assert verified_emissions_digest(domain, account, year, tonnes, one, two, revision) == expected
    fields = [*FIGURE, ("documentHash", "bytes32"), REVISION]
    expected = oracle(domain, "EmissionsDetermination", fields, figure | {"documentHash": one})
    assert emissions_determination_digest(domain, account, year, tonnes, one, revision) == expected


def test_a_figure_that_does_not_fit_its_type_is_an_error() -> None:
    domain, word = Domain(1, bytes(20), bytes(32)), bytes(32)
    for wrong in (
        lambda: verified_emissions_digest(domain, word, 2**16, 1, word, word, 1),
        lambda: verified_emissions_digest(domain, word, 2025, 2**64, word, word, 1),
        lambda: verified_emissions_digest(domain, word, 2025, -1, word, word, 1),
        lambda: verified_emissions_digest(domain, word, 2025, 1, word[1:], word, 1),
        lambda: verified_emissions_digest(domain, word, 2025, 1, word, word, 2**32),
        lambda: emissions_determination_digest(domain, word, 2025, 2**64, word, 1),
        lambda: emissions_determination_digest(domain, word, 2025, 1, word + word, 1),
    ):
        with pytest.raises(ValueError, match=r"uint|32 bytes"):
            wrong()


def test_a_signature_for_one_message_is_none_for_another() -> None:
    """Possession, consent and veto of one key differ by their type alone."""
    domain, account, thumbprint = Domain(1, bytes(20), bytes(32)), bytes(32), b"\x01" * 32
    digests = {
        key_possession_digest(domain, account, thumbprint, 8),
        key_consent_digest(domain, account, thumbprint, 8),
        recovery_veto_digest(domain, account, thumbprint),
    }
    assert len(digests) == 3


def test_only_es256k_keys_sign_for_contracts(world) -> None:
    for algorithm in (Algorithm.ED25519, Algorithm.ES256):
        with world.refused("key.algorithm", 4):
            sign_compact_digest(bytes(32), PrivateKey(algorithm, (7).to_bytes(32)))
