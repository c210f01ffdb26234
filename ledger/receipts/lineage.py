"""Steps 5 and 6 of a receipt: from the trusted root key, entry by entry, to the key that signed, and whether each of
them signed where it could.

``keys`` lists the ``key`` entries from the signer's key up: a key that was added or rotated in is signed by the key of
the next entry, a recovered one by the root key (and followed by its identifier's enrolment, which says its kind), and
the last is an enrolment by the root key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from attestation.context import Context
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.instants import LATEST
from attestation.judging.enrolment import new_key
from attestation.judging.possession import check_possession, check_possession_evm
from attestation.keys import Algorithm, PublicKey, Purpose
from attestation.powers import check_key_powers
from attestation.statements import AddKey, CompleteRecovery, EnrolKey, RevokeKey, RotateKey, Statement
from attestation.typed_data import Domain
from attestation.verification import check_signature
from ledger.errors import LedgerError
from ledger.receipts.format import KeyEvidence, Receipt
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.receipts.status import KeyStatus, Status, read_status
from ledger.trust import Trust

Bringing = EnrolKey | AddKey | RotateKey | CompleteRecovery


@dataclass(frozen=True, slots=True)
class Established:
    """What a key entry at ``index`` says: the key, whose it is, what it is for, and how it was brought."""

    key: PublicKey
    identifier: str
    kind: str
    purposes: Purpose
    index: int
    body: Bringing


def establish(receipt: Receipt, trust: Trust) -> tuple[Established, ...]:
    """Step 5: the keys of ``receipt.keys``, in its order. Inclusion is checked elsewhere."""
    found: list[Established] = []
    try:
        for place, evidence in reversed(list(enumerate(receipt.keys))):
            found.append(_link(evidence, found[-1] if found else None, trust, first=place == 0))
    except AttestationError as error:
        refuse_because(5, error)
    return tuple(reversed(found))


def _link(evidence: KeyEvidence, above: Established | None, trust: Trust, *, first: bool) -> Established:
    statement = examine(evidence.entry, trust.log)
    require_equal(5, "receipt.keys.type", statement.type, "key")
    body = statement.body
    if not isinstance(body, Bringing):
        raise refusal(
            5,
            "receipt.keys.action",
            str(body.__struct_config__.tag),
            "an action that brings a key",
            why="this entry brings no key",
            why_zh="该条目未引入密钥",
        )
    by_root = isinstance(body, EnrolKey | CompleteRecovery)
    signer = trust.registrar if by_root or above is None else above.key
    issuer = trust.registrar_identifier if by_root or above is None else above.identifier
    require_equal(5, "receipt.keys.issuer", statement.iss, issuer)
    require_equal(5, "receipt.keys.kid", statement.kid_key, signer.kid_name)
    require_equal(5, "receipt.keys.alg", statement.jws.header.alg.value, signer.algorithm.value)
    check_signature(statement, signer)
    if isinstance(body, EnrolKey) != (above is None):
        raise _misplaced(str(body.__struct_config__.tag))
    if above is None:
        return _established(statement, body, evidence.index, None, trust)
    if above.index >= evidence.index:
        raise _order(above.index, evidence.index)
    if not by_root:
        root = (trust.registrar_identifier, trust.registrar.kid_name)
        check_key_powers(body, statement.iss, statement.kid_key, above.purposes, root)
    if not by_root and isinstance(body, RotateKey):
        require_equal(5, "receipt.keys.purposes", Purpose.parse(body.key.purposes), above.purposes)
    if isinstance(body, CompleteRecovery):
        require_equal(5, "receipt.keys.subject", body.subject, above.identifier)
    return _established(statement, body, evidence.index, above, trust)


def _established(
    statement: Statement, body: Bringing, index: int, above: Established | None, trust: Trust
) -> Established:
    key, purposes = new_key(body.key.jwk), Purpose.parse(body.key.purposes)
    if isinstance(body, EnrolKey):
        identifier, kind = body.subject.identifier, body.subject.kind
    elif above is not None:
        identifier, kind = above.identifier, above.kind
    else:
        raise _misplaced(str(body.__struct_config__.tag))
    asked = cast("Context", _Possession(trust))
    check_possession(body, identifier, key, asked)
    check_possession_evm(body, key, account_id(identifier), purposes, asked)
    return Established(key, identifier, kind, purposes, index, body)


def check_order(receipt: Receipt, keys: tuple[Established, ...]) -> None:
    """Step 5: a key signs entries above the one that brought it; the registrar's first entry brings its own."""
    if keys[0].index < receipt.index:
        return
    if (keys[0].index, receipt.index) == (0, 0) and receipt.keys[0].entry == receipt.entry:
        return
    raise _order(keys[0].index, receipt.index)


def check_status(receipt: Receipt, trust: Trust, keys: tuple[Established, ...], statement: Statement) -> Status:
    """Step 6: by the log's signed word, each key signed where it could.

    Raises ``ReceiptRefused`` with ``receipt.key.revoked`` or ``receipt.key.compromised`` where one did not.
    """
    try:
        status = read_status(receipt.status, PublicKey(Algorithm.ED25519, trust.log_key.material))
    except LedgerError as error:
        refuse_because(6, error, rule="receipt.status")
    require_equal(6, "receipt.status.log", status.log, trust.log)
    require_equal(6, "receipt.status.keys", [one.kid for one in status.keys], [one.key.kid_name for one in keys])
    if status.size < receipt.inclusion.size:
        raise refusal(
            6,
            "receipt.status.size",
            status.size,
            f"at least {receipt.inclusion.size}",
            why="the status looks at fewer entries than the checkpoint",
            why_zh="密钥状态所依据的条目少于检查点",
        )
    check_positions(6, receipt.index, keys, status.keys, statement)
    return status


def check_positions(
    step: int, index: int, keys: Sequence[Established], said: Sequence[KeyStatus], statement: Statement
) -> None:
    """Whether each key signed where it could, by what is ``said`` of each, in the order of ``keys``; the first signed
    the entry at ``index``. ``by`` is ``None`` where the contract says it.

    Raises ``ReceiptRefused`` with ``receipt.key.revoked`` or ``receipt.key.compromised``.
    """
    ended = isinstance(statement.content, RotateKey) or (
        isinstance(statement.content, RevokeKey) and statement.content.thumbprint == keys[0].key.kid_name
    )
    _check_position(step, said[0], index, ended=ended)
    for below, signer in zip(keys, said[1:], strict=False):
        if not isinstance(below.body, CompleteRecovery):
            _check_position(step, signer, below.index, ended=isinstance(below.body, RotateKey))


def _check_position(step: int, status: KeyStatus, index: int, *, ended: bool) -> None:
    """Whether a key signed the entry at ``index``; ``ended``: that entry is its own end."""
    if status.invalid_since is not None and index >= status.invalid_since:
        who = "the contract" if status.by is None else f"entry {status.by}"
        who_zh = "合约" if status.by is None else f"第 {status.by} 号条目"
        raise refusal(
            step,
            "receipt.key.compromised",
            f"entry {index} by {status.kid}",
            f"an entry below {status.invalid_since}",
            why=f"{who} declares the key compromised from entry {status.invalid_since} on",
            why_zh=f"{who_zh}宣布该密钥自第 {status.invalid_since} 号条目起失窃",
        )
    if status.revoked is not None and (index > status.revoked or (index == status.revoked and not ended)):
        raise refusal(
            step,
            "receipt.key.revoked",
            f"entry {index} by {status.kid}",
            f"an entry below {status.revoked}",
            why=f"entry {status.revoked} ended the key",
            why_zh=f"第 {status.revoked} 号条目已终止该密钥",
        )


def _misplaced(action: str) -> Exception:
    return refusal(
        5,
        "receipt.keys.last",
        action,
        "one enrolment, and that at the end",
        why="the chain of keys does not end with its one enrolment",
        why_zh="密钥链应以唯一一次注册结束",
    )


def _order(above: int, below: int) -> Exception:
    return refusal(
        5,
        "receipt.keys.index",
        above,
        f"below {below}",
        why="the key was brought after the entry that it signed",
        why_zh="密钥在条目之后才登记",
    )


class _Possession:
    """What the checks of possession ask of a log: binding and time. A receipt has no clock, so no ``iat`` is late."""

    now = LATEST
    skew = 0

    def __init__(self, trust: Trust) -> None:
        self.origin = trust.log
        self.registry_domain: Domain = trust.registry_domain
