"""An allocation's figures from what the log holds, so that a pocket calculator repeats them (DOMAIN 26 to 31).

Who oversees has the whole document: the share of anybody, and what it was scaled by, sum for sum. An enterprise has its
own inputs, and what the service says of the others together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from attestation.bodies import Allocation
from attestation.judging.allocations import PRE
from quota import QuotaError
from quota.allocation import AllocationRun, Share, allocate, pre_allocate, read_inputs, read_pre_inputs
from quota.allocation.inputs import IndustryInputs
from quota.allocation.pre_allocation import PreShare
from quota.trace import Step, show
from tanlu.allocating import refused

_OWN_END = ("exact share", "ahead")
"""Steps up to which a share follows from the enterprise's own inputs and the rules."""


@dataclass(frozen=True, slots=True)
class ExactShare:
    """What an enterprise would have without scaling, tCO2e, and what it has, in tonnes."""

    identifier: str
    exact: Fraction
    tonnes: int


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector's benchmark, tCO2 per unit of output, and the sums that it balances: of emissions, and of what they
    become by it before relief, tCO2. ``published``: the rules name it, and nothing was balanced."""

    name: str
    benchmark: Fraction
    published: bool
    emissions: Fraction
    entitled: Fraction


@dataclass(frozen=True, slots=True)
class Explained:
    """A share with every step, and all that the steps take from the other enterprises: ``shares`` of all, which sum to
    ``entitled`` (tCO2e), beside the ``available`` tonnes; ``sector`` of one that is measured against others."""

    share: Share | PreShare
    shares: tuple[ExactShare, ...]
    entitled: Fraction
    available: int
    sector: Sector | None

    @property
    def scaled(self) -> bool:
        """Whether all were scaled to what is available."""
        return self.entitled > self.available

    def as_dict(self) -> dict[str, object]:
        """The sums as JSON-ready members; exact figures as decimal strings of at most 18 places."""
        sector = self.sector
        return {
            "shares": [
                {"identifier": one.identifier, "exact": show(one.exact), "tonnes": one.tonnes} for one in self.shares
            ],
            "entitled": show(self.entitled),
            "available": self.available,
            "scaled": self.scaled,
            "ratio": show(Fraction(self.available) / self.entitled) if self.scaled else "1",
            "sector": None
            if sector is None
            else {
                "name": sector.name,
                "benchmark": show(sector.benchmark),
                "published": sector.published,
                "emissions": show(sector.emissions),
                "entitled": show(sector.entitled),
            },
        }


def explain(body: Allocation, identifier: str) -> Explained:
    """An enterprise's share, recomputed from the logged document. Raises InputRefused (``allocation.unknown`` and the
    rules of docs/quota.md)."""
    shares: Sequence[Share | PreShare]
    run: AllocationRun | None = None
    try:
        if body.round == PRE:
            ahead = pre_allocate(*read_pre_inputs(body.document))
            shares, available = ahead.shares, ahead.rules.available
        else:
            run = allocate(*read_inputs(body.document))
            shares, available = run.shares, run.rules.available
    except QuotaError as error:
        raise refused(error.rule, error.value, error.expected, error.expected_zh) from error
    share = next((one for one in shares if one.identifier == identifier), None)
    if share is None:
        raise refused("allocation.unknown", identifier, "an enterprise of this allocation", "本次分配中的企业")
    exact = tuple(ExactShare(one.identifier, _exact(one), one.tonnes) for one in shares)
    entitled = sum((one.exact for one in exact), Fraction(0))
    return Explained(share, exact, entitled, available, None if run is None else _sector(run, identifier))


def _exact(share: Share | PreShare) -> Fraction:
    return next(step.value for step in share.trace if step.symbol in _OWN_END)


def _sector(run: AllocationRun, identifier: str) -> Sector | None:
    own = next(one.inputs for one in run.inputs if one.identifier == identifier)
    if not isinstance(own, IndustryInputs):
        return None
    emissions, entitled = Fraction(0), Fraction(0)
    for one, share in zip(run.inputs, run.shares, strict=True):
        if isinstance(one.inputs, IndustryInputs) and one.inputs.sector == own.sector:
            emissions += Fraction(one.inputs.emissions)
            entitled += next(step.value for step in share.trace if step.symbol == "A")
    published = own.sector in dict(run.rules.sector_benchmarks)
    return Sector(own.sector, dict(run.benchmarks)[own.sector], published, emissions, entitled)


def check_own_steps(document: Mapping[str, Any], round_: str, trace: Sequence[Mapping[str, Any]]) -> int:
    """How many of the steps that the service gave of one's own share follow from one's own inputs: those to the exact
    share, computed here. 0 where a benchmark is balanced over other enterprises' inputs.

    Raises InputRefused (``allocation.step``) at the first that differs, and the rules of docs/quota.md.
    """
    try:
        steps: Sequence[Step] = _own_steps(document, round_)
    except QuotaError as error:
        raise refused(error.rule, error.value, error.expected, error.expected_zh) from error
    last = next((place for place, step in enumerate(steps, 1) if step.symbol in _OWN_END), 0)
    for place, step in enumerate(steps[:last]):
        given, wanted = trace[place] if place < len(trace) else None, step.as_dict()
        if given != wanted:
            raise refused("allocation.step", str(given and given.get("expression")), str(wanted["expression"]))
    return last


def _own_steps(document: Mapping[str, Any], round_: str) -> Sequence[Step]:
    if round_ == PRE:
        (ahead,) = pre_allocate(*read_pre_inputs(document)).shares
        return ahead.trace
    run = allocate(*read_inputs(document))
    published = {sector for sector, _ in run.rules.sector_benchmarks}
    balanced = {sector for sector, _ in run.benchmarks} - published
    return () if balanced else run.shares[0].trace
