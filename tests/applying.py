"""An application document with a real key request, for the tests of whoever reads one."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.proofs import prove_key
from attestation.typed_data import Domain

CREDIT_CODE = "91110000600037341L"
NAME = "Glass Works Co. 玻璃有限公司"


def application(
    log: str,
    *,
    identifier: str = "88.608.7000/glass",
    kind: Kind = Kind.ENTERPRISE,
    key: PrivateKey | None = None,
    iat: int = 1_700_000_000,
    domain: Domain | None = None,
    group: str | None = None,
    parent: str | None = None,
    **changed: object,
) -> dict[str, object]:
    """A good application, members in another order than the canonical one; `...` leaves a member out."""
    body = prove_key(
        log=log,
        identifier=identifier,
        kind=kind,
        key=key or PrivateKey(Algorithm.ED25519, bytes(31) + b"\x07"),
        purposes=Purpose.STATEMENT,
        iat=iat,
        domain=domain,
        group=group,
        parent=parent,
    )
    document: dict[str, object] = {
        "request": {"v": 1, "type": "enrolment-request", "log": log, "body": msgspec.to_builtins(body)},
        "v": 1,
        "type": "application",
        "log": log,
        "identifier": identifier,
        "kind": kind.value,
        "name": NAME,
        "credit_code": CREDIT_CODE,
        "licence_hash": "0a" * 32,
        "representatives": [{"name": "Zhang San 张三", "role": "legal representative", "phone": "+86 10 0000 0000"}],
        "bank_account": {"holder": NAME, "bank": "Bank of the Park", "number": "0000 1111"},
    }
    if group is not None:
        document["group"] = group
    if kind is Kind.VERIFIER:
        document["accreditation"] = {"number": "CNAS VV001", "until": "2099-12-31"}
    return {name: value for name, value in (document | changed).items() if value is not ...}


def encoded(document: Mapping[str, object]) -> bytes:
    """As a careless client writes it: spaces, escapes."""
    return json.dumps(document, indent=1).encode()
