from __future__ import annotations

from typing import get_args

import pytest

from attestation.bodies import Key, RevokeKey
from attestation.keys import Purpose
from attestation.powers import POWER_BY_ACTION, Power, check_key_powers
from attestation.statements import VetoRecovery

ROOT = ("88.608.100/park", "R" * 43)
REVOKE = RevokeKey(thumbprint="A" * 43, identifier="88.608.1/a")


def test_every_action_has_its_power() -> None:
    assert set(POWER_BY_ACTION) == {struct.__struct_config__.tag for struct in get_args(Key)}


def test_law_7_only_the_root_key_says_who_somebody_is() -> None:
    root = {action for action, power in POWER_BY_ACTION.items() if power is Power.ROOT}
    assert root == {"enrol", "compromise", "propose-recovery", "complete-recovery"}


@pytest.mark.parametrize("purposes", [Purpose.DEVICE, Purpose.STATEMENT, Purpose.ASSET])
def test_a_key_of_any_purpose_revokes_itself_and_vetoes(world, purposes: Purpose) -> None:
    check_key_powers(REVOKE, REVOKE.identifier, REVOKE.thumbprint, purposes, ROOT)
    check_key_powers(VetoRecovery(proposal="0" * 64), "88.608.1/a", "B" * 43, purposes, ROOT)
    for iss, kid in ((REVOKE.identifier, "B" * 43), ("88.608.1/b", REVOKE.thumbprint)):
        with world.refused("purpose.key", 8):
            check_key_powers(REVOKE, iss, kid, purposes, ROOT)
        check_key_powers(REVOKE, iss, kid, purposes | Purpose.ADMINISTRATION, ROOT)
