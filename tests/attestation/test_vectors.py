"""Golden vectors, made by a recipe that shares no code with the package (`tests/vectors/attestation/make_*.py`)."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from attestation.encoding import b64url_encode
from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey, PublicKey
from attestation.refusals import refuse
from attestation.verification import check_signature, examine

VECTORS = Path(__file__).parents[1] / "vectors" / "attestation"
ED25519 = json.loads((VECTORS / "ed25519.json").read_text("utf-8"))["vectors"]
ES256 = json.loads((VECTORS / "es256.json").read_text("utf-8"))["vectors"]
STATEMENTS = json.loads((VECTORS / "statements.json").read_text("utf-8"))


def name_of(vector: dict[str, object]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("recipe", ["make_ed25519", "make_es256", "make_statements"])
def test_the_recipe_still_makes_the_committed_file(recipe: str) -> None:
    spec = importlib.util.spec_from_file_location(f"attestation_{recipe}", VECTORS / f"{recipe}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in module.files().items():
        assert (VECTORS / name).read_text("utf-8") == text, f"{name} is not what {recipe}.py makes"


def test_names_are_unique() -> None:
    for vectors in (ED25519, ES256, STATEMENTS["vectors"]):
        names = [name_of(vector) for vector in vectors]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("vector", ED25519, ids=name_of)
def test_one_ed25519_acceptance_rule(world, vector) -> None:
    raw, message, signature = (bytes.fromhex(vector[name]) for name in ("public_key", "message", "signature"))
    if not vector["key_accepted"]:
        with world.refused("key.point", 9):
            PublicKey(Algorithm.ED25519, raw)
        return
    key = PublicKey(Algorithm.ED25519, raw)
    if vector["signature_accepted"]:
        key.verify(message, signature)
    else:
        with world.refused("signature.invalid", 5):
            key.verify(message, signature)


def test_the_ed25519_vectors_tell_the_rules_of_other_libraries_apart() -> None:
    """Where an equation holds, with cofactor or without, and the signature is refused, another rule accepts."""
    classes = {
        (v["equation"], v["equation_times_8"], v["key_accepted"]) for v in ED25519 if not v["signature_accepted"]
    }
    assert classes == {
        (equation, times_8, key)
        for equation, times_8 in ((True, True), (False, True), (False, False))
        for key in (True, False)
    }
    assert all(v["equation"] and v["equation_times_8"] for v in ED25519 if v["signature_accepted"])


@pytest.mark.parametrize("vector", ES256, ids=name_of)
def test_one_es256_acceptance_rule(vector) -> None:
    x, y, message, signature = (bytes.fromhex(vector[name]) for name in ("x", "y", "message", "signature"))
    refusal = None
    try:
        jwk = {"kty": "EC", "crv": "P-256", "x": b64url_encode(x), "y": b64url_encode(y)}
        PublicKey.from_jwk(jwk).verify(message, signature)
    except AttestationError as error:
        refusal = error.rule
    assert (refusal is None, refusal) == (vector["accepted"], vector.get("rule"))


@pytest.mark.parametrize("vector", [vector for vector in ES256 if "secret" in vector], ids=name_of)
def test_es256_signs_with_the_nonce_of_rfc_6979(vector) -> None:
    key = PrivateKey(Algorithm.ES256, bytes.fromhex(vector["secret"]))
    assert key.sign(bytes.fromhex(vector["message"])).hex() == vector["signature"]


def stateless(entry: bytes, key: PublicKey) -> tuple[bytes, bytes]:
    """Steps 1, 2, the algorithm of step 4, and 5: what can be judged without a log."""
    statement = examine(entry, STATEMENTS["log"])
    if statement.jws.header.alg is not key.algorithm:
        raise refuse("key.algorithm", statement.jws.header.alg, key.algorithm)
    check_signature(statement, key)
    assert statement.kid_key == key.kid_name
    return statement.statement_id, statement.leaf_hash


@pytest.mark.parametrize("vector", STATEMENTS["vectors"], ids=name_of)
def test_statement_vectors(vector) -> None:
    entry, key = vector["entry"].encode(), PublicKey.from_jwk(vector["key"])
    if "rule" not in vector:
        statement_id, leaf_hash = stateless(entry, key)
        assert (statement_id.hex(), leaf_hash.hex()) == (vector["statement_id"], vector["leaf_hash"])
        return
    with pytest.raises(AttestationError) as caught:
        stateless(entry, key)
    assert (caught.value.step, caught.value.rule) == (vector["step"], vector["rule"])
