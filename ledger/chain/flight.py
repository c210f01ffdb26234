"""Transactions on their way: which are lost, stuck or dead, and which nonce is next."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from eth_account.signers.local import LocalAccount
from sqlalchemy.orm import Session

from ledger.chain import outbox
from ledger.chain.errors import RequestRefused
from ledger.chain.rpc import BlockRef, Rpc
from ledger.chain.signing import SignedTransaction, account_address, current_fee, raised_fee, sign_again
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow

_LOG = logging.getLogger(__name__)
_MOST_TIMES_CURRENT = 4
_REPLACEMENTS = 10
_AT_A_TIME = 64
_CUT_OFF = "a transaction before it was lost"


class Flight:
    """The sent intents of one account in one round.

    Attributes
    ----------
    rows
        Still on their way after :meth:`review`, by nonce; at most ``most``, those with the lowest nonces. More than
        that are on their way only after a chain forgot many blocks: they come in later rounds.
    starved
        The account could not pay for something that was handed over, though it was offered for the current fee.
    """

    def __init__(
        self,
        database: Database,
        rpc: Rpc,
        account: LocalAccount,
        chain_id: int,
        *,
        guard: Callable[[Session], None],
        stuck_after: float,
        most: int = _AT_A_TIME,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._rpc = rpc
        self._account = account
        self._address = account_address(account)
        self._chain_id = chain_id
        self._guard = guard
        self._stuck_after = stuck_after
        self._most = most
        self._clock = clock
        self.starved = False
        self.rows: list[OutboxRow] = []
        self._highest_nonce = -1
        self._largest_anchor = 0

    def review(self, read_up_to: BlockRef) -> int:
        """Look at every sent intent whose effect was not seen up to the block ``read_up_to``.

        Returns how many were given up, to be sent anew.
        """
        with self._database.read() as session:
            rows = outbox.sent(session, limit=self._most)
        nonce = self._rpc.nonce(self._address)
        dead: list[tuple[OutboxRow, str]] = []
        alive: list[OutboxRow] = []
        for row in rows:
            reason = self._why_dead(row, nonce, read_up_to)
            if reason is None:
                alive.append(row)
            else:
                dead.append((row, reason))
        reachable = self._reachable([row for row in alive if _nonce(row) >= nonce], nonce)
        cut_off = [row for row in alive if _nonce(row) >= nonce and row not in reachable]
        dead += [(row, _CUT_OFF) for row in cut_off]
        given_up = {row.id for row, _ in dead}
        self.rows = [row for row in alive if row.id not in given_up]
        self._release(dead)
        if cut_off:
            # All, not only those looked at: as long as one is on its way, new nonces are behind it, and the gap stays.
            with self._database.write() as session:
                self._guard(session)
                outbox.release_from(session, self._address, _nonce(cut_off[0]), _CUT_OFF, now=int(self._clock()))
        with self._database.read() as session:
            self._highest_nonce, self._largest_anchor = outbox.reach(session, self._address)
        for row in reachable:
            self._keep_moving(row)
        return len(dead)

    def next_nonce(self) -> int:
        """The nonce after everything that is on chain, on its way, or known to the node."""
        return max(self._rpc.nonce(self._address), self._rpc.nonce(self._address, "pending"), self._highest_nonce + 1)

    def largest_anchor(self) -> int:
        """The largest size among anchors on their way, 0 for none."""
        return self._largest_anchor

    def hand_over(self, row_id: int, signed: SignedTransaction) -> None:
        """Send a stored transaction: with a higher fee where another one waits at its nonce, with the current one where
        the account cannot pay what it once offered.

        What the node says about one transaction is noted at its intent; the next round looks again.
        """
        cheapened = False
        for _ in range(_REPLACEMENTS):
            try:
                self._rpc.send_raw(signed.raw)
            except RequestRefused as error:
                if error.is_nonce_used:
                    return
                if error.is_underpriced and (replacement := self._replace(row_id, signed)) is not None:
                    signed = replacement
                    continue
                if error.is_short_of_funds:
                    # Once: a node that calls the current fee too low and any higher one too dear is left alone.
                    cheaper = None if cheapened else self._cheapen(row_id, signed)
                    if cheaper is not None:
                        signed, cheapened = cheaper, True
                        continue
                    self.starved = True
                with self._database.write() as session:
                    self._guard(session)
                    news = outbox.note_error(session, row_id, error.reason, now=int(self._clock()))
                if news:  # it is tried again each round, and would be said each round
                    _LOG.warning("transaction 0x%s: %s", signed.hash.hex(), error)
            return

    def _why_dead(self, row: OutboxRow, nonce: int, read_up_to: BlockRef) -> str | None:
        if row.sender != self._address:
            return "signed by another account"
        if _nonce(row) >= nonce:
            return None
        receipt = self._rpc.receipt(row.tx_hash or b"")
        if receipt is None:
            return "another transaction took its nonce"
        if receipt.block_number > read_up_to.number:
            return None
        return "without effect" if receipt.succeeded else f"reverted in block {receipt.block_number}"

    def _reachable(self, rows: list[OutboxRow], nonce: int) -> list[OutboxRow]:
        """The rows that no missing nonce holds up; what the node has waiting counts as not missing."""
        reachable: list[OutboxRow] = []
        expected = nonce
        for row in rows:
            if _nonce(row) > expected:
                expected = max(expected, self._rpc.nonce(self._address, "pending"))
            if _nonce(row) > expected or (reachable and _nonce(row) == _nonce(reachable[-1])):
                break
            reachable.append(row)
            expected = max(expected, _nonce(row) + 1)
        return reachable

    def _keep_moving(self, row: OutboxRow) -> None:
        signed = SignedTransaction(row.raw_tx or b"", row.tx_hash or b"", _nonce(row), int(row.fee or "0"))
        if not self._rpc.knows_transaction(signed.hash):
            self.hand_over(row.id, signed)
        elif self._clock() - (row.sent_at or 0) > self._stuck_after:
            self.hand_over(row.id, self._replace(row.id, signed) or signed)

    def _replace(self, row_id: int, signed: SignedTransaction) -> SignedTransaction | None:
        """The same call at the same nonce for a higher fee; ``None`` where more than four times what the chain asks now
        would be offered: a chain that takes nothing takes no higher offer either, and 0 stays 0 where gas is free."""
        current = current_fee(self._rpc)
        fee = max(raised_fee(signed.fee), current)
        if fee > _MOST_TIMES_CURRENT * current:
            return None
        return self._sign_again(row_id, signed, fee)

    def _cheapen(self, row_id: int, signed: SignedTransaction) -> SignedTransaction | None:
        """The same call at the same nonce for what the chain asks now, ``None`` if that is no less: the node does not
        have the transaction, so that nothing has to be outbid."""
        fee = current_fee(self._rpc)
        return None if fee >= signed.fee else self._sign_again(row_id, signed, fee)

    def _sign_again(self, row_id: int, signed: SignedTransaction, fee: int) -> SignedTransaction:
        again = sign_again(self._account, signed.raw, chain_id=self._chain_id, fee=fee)
        with self._database.write() as session:
            self._guard(session)
            outbox.mark_sent(session, row_id, self._address, again, now=int(self._clock()))
        return again

    def _release(self, dead: list[tuple[OutboxRow, str]]) -> None:
        if not dead:
            return
        with self._database.write() as session:
            self._guard(session)
            for row, reason in dead:
                _LOG.info("%s 0x%s is sent anew: %s", row.kind, row.op_id.hex(), reason)
                outbox.release(session, row.id, reason, now=int(self._clock()))


def _nonce(row: OutboxRow) -> int:
    return -1 if row.nonce is None else row.nonce
