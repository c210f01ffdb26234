"""Files by which a determination goes from hand to hand: the figure with its grounds, and two persons' approvals
(DOMAIN 10).

An approval is a signature over enterprise, year, tonnes, document and revision: a request whose figure is altered
afterwards has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from attestation.bodies import Approval, Body, Determination
from attestation.bodies.registered import CAUSES
from attestation.judging.cases import check_case, check_digest
from attestation.judging.common import check_choice, check_integer, check_name, check_reason
from attestation.judging.newcomers import check_signature_hex
from attestation.judging.registered import MOST_REVISIONS, MOST_TONNES
from ledger.trust import Trust
from tanlu.casework import approve_determination
from tanlu.errors import InputRefused
from tanlu.handed_files import HandedFile
from tanlu.keyring import HeldKey

REQUEST_TYPE = "determination-request"
APPROVAL_TYPE = "determination-approval"
_REQUEST, _APPROVAL = (HandedFile(each, "tanlu case determine") for each in (REQUEST_TYPE, APPROVAL_TYPE))


def make_request(trust: Trust, body: Determination) -> dict[str, object]:
    """What two persons are asked to approve. Raises AttestationError for what the log refuses by its form."""
    _check(body)
    members: dict[str, Any] = msgspec.to_builtins(body)
    del members["approvals"]
    return {"v": 1, "type": REQUEST_TYPE, "log": trust.log, "body": members}


def read_request(path: Path, trust: Trust) -> Determination:
    """The determination to be, without approvals. Raises InputRefused (``determination.request``, ``request.log``) and
    AttestationError."""
    members = _REQUEST.read(path, trust.log).get("body")
    if not isinstance(members, dict) or "approvals" in members:
        raise _REQUEST.unusable(path, "no body without approvals")
    try:
        body = msgspec.convert(members | {"approvals": ()}, Determination)
    except msgspec.ValidationError as error:
        raise _REQUEST.unusable(path, str(error)) from error
    _check(body)
    return body


def make_approval(held: HeldKey, trust: Trust, request: Determination) -> dict[str, object]:
    """The approval of the person whose key ``held`` is, as it is handed over. Raises what ``approve_determination``
    raises."""
    card = held.card
    approval = approve_determination(trust.emissions_domain, card.identifier, card.purposes, held.private, request)
    return {"v": 1, "type": APPROVAL_TYPE, "log": trust.log, **msgspec.to_builtins(approval)}


def read_approval(path: Path, log: str) -> Approval:
    """The approval in a file. Raises InputRefused (``determination.approval``, ``request.log``) and SchemaRefused."""
    document = _APPROVAL.read(path, log)
    try:
        approval = msgspec.convert({name: document.get(name) for name in ("identifier", "signature")}, Approval)
    except msgspec.ValidationError as error:
        raise _APPROVAL.unusable(path, str(error)) from error
    check_signature_hex(approval.signature, "signature")
    return approval


def require_unlogged(asked: Determination, logged: Iterable[tuple[int, Body]]) -> None:
    """This very determination is none of the entries ``logged`` (place, body), whoever approved those. Raises
    InputRefused (``determination.logged``)."""
    for index, body in logged:
        if isinstance(body, Determination) and replace(body, approvals=()) == replace(asked, approvals=()):
            raise InputRefused(
                rule="determination.logged",
                value=f"entry {index}",
                expected="a determination that is not in the log",
                message=f"This very determination is logged already: entry {index}",
                message_zh=f"该核定已在日志中：第 {index} 条记录",
            )


def _check(body: Determination) -> None:
    check_case(body.enterprise, body.year)
    check_integer(body.tonnes, 0, MOST_TONNES, "tonnes")
    check_integer(body.revision, 1, MOST_REVISIONS, "revision")
    check_choice(body.cause, CAUSES, "cause")
    check_name(body.method, "method")
    check_digest(body.document_hash, "document_hash")
    check_reason(body.reason, "reason")
