"""Orders that a foreign client signed: the recipe shares no code with the package (`tests/vectors/orders`)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from attestation.bodies import PlaceOrder
from attestation.market_operations import holder_message, order_hash, order_message
from attestation.statements import parse_body
from attestation.typed_data import Domain, recover
from ganache.engines import foundry_binary

FOLDER = Path(__file__).parents[1] / "vectors" / "orders"
MADE = json.loads((FOLDER / "orders.json").read_text("utf-8"))
DOMAIN = Domain(31337, b"\x66" * 20, b"\x5a" * 32)


def message_of(vector: dict[str, Any]):
    body = parse_body("order", vector["body"])
    return (order_message if isinstance(body, PlaceOrder) else holder_message)(body, vector["holder"])


def test_the_recipe_gives_the_same_bytes() -> None:
    spec = importlib.util.spec_from_file_location("make_orders", FOLDER / "make_orders.py")
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    assert recipe.made() == MADE


@pytest.mark.parametrize("vector", MADE["vectors"], ids=lambda vector: vector["name"])
def test_what_a_foreign_client_signed_is_what_the_log_reads(vector: dict[str, Any]) -> None:
    """Digest, members and signer, of what eth_account hashed and signed."""
    message = message_of(vector)
    typed = vector["typed_data"]
    assert [(one["type"], one["name"]) for one in typed["types"][message.name()]] == list(message.members())
    shown = [f"0x{value.hex()}" if isinstance(value, bytes) else value for value in message.as_tuple()]
    assert shown == list(typed["message"].values())
    digest = message.digest(DOMAIN)
    assert f"0x{digest.hex()}" == vector["digest"]
    signer = recover(digest, bytes.fromhex(vector["body"]["signature"][2:]))
    assert to_checksum_address(signer) == MADE["address"]


def test_every_vector_is_of_its_own_message() -> None:
    digests = {vector["digest"] for vector in MADE["vectors"]}
    assert len(digests) == len(MADE["vectors"])
    placed = [parse_body("order", one["body"]) for one in MADE["vectors"] if one["body"]["action"] == "place"]
    assert {body.kind for body in placed} == {"listed", "block", "bilateral", "auction"}
    assert f"0x{order_hash(placed[0], MADE['vectors'][0]['holder'], DOMAIN).hex()}" == MADE["vectors"][0]["digest"]


@pytest.mark.parametrize("vector", MADE["vectors"], ids=lambda vector: vector["name"])
def test_cast_signs_the_same(vector: dict[str, Any], tmp_path: Path) -> None:
    """A second client, written in Rust: the very bytes, since both sign deterministically (RFC 6979)."""
    typed = tmp_path / "typed.json"
    typed.write_text(json.dumps(vector["typed_data"]), "utf-8")
    key = ("--private-key", MADE["private_key"])
    command = [foundry_binary("cast"), "wallet", "sign", *key, "--data", "--from-file", typed]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == vector["signature_65"]
