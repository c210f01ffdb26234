"""What holders and two persons sign about units and obligations: messages of the contracts, by one table (DOMAIN 22,
23).

A body is built without signatures; what is signed follows from it alone (``attestation.signed_operations``), so that
nobody signs another act than the one that is logged. Each act has an operation of its own: 32 random bytes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec.structs import replace

from attestation.asset_messages import AssetMessage, HolderMessage
from attestation.bodies import (
    Approval,
    Body,
    CancelOwnUnits,
    CarryOverUnits,
    Intent,
    ReturnUnits,
    SurrenderUnits,
)
from attestation.instants import format_instant
from attestation.keys import Algorithm, Purpose
from attestation.market_messages import MarketMessage
from attestation.market_operations import cash_message, market_message
from attestation.powers import SIGNERS
from attestation.refusals import refuse
from attestation.signed_operations import allocation_message, compliance_message, holding_message, intent_message
from attestation.typed_data import Domain, sign_compact_digest
from attestation.typed_message import Checker
from ledger.trust import Trust
from tanlu.keyring import HeldKey

OPERATION_BYTES = 32
UNSIGNED = ""
"""Stands for the signature of an intent that nobody signed yet."""

_I = TypeVar("_I", bound=Intent)

SignedMessage = AssetMessage | MarketMessage
"""What a signature inside a statement is over."""

_MESSAGES: Mapping[str, Callable[[Any], SignedMessage]] = MappingProxyType(
    {
        "holding": holding_message,
        "compliance": compliance_message,
        "allocation": allocation_message,
        "market": market_message,
        "cash": cash_message,
    }
)
_CONTRACTS: Mapping[Checker, str] = MappingProxyType(
    {Checker.CARBON_LEDGER: "CarbonLedger", Checker.COMPLIANCE: "Compliance", Checker.EXCHANGE: "Exchange"}
)


def new_operation() -> str:
    """An operation that nobody named before: 32 random bytes in hex."""
    return secrets.token_hex(OPERATION_BYTES)


def domain_of(trust: Trust, message: SignedMessage) -> Domain:
    """The EIP-712 domain of the contract that checks the message. Raises SequenceRefused (``asset.no_contract``)."""
    domain = {
        Checker.CARBON_LEDGER: trust.ledger_domain,
        Checker.COMPLIANCE: trust.compliance_domain,
        Checker.EXCHANGE: trust.exchange_domain,
    }[message.CHECKER]
    if domain is None:
        raise refuse("asset.no_contract", _CONTRACTS[message.CHECKER])
    return domain


def message_of(type_: str, body: Body) -> SignedMessage:
    """What two persons sign of a body of that type, which they approve. Raises AttestationError and ValueError for a
    body of bad form."""
    return _MESSAGES[type_](body)


def approve(trust: Trust, held: HeldKey, message: SignedMessage) -> Approval:
    """The word of the person whose key ``held`` is.

    Raises KeyRefused (``key.algorithm``) for a key that is not ES256K, RecomputationRefused (``approval.purpose``) for
    one that is not for administration, SequenceRefused (``asset.no_contract``) without a contract.
    """
    domain = domain_of(trust, message)
    _check_algorithm(held)
    if Purpose.ADMINISTRATION not in held.card.purposes:
        raise refuse("approval.purpose", ", ".join(held.card.purposes.names()), at=held.card.identifier)
    signature = sign_compact_digest(message.digest(domain), held.private)
    return Approval(identifier=held.card.identifier, signature=f"0x{signature.hex()}")


def sign_intent(trust: Trust, held: HeldKey, body: _I) -> _I:
    """The intent with the word of its holder for the contract, by the key that will sign the statement too.

    Raises KeyRefused (``key.algorithm``), PurposeRefused (``purpose.key``) for a key that is not for assets, and
    SequenceRefused (``asset.no_contract``).
    """
    message: HolderMessage = intent_message(body, held.card.identifier)
    domain = domain_of(trust, message)
    _check_algorithm(held)
    needed = tuple(SIGNERS["intent"].values())
    if not any(purpose in held.card.purposes for purpose in needed):
        names = " or ".join(name for purpose in needed for name in purpose.names())
        raise refuse("purpose.key", ", ".join(held.card.purposes.names()), f"{names} for intent")
    return replace(body, signature=f"0x{sign_compact_digest(message.digest(domain), held.private).hex()}")


def surrender(year: int, asset: str, tonnes: int, deadline: int) -> SurrenderUnits:
    """Units (``quota-2025``, ``ccer``) for the obligation of a year, before ``deadline`` (unix seconds); unsigned."""
    return SurrenderUnits(
        op_id=new_operation(),
        year=year,
        asset=asset,
        tonnes=tonnes,
        deadline=format_instant(deadline),
        signature=UNSIGNED,
    )


def carry_over(vintage: int, tonnes: int, deadline: int) -> CarryOverUnits:
    """Units of a vintage that become the next one's (DOMAIN 6); unsigned."""
    return CarryOverUnits(
        op_id=new_operation(), vintage=vintage, tonnes=tonnes, deadline=format_instant(deadline), signature=UNSIGNED
    )


def retire(asset: str, tonnes: int, deadline: int) -> CancelOwnUnits:
    """Units that their holder cancels of its own will (DOMAIN 22); unsigned."""
    return CancelOwnUnits(
        op_id=new_operation(), asset=asset, tonnes=tonnes, deadline=format_instant(deadline), signature=UNSIGNED
    )


def give_back(vintage: int, tonnes: int, deadline: int) -> ReturnUnits:
    """Units that are owed after reconciliation (DOMAIN 31), back to the reserve; unsigned."""
    return ReturnUnits(
        op_id=new_operation(), vintage=vintage, tonnes=tonnes, deadline=format_instant(deadline), signature=UNSIGNED
    )


def _check_algorithm(held: HeldKey) -> None:
    if held.private.algorithm is not Algorithm.ES256K:
        raise refuse("key.algorithm", held.private.algorithm.value, Algorithm.ES256K.value)
