"""Verification of a receipt against a trust file, in numbered steps, without I/O and without a clock:

1. form: strict JSON, members, spellings, sizes (``parse``); the checkpoint's text
2. origin: receipt and checkpoint are of the trusted log, whose origin contains the deployment id
3. checkpoint: signed by the log's key and by a quorum of the trusted witnesses
4. inclusion of the entry: at that index of the tree of exactly the checkpoint's size
5. the key entry: included at the same size; a ``key`` statement of the trusted registrar, signed by its key; it enrols
   the key that the entry names, with proofs of possession; it stands below the entry (the registrar's own first entry,
   number 0, enrols itself)
6. the entry: form, log, ``alg``, ``typ``, body; the enrolled key may sign this type; signature
7. cosignatures for the chain: of at least the trusted threshold of cosigners, for the trusted chain, contract and
   deployment
8. anchor: its chain, contract and deployment are the trusted ones, its epoch, size and root the checkpoint's
9. the chain's own view, if one is given: chain id, deployment id, root, inclusion by the contract, transaction, block

Only the trust file is believed. Steps 7 and 8 need an anchor; without one (``require="integrated"``) what is left is
the word of the log and its witnesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from attestation.context import Context
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.instants import LATEST
from attestation.judging.enrolment import new_key
from attestation.judging.possession import check_possession, check_possession_evm
from attestation.keys import PublicKey, Purpose
from attestation.powers import BY_REGISTRAR, KINDS_BY_TYPE, PURPOSE_BY_TYPE
from attestation.statements import EnrolKey, Statement
from attestation.typed_data import Domain
from attestation.verification import check_signature
from ledger.checkpoint import Checkpoint, Note, unknown_lines, verify_cosigners, verify_signatures
from ledger.errors import LedgerError
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.receipts import findings
from ledger.receipts.chain_steps import check_chain
from ledger.receipts.chain_view import ChainView
from ledger.receipts.format import Anchor, Inclusion, Receipt
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.receipts.report import Report
from ledger.trust import Trust


def verify(
    receipt: Receipt,
    trust: Trust,
    *,
    chain: ChainView | None = None,
    require: Literal["anchored", "integrated"] = "anchored",
) -> Report:
    """Judge a receipt; see the steps above.

    ``chain``: the chain's own view for step 9, or None. ``require``: ``anchored`` refuses a receipt without an anchor,
    ``integrated`` lets it pass on the log's and the witnesses' word alone.

    Raises ``ReceiptRefused``; ``ledger.errors.Retryable`` if the chain gives no answer.
    """
    # 1: form
    note, checkpoint = _parse_checkpoint(receipt)
    # 2: origin
    require_equal(2, "receipt.log", receipt.log, trust.log)
    require_equal(2, "receipt.checkpoint.origin", checkpoint.origin, trust.log)
    # 3: checkpoint
    try:
        verify_signatures(note, [trust.log_key], 1, rule="receipt.checkpoint.log-signature")
        witnesses = verify_signatures(
            note, trust.witnesses, trust.witness_quorum, rule="receipt.checkpoint.witness-quorum"
        )
    except LedgerError as error:
        refuse_because(3, error)
    # 4: inclusion of the entry
    _check_inclusion(4, receipt.entry, receipt.index, receipt.inclusion, checkpoint)
    # 5: the key entry
    _check_inclusion(5, receipt.key.entry, receipt.key.index, receipt.key.inclusion, checkpoint)
    enrolled = _enrolled_key(receipt, trust)
    _check_order(receipt, trust)
    # 6: the entry
    statement = _check_entry(receipt, trust, enrolled)
    checked = findings.log_findings(receipt, trust, checkpoint, len(witnesses), statement)
    not_checked = findings.never_checked(receipt)
    not_checked += findings.ignored(unknown_lines(note, [trust.log_key, *trust.witnesses], trust.cosigners))
    state = "integrated"
    if receipt.anchor is None:
        if require == "anchored":
            raise refusal(
                7,
                "receipt.anchor",
                "none",
                "an anchor on chain",
                why="the entry is not anchored",
                why_zh="条目尚未上链锚定",
            )
        not_checked += findings.not_anchored()
    else:
        # 7: cosignatures for the chain
        cosigners = _check_cosigners(note, trust)
        # 8: anchor
        _check_anchor(receipt.anchor, trust, checkpoint)
        checked += findings.anchor_findings(trust, cosigners)
        state = "anchored"
        # 9: the chain's own view
        if chain is None:
            not_checked += findings.chain_not_asked(receipt.anchor)
        else:
            final = check_chain(chain, receipt, receipt.anchor, trust, leaf_hash(receipt.entry))
            checked += findings.chain_findings(receipt.anchor, final)
            not_checked += findings.finality_open(final)
            state = "final" if final else "anchored"
    return Report(
        log=trust.log,
        index=receipt.index,
        size=checkpoint.size,
        epoch=checkpoint.epoch or 0,
        statement_id=statement.statement_id,
        type=statement.type,
        issuer=statement.iss,
        state=state,
        checked=checked,
        not_checked=not_checked,
    )


def _parse_checkpoint(receipt: Receipt) -> tuple[Note, Checkpoint]:
    try:
        note = Note.parse(receipt.checkpoint)
        checkpoint = Checkpoint.parse(note.text)
    except LedgerError as error:
        refuse_because(1, error)
    if checkpoint.epoch is None:
        raise refusal(
            1,
            "receipt.checkpoint.epoch",
            "none",
            "a line epoch <n>",
            why="the checkpoint has no epoch",
            why_zh="检查点没有纪元",
        )
    return note, checkpoint


def _check_inclusion(step: int, entry: bytes, index: int, inclusion: Inclusion, checkpoint: Checkpoint) -> None:
    rule = "receipt.inclusion" if step == 4 else "receipt.key.inclusion"
    # An inclusion proof does not commit to the tree's size: the checkpoint does.
    require_equal(step, f"{rule}.size", inclusion.size, checkpoint.size)
    try:
        verify_inclusion(leaf_hash(entry), index, checkpoint.size, inclusion.proof, checkpoint.root)
    except LedgerError as error:
        refuse_because(step, error, rule=rule)


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """What a key entry says: the key, whose it is, what it is for."""

    key: PublicKey
    identifier: str
    kind: str
    purposes: Purpose


def _enrolled_key(receipt: Receipt, trust: Trust) -> _Enrolled:
    """Step 5: what the key entry enrols, once the registrar's signature and the new key's possession are checked."""
    try:
        statement = examine(receipt.key.entry, trust.log)
        require_equal(5, "receipt.key.type", statement.type, "key")
        require_equal(5, "receipt.key.issuer", statement.iss, trust.registrar_identifier)
        require_equal(5, "receipt.key.kid", statement.kid_key, trust.registrar.kid_name)
        require_equal(5, "receipt.key.alg", statement.jws.header.alg.value, trust.registrar.algorithm.value)
        check_signature(statement, trust.registrar)
        require_equal(5, "receipt.key.action", statement.body.__struct_config__.tag, "enrol")
        body = statement.body_as(EnrolKey)
        key = new_key(body.key.jwk)
        purposes = Purpose.parse(body.key.purposes)
        asked = cast("Context", _Possession(trust))
        check_possession(body, body.subject.identifier, key, asked)
        check_possession_evm(body, key, account_id(body.subject.identifier), purposes, asked)
    except AttestationError as error:
        refuse_because(5, error)
    return _Enrolled(key, body.subject.identifier, body.subject.kind, purposes)


def _check_order(receipt: Receipt, trust: Trust) -> None:
    """Step 5: a key signs entries above the one that enrolled it (docs/design.md §2, key status)."""
    if receipt.key.index < receipt.index:
        return
    if (receipt.key.index, receipt.index) == (0, 0) and receipt.key.entry == receipt.entry:
        return
    raise refusal(
        5,
        "receipt.key.index",
        receipt.key.index,
        f"below {receipt.index}",
        why="the key was enrolled after the entry",
        why_zh="密钥在条目之后才登记",
    )


def _check_entry(receipt: Receipt, trust: Trust, enrolled: _Enrolled) -> Statement:
    """Step 6: the same powers that the log demands at acceptance."""
    key = enrolled.key
    try:
        statement = examine(receipt.entry, trust.log)
        require_equal(6, "receipt.entry.issuer", statement.iss, enrolled.identifier)
        require_equal(6, "receipt.entry.kid", statement.kid_key, key.kid_name)
        require_equal(6, "receipt.entry.alg", statement.jws.header.alg.value, key.algorithm.value)
        check_signature(statement, key)
        needed = PURPOSE_BY_TYPE[statement.type]
        if needed not in enrolled.purposes:
            raise refusal(
                6,
                "receipt.entry.purpose",
                ", ".join(enrolled.purposes.names()),
                ", ".join(needed.names()),
                why="the key may not sign this type of statement",
                why_zh="该密钥无权签署此类声明",
            )
        if statement.type in BY_REGISTRAR:
            require_equal(6, "receipt.entry.registrar", statement.iss, trust.registrar_identifier)
        if statement.type == "key":
            require_equal(6, "receipt.entry.root", statement.kid_key, trust.registrar.kid_name)
        if enrolled.kind not in KINDS_BY_TYPE[statement.type]:
            raise refusal(
                6,
                "receipt.entry.kind",
                enrolled.kind,
                " or ".join(sorted(KINDS_BY_TYPE[statement.type])),
                why="an identifier of this kind does not sign this type of statement",
                why_zh="此类主体不能签署此类声明",
            )
        _ = statement.body
    except AttestationError as error:
        refuse_because(6, error)
    return statement


def _check_cosigners(note: Note, trust: Trust) -> int:
    try:
        return len(
            verify_cosigners(
                note,
                trust.cosigners,
                trust.cosigner_threshold,
                trust.checkpoint_domain,
                rule="receipt.checkpoint.cosigners",
            )
        )
    except LedgerError as error:
        refuse_because(7, error)


def _check_anchor(anchor: Anchor, trust: Trust, checkpoint: Checkpoint) -> None:
    require_equal(8, "receipt.anchor.chain_id", anchor.chain_id, trust.chain_id)
    require_equal(8, "receipt.anchor.contract", anchor.contract, trust.evidence_log)
    require_equal(8, "receipt.anchor.deployment_id", anchor.deployment_id, trust.deployment_id)
    require_equal(8, "receipt.anchor.epoch", anchor.epoch, checkpoint.epoch)
    require_equal(8, "receipt.anchor.size", anchor.size, checkpoint.size)
    require_equal(8, "receipt.anchor.root", anchor.root, checkpoint.root)


class _Possession:
    """What the checks of possession ask of a log: binding and time. A receipt has no clock, so no ``iat`` is late."""

    now = LATEST
    skew = 0

    def __init__(self, trust: Trust) -> None:
        self.origin = trust.log
        self.registry_domain: Domain = trust.registry_domain
