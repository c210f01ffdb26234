"""What commands share that write an act for two persons to approve (DOMAIN 23): its document, reason and file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from attestation.bodies import Body, SuspendAccount
from ledger.trust import Trust
from tanlu.admission import file_hash
from tanlu.assets import new_operation
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.client import Client
from tanlu.client.asset_context import AssetContext
from tanlu.files import require_new
from tanlu.foreseeing import Unasked, foresee
from tanlu.proposals import Proposal, write_proposal
from tanlu.trustfile import load_trust

WITHOUT = MappingProxyType({"approvals": ()})
"""Nobody approved it yet."""

_GROUNDS = (
    click.option("--document", type=options.FILE, required=True, help="What it rests on; its hash is signed. 依据文件"),
    click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由"),
)
_WRITING = (
    click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The proposal to write. 输出文件"),
    options.trust,
    options.server,
    options.as_key,
    options.password_file,
    options.patience,
)


@dataclass(frozen=True, slots=True)
class Writing:
    """Where a proposal goes, and whom one asks whether the log would take it."""

    out: Path
    trust_path: Path
    server: str
    as_path: Path | None
    password_file: Path | None
    patience: float

    @contextmanager
    def open(self) -> Iterator[ProposalDesk]:
        """Reads the trust file, and signs in where ``--as`` is given: then accounts and deadlines are judged too."""
        require_new(self.out)
        trust = load_trust(self.trust_path)
        who = options.credentials(self.as_path, self.password_file)
        if who is None:
            yield ProposalDesk(self.out, trust, None, None)
            return
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            yield ProposalDesk(self.out, trust, client, AssetContext(client, trust))


@dataclass(frozen=True, slots=True)
class Proposing:
    """As ``Writing``, of an act that rests on a document of its own."""

    document: Path
    reason: str
    out: Path
    trust_path: Path
    server: str
    as_path: Path | None
    password_file: Path | None
    patience: float

    @property
    def grounds(self) -> dict[str, Any]:
        """Members that every such act has: a new operation, the document's hash, the reason, nobody's approvals."""
        return {
            "op_id": new_operation(),
            "document_hash": file_hash(self.document),
            "reason": self.reason,
            **WITHOUT,
        }

    @contextmanager
    def open(self) -> Iterator[ProposalDesk]:
        """As of ``Writing``."""
        members = {name: getattr(self, name) for name in Writing.__slots__}
        with Writing(**members).open() as desk:
            yield desk

    def propose(self, type_: str, body: Body) -> None:
        """Judge an act that needs nothing from the service, and write its proposal."""
        with self.open() as desk:
            desk.propose(Proposal(type_, body))


writes = options.gathers(_WRITING, Writing, "writing")
"""Adds the options of who writes a proposal, as the one argument ``writing``."""
proposes = options.gathers((*_GROUNDS, *_WRITING), Proposing, "proposing")
"""Adds the same with document and reason, as the one argument ``proposing``."""


@dataclass(frozen=True, slots=True)
class ProposalDesk:
    """The trust file, and what a service says, for whoever signed in."""

    out: Path
    trust: Trust
    client: Client | None
    context: AssetContext | None

    def propose(self, proposal: Proposal) -> None:
        """Judge it, write it, and say what to do with it. Raises AttestationError, InputRefused."""
        if self.context is None:
            foresee(proposal, self.trust, Unasked(self.trust))
        else:
            self.context.about_suspension = isinstance(proposal.body, SuspendAccount)
            foresee(proposal, self.trust, self.context)
        document: Mapping[str, object] = write_proposal(self.out, self.trust, proposal)
        judged = self.context is not None
        more, more_zh = (
            ("", "") if judged else ("; accounts and dates are judged with --as", "；账户与期限须以 --as 登录方可核验")
        )
        console().result(
            {"file": str(self.out), "op_id": proposal.op_id, "judged": judged, "proposal": document},
            f"{self.out}: hand it, with the document, to two persons of two bodies{more}",
            f"{self.out}：请连同依据文件交给两个不同机构的个人{more_zh}",
        )
