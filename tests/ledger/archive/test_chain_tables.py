"""Tables of a day's market: what contracts did, as the recorded logs say it (law 5; DOMAIN 15, 18)."""

from __future__ import annotations

import csv
import io
import shutil
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from ledger.archive.tables.making import make_tables
from ledger.archive.tables.scratch import scratch_store
from ledger.archive.tables.views import VIEWS
from ledger.archive.writing import write_archive
from ledger.audit import Divergence, NodeEvidence, store_evidence
from ledger.audit.findings import Divergences
from ledger.audit.of_archive import ArchiveEvidence, archive_evidence
from ledger.audit.tables import compare_tables
from ledger.chain.contracts import Deployment
from ledger.chain.finality import Confirmations
from ledger.context import LogParameters
from ledger.db.base import Database
from tanlu.drill.rewriting import edited, rewrite
from tests.ledger.chained_market import ChainedMarket
from tests.ledger.conftest import engine, make_world  # noqa: F401 - fixtures that are used by name
from tests.ledger.mirrored import memory

pytestmark = pytest.mark.chain


def with_tables(path: Path, parameters: LogParameters, deployment: Deployment) -> dict[str, list[dict[str, str]]]:
    """Put the tables of an archive into it; their rows by name."""
    folder, rows = path.with_suffix(".tables"), {}
    folder.mkdir()
    added: list[str] = []
    with archive_evidence(path) as read, scratch(read, parameters, deployment) as store:
        size = read.archive.about.size
        make_tables(read.log, size, store, folder, chain=True, sink=lambda name, _file: added.append(name))
    with tarfile.open(path, "a", format=tarfile.USTAR_FORMAT) as tar:
        for name in added:
            tar.add(folder / name, f"tables/{name}")
            if name.endswith(".csv"):
                text = (folder / name).read_text("utf-8-sig")
                rows[name.removesuffix(".csv")] = list(csv.DictReader(io.StringIO(text, newline="")))
    rewrite(path, lambda _name, data: data, manifest=True)
    return rows


def scratch(
    read: ArchiveEvidence, parameters: LogParameters, deployment: Deployment
) -> AbstractContextManager[Database]:
    return scratch_store(read.log, read.chain, parameters, deployment, size=read.archive.about.size)


def compared(path: Path, parameters: LogParameters, deployment: Deployment) -> tuple[list[Divergence], dict[str, int]]:
    """What is said of the tables, and how many rows were held against the evidence."""
    found: list[Divergence] = []
    with archive_evidence(path) as read, scratch(read, parameters, deployment) as store:
        rows = compare_tables(read.archive, read.log, store, Divergences(found.append), chain=True)
    return found, rows


def test_a_day_of_the_market_is_in_the_tables(
    make_world: Callable[..., Any],  # noqa: F811 - the fixture
    engine: Any,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """STORY 6: 700 t at 62.50, 475 t at 62.00, close 62.30. A balance that somebody changes is named by its row."""
    chained = ChainedMarket(make_world(engine, finality=Confirmations(1)))
    work = chained.opened().work
    for seller, tonnes, price in ((chained.steel, 700, 6_250), (chained.food, 475, 6_200)):
        offer = chained.say(work.sell(tonnes, price), seller)
        chained.say(work.accepting(offer), chained.tiles)
    chained.settle()
    work.administer(work.close())
    chained.settle()
    path, bound = tmp_path / "archive.tar", (chained.parameters, chained.world.deploy())
    with store_evidence(chained.world.database.url) as log:
        chain = NodeEvidence(chained.world.rpc)
        write_archive(path, log, chain, bound[1], trust=b"{}", origin=memory.ORIGIN, tables=False)
    tables = with_tables(path, *bound)
    trades = tables["trades"]
    assert [(row["buyer"], row["seller"], row["tonnes"], row["price_fen"], row["value_fen"]) for row in trades] == [
        (chained.tiles, chained.steel, "700", "6250", "4375000"),
        (chained.tiles, chained.food, "475", "6200", "2945000"),
    ]
    (close,) = (row for row in tables["closes"] if row["status"] == "closed")
    assert (close["close_fen"], close["volume"], close["value_fen"]) == ("6230", "1175", "7320000")
    assert {(row["account"], row["status"], row["remaining"]) for row in tables["orders"]} == {
        *((seller, "filled", "0") for seller in (chained.steel, chained.food)),
        (chained.tiles, "filled", "0"),
    }
    balances = {(row["account"], row["asset"]): row for row in tables["balances"]}
    moved = tables["movements"]
    for (account, asset), row in balances.items():
        own = [one for one in moved if (one["account"], one["asset"]) == (account, asset)]
        for column in ("registry", "trading", "frozen", "issued", "surrendered", "cancelled"):
            assert int(row[column]) == sum(int(one[column]) for one in own)
    cash = {row["identifier"]: int(row["cash_trading_fen"]) for row in tables["accounts"]}
    assert cash[chained.steel] == chained.holdings(chained.steel)[1]
    found, rows = compared(path, *bound)
    assert found == []
    assert {f"tables/{view.name}.csv" for view in VIEWS} <= set(rows)
    copy = tmp_path / "copy.tar"
    shutil.copyfile(path, copy)
    where = next(number for number, row in enumerate(tables["balances"], 1) if row["account"] == chained.tiles)
    old = next(row for row in tables["balances"] if row["account"] == chained.tiles)
    line = ",".join(old.values()).encode()
    assert rewrite(copy, edited("tables/balances.csv", line, line + b"0"), manifest=True)
    (one,) = compared(copy, *bound)[0]
    assert one.place == f"tables/balances.csv row {where}"
    assert one.expected == line.decode()
