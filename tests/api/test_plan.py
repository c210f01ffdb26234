"""``plan.json``: what a deployment is made of; plans from before there were emissions on chain go on as they are."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.plan import deployment_plan, read_plan
from api.settings import Profile, Settings, SettingsRefused
from ledger.chain.contracts import ACCESS_MANAGER, EMISSION_NAMES, FIRST_NAMES, NAMES, UNIT_NAMES
from ledger.trust import Trust

DEPLOYMENT = bytes(range(1, 33))
PLAN: dict[str, Any] = {
    "v": 1,
    "type": "plan",
    "chain_id": 31337,
    "deployment_id": DEPLOYMENT.hex(),
    "cosigners": ["0x" + "11" * 20],
    "threshold": 1,
    "epoch_delay": 60,
    "recovery_delay": 604_800,
    "approvers": [{"address": "0x" + "12" * 20, "body": "0a" * 32}],
    "registrar": "0x" + "13" * 20,
    "governor": "0x" + "14" * 20,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def judge(path: Path, plan: dict[str, Any], contracts: tuple[str, ...]) -> Any:
    """The plan as the service reads it, beside a trust file that names the contracts of such a deployment."""
    path.write_text(json.dumps(plan))
    settings = SimpleNamespace(plan_file=path, profile=Profile.PRODUCTION)
    named = {name: bytes([1 + number]) * 20 for number, name in enumerate(contracts) if name != ACCESS_MANAGER}
    trust = SimpleNamespace(deployment_id=DEPLOYMENT, chain_id=31337, contracts=named)
    return deployment_plan(cast(Settings, settings), cast(Trust, trust))


@pytest.mark.parametrize("contracts", [EMISSION_NAMES, UNIT_NAMES, NAMES], ids=["emissions", "units", "market"])
def test_a_plan_names_its_contracts_in_the_order_of_their_creation(path: Path, contracts: tuple[str, ...]) -> None:
    assert judge(path, PLAN | {"contracts": list(contracts)}, contracts).contracts == contracts


def test_an_older_plan_stands_for_the_contracts_that_there_were(path: Path) -> None:
    assert judge(path, PLAN, FIRST_NAMES).contracts == FIRST_NAMES


@pytest.mark.parametrize(
    ("plan", "contracts"),
    [
        (PLAN | {"contracts": list(EMISSION_NAMES)}, FIRST_NAMES),
        (PLAN, EMISSION_NAMES),
        (PLAN | {"contracts": list(UNIT_NAMES)}, EMISSION_NAMES),
        (PLAN | {"contracts": list(EMISSION_NAMES)}, UNIT_NAMES),
        (PLAN | {"contracts": list(NAMES)}, UNIT_NAMES),
        (PLAN | {"contracts": list(UNIT_NAMES)}, NAMES),
    ],
    ids=[
        *("emissions-in-plan", "emissions-in-trust", "units-in-plan", "units-in-trust"),
        *("market-in-plan", "market-in-trust"),
    ],
)
def test_a_contract_in_one_of_plan_and_trust_file_only_is_refused(
    path: Path, plan: dict[str, Any], contracts: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsRefused, match="different contracts") as refused:
        judge(path, plan, contracts)
    assert refused.value.rule == "settings.plan"


@pytest.mark.parametrize(
    "contracts",
    [[], ["EvidenceLog"], list(reversed(NAMES)), list(NAMES[:5]), [*NAMES, "Another"], "EvidenceLog", [1]],
    ids=["none", "one", "order", "some", "another", "text", "number"],
)
def test_other_contracts_are_no_deployment(path: Path, contracts: object) -> None:
    path.write_text(json.dumps(PLAN | {"contracts": contracts}))
    with pytest.raises(SettingsRefused) as refused:
        read_plan(path)
    assert refused.value.rule == "plan.format"
