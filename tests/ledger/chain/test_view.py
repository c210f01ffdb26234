"""The chain view for receipts answers from the contract itself and refuses what is not there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from attestation.identifiers import account_id
from ledger.chain.errors import ChainUnavailable, ContractRefused, RequestRefused
from ledger.chain.finality import Confirmations
from ledger.chain.view import Web3ChainView
from ledger.db.chain_models import ChainAnchorRow
from ledger.db.emission_models import ChainEmissionsRow
from ledger.db.tiles import SqlTileStore
from ledger.merkle import Tree

from ..emissions_life import YEAR, Cases
from ..registry_life import VERIFIER, WORKS

pytestmark = pytest.mark.chain


@pytest.fixture
def view(world: Any) -> Iterator[Web3ChainView]:
    made = Web3ChainView(world.engine.rpc_url, finality=Confirmations(0))
    yield made
    made.close()


def test_the_view_shows_what_the_relayer_anchored(world: Any, view: Web3ChainView) -> None:
    intent = world.grow(11)
    world.settle(world.relayer())
    contract = world.domain.verifying_contract
    with world.database.read() as session:
        row = session.scalars(select(ChainAnchorRow)).one()
        proof = Tree(SqlTileStore(session), 11).inclusion_proof(4)
    assert view.chain_id() == world.engine.chain_id
    assert view.deployment_id(contract) == world.deployment_id
    assert view.root_at(contract, 0, 11) == intent.root
    assert view.root_at(contract, 0, 10) is None
    assert view.block_hash(row.block_number) == row.block_hash
    assert view.block_hash(row.block_number + 99) is None
    found = view.anchor_of(contract, row.tx_hash)
    assert found is not None
    assert (found.epoch, found.size, found.root) == (0, 11, intent.root)
    assert (found.block_number, found.block_hash) == (row.block_number, row.block_hash)
    assert view.final_block() == row.block_number
    leaf = hashlib.sha256(b"4").digest()
    view.verify_inclusion(contract, 0, 11, 4, leaf, proof)
    with pytest.raises(ContractRefused, match="RootMismatch"):
        view.verify_inclusion(contract, 0, 11, 4, secrets.token_bytes(32), proof)
    with pytest.raises(ContractRefused, match="RootUnknown"):
        view.verify_inclusion(contract, 0, 10, 4, leaf, proof)


def test_the_view_shows_a_registered_figure_as_of_its_block(world: Any, view: Web3ChainView) -> None:
    cases = Cases(world)
    world.grow(9)
    for intent in cases.everybody():
        world.enrol(intent)
    figure = cases.register(38_942, (3, 7))
    for told in (cases.assign(), figure):
        world.tell(told)
    world.settle(world.relayer(), rounds=20)
    with world.database.read() as session:
        row = session.scalars(select(ChainEmissionsRow)).one()
    registry, works = world.emissions_domain.verifying_contract, account_id(WORKS)
    assert view.deployment_id(registry) == world.deployment_id
    found = view.emissions(registry, works, YEAR, row.block_number)
    assert found is not None
    assert (found.tonnes, found.revision, found.determined, found.verifier) == (38_942, 1, False, account_id(VERIFIER))
    assert (found.report_leaf, found.statement_leaf) == (figure.report_leaf, figure.statement_leaf)
    assert view.emissions(registry, works, YEAR, row.block_number - 1) is None
    assert view.emissions(registry, works, YEAR + 1, row.block_number) is None
    with pytest.raises(RequestRefused, match="no emissionsOf"):
        view.emissions(b"\x42" * 20, works, YEAR, row.block_number)


def test_an_address_without_the_contract_proves_nothing(world: Any, view: Web3ChainView) -> None:
    nobody = b"\x42" * 20
    with pytest.raises(RequestRefused, match="no contract"):
        view.verify_inclusion(nobody, 0, 1, 0, bytes(32), [])
    with pytest.raises(RequestRefused, match="no deploymentId"):
        view.deployment_id(nobody)
    with pytest.raises(RequestRefused, match="no rootAt"):
        view.root_at(nobody, 0, 1)


def test_a_transaction_that_anchored_elsewhere_or_nothing_is_no_anchor(world: Any, view: Web3ChainView) -> None:
    world.grow(3)
    world.settle(world.relayer())
    with world.database.read() as session:
        row = session.scalars(select(ChainAnchorRow)).one()
    contract = world.domain.verifying_contract
    assert view.anchor_of(b"\x42" * 20, row.tx_hash) is None
    assert view.anchor_of(contract, bytes(32)) is None
    deployment_tx = world.rpc.logs([contract], 0, world.rpc.head().number)[0].tx_hash
    assert view.anchor_of(contract, deployment_tx) is None


def test_no_node_means_no_decision(free_port: int) -> None:
    view = Web3ChainView(f"http://127.0.0.1:{free_port}", timeout=1)
    with pytest.raises(ChainUnavailable):
        view.chain_id()
    assert view.final_block() is None
    view.close()
