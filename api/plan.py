"""``plan.json``: how the contracts of a deployment are made; written by ``tanlu init``, read by the relayer."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from eth_utils.address import to_canonical_address

from api.settings import SettingsRefused
from ledger.chain.deploy import DeploymentParameters


class _Approver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: str
    body: str


class _Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    v: Literal[1]
    type: Literal["plan"]
    chain_id: int
    deployment_id: str
    cosigners: tuple[str, ...]
    threshold: int
    epoch_delay: int
    approvers: tuple[_Approver, ...]
    registrar: str
    governor: str


def read_plan(path: Path) -> DeploymentParameters:
    """The deployment's parameters. Raises SettingsRefused (``plan.format``)."""
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=_Plan)
        return DeploymentParameters(
            chain_id=plan.chain_id,
            deployment_id=bytes.fromhex(plan.deployment_id),
            cosigners=tuple(to_canonical_address(address) for address in plan.cosigners),
            threshold=plan.threshold,
            epoch_delay=plan.epoch_delay,
            approvers=tuple((to_canonical_address(a.address), bytes.fromhex(a.body)) for a in plan.approvers),
            registrar=to_canonical_address(plan.registrar),
            governor=to_canonical_address(plan.governor),
        )
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise SettingsRefused(
            "plan.format",
            path,
            "the plan.json that `tanlu init` wrote",
            f"{path} is no deployment plan: {error}.",
            f"{path} 不是部署计划：{error}。",
        ) from error
