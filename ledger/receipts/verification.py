"""Verification of a receipt against a trust file, in numbered steps, without I/O and without a clock:

1. form: strict JSON, members, spellings, sizes (``parse``); the checkpoint's text
2. origin: receipt and checkpoint are of the trusted log, whose origin contains the deployment id
3. checkpoint: signed by the log's key and by a quorum of the trusted witnesses
4. inclusion of the entry: at that index of the tree of exactly the checkpoint's size
5. the key entries: included at the same size; ``key`` statements from the trusted registrar's key down to the key
   that the entry names, each signed by the one before, with proofs of possession and in the order of the log (the
   registrar's own first entry, number 0, enrols itself); the notices: included at the same size
6. the entry: form, log, ``alg``, ``typ``, body; the key may sign this type; signature; by the log's signed status no
   key of the chain was revoked, or called compromised, where it signed
7. cosignatures for the chain: of at least the trusted threshold of cosigners, for the trusted chain, contract and
   deployment
8. anchor: its chain, contract and deployment are the trusted ones, its epoch, size and root the checkpoint's
9. the chain's own view, if one is given: chain id, deployment id, root, inclusion by the contract, transaction, block;
   the registry knows the keys as their entries bring them, and of none that it had ended or is flagged where it signed

Only the trust file is believed. Steps 7 and 8 need an anchor; without one (``require="integrated"``) what is left is
the word of the log and its witnesses.
"""

from __future__ import annotations

from typing import Literal

from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.keys import Kind
from attestation.powers import SIGNERS, check_key_powers, needs_registrar, wanted_purposes
from attestation.statements import Key, Statement
from attestation.verification import check_signature
from ledger.checkpoint import Checkpoint, Note, unknown_lines, verify_cosigners, verify_signatures
from ledger.errors import LedgerError
from ledger.merkle import leaf_hash, verify_inclusion
from ledger.receipts import findings
from ledger.receipts.chain_steps import check_chain
from ledger.receipts.chain_view import ChainView
from ledger.receipts.format import Anchor, Inclusion, Receipt
from ledger.receipts.lineage import Established, check_order, check_status, establish
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
    _check_inclusion("receipt.inclusion", 4, receipt.entry, receipt.index, receipt.inclusion, checkpoint)
    # 5: the key entries
    for name, listed in (("keys", receipt.keys), ("notices", receipt.notices)):
        for one in listed:
            _check_inclusion(f"receipt.{name}.inclusion", 5, one.entry, one.index, one.inclusion, checkpoint)
    keys = establish(receipt, trust)
    check_order(receipt, keys)
    # 6: the entry, and whether its key signed where it could
    statement = _check_entry(receipt, trust, keys[0])
    status = check_status(receipt, trust, keys, statement)
    checked = findings.log_findings(receipt, trust, checkpoint, len(witnesses), (statement, status))
    not_checked = findings.never_checked(receipt, status)
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
            answer = check_chain(chain, receipt, receipt.anchor, trust, (keys, statement))
            checked += findings.chain_findings(receipt.anchor, answer)
            not_checked += findings.chain_open(answer)
            state = "final" if answer.final else "anchored"
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


def _check_inclusion(  # noqa: PLR0917 - one proof and what it is for
    rule: str, step: int, entry: bytes, index: int, inclusion: Inclusion, checkpoint: Checkpoint
) -> None:
    # An inclusion proof does not commit to the tree's size: the checkpoint does.
    require_equal(step, f"{rule}.size", inclusion.size, checkpoint.size)
    try:
        verify_inclusion(leaf_hash(entry), index, checkpoint.size, inclusion.proof, checkpoint.root)
    except LedgerError as error:
        refuse_because(step, error, rule=rule)


def _check_entry(receipt: Receipt, trust: Trust, enrolled: Established) -> Statement:
    """Step 6: the same powers that the log demands at acceptance."""
    key = enrolled.key
    try:
        statement = examine(receipt.entry, trust.log)
        require_equal(6, "receipt.entry.issuer", statement.iss, enrolled.identifier)
        require_equal(6, "receipt.entry.kid", statement.kid_key, key.kid_name)
        require_equal(6, "receipt.entry.alg", statement.jws.header.alg.value, key.algorithm.value)
        check_signature(statement, key)
        if isinstance(statement.body, Key):
            root = (trust.registrar_identifier, trust.registrar.kid_name)
            check_key_powers(statement.body, statement.iss, statement.kid_key, enrolled.purposes, root)
            return statement
        signers = SIGNERS[statement.type]
        needed = signers.get(Kind(enrolled.kind))
        if not any(purpose in enrolled.purposes for purpose in ([needed] if needed else signers.values())):
            raise refusal(
                6,
                "receipt.entry.purpose",
                ", ".join(enrolled.purposes.names()),
                " or ".join(wanted_purposes(statement.type) if needed is None else needed.names()),
                why="the key may not sign this type of statement",
                why_zh="该密钥无权签署此类声明",
            )
        if needs_registrar(statement.type, statement.content):
            require_equal(6, "receipt.entry.registrar", statement.iss, trust.registrar_identifier)
        if needed is None:
            raise refusal(
                6,
                "receipt.entry.kind",
                enrolled.kind,
                " or ".join(sorted(signers)),
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
