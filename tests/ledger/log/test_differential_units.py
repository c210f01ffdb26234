"""Units over tables are judged as units in a list: random orders and intents, some refused for good (DOMAIN 3, 22)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from attestation.bodies import CancelUnits, FreezeUnits
from attestation.errors import AttestationError
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from tests.ledger.mirrored import Mirror, unitwork

HOLDERS = (unitwork.STEEL, unitwork.TILES)
ASSETS = ("quota-2022", "quota-2023", "quota-2024", "ccer")
DAYS = (0, 1, 90, 244, 245, 275, 276)
"""From the first of May on: the deadlines of the year lie between."""
AMOUNTS = (1, 5, 40, 41, 100)


def _freezes(units: Any) -> list[FreezeUnits]:
    bodies = (logged.statement.content for logged in units.log.entries)
    return [body for body in bodies if isinstance(body, FreezeUnits)]


def _of_freeze(units: Any, pick: int, act: Callable[[FreezeUnits], object]) -> None:
    found = _freezes(units)
    if found:
        act(found[pick % len(found)])


def _refuse(units: Any, pick: int) -> None:
    """The contract finally refuses an entry about units, whichever that is."""
    mirror, types = units.mirror, {"holding", "compliance", "intent"}
    found = [logged.index for logged in units.log.entries if logged.statement.type in types]
    if not found:
        return
    index = found[pick % len(found)]
    with mirror.database.write() as session:
        row = update(OutboxRow).where(OutboxRow.position == index)
        session.execute(row.values(state=State.REFUSED.value, doubt_number=9, doubt_hash=bytes(32)))
    mirror.memory.refused |= {index}


STEPS: Mapping[str, Callable[[Any, str, str, int, int], object]] = {
    "carry-in": lambda u, h, a, n, _: u.hold(u.signed(u.carry_in(n, h, asset=a))),
    "ccer": lambda u, h, _, n, p: u.hold(
        u.signed(u.offsets(1 + 50 * p, n + 50 * p, beneficiary=h, cancellation=f"ZX-{p}"))
    ),
    "cancel": lambda u, h, a, n, _: u.hold(u.signed(u.of_units(CancelUnits, n, account=h, asset=a))),
    "freeze": lambda u, h, a, n, _: u.hold(u.signed(u.freeze(n, account=h, asset=a))),
    "at-once": lambda u, h, a, n, _: u.hold(u.freeze(n, account=h, asset=a, approvals=None)),
    "lapse": lambda u, _h, _a, _n, p: _of_freeze(u, p, lambda f: u.hold(u.lapse(f))),
    "release": lambda u, _h, _a, n, p: _of_freeze(u, p, lambda f: u.hold(u.signed(u.release(f, n)))),
    "take": lambda u, h, a, n, p: _of_freeze(
        u,
        p,
        lambda f: u.hold(u.signed(u.transfer(n, sender=h, receiver=HOLDERS[h == HOLDERS[0]], asset=a, freeze=f.op_id))),
    ),
    "transfer": lambda u, h, a, n, _: u.hold(
        u.signed(u.transfer(n, sender=h, receiver=HOLDERS[h == HOLDERS[0]], asset=a, cause="succession"))
    ),
    "suspend": lambda u, h, _a, n, _: u.hold(u.signed(u.suspend(h, suspended=n % 2 == 1))),
    "terms": lambda u, _h, _a, n, _: u.settle(u.signed(u.terms(offset_cap_bps=100 * n))),
    "price": lambda u, _h, _a, n, _: u.settle(u.signed(u.price(n))),
    "figure": lambda u, _h, _a, n, _: u.case.determine(
        enterprise=HOLDERS[0], tonnes=n, revision=1 + len(u.log.registrations_of(HOLDERS[0], u.year))
    ),
    "assess": lambda u, h, _a, _n, _: u.settle(u.assess(h)),
    "credit": lambda u, h, _a, _n, _: u.settle(u.credit(h)),
    "close": lambda u, h, _a, _n, _: u.settle(u.close(h)),
    "surrender": lambda u, h, a, n, _: u.say(u.surrender(n, asset=a), iss=h),
    "carry-over": lambda u, h, _a, n, _: u.say(u.carry_over(n), iss=h),
    "own": lambda u, h, a, n, _: u.say(u.cancel_own(n, asset=a), iss=h),
    "refuse": lambda u, _h, _a, _n, p: _refuse(u, p),
}
_folders = itertools.count()
_step = st.tuples(
    st.sampled_from(sorted(STEPS)),
    st.sampled_from(HOLDERS),
    st.sampled_from(ASSETS),
    st.sampled_from(AMOUNTS),
    st.integers(0, 3),
    st.sampled_from((None, None, None, None, *DAYS)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_step, min_size=10, max_size=50))
@example(
    steps=[
        *((name, HOLDERS[0], "quota-2023", 100, 0, None) for name in ("carry-in", "ccer")),
        *((name, HOLDERS[0], "quota-2023", 5, 0, None) for name in ("terms", "at-once", "freeze", "own", "transfer")),
        *((name, HOLDERS[0], "quota-2023", 100, 0, None) for name in ("figure", "ccer")),
        *(("surrender", HOLDERS[0], asset, 5, 0, None) for asset in ("ccer", "ccer", "quota-2023")),
        *(("refuse", HOLDERS[0], "ccer", 1, pick, None) for pick in range(3)),
        *((name, HOLDERS[0], "quota-2023", 41, 1, 1) for name in ("lapse", "release", "take", "figure", "surrender")),
        *((name, HOLDERS[0], "quota-2023", 1, 0, 276) for name in ("credit", "assess", "price", "assess", "close")),
    ]
)
def test_whatever_is_said_both_logs_answer_alike(tmp_path: Path, steps: list[tuple[Any, ...]]) -> None:
    mirror = Mirror(tmp_path, next(_folders))
    try:
        units = mirror.units()
        units.mirror = mirror
        opened = mirror.memory.now
        for name, holder, asset, amount, pick, day in steps:
            if day is not None:
                mirror.memory.now = max(mirror.memory.now, opened + day * unitwork.DAY)
            try:
                STEPS[name](units, holder, asset, amount, pick)
            except AttestationError:
                # Both refused, alike: the mirror holds them to that.
                continue
        mirror.compare_units(*(freeze.op_id for freeze in _freezes(units)))
        assert mirror.replay_faults() == []
    finally:
        mirror.database.close()
