"""Notices: what was done to an account by power, as its holder reads it (DOMAIN 22, 23)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken

NOTICES_PAGE = 200
"""Notices of one request; the service gives no more at once."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What the entry at ``index`` did, accepted at ``at`` (unix seconds), to ``accounts``; to everybody on the market
    where that is empty. ``power``: what kind of act; ``reverses``: the operation of the trade that it undoes.
    ``state``: of its operation towards the contracts; ``refused``: nothing was done. ``text``, ``text_zh``: what was
    done, on which grounds, and how to object, a line each."""

    index: int
    at: int
    power: str
    accounts: tuple[str, ...]
    asset: str | None
    tonnes: int | None
    fen: int | None
    day: int | None
    sender: str | None
    receiver: str | None
    freeze: str | None
    reverses: str | None
    reason: str | None
    document_hash: str | None
    issuer: str
    approvers: tuple[str, ...]
    op_id: str | None
    state: str | None
    text: str
    text_zh: str


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    account: str | None
    notices: tuple[Notice, ...]
    next: int | None


class NoticeReads:
    """Reads of notices: an enterprise's own; all for regulator and administration."""

    _transport: Transport
    _evidence: Path

    def notices(self, account: str | None = None, *, after: int = -1, page: int = NOTICES_PAGE) -> Iterator[Notice]:
        """Notices to ``account`` above the log position ``after``, in the order of the log; without ``account`` to
        everybody for regulator and administration, else the caller's own; ``page`` a request.

        Raises RefusedByService (404 ``accounts.unknown``), PromiseBroken for an answer about another account, or out of
        order (``answer.notices``).
        """
        while True:
            asked: dict[str, str | int] = {"after": after, "limit": page}
            asked |= {} if account is None else {"account": account}
            response = self._transport.request("GET", "/v1/notices", params=asked)
            found = decode(response.content, _Page)
            places = [after, *(one.index for one in found.notices)]
            mine = all(not one.accounts or account in (None, *one.accounts) for one in found.notices)
            last = places[-1] if found.notices else None
            named = account is None or found.account == account
            if not (mine and named and places == sorted(set(places)) and found.next in (None, last)):
                said = f"notices to {found.account}: {places[1:4]}, next {found.next}"
                raise self._out_of_order(said, f"notices to {account} above entry {after}, in order", response.text)
            yield from found.notices
            if found.next is None:
                return
            after = found.next

    def _out_of_order(self, said: str, expected: str, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule="answer.notices",
            value=said,
            expected=expected,
            message=f"The service's answer does not fit: {said}, expected {expected}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
