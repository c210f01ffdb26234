"""Files and texts by which somebody is let in: the applicant's form, the application made of it, one-time codes as
people read them (docs/admission.md)."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

import msgspec

from attestation.admission_codes import CODE_BYTES, code_text
from attestation.applications import TYPE, VERSION, Application, canonical, read_application
from attestation.encoding import compact_json, strict_object
from attestation.errors import AttestationError
from attestation.statements import EnrolKey
from ledger.trust import Trust
from tanlu.enrolment import read_request
from tanlu.errors import InputRefused

FROM_THE_REQUEST = ("v", "type", "log", "identifier", "kind", "group", "licence_hash", "request")
"""Members of an application that a form does not have: they follow from the key request, or from the licence's file."""
_GROUP = 4


def make_application(form: Path, request: Path, licence: Path, trust: Trust, *, now: int) -> bytes:
    """The application of a form (JSON: name, credit code, representatives …), a key request of ``tanlu keys request``
    and the licence's file, of which only the hash is taken; canonical, and judged as the service will.

    Raises InputRefused (``application.form_file``, ``request.*``) and AttestationError.
    """
    try:
        members = strict_object(form.read_bytes())
    except AttestationError as error:
        raise _unusable(form, f"{error.rule}: {error.value}") from error
    for name in FROM_THE_REQUEST:
        if name in members:
            raise _unusable(form, f"a member {name}")
    body = read_request(request, trust.log, trust.registry_domain, now=now)
    subject = body.subject
    document: dict[str, Any] = members | {
        "v": VERSION,
        "type": TYPE,
        "log": trust.log,
        "identifier": subject.identifier,
        "kind": subject.kind,
        "licence_hash": file_hash(licence),
        "request": key_request(trust.log, body),
    }
    if subject.group is not None:
        document["group"] = subject.group
    found = read_application(compact_json(document), log=trust.log, domain=trust.registry_domain, now=now)
    return canonical(found)


def key_request(log: str, body: EnrolKey) -> dict[str, object]:
    """The key request as ``tanlu keys request`` writes it."""
    return {"v": 1, "type": "enrolment-request", "log": log, "body": msgspec.to_builtins(body)}


def request_of(application: Application) -> dict[str, object]:
    """The key request inside of an application, for ``tanlu keys enrol``."""
    return key_request(application.request.log, application.request.body)


def file_hash(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def new_code() -> str:
    """A one-time code: 128 random bits, as statements write it."""
    return code_text(secrets.token_bytes(CODE_BYTES))


def spoken(code: str) -> str:
    """A code in groups of four, for people who read it to each other."""
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))


def heard(text: str) -> str:
    """The code of what somebody typed: hyphens, spaces and capitals do not count."""
    return "".join(text.replace("-", " ").split()).lower()


def _unusable(form: Path, found: str) -> InputRefused:
    return InputRefused(
        rule="application.form_file",
        value=found,
        expected="a JSON object with name, credit_code, representatives and what docs/admission.md names besides",
        message=f"{form.name} is no form of an application: {found}",
        message_zh=f"{form.name} 不是准入申请表",
    )
