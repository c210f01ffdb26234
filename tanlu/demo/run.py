"""The demo from an empty folder to ``summary.json``."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from attestation.accounting import ganzhou_totals
from ganache import free_port
from ledger.checkpoint import Checkpoint, Note
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.log_models import CheckpointRow
from tanlu.client import Client, Credentials
from tanlu.demo import auditing, checks, inputs, recovery
from tanlu.demo.actors import Actors, Holder
from tanlu.demo.park_year import ParkYear
from tanlu.demo.processes import Processes
from tanlu.errors import TanluError
from tanlu.files import no_folder
from tanlu.installation import Choices, Installation, create
from tanlu.keyring import open_key
from tanlu.readings import PRESETS, read_meter_file
from tanlu.trustfile import load_trust

RECEIPT_SECONDS = 180.0
_CHAIN_ID = 31337
_SAMPLES = 20
_MARK = ".tanlu-demo"


class NotOurs(TanluError):
    """The output folder holds something that no demo made: it is not cleared."""


@dataclass(frozen=True, slots=True)
class Show:
    """How the demo talks: ``step`` and ``say`` get English and Chinese, ``progress`` gets done and total."""

    step: Callable[[str, str], None]
    say: Callable[[str, str], None]
    progress: Callable[[int, int], None]


def run(out: Path, readings: Path | None, show: Show) -> dict[str, Any]:
    """Run the demo into ``out`` (cleared first) and return the summary, which is written there too.

    ``readings``: a meter file in the steel plant's layout, or None for the seeded one. Raises TanluError of many kinds;
    whatever was started is stopped.
    """
    began = time.monotonic()
    if readings is not None:
        # A file that is no meter's costs nobody the demo before.
        read_meter_file(readings, PRESETS["steel"], "kWh", now=int(time.time()))
    _clear(out)
    show.step("0 A deployment of its own", "0 新建部署")
    installed = _install(out / "home")
    with Processes(installed.home, out / "logs") as processes:
        engine = processes.start("node")
        processes.start("witness")
        service = processes.start("serve")
        show.say(
            f"chain {engine['url']}, service {service['url']}, log {installed.origin}",
            f"链 {engine['url']}，服务 {service['url']}，日志 {installed.origin}",
        )
        trust = load_trust(installed.trust_file)
        registrar = _registrar(installed)
        who = Credentials(registrar.identifier, registrar.key)
        with Client(service["url"], trust=trust, evidence=out / "evidence", credentials=who) as client:
            year = ParkYear(_actors(client, installed, registrar, show), show)
            _act(year, installed, out, readings, show)
            processes.check()
            show.step("10 Receipts and figures, verified without the service", "10 脱离服务核验收据与登记数值")
            receipts = _receipts(client, year)
            offline = checks.verify_all(receipts, trust, None)
            on_chain = checks.verify_all(receipts, trust, engine["url"])
            refused = checks.reject_altered(receipts["A"], trust, engine["url"])
            show.say(
                f"{offline} receipts verified offline, {on_chain} with the chain, {len(refused)} altered ones refused",
                f"离线核验 {offline} 份，结合链核验 {on_chain} 份，拒绝被改动的 {len(refused)} 份",
            )
            figures = checks.verify_figures(year.figures(receipts), trust, engine["url"])
            show.say(
                f"the contract holds {len(figures)} figures, {sum(figures.values()):,} t, each by its verifier's "
                "signature over both leaves; one tonne more is refused",
                f"合约登记 {len(figures)} 项数值，共 {sum(figures.values()):,} 吨，"
                "均由核查机构对两个叶签名；多一吨即被拒绝",
            )
            coverage = year.coverage()
            show.say(
                f"{coverage} % of the reported emissions rest on cited readings",
                f"{coverage} % 的报告排放量由所引读数支撑",
            )
            integrated = Checkpoint.parse(Note.parse(client.checkpoint().encode()).text).size
            show.step("11 What everybody has in the end", "11 年终账")
            year.close_books()
            last = json.loads(receipts["last"])
            assets = year.assets()
            health = client.health()
            processes.check()
            show.step("12 The regulator replays everything", "12 监管机构全量重放")
            audited = auditing.replay(installed.home, engine["url"], installed.trust_file, out, show.say)
        (out / "receipt.json").write_bytes(receipts["A"])
        (out / "trust.json").write_bytes(trust.format())
    factors = json.dumps(year.factor_set.document(), ensure_ascii=False, indent=1) + "\n"
    (out / "factors.json").write_text(factors, "utf-8")
    statements, heads = _counts(installed.home)
    summary = {
        "engine": {"chain": engine.get("engine", "anvil"), "database": "sqlite"},
        "evidence": {
            "statements": statements,
            "integrated": integrated,
            "anchored": last["anchor"]["size"],
            "checkpoints": heads,
            "receipts_verified_offline": offline,
            "receipts_verified_on_chain": on_chain,
            "tampered_receipts_rejected": len(refused),
        },
        "accounting": {
            "ganzhou": {str(number): str(found.computed_10kt) for number, found in ganzhou_totals().items()}
        },
        "mrv": {
            "reports": year.reports.submitted,
            "approved": year.cases.done.approved,
            "corrected": year.cases.done.corrected,
            "rejected": year.cases.done.rejected,
            "registered_tonnes": sum(figures.values()),
            "coverage_percent": coverage,
        },
        **assets,
        "audit": audited.summary(),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    details = {
        "summary": summary,
        "reports_tonnes": year.reports.initial_tonnes,
        "registered_tonnes": figures,
        "refusals": [{"tried": item.tried, "rule": item.rule, "detail": item.detail} for item in year.actors.refusals],
        "altered_receipts": [{"altered": what, "rule": rule} for what, rule in refused],
        "health": health,
        "seconds": round(time.monotonic() - began, 1),
    }
    (out / "details.json").write_text(json.dumps(details, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return details


def _registrar(installed: Installation) -> Holder:
    folder = installed.home / "administration"
    held = open_key(folder / "registrar.pem", (folder / "password").read_text("ascii").rstrip("\n"))
    return Holder(held.card.identifier, held.private)


def _actors(client: Client, installed: Installation, registrar: Holder, show: Show) -> Actors:
    return Actors(client, installed.origin, installed.trust, registrar, show.say)


def _act(year: ParkYear, installed: Installation, out: Path, readings: Path | None, show: Show) -> None:
    show.step("1 Admission and policies", "1 准入与政策")
    year.admit(installed.first_entry.read_bytes().strip())
    show.step("2 A year of evidence", "2 一年的计量证据")
    if readings is None:
        show.say(
            "no READINGS given: A's meter replays a seeded file with the real plant's rows and sum",
            "未指定 READINGS：A 的电表重放一份种子生成的文件，行数与总和同真实工厂",
        )
        readings = out / "meter.csv"
        readings.write_text("\r\n".join(inputs.synthetic_meter_file()) + "\r\n", "utf-8")
    else:
        show.say(f"A's meter replays {readings}", f"A 的电表重放 {readings}")
    year.measure(readings, out / "import.journal")
    show.step("3 Reports and verification", "3 排放报告与核查")
    year.report_and_verify()
    show.step("4 Allocation", "4 配额分配")
    year.allocate()
    show.step("5 An auction out of the reserve", "5 储备配额单向竞价")
    year.auction()
    show.step("6 A trading day", "6 交易日")
    year.trade()
    show.step("7 Surrender", "7 清缴")
    year.surrender()
    show.step("8 A correction, and a second trading day", "8 更正与第二个交易日")
    year.amend()
    show.step("9 A lost asset key", "9 丢失资产密钥")
    year.lose_a_key()


def _receipts(client: Client, year: ParkYear) -> dict[str, bytes]:
    """Receipts of every standing report and verdict, of entries spread over the log, and of the last one."""
    indices = year.indices()
    last = year.actors.last_index
    indices |= {f"entry {place}": place for place in range(0, last, max(1, last // _SAMPLES))}
    indices["last"] = last
    return {name: client.receipt(index, wait=RECEIPT_SECONDS) for name, index in indices.items()}


def _install(home: Path) -> Installation:
    ports = {free_port() for _ in range(8)}
    rpc, service, witness, *_ = sorted(ports)
    return create(
        home,
        Choices(
            name="demo.tanlu.local",
            park=inputs.PARK,
            chain_id=_CHAIN_ID,
            rpc_url=f"http://127.0.0.1:{rpc}",
            development=True,
            finality="anvil-state:node/final.json",
            port=service,
            recovery_delay=recovery.DELAY_SECONDS,
            witness_port=witness,
        ),
    )


def _clear(out: Path) -> None:
    """Start clean, but never delete what a demo did not make."""
    if out.exists() and any(out.iterdir()):
        if not (out / _MARK).exists():
            raise NotOurs(
                rule="demo.out",
                value=out,
                expected="an empty folder, or one of an earlier demo",
                message=f"{out} holds files of another kind; nothing was deleted.",
                message_zh=f"{out} 中有其他文件，未删除任何内容。",
            )
        shutil.rmtree(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / _MARK).touch()
    except OSError as error:
        raise no_folder(out, error) from error


def _counts(home: Path) -> tuple[int, int]:
    """Entries accepted and checkpoints cosigned, from the installation's own store."""
    database = Database(f"sqlite:///{home / 'tanlu.sqlite3'}")
    with database.read() as session:
        heads = session.scalar(select(func.count()).where(CheckpointRow.cosigned.is_(True))) or 0
        entries = EntryRepository(session).state().next_index
    database.close()
    return entries, heads
