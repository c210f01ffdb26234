"""``approve`` and ``submit`` of every act of two persons: their word, and the registrar's (DOMAIN 23)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from attestation.allocation_parts import allocation_parts
from attestation.bodies import Allocation, ConfirmFreeze
from ledger.chain.operations import Kind, operation_id
from tanlu.cli import options
from tanlu.cli.acting import Acting, acts
from tanlu.cli.console import console
from tanlu.cli.words import named, said, signs_as
from tanlu.files import require_new, write_new
from tanlu.keyring import open_key
from tanlu.proposals import Proposal, check_document, make_approval, read_approval, read_proposal
from tanlu.trustfile import load_trust


@click.command()
@click.argument("proposal_path", metavar="PROPOSAL", type=options.FILE)
@options.key
@click.option("--document", type=options.FILE, help="Compare it with what the proposal names. 核对依据文件")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the approval. 输出文件")
@options.trust
@options.password_file
def approve(
    *,
    proposal_path: Path,
    key_path: Path,
    document: Path | None,
    out: Path,
    trust_path: Path,
    password_file: Path | None,
) -> None:
    """Approve a PROPOSAL as a person of a park, verifier or regulator. 批准

    Offline. --key is an ES256K key for `administration`. What is signed is shown first, and is what the contract
    carries out.
    """
    require_new(out)
    trust = load_trust(trust_path)
    proposal = read_proposal(proposal_path, trust)
    if document is not None:
        check_document(proposal, document)
    console().note(*(said(proposal, zh=zh) for zh in (False, True)))
    held = open_key(key_path, options.read_password(password_file))
    approval = make_approval(held, trust, proposal)
    console().note(*(signs_as(held.card.identifier, zh=zh) for zh in (False, True)))
    write_new(out, json.dumps(approval, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(approval, str(out), str(out))


@click.command()
@click.argument("proposal_path", metavar="PROPOSAL", type=options.FILE)
@click.option(
    "--approval",
    "approval_paths",
    metavar="FILE",
    type=options.FILE,
    multiple=True,
    required=True,
    help="A person's approval; given twice. 批准文件（两份）",
)
@acts
def submit(*, acting: Acting, proposal_path: Path, approval_paths: tuple[Path, ...]) -> None:
    """Sign an approved PROPOSAL as the registrar, and submit it. 提交"""
    trust = load_trust(acting.trust_path)
    proposal = read_proposal(proposal_path, trust)
    approvals = [read_approval(path, trust.log, proposal) for path in approval_paths]
    with acting.open() as desk:
        accepted = desk.say(proposal.type, proposal.approved(approvals))
        members: dict[str, Any] = {"statement": proposal.type, "action": proposal.action}
        operations = _operations(trust.deployment_id, proposal, bytes.fromhex(accepted.leaf_hash))
        desk.result(accepted, operations, members, *(named(proposal, zh=zh) for zh in (False, True)))


def _operations(deployment_id: bytes, proposal: Proposal, leaf: bytes) -> list[bytes]:
    """What the entry of that leaf hash asks of the contracts for the act."""
    body = proposal.body
    if isinstance(body, ConfirmFreeze):
        # The freeze used its own operation up; its confirmation is named by the entry.
        return [operation_id(deployment_id, Kind.CONFIRM_FREEZE, leaf)]
    parts = range(len(allocation_parts(body))) if isinstance(body, Allocation) else ()
    carried = (operation_id(deployment_id, Kind.ALLOCATE, leaf + part.to_bytes(4)) for part in parts)
    return [bytes.fromhex(proposal.op_id), *carried]
