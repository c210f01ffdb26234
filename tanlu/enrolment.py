"""Enrolment requests: what the holder of a new key hands to the registrar (docs/design.md §2, Enrolment)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from attestation.applications import REQUEST_TYPE as TYPE
from attestation.encoding import strict_object
from attestation.errors import AttestationError
from attestation.handed_keys import check_newcomer
from attestation.judging.newcomers import read_newcomer
from attestation.keys import Kind
from attestation.statements import EnrolKey, prove_key
from attestation.typed_data import Domain
from tanlu.errors import InputRefused
from tanlu.keyring import HeldKey


def make_request(
    held: HeldKey, log: str, domain: Domain, kind: Kind, *, parent: str | None, group: str | None, iat: int
) -> dict[str, object]:
    """The request for a key: the body of the `key` statement to be, with its proofs of possession."""
    body = prove_key(
        log=log,
        identifier=held.card.identifier,
        kind=kind,
        key=held.private,
        purposes=held.card.purposes,
        iat=iat,
        domain=domain,
        parent=parent,
        group=group,
    )
    return {"v": 1, "type": TYPE, "log": log, "body": msgspec.to_builtins(body)}


def read_request(path: Path, log: str, domain: Domain, *, now: int) -> EnrolKey:
    """The body in a request file, its proofs checked: nothing is signed that the service would refuse at step 12.

    Raises InputRefused (``request.format``, ``request.log``) and the refusals of step 12.
    """
    try:
        document = strict_object(path.read_bytes())
        body = msgspec.convert(document.get("body"), EnrolKey)
        read_newcomer(body)
    except (AttestationError, msgspec.MsgspecError) as error:
        raise _refused("request.format", str(error), "an enrolment request of `tanlu keys request`") from error
    if document.get("v") != 1 or document.get("type") != TYPE:
        raise _refused("request.format", document.get("type"), TYPE)
    if document.get("log") != log:
        raise _refused("request.log", document.get("log"), log)
    check_newcomer(body, body.subject.identifier, log, domain, now=now)
    return body


def _refused(rule: str, value: object, expected: str) -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        message=f"The enrolment request cannot be used: {value}",
        message_zh="注册申请无效",
    )
