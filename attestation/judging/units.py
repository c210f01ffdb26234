"""What judging of units shares: operations, documents, accounts, balances (DOMAIN 22, 23)."""

from __future__ import annotations

import re
from collections.abc import Collection

from attestation.assets import format_asset
from attestation.bodies import MAX_SEQ
from attestation.bodies.words import DIGEST_PATTERN
from attestation.context import Context
from attestation.identifiers import parse_identifier
from attestation.judging.bounds import at_most
from attestation.judging.cases import check_digest
from attestation.judging.common import check_integer
from attestation.keys import Kind
from attestation.refusals import refuse
from attestation.typed_data import Domain

HOLDERS = (Kind.ENTERPRISE, Kind.PARK)
"""Who has an account: enterprises, and the park for its reserve; nobody else holds units (DOMAIN 8)."""

_DIGEST = re.compile(DIGEST_PATTERN)


def check_operation(text: str, at: str) -> bytes:
    """Step 9: the 32 bytes of an operation, not all zero (``operation.form``)."""
    if _DIGEST.fullmatch(text) is None or not any(bytes.fromhex(text)):
        raise refuse("operation.form", text, at=at)
    return bytes.fromhex(text)


def check_document(text: str) -> None:
    """Step 9: the SHA-256 of a document, not all zero (``bytes32.format``)."""
    if not any(check_digest(text, "body.document_hash")):
        wanted_zh = "文件的 SHA-256"
        raise refuse(
            "bytes32.format", text, "the SHA-256 of a document", at="body.document_hash", expected_zh=wanted_zh
        )


def check_tonnes(tonnes: int) -> None:
    """Step 9: at least one tonne (``body.integer``)."""
    check_integer(tonnes, 1, MAX_SEQ, "body.tonnes")


def check_account(identifier: str, at: str) -> None:
    """Step 9: the form of an account's identifier (``identifier.*``)."""
    parse_identifier(identifier, step=9)


def find_ledger(context: Context) -> Domain:
    """Step 11: the domain of ``CarbonLedger`` (``asset.no_contract``)."""
    if context.ledger_domain is None:
        raise refuse("asset.no_contract", "CarbonLedger")
    return context.ledger_domain


def find_compliance(context: Context) -> Domain:
    """Step 11: the domain of ``Compliance`` (``asset.no_contract``)."""
    if context.compliance_domain is None:
        raise refuse("asset.no_contract", "Compliance")
    return context.compliance_domain


def check_unused(op_id: bytes, context: Context) -> None:
    """Step 11: no entry named the operation before (``operation.used``)."""
    index = context.op_taken(op_id)
    if index is not None:
        raise refuse("operation.used", f"{op_id.hex()}, entry {index}")


def find_account(identifier: str, kinds: Collection[Kind], at: str, context: Context) -> None:
    """Step 11: an enrolled identifier of a kind that has such an account (``account.unknown``, ``account.kind``)."""
    record = context.identifier(identifier)
    if record is None:
        raise refuse("account.unknown", identifier, at=at)
    if record.kind not in kinds:
        names = [kind.value for kind in kinds]
        found = f"{record.kind.value} {identifier}"
        raise refuse("account.kind", found, " or ".join(names), at=at, expected_zh="、".join(names))


def check_not_suspended(account: str, context: Context) -> None:
    """Step 11: nothing leaves a suspended account (``account.suspended``)."""
    index = context.suspended(account)
    if index is not None:
        raise refuse("account.suspended", f"{account}, entry {index}")


def check_balance(account: str, asset: int, tonnes: int, context: Context) -> None:
    """Step 11: the account holds that much freely, less what is on its way out (``asset.balance``)."""
    available = context.holding(account, asset).available
    if tonnes > available:
        bound = at_most(available, f"{format_asset(asset)}, {account}")
        raise refuse("asset.balance", f"{tonnes} t", bound.en, expected_zh=bound.zh)
