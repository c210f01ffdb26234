"""``tanlu market replay``: a day computed again from the entries of a cosigned checkpoint (DOMAIN 12 to 15)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from attestation.keys import Algorithm, PrivateKey
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.db.log_models import Entry
from ledger.db.market_models import MarketDayRow, MarketFillRow
from ledger.sequencer import OperatorKeys, Sequencer
from ledger.sequencer import Witness as AskedWitness
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile

from ...client.test_heads import Direct
from ...conftest import ORIGIN
from .conftest import Register
from .test_market import DAY, QUOTA, Trading

REPLAY = ("market", "replay", QUOTA)


@pytest.fixture
def integrate(register: Register, tmp_path: Path) -> Callable[[], object]:
    """Has everything that was accepted stand under a cosigned checkpoint."""
    world = register.office.world
    domain, path = world.trust.checkpoint_domain, tmp_path / "witness.json"
    chain = SignerKey("witness.test", SignatureKind.EIP712, PrivateKey.generate(Algorithm.ES256K))
    settings = WitnessSettings(
        ORIGIN, [world.log_signer.verifier], world.witness_signer, path, chain, domain, first_epoch=0
    )

    def step() -> object:
        with StateFile(path) as store:
            asked = AskedWitness(Direct(Witness(settings, store, lambda: int(time.time()))))
            operator = OperatorKeys(world.log_signer, world.cosigner_signer)
            return Sequencer(register.office.database, world.parameters(), operator, [asked], domain=domain).step()

    return step


@pytest.fixture
def closed(register: Register, integrate: Callable[[], object]) -> Register:
    """A day with two trades of one offer, closed; all of it in the log's tree."""
    floor = Trading(register)
    floor.open()
    floor.endow()
    offer = floor.sell(900, "62.50")["order"]
    for tonnes in (200, 500):
        floor.accept(offer, "--tonnes", tonnes)
    register.act("market", "close", QUOTA, DAY, "--early")
    integrate()
    return register


def test_a_day_replays_to_what_was_closed_and_one_altered_trade_is_found(closed: Register, run) -> None:
    told = closed.answer(*REPLAY, DAY)
    assert (told["fills"], told["volume"], told["close_fen"], told["differences"]) == (2, 700, 6_250, [])
    with closed.office.database.read() as session:
        day = session.scalars(select(MarketDayRow)).one()
        assert (bytes.fromhex(told["root"]), told["closed_index"]) == (day.root, day.status_index)
    assert told["size"] == closed.office.size()
    document = closed.folder / "session.json"
    assert closed.answer(*REPLAY, DAY, "--document", document)["document"] == str(document)
    assert hashlib.sha256(document.read_bytes()).hexdigest() == told["root"], "anybody's own hash of the file"
    assert closed.answer(*REPLAY, DAY, "--document", document, code=1)["rule"] == "file.exists"
    assert "无差异" in run(*REPLAY, DAY, "--lang", "zh").stdout

    with closed.office.database.write() as session:
        session.execute(
            update(MarketFillRow).where(MarketFillRow.number == 1).values(tonnes=499, value_fen=499 * 6_250)
        )
    found = run(*REPLAY, DAY, "--json")
    assert found.exit_code == 4
    (first,) = json.loads(found.stdout)["differences"]
    assert (first["source"], first["what"]) == ("trades", "fills[1].tonnes")
    assert (first["computed"], first["recorded"]) == ("500", "499")
    assert f"trades fills[1].tonnes (entry {first['cause']}): computed 500, found 499" in run(*REPLAY, DAY).stdout


def test_entries_that_are_not_those_of_the_checkpoint_are_no_replay(closed: Register) -> None:
    with closed.office.database.write() as session:
        first, second = session.scalars(select(Entry).where(Entry.type == "order").order_by(Entry.index).limit(2))
        session.execute(
            update(Entry)
            .where(Entry.index == second.index)
            .values(entry=first.entry, leaf_hash=first.leaf_hash, statement_id=first.statement_id)
        )
    assert closed.answer(*REPLAY, DAY, code=4)["rule"] == "answer.root"


def test_a_day_that_never_opened_is_refused(closed: Register) -> None:
    refused = closed.answer(*REPLAY, DAY + 1, code=1)
    assert (refused["rule"], refused["value"]) == ("market.day", f"{QUOTA}, {DAY + 1}")
    assert refused["message_zh"]
