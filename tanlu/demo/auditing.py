"""STORY step 10: the regulator replays everything, and tries whether the replay would notice (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ledger import backup
from ledger.archive.writing import write_archive
from ledger.audit import AuditReport, NodeEvidence, audit, store_evidence
from ledger.audit.chain import deployment_of
from ledger.chain.addressbook import AddressBook
from ledger.chain.rpc import Rpc
from ledger.trust import parse
from ledger.verifying import cores
from tanlu.drill import DrillResult, drill
from tanlu.errors import TanluError

TRIED = ("a byte of an entry", "a balance", "a trade's price", "an entry that is gone", "an event's data")
"""The alterations that the demo tries; all of them: ``make drill``."""


class Unsound(TanluError):
    """The replay found a divergence in what the demo did, or did not find one that was made."""

    @classmethod
    def by(cls, what: object) -> Unsound:
        """What was found, or not."""
        return cls(
            rule="demo.audit",
            value=what,
            expected="no divergence in the year, and every alteration found",
            message="The replay of the year does not give what it should.",
            message_zh="年度重放结果不符。",
        )


@dataclass(frozen=True, slots=True)
class Audited:
    """The year's audit, and what became of the alterations."""

    report: AuditReport
    drilled: DrillResult

    def summary(self) -> dict[str, int]:
        """Members of ``summary.json``."""
        return {
            "divergences": self.report.divergences,
            "statements_checked": self.report.statements,
            "events_checked": self.report.events,
            "tampers_tried": sum(one.applied for one in self.drilled.tried),
            "tampers_found": sum(one.passed for one in self.drilled.tried),
        }


def replay(home: Path, rpc_url: str, trust_file: Path, out: Path, say: Callable[[str, str], None]) -> Audited:
    """Audit a copy of the store and the chain, write the archive, alter copies. Raises ``Unsound``."""
    trust = parse(trust_file.read_bytes())
    deployment = deployment_of(trust, AddressBook.from_json((home / "deployment.json").read_text()).deployment())
    store, archive = out / "audited.sqlite3", out / "archive.tar"
    backup.take(home / "tanlu.sqlite3", store)
    try:
        with store_evidence(f"sqlite:///{store}") as log:
            chain = NodeEvidence(Rpc(rpc_url), log.store.scalar("SELECT number FROM chain_head"))
            report = audit(log, trust, chain=chain, deployment=deployment, rows=log.store, workers=cores())
            say(
                f"{report.statements} statements, {report.events} events, {sum(report.rows.values())} rows replayed: "
                f"{report.divergences} divergences",
                f"重放 {report.statements} 条声明、{report.events} 个事件、{sum(report.rows.values())} 行数据："
                f"不符 {report.divergences} 处",
            )
            if report.first is not None:
                raise Unsound.by(report.first)
            about = write_archive(archive, log, chain, deployment, trust=trust_file.read_bytes(), origin=trust.log)
            say(
                f"all that an audit needs is in {archive.name}: {about.size} entries, {archive.stat().st_size} bytes",
                f"审计所需全部内容已导出至 {archive.name}：{about.size} 条，{archive.stat().st_size} 字节",
            )
        drilled = drill(store, archive, trust_file, names=TRIED, processes=cores())
    finally:
        store.unlink(missing_ok=True)
    for one in drilled.tried:
        say(f"altered in a copy: {one.name}: {one.first}", f"在副本中改动：{one.name_zh}：{one.first}")
    if not drilled.passed:
        raise Unsound.by([one.name for one in drilled.tried if not one.passed] or drilled.clean[:1])
    return Audited(report, drilled)
