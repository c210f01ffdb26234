"""The same act of a holder twice: whoever repeats a command means the first one, unless ``--again`` says otherwise.

What was signed here is known one by one, what the stream has in the log by its entries, what was signed elsewhere by
sums alone. Nothing is wrong with a second surrender of the same tonnes: so it is refused to ask, not for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attestation.assets import CCER_TEXT
from attestation.bodies import CancelOwnUnits, CarryOverUnits, Intent, ReturnUnits, SurrenderUnits
from attestation.instants import format_instant
from tanlu.cli.acting import ActDesk
from tanlu.errors import InputRefused, RefusedByService

DAY = 86_400
"""How long an act that was accepted is taken for the one that is repeated, in seconds."""

ACTS: Mapping[type[Intent], tuple[str, str, str]] = MappingProxyType(
    {
        SurrenderUnits: ("surrender", "surrender", "清缴"),
        CarryOverUnits: ("carry_over", "carry-over", "结转"),
        CancelOwnUnits: ("retire", "cancellation", "注销"),
        ReturnUnits: ("return", "return", "退还"),
    }
)
"""Each act: the family of its rules, and its name in English and Chinese."""


def refuse_twice(desk: ActDesk, wanted: Intent) -> None:
    """Raises InputRefused: ``….on_its_way`` while the contract has not said its word on the same act, ``….repeated``
    where the same act (units, year, tonnes) was accepted within a day and not refused there."""
    _refuse_on_its_way(desk, wanted)
    found = desk.accepted_since(wanted, desk.context.now - DAY)
    if found is None:
        return
    family, name, name_zh = ACTS[type(wanted)]
    entry, operation = found
    at = format_instant(entry.accepted_at)
    raise InputRefused(
        rule=f"{family}.repeated",
        value=f"operation {operation.op_id}, entry {entry.index}, {operation.state}",
        expected="another act, or --again for a second one of the same",
        expected_zh="另一操作；确需再次办理时加 --again",
        message=f"The same {name} of {wanted.tonnes} t was accepted at {at}: operation {operation.op_id}, entry "
        f"{entry.index}, {operation.state}; --again signs a second one",
        message_zh=f"相同的{name_zh}（{wanted.tonnes} 吨）已于 {at} 受理：第 {entry.index} 条记录，"
        f"操作 {operation.op_id}",
    )


def _refuse_on_its_way(desk: ActDesk, wanted: Intent) -> None:
    """Of what was signed elsewhere the service tells sums alone: the same number of tonnes on its way for the same year
    is taken for the same act."""
    family, name, name_zh = ACTS[type(wanted)]
    found = desk.on_its_way(wanted)
    if found is not None:
        value = f"operation {found.op_id}, entry {found.index}, {found.state}"
        next_, next_zh = f"tanlu operation show {found.op_id} --wait 60", f"第 {found.index} 条记录"
    elif _leaving(desk, wanted) == wanted.tonnes:
        value, next_, next_zh = f"{wanted.tonnes} t", "tanlu compliance show", f"{wanted.tonnes} 吨"
    else:
        return
    raise InputRefused(
        rule=f"{family}.on_its_way",
        value=value,
        expected="its result first; --again signs a second one",
        expected_zh="先查询其结果；确需再次办理时加 --again",
        message=f"The same {name} of {wanted.tonnes} t is on its way already ({value}). See {next_}; --again signs a "
        "second one",
        message_zh=f"相同的{name_zh}（{wanted.tonnes} 吨，{next_zh}）尚在途中",
    )


def _leaving(desk: ActDesk, wanted: Intent) -> int:
    """Tonnes of such acts on their way, as the service tells them of the year; 0 where it does not tell."""
    if not isinstance(wanted, SurrenderUnits | CarryOverUnits):
        return 0
    year = wanted.year if isinstance(wanted, SurrenderUnits) else wanted.vintage
    try:
        found = desk.context.obligation_position(desk.held.card.identifier, year)
    except RefusedByService:
        # Why the service says nothing is told by what judges the act.
        return 0
    if isinstance(wanted, CarryOverUnits):
        return found.carried_leaving
    return found.offsets_leaving if wanted.asset == CCER_TEXT else found.quota_leaving
