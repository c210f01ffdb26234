"""Notices as messages: whoever's account a power was exercised over is told so, as soon as the log took it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from attestation.assets import format_asset
from attestation.instants import china_time, format_instant
from ledger.notices import Notice
from ledger.notices.words import done, grounds, remedy

TOLD_SECONDS = 30 * 86_400
"""So long after its entry a notice is still sent; it can be read for ever."""
_MARK = b"tanlu-notice\x00"


@dataclass(frozen=True, slots=True)
class NoticeMessage:
    """A notice to one account, or (``enterprise`` None) to everybody on the market."""

    notice: Notice
    enterprise: str | None

    @property
    def year(self) -> int:
        """The calendar year of the entry, in China."""
        return int(china_time(self.notice.at)[:4])

    @property
    def label(self) -> str:
        """See ``Message``."""
        return f"notice-{self.notice.index}"

    @property
    def at(self) -> int:
        """When the log took the entry."""
        return self.notice.at

    @property
    def days(self) -> int:
        """Nothing is due."""
        return 0

    def key(self, log: str, channel: str) -> str:
        """See ``Message``."""
        parts = [log, channel, self.notice.index, self.enterprise]
        return hashlib.sha256(_MARK + json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    def subject(self) -> str:
        """See ``Message``."""
        english, chinese = done(self.notice)
        return f"Tanlu: {english} / 碳录：{chinese}"

    def text(self) -> str:
        """See ``Message``."""
        lines = tuple(zip(done(self.notice), grounds(self.notice), remedy(self.notice), strict=True))
        return "\n".join("\n".join(each) for each in lines) + "\n"

    def members(self) -> Mapping[str, object]:
        """See ``Message``."""
        one = self.notice
        return {
            "type": "notice",
            "enterprise": self.enterprise,
            "entry": one.index,
            "at": format_instant(one.at),
            "power": one.power.value,
            "asset": None if one.asset is None else format_asset(one.asset),
            "tonnes": one.tonnes,
            "fen": one.fen,
            "reverses": None if one.reverses is None else one.reverses.hex(),
            "reason": one.reason,
            "document_hash": one.document_hash,
            "issuer": one.issuer,
            "approvers": list(one.approvers),
        }


def told(notices: Iterable[Notice]) -> Iterator[NoticeMessage]:
    """To each account of a notice a message of its own; of what concerns the market one to everybody."""
    for notice in notices:
        for account in notice.accounts or (None,):
            yield NoticeMessage(notice, account)
