"""How notices are written (DOMAIN 22, 23)."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.instants import china_time
from tanlu.client.notices import Notice

_REFUSED = "The contract refused it: nothing was done."
_REFUSED_ZH = "合约已拒绝：未产生任何效果。"


def notices_text(found: Sequence[Notice], *, zh: bool) -> str:
    """All of them for people, the oldest first."""
    if not found:
        return "没有通知" if zh else "no notices"
    return "\n\n".join(_shown(one, zh=zh) for one in found)


def _shown(one: Notice, *, zh: bool) -> str:
    lines = [f"[{one.index}] {china_time(one.at)} {one.power}", *(one.text_zh if zh else one.text).split("\n")]
    if one.state == "refused":
        lines.insert(1, _REFUSED_ZH if zh else _REFUSED)
    return "\n".join(lines)
