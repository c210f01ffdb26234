"""What bodies about units are made of: operations, assets, tonnes (DOMAIN 1, 22)."""

from __future__ import annotations

from typing import Annotated

from attestation.assets import ASSET_PATTERN
from attestation.bodies.keys import APPROVALS, Approval
from attestation.bodies.texts import MAX_SEQ, Part, integer, published, whole
from attestation.bodies.words import DIGEST_PATTERN

OperationText = Annotated[str, published(pattern=whole(rf"(?!0{{64}}){DIGEST_PATTERN}"))]
"""32 random bytes in lowercase hex, not all zero: the operation that the contract carries out once."""
AssetText = Annotated[str, published(pattern=whole(ASSET_PATTERN))]
"""``quota-2025`` or ``ccer``."""
Tonnes = Annotated[int, integer(1, MAX_SEQ)]
"""Whole tonnes of CO2e, at least one."""
ApprovalPair = Annotated[tuple[Approval, ...], published(minItems=APPROVALS, maxItems=APPROVALS)]
"""Two persons of two bodies (DOMAIN 23), each with a signature over the message of the contract."""


class Action(Part, frozen=True, kw_only=True, tag_field="action"):
    """What every body about units is; ``action`` stands first in its JSON."""

    @property
    def action(self) -> str:
        """The member ``action``."""
        return str(self.__struct_config__.tag)
