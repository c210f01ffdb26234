"""Step 9: A loses its asset key. Two persons bring another one after the delay; what A owns stays where it is."""

from __future__ import annotations

import time

from attestation.bodies import CompleteRecovery, ProposeRecovery
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.statements import approve_recovery, prove_recovery
from tanlu import assets
from tanlu.demo import two_persons, units
from tanlu.demo.actors import Actors, Holder, Said
from tanlu.demo.admission import KEYS
from tanlu.errors import TanluError

DELAY_SECONDS = 6
"""In which the holder may object. Seven days in a real deployment; the demo's own says so when it is made."""
_CHAIN_SECONDS = 60.0
_PAUSE_SECONDS = 0.25
_REASON = "the token that held the key is lost"


class RecoveryStuck(TanluError):
    """The contract was not told of the recovery in time: the demo stops."""


class AccountTouched(TanluError):
    """A recovery changed what an account holds: the demo stops."""

    @classmethod
    def by(cls, identifier: str) -> AccountTouched:
        """The error for an account."""
        return cls(
            rule="demo.account",
            value=identifier,
            expected="balances and obligations as before",
            message="The recovery of a key changed an account.",
            message_zh="密钥恢复改变了账户。",
        )


def recover(actors: Actors, identifier: str) -> Holder:
    """A new asset key in the place of the lost one. Returns the old one, whose word nobody takes any more."""
    lost = actors.owners[identifier]
    found = Holder(identifier, PrivateKey.generate(Algorithm.ES256K))
    proposed = _propose(actors, lost, found)
    _wait_for_delay(actors, lost)
    _complete(actors, proposed)
    actors.owners[identifier] = found
    actors.say(
        f"{identifier} lost its asset key: a person of the park and one of the regulator approved another, which "
        f"speaks after {DELAY_SECONDS} s without an objection",
        f"{identifier} 丢失资产密钥：园区与监管机构各一人批准新密钥，{DELAY_SECONDS} 秒无异议后生效",
    )
    return lost


def _propose(actors: Actors, lost: Holder, found: Holder) -> tuple[Said, ProposeRecovery]:
    approvals = [
        approve_recovery(
            domain=actors.registry,
            identifier=person.identifier,
            by=person.key,
            subject=lost.identifier,
            replaces=lost.key.public.kid_name,
            key=found.key.public,
            purposes=Purpose.ASSET,
            reason=_REASON,
        )
        for person in two_persons.approvers(actors)
    ]
    body = prove_recovery(
        log=actors.log,
        subject=lost.identifier,
        replaces=lost.key.public.kid_name,
        key=found.key,
        purposes=Purpose.ASSET,
        iat=int(time.time()),
        domain=actors.registry,
        reason=_REASON,
        approvals=approvals,
    )
    return actors.submit(actors.registrar, "key", KEYS, body), body


def _wait_for_delay(actors: Actors, lost: Holder) -> None:
    """Until both the log and the contract let the new key in."""
    deadline = time.monotonic() + _CHAIN_SECONDS
    while True:
        told = actors.client.keys.find(lost.key.public.kid_name)
        recoveries = () if told is None else told.recoveries
        if recoveries and recoveries[0].on_chain is not None and recoveries[0].ready_at < time.time():
            return
        if time.monotonic() > deadline:
            raise RecoveryStuck(
                rule="demo.recovery",
                value=lost.identifier,
                expected=f"the contract told of the recovery within {_CHAIN_SECONDS:.0f} s",
                message="The contract was not told of the recovery.",
                message_zh="合约未及时获知密钥恢复。",
            )
        time.sleep(_PAUSE_SECONDS)


def _complete(actors: Actors, proposed: tuple[Said, ProposeRecovery]) -> None:
    said, body = proposed
    completion = CompleteRecovery(
        proposal=said.statement_id,
        subject=body.subject,
        replaces=body.replaces,
        key=body.key,
        possession=body.possession,
        possession_evm=body.possession_evm,
    )
    actors.submit_when_due(actors.registrar, "key", KEYS, completion, "recovery.early")


def try_old_key(actors: Actors, lost: Holder, deadline: int) -> bool:
    """The old key cancels a tonne of what its holder owned: refused, as everything that it says now."""
    body = units.signed_by(actors, lost, assets.retire(units.QUOTA, 1, deadline))
    actors.expect_refusal(
        f"units of {lost.identifier} moved with the lost key",
        f"以已丢失的密钥动用 {lost.identifier} 的配额",
        actors.sign(lost, "intent", units.INTENTS, body),
    )
    return True
