"""Files by which an opening goes from hand to hand: base years with their document's hash, and two persons' approvals.

An approval is a signature over exactly what the request says: a request that is altered afterwards has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from attestation.bodies import Approval, BaseOutput, BaseYear, Opening
from attestation.identifiers import parse_identifier
from attestation.judging.common import check_reason
from attestation.judging.newcomers import check_signature_hex
from attestation.judging.openings import approval_digest
from attestation.keys import Algorithm, Purpose
from attestation.refusals import refuse
from attestation.typed_data import sign_compact_digest
from ledger.trust import Trust
from tanlu.admission import file_hash
from tanlu.errors import InputRefused
from tanlu.handed_files import HandedFile
from tanlu.keyring import HeldKey

REQUEST_TYPE = "opening-request"
APPROVAL_TYPE = "opening-approval"
_REQUEST, _APPROVAL = (HandedFile(each, "tanlu opening") for each in (REQUEST_TYPE, APPROVAL_TYPE))


def read_base_year(text: str) -> BaseYear:
    """``YEAR=TONNES`` or ``YEAR=TONNES,PRODUCT,QUANTITY,UNIT``. Raises InputRefused (``opening.base_year``)."""
    year, equals, rest = text.partition("=")
    parts = rest.split(",")
    if equals and year.isascii() and year.isdigit() and parts[0].isascii() and parts[0].isdigit():
        if len(parts) == 1:
            return BaseYear(year=int(year), tonnes=int(parts[0]))
        if len(parts) == 4:
            output = BaseOutput(product=parts[1], quantity=parts[2], unit=parts[3])
            return BaseYear(year=int(year), tonnes=int(parts[0]), output=output)
    raise InputRefused(
        rule="opening.base_year",
        value=text,
        expected="YEAR=TONNES or YEAR=TONNES,PRODUCT,QUANTITY,UNIT, such as 2021=40123 or 2021=40123,tiles,120000,t",
        message="This is no base year",
        message_zh="基准年格式不符",
    )


def make_request(
    trust: Trust, enterprise: str, base_years: Sequence[BaseYear], document: Path, reason: str
) -> dict[str, object]:
    """What two persons are asked to approve. Raises AttestationError (``identifier.*``, ``body.reason``)."""
    parse_identifier(enterprise, step=9)
    check_reason(reason, "reason")
    ordered = tuple(sorted(base_years, key=lambda base: base.year))
    body = Opening(
        enterprise=enterprise, base_years=ordered, document_hash=file_hash(document), reason=reason, approvals=()
    )
    members: dict[str, Any] = msgspec.to_builtins(body)
    del members["approvals"]
    return {"v": 1, "type": REQUEST_TYPE, "log": trust.log, "body": members}


def read_request(path: Path, trust: Trust) -> Opening:
    """The opening to be, without approvals. Raises InputRefused (``opening.request``, ``request.log``)."""
    members = _REQUEST.read(path, trust.log).get("body")
    if not isinstance(members, dict) or "approvals" in members:
        raise _REQUEST.unusable(path, "no body without approvals")
    try:
        return msgspec.convert(members | {"approvals": ()}, Opening)
    except msgspec.ValidationError as error:
        raise _REQUEST.unusable(path, str(error)) from error


def approve(held: HeldKey, trust: Trust, request: Opening) -> dict[str, object]:
    """The approval of the person whose key ``held`` is, as it is handed over.

    Raises KeyRefused (``key.algorithm``) for a key that is not ES256K and RecomputationRefused (``approval.purpose``)
    for one that is not for administration.
    """
    card = held.card
    if held.private.algorithm is not Algorithm.ES256K:
        raise refuse("key.algorithm", held.private.algorithm.value, Algorithm.ES256K.value)
    if Purpose.ADMINISTRATION not in card.purposes:
        raise refuse("approval.purpose", ", ".join(card.purposes.names()), at=card.identifier)
    signature = sign_compact_digest(approval_digest(trust.registry_domain, request), held.private)
    return {
        "v": 1,
        "type": APPROVAL_TYPE,
        "log": trust.log,
        "identifier": card.identifier,
        "signature": f"0x{signature.hex()}",
    }


def read_approval(path: Path, log: str) -> Approval:
    """The approval in a file. Raises InputRefused (``opening.approval``, ``request.log``) and SchemaRefused."""
    document = _APPROVAL.read(path, log)
    try:
        approval = msgspec.convert({name: document.get(name) for name in ("identifier", "signature")}, Approval)
    except msgspec.ValidationError as error:
        raise _APPROVAL.unusable(path, str(error)) from error
    parse_identifier(approval.identifier, step=9)
    check_signature_hex(approval.signature, "signature")
    return approval
