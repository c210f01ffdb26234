from __future__ import annotations

import json
import subprocess

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from attestation.eip191 import message_digest, message_signer, sign_message
from attestation.keys import SECP256K1_ORDER, Algorithm, PrivateKey
from ganache import npm

DEADLINE_SECONDS = 60
KEY = PrivateKey(Algorithm.ES256K, (7).to_bytes(32))
SCRIPT = """
const { Wallet } = require("ethers");
const { key, texts } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const wallet = new Wallet(key);
Promise.all(texts.map((text) => wallet.signMessage(text))).then((all) => process.stdout.write(JSON.stringify(all)));
"""


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_signatures_are_those_of_eth_account(text: str) -> None:
    theirs = Account.sign_message(encode_defunct(text=text), KEY.raw)
    assert sign_message(text, KEY) == theirs.signature
    assert bytes(theirs.message_hash) == message_digest(text)
    assert message_signer(text, theirs.signature) == KEY.public.evm_address


@pytest.mark.node
def test_signatures_are_those_of_ethers() -> None:
    texts = ["", "hello", "碳录\n\x00", "a" * 5_000]
    done = subprocess.run(
        [str(npm.find_node()), "-e", SCRIPT],
        input=json.dumps({"key": "0x" + KEY.raw.hex(), "texts": texts}),
        cwd=npm.home(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    theirs = [bytes.fromhex(signature[2:]) for signature in json.loads(done.stdout)]
    assert theirs == [sign_message(text, KEY) for text in texts]


@pytest.mark.parametrize("v", [0, 1, 27, 28])
def test_both_spellings_of_the_recovery_bit_are_taken(v: int) -> None:
    signature = sign_message("hello", KEY)
    found = message_signer("hello", signature[:64] + bytes((v,)))
    assert (found == KEY.public.evm_address) == (v % 27 == signature[64] - 27)


def test_what_is_no_signature_is_refused(world) -> None:
    good = sign_message("hello", KEY)
    s = int.from_bytes(good[32:64])
    mirrored = good[:32] + (SECP256K1_ORDER - s).to_bytes(32) + bytes((55 - good[64],))
    for length in (0, 64, 66):
        with world.refused("signature.length", 5, str(length)):
            message_signer("hello", (good + b"\x00")[:length])
    with world.refused("signature.high_s", 5):
        message_signer("hello", mirrored)
    for v in (2, 3, 26, 29, 35, 255):
        with world.refused("signature.invalid", 5, f"v {v}"):
            message_signer("hello", good[:64] + bytes((v,)))
    for spoilt in (bytes(65), bytes(32) + good[32:], good[:32] + bytes(32) + good[64:], b"\xff" * 32 + good[32:]):
        with world.refused("signature.invalid", 5):
            message_signer("hello", spoilt)
