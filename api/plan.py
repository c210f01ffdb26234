"""``plan.json``: how the contracts of a deployment are made; written by ``tanlu init``, read by the relayer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from eth_utils.address import to_canonical_address

from api.keys import require_file
from api.settings import Profile, Settings, SettingsRefused
from ledger.chain.contracts import ACCESS_MANAGER, FIRST_NAMES
from ledger.chain.deploy import DeploymentParameters
from ledger.trust import Trust

_SHORTEST_RECOVERY_S = 86_400


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
    recovery_delay: Annotated[int, msgspec.Meta(ge=1, le=31_536_000)]
    approvers: tuple[_Approver, ...]
    registrar: str
    governor: str
    contracts: tuple[str, ...] = FIRST_NAMES


def deployment_plan(settings: Settings, trust: Trust) -> DeploymentParameters:
    """The plan of the deployment that ``trust`` speaks of.

    Raises SettingsRefused (``settings.plan``, ``plan.format``, ``settings.production.recovery_delay``).
    """
    plan = read_plan(require_file(settings.plan_file, "TANLU_PLAN_FILE", "deployment plan", "部署计划"))
    if plan.deployment_id != trust.deployment_id or plan.chain_id != trust.chain_id:
        raise SettingsRefused(
            "settings.plan",
            f"deployment {plan.deployment_id.hex()}, chain {plan.chain_id}",
            f"deployment {trust.deployment_id.hex()}, chain {trust.chain_id}",
            "Plan and trust file belong to different deployments.",
            "部署计划与信任文件属于不同的部署。",
        )
    if set(plan.contracts) != {ACCESS_MANAGER, *trust.contracts}:
        raise SettingsRefused(
            "settings.plan",
            f"contracts {', '.join(plan.contracts)}",
            f"{ACCESS_MANAGER} and the contracts that the trust file names: {', '.join(trust.contracts)}",
            "Plan and trust file are of different contracts.",
            "部署计划与信任文件包含的合约不同。",
        )
    if settings.profile is Profile.PRODUCTION and plan.recovery_delay < _SHORTEST_RECOVERY_S:
        raise SettingsRefused(
            "settings.production.recovery_delay",
            f"{plan.recovery_delay} s",
            f"at least {_SHORTEST_RECOVERY_S} s",
            f"{settings.plan_file} leaves a holder no time to object to a recovery; this is the production profile.",
            f"{settings.plan_file} 中的密钥恢复异议期过短，持有者来不及提出异议；当前为生产模式。",
        )
    return plan


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
            recovery_delay=plan.recovery_delay,
            approvers=tuple((to_canonical_address(a.address), bytes.fromhex(a.body)) for a in plan.approvers),
            registrar=to_canonical_address(plan.registrar),
            governor=to_canonical_address(plan.governor),
            contracts=plan.contracts,
        )
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise SettingsRefused(
            "plan.format",
            path,
            "the plan.json that `tanlu init` wrote",
            f"{path} is no deployment plan: {error}.",
            f"{path} 不是部署计划：{error}。",
        ) from error
