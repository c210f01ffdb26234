"""Files by which a recovery goes from hand to hand: the request of who lost a key, and two persons' approvals.

The request is the proposal to be without its approvals. An approval is a signature over exactly the request's facts, so
a request that is altered afterwards has no approvals (docs/operations.md, When a key is lost or stolen).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from eth_utils.address import to_checksum_address

from attestation.encoding import b64url_decode, strict_object
from attestation.errors import AttestationError
from attestation.handed_keys import check_newcomer
from attestation.identifiers import account_id, parse_identifier
from attestation.judging.common import check_reason
from attestation.judging.newcomers import check_signature_hex, check_thumbprint, new_key
from attestation.keys import Algorithm, Purpose
from attestation.refusals import refuse
from attestation.statements import Approval, ProposeRecovery, approve_recovery, prove_recovery
from attestation.typed_data import recovery_veto_digest, sign_compact_digest
from ledger.trust import Trust
from tanlu.errors import InputRefused
from tanlu.keyring import HeldKey

REQUEST_TYPE = "recovery-request"
APPROVAL_TYPE = "recovery-approval"


def make_request(held: HeldKey, trust: Trust, *, replaces: str, reason: str, iat: int) -> dict[str, object]:
    """The request that ``held``, a new key of its card's identifier, take the place of the key of thumbprint
    ``replaces`` (base64url). Raises SchemaRefused (``thumbprint.format``, ``body.reason``)."""
    check_thumbprint(replaces, "replaces")
    check_reason(reason, "reason")
    body = prove_recovery(
        log=trust.log,
        subject=held.card.identifier,
        replaces=replaces,
        key=held.private,
        purposes=held.card.purposes,
        iat=iat,
        domain=trust.registry_domain,
        reason=reason,
        approvals=(),
    )
    members: dict[str, Any] = msgspec.to_builtins(body)
    del members["approvals"]
    return {"v": 1, "type": REQUEST_TYPE, "log": trust.log, "body": members}


def read_request(path: Path, trust: Trust, *, now: int) -> ProposeRecovery:
    """The proposal to be in a request file, without approvals; its form and its proofs of possession are checked.

    Raises InputRefused (``recovery.request``, ``request.log``) and AttestationError for what the log would refuse.
    """
    document = _document(path, REQUEST_TYPE, trust.log)
    body = document.get("body")
    if not isinstance(body, dict) or "approvals" in body:
        raise _unusable(path, REQUEST_TYPE, "no body without approvals")
    try:
        request = msgspec.convert(body | {"approvals": ()}, ProposeRecovery)
    except msgspec.ValidationError as error:
        raise _unusable(path, REQUEST_TYPE, str(error)) from error
    parse_identifier(request.subject, step=9)
    check_thumbprint(request.replaces, "body.replaces")
    check_reason(request.reason, "body.reason")
    check_newcomer(request, request.subject, trust.log, trust.registry_domain, now=now)
    return request


def approve(held: HeldKey, trust: Trust, request: ProposeRecovery) -> dict[str, object]:
    """The approval of the person whose key ``held`` is, as it is handed over.

    Raises KeyRefused (``key.algorithm``) for a key that is not ES256K and RecomputationRefused (``approval.purpose``)
    for one that is not for administration.
    """
    card = held.card
    if held.private.algorithm is not Algorithm.ES256K:
        raise refuse("key.algorithm", held.private.algorithm.value, Algorithm.ES256K.value)
    if Purpose.ADMINISTRATION not in card.purposes:
        raise refuse("approval.purpose", ", ".join(card.purposes.names()), at=card.identifier)
    approval = approve_recovery(
        domain=trust.registry_domain,
        identifier=card.identifier,
        by=held.private,
        subject=request.subject,
        replaces=request.replaces,
        key=new_key(request.key.jwk),
        purposes=Purpose.parse(request.key.purposes),
        reason=request.reason,
    )
    return {
        "v": 1,
        "type": APPROVAL_TYPE,
        "log": trust.log,
        "identifier": approval.identifier,
        "signature": approval.signature,
    }


def objection_call(held: HeldKey, trust: Trust, thumbprint: str) -> dict[str, object]:
    """The call of the registry contract by which ``held`` vetoes the recovery that proposes the key of ``thumbprint``
    (base64url): ``chain_id``, ``to`` (EIP-55), ``data`` (hexadecimal). Whoever sends it pays; no service is asked.

    Raises KeyRefused (``key.algorithm``) for a key that is not ES256K and SchemaRefused (``thumbprint.format``).
    """
    # The SDK without this command needs no contract.
    from ledger.chain.contracts import IDENTIFIER_REGISTRY, load_artifact  # noqa: PLC0415

    check_thumbprint(thumbprint, "thumbprint")
    if held.private.algorithm is not Algorithm.ES256K:
        raise refuse("key.algorithm", held.private.algorithm.value, Algorithm.ES256K.value)
    proposed = b64url_decode(thumbprint)
    digest = recovery_veto_digest(trust.registry_domain, account_id(held.card.identifier), proposed)
    word = sign_compact_digest(digest, held.private)
    data = load_artifact(IDENTIFIER_REGISTRY).abi.call("vetoRecovery", proposed, (word[:32], word[32:]))
    return {
        "chain_id": trust.chain_id,
        "to": to_checksum_address(trust.identifier_registry),
        "data": f"0x{data.hex()}",
        "identifier": held.card.identifier,
        "thumbprint": thumbprint,
    }


def read_approval(path: Path, log: str) -> Approval:
    """The approval in a file. Raises InputRefused (``recovery.approval``, ``request.log``) and SchemaRefused; whose
    it is and what it approves, :meth:`tanlu.client.KeyLife.propose_recovery` judges."""
    document = _document(path, APPROVAL_TYPE, log)
    try:
        approval = msgspec.convert({name: document.get(name) for name in ("identifier", "signature")}, Approval)
    except msgspec.ValidationError as error:
        raise _unusable(path, APPROVAL_TYPE, str(error)) from error
    parse_identifier(approval.identifier, step=9)
    check_signature_hex(approval.signature, "signature")
    return approval


def _document(path: Path, type_: str, log: str) -> dict[str, object]:
    try:
        document = strict_object(path.read_bytes())
    except AttestationError as error:
        raise _unusable(path, type_, f"{error.rule}: {error.value}") from error
    if document.get("v") != 1 or document.get("type") != type_:
        raise _unusable(path, type_, f"type {document.get('type')}")
    if document.get("log") != log:
        raise InputRefused(
            rule="request.log",
            value=document.get("log"),
            expected=log,
            message=f"{path.name} is for another log than the trust file",
            message_zh=f"{path.name} 所属日志与信任文件不一致",
        )
    return document


def _unusable(path: Path, type_: str, found: str) -> InputRefused:
    return InputRefused(
        rule=type_.replace("-", "."),
        value=f"{path.name}: {found}",
        expected=f"a {type_} of `tanlu keys recover`",
        message=f"{path.name} is no {type_.replace('-', ' ')}: {found}",
        message_zh=f"{path.name} 不是恢复程序的{'申请' if type_ == REQUEST_TYPE else '批准'}文件：{found}",
    )
