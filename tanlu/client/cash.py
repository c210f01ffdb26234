"""Reads of money, as ``client.cash``: an account's own, and for whoever oversees the sum of all (DOMAIN 21)."""

from __future__ import annotations

from urllib.parse import quote

from attestation.identifiers import account_id
from tanlu.client.answers import decode
from tanlu.client.cash_answers import CashShown, CashTotal
from tanlu.client.market import Keep, contradicted
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken


class Cash:
    """Reads over one transport; ``Client.cash``. Raises RefusedByService for an account that is not the caller's."""

    def __init__(self, transport: Transport, keep: Keep) -> None:
        self._transport = transport
        self._keep = keep

    def of(self, identifier: str) -> CashShown:
        """An account's money. Raises RefusedByService with status 404 where there is no such account, PromiseBroken
        (``answer.market``) for sums that do not fit."""
        text = self._transport.request("GET", f"/v1/cash/{quote(identifier, safe='')}").text
        found = decode(text.encode(), CashShown)
        expected = identifier, account_id(identifier).hex()
        if (found.identifier, found.account) != expected:
            raise self._broken(f"{found.identifier} {found.account}", " ".join(expected), text)
        spoken_for = found.in_orders_fen + found.unsettled_fen + found.locked_fen
        usable = max(0, found.trading_fen + found.arriving_fen - found.leaving_fen - spoken_for)
        if found.usable_fen != usable:
            raise self._broken(f"{found.usable_fen} fen usable", f"{usable} fen", text)
        return found

    def total(self) -> CashTotal:
        """All cash of the ledger; for regulator and administration."""
        return decode(self._transport.request("GET", "/v1/cash").content, CashTotal)

    def _broken(self, value: object, expected: object, text: str) -> PromiseBroken:
        return self._keep(contradicted(value, expected), text)
