"""Law 5 with a real chain: whatever was done to rows of entries or of the chain, the same rows return."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ganache import Node
from ledger.archive.writing import write_archive
from ledger.audit import NodeEvidence, audit, store_evidence
from ledger.audit.of_archive import archive_evidence
from ledger.chain.finality import Confirmations
from ledger.chain.rpc import Rpc
from ledger.rebuild import DERIVED, RebuildRefused, Rebuilt, rebuild, store_of_archive
from ledger.rebuild.from_archive import TargetExists
from ledger.rebuild.run import EvidenceBroken
from ledger.rebuild.tables import OF_CHAIN
from tanlu.drill.rewriting import edited, rewrite
from tests.ledger.audited_market import AuditedMarket
from tests.ledger.fsck.stores import Made
from tests.ledger.rebuild.damage import connect, damage, every_row

pytestmark = pytest.mark.chain


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditedMarket]:
    """A traded day with a fill that the contract refused and a trade that was reversed; the service stopped."""
    folder = tmp_path_factory.mktemp("market")
    with Node(folder / "chain") as engine:
        market = AuditedMarket(engine, folder)
        market.traded()
        market.reverse(300, 300 * 6_000)
        offer = market.say(market.work.sell(100, 6_000), market.steel)
        market.say(market.work.accepting(offer, 10, deadline=market.work.window(30).start), market.food)
        market.pass_time(60)
        market.settle()
        market.world.database.close()
        yield market
        market.world.close()


@pytest.fixture
def made(market: AuditedMarket, tmp_path: Path) -> Made:
    """A copy of its store."""
    copy = tmp_path / "store.sqlite3"
    shutil.copyfile(market.database.url.removeprefix("sqlite:///"), copy)
    return Made(copy, market.trust)


def rebuilt(market: AuditedMarket, made: Made) -> Rebuilt:
    return rebuild(
        made.url, made.trust, chain=market.node(), deployment=market.world.deploy(), finality=Confirmations(1)
    )


def test_every_table_of_a_market_is_the_same_afterwards(market: AuditedMarket, made: Made) -> None:
    before = every_row(made.url)
    states = {row[0] for row in made.sql("SELECT DISTINCT state FROM outbox")}
    assert {"final", "refused"} <= states
    done = rebuilt(market, made)
    assert done.changed == {}
    assert done.events == len(before["chain_events"])
    assert {name for name in OF_CHAIN if before[name]} >= {"chain_trades", "chain_cash", "chain_movements"}
    assert every_row(made.url) == before


@pytest.mark.parametrize("seed", range(4))
def test_rows_altered_deleted_and_added_are_as_before_the_damage(market: AuditedMarket, made: Made, seed: int) -> None:
    before = every_row(made.url)
    done = damage(made.url, seed)
    assert {"chain_trades", "chain_movements", "chain_events", "market_orders", "keys"} <= {
        line.split()[1] for line in done
    }
    rebuilt(market, made)
    assert every_row(made.url) == before
    found: list[str] = []
    with store_evidence(made.url) as log:
        audit(
            log,
            made.trust,
            chain=market.node(),
            deployment=market.world.deploy(),
            rows=log.store,
            found=lambda one: found.append(str(one)),
        )
    assert found == []


def test_what_the_outbox_says_of_the_chain_is_what_the_chain_says(market: AuditedMarket, made: Made) -> None:
    """How a wish was sent stays with it; that it took effect, and where, is the chain's to say."""
    before = made.sql("SELECT * FROM outbox ORDER BY id")
    settled = "state = 'final' AND id = (SELECT min(id) FROM outbox WHERE kind = 'settle' AND state = 'final')"
    made.sql(f"UPDATE outbox SET state = 'pending', block_number = NULL, block_hash = NULL WHERE {settled}")
    made.sql("UPDATE outbox SET block_number = 1 WHERE kind = 'transfer'")
    made.sql("UPDATE outbox SET op_id = zeroblob(32) WHERE id = (SELECT min(id) FROM outbox WHERE kind = 'deposit')")
    rebuilt(market, made)
    assert made.sql("SELECT * FROM outbox ORDER BY id") == before


def test_notes_about_nothing_go_and_what_is_not_noted_comes_last(market: AuditedMarket, made: Made) -> None:
    before = made.sql("SELECT op_id, order_hash, state FROM market_outcomes ORDER BY number")
    made.sql("UPDATE market_outcomes SET op_id = zeroblob(32) WHERE op_id IS NOT NULL AND state = 'final'")
    made.sql("INSERT INTO market_outcomes (entries, op_id, state, noted_at) VALUES (1, zeroblob(32), 'settled', 1)")
    rebuilt(market, made)
    after = made.sql("SELECT op_id, order_hash, state FROM market_outcomes ORDER BY number")
    assert sorted(map(repr, after)) == sorted(map(repr, before))
    assert after[-1][2] == "final"


def test_sql_that_is_gone_is_made_again_of_an_archive_alone(market: AuditedMarket, tmp_path: Path) -> None:
    """Of entries, checkpoints and recorded blocks, in a new file, without the chain's node."""
    archive, target = tmp_path / "archive.tar", tmp_path / "new.sqlite3"
    deployment = market.world.deploy()
    with store_evidence(market.url) as log:
        write_archive(archive, log, market.node(), deployment, trust=market.trust.format(), origin=market.trust.log)
    done = store_of_archive(archive, target, market.trust)
    before, after = every_row(market.url), every_row(f"sqlite:///{target}")
    # Only what a cosigned head has is exported, and every settled block is final in an archive.
    assert {name: after[name] for name in DERIVED - {"chain_head"}} == {
        name: before[name] for name in DERIVED - {"chain_head"}
    }
    assert after["entries"] == before["entries"]
    assert done.entries == len(after["entries"])
    made, exported = Made(target, market.trust), Made(Path(market.url.removeprefix("sqlite:///")), market.trust)
    for which, order in (("<>", "id"), ("=", "position")):
        # Anchors stand between the others at the moments at which heads were signed, which no entry says.
        asked = f"SELECT op_id, position, payload, block_hash FROM outbox WHERE kind {which} 'anchor' ORDER BY {order}"
        assert made.sql(asked) == exported.sql(asked)
    found: list[str] = []
    with store_evidence(made.url) as log, archive_evidence(archive) as recorded:
        audit(
            log,
            made.trust,
            chain=recorded.chain,
            deployment=deployment,
            rows=log.store,
            found=lambda one: found.append(str(one)),
        )
    assert found == []
    with pytest.raises(TargetExists) as refused:
        store_of_archive(archive, target, market.trust)
    assert refused.value.rule == "rebuild.exists"
    rewrite(archive, edited("log/entries", b'"entry":"ey', b'"entry":"ex'), manifest=True)
    with pytest.raises(EvidenceBroken):
        store_of_archive(archive, tmp_path / "none.sqlite3", market.trust)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.tar", "new.sqlite3"]


def test_a_chain_without_the_contracts_events_is_refused(market: AuditedMarket, made: Made, tmp_path: Path) -> None:
    before = every_row(made.url)
    with connect(made.url) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE state = 'final'").scalar()
    with (
        Node(tmp_path / "other") as engine,
        closing(Rpc(engine.rpc_url)) as rpc,
        pytest.raises(RebuildRefused) as refused,
    ):
        rebuild(made.url, made.trust, chain=NodeEvidence(rpc, 0), finality=Confirmations(1))
    assert refused.value.rule == "rebuild.chain"
    assert every_row(made.url) == before
