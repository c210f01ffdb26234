"""Step 1, last part: what the enterprises bring from before the log, and the keys that will speak for their assets."""

from __future__ import annotations

import hashlib
import time

from msgspec.structs import replace

from attestation.bodies import BaseYear, Opening
from attestation.judging.openings import approval_digest
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.statements import prove_addition
from tanlu.demo import asset_inputs, inputs, two_persons
from tanlu.demo.actors import Actors, Holder
from tanlu.demo.admission import KEYS

OPENINGS = "openings"


def carry_in(actors: Actors) -> None:
    """Base years of each enterprise, agreed to by two persons of two bodies (DOMAIN 24)."""
    for letter, years in asset_inputs.BASE_TONNES.items():
        identifier = inputs.enterprise(letter).identifier
        body = Opening(
            enterprise=identifier,
            base_years=tuple(BaseYear(year=year, tonnes=tonnes) for year, tonnes in years),
            document_hash=hashlib.sha256(f"verified inventories of {identifier}".encode()).hexdigest(),
            reason="inventories of the base years, examined by park and regulator",
            approvals=(),
        )
        approvals = two_persons.approve(actors, approval_digest(actors.registry, body))
        actors.submit(actors.registrar, "opening", OPENINGS, replace(body, approvals=approvals))
    actors.say(
        f"base years of {len(asset_inputs.BASE_TONNES)} enterprises carried in, each by two persons of two bodies",
        f"{len(asset_inputs.BASE_TONNES)} 家企业的基准年排放量经两机构两人批准后记入",
    )


def add_asset_keys(actors: Actors) -> None:
    """Each enterprise brings a second key, which alone moves what it owns; the park never has it. The park has one of
    its own, for its lots."""
    for holder in (*(actors.holders[one.identifier] for one in inputs.ENTERPRISES), actors.registrar):
        key = PrivateKey.generate(Algorithm.ES256K)
        body = prove_addition(
            log=actors.log,
            identifier=holder.identifier,
            key=key,
            purposes=Purpose.ASSET,
            iat=int(time.time()),
            domain=actors.registry,
            consent=holder.key if holder.key.algorithm is Algorithm.ES256K else None,
        )
        actors.submit(holder, "key", KEYS, body)
        actors.owners[holder.identifier] = Holder(holder.identifier, key)
    actors.say(
        f"{len(inputs.ENTERPRISES)} enterprises and the park enrolled a key for assets, kept apart from their others",
        f"{len(inputs.ENTERPRISES)} 家企业及园区各注册一把资产密钥，与其他密钥分开保管",
    )
