"""Transactions on their way: which are lost, stuck or dead, and which nonce is next."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from itertools import groupby

from eth_account.signers.local import LocalAccount
from sqlalchemy.orm import Session

from ledger.chain import outbox, outbox_batches
from ledger.chain.errors import RequestRefused
from ledger.chain.rpc import BlockRef, Receipt, Rpc
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
        Still on their way after :meth:`review`, by nonce: what at most ``most`` transactions carry, those with the
        lowest nonces. More are on their way only after a chain forgot many blocks: they come in later rounds.
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
        self._receipts: dict[bytes, Receipt | None] = {}
        self._highest_nonce = -1
        self._largest_anchor = 0
        self._more_on_their_way = False

    def review(self, read_up_to: BlockRef) -> int:
        """Look at every sent intent whose effect was not seen up to the block ``read_up_to``.

        Returns how many were given up, to be sent anew.
        """
        with self._database.read() as session:
            rows = outbox_batches.sent(session, transactions=self._most)
            raw = outbox_batches.raw_transactions(session, rows)
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
        self._more_on_their_way = bool(rows) and self._highest_nonce > _nonce(rows[-1])
        for rows in _by_transaction(reachable):
            self._keep_moving(rows, raw[rows[0].tx_hash or b""])
        return len(dead)

    @property
    def transactions(self) -> int:
        """How many are on their way."""
        return len({row.tx_hash for row in self.rows})

    @property
    def room(self) -> int:
        """How many may follow: none while more are on their way than were looked at. What waits may rest on those, and
        would be judged as if nothing were."""
        return 0 if self._more_on_their_way else max(0, self._most - self.transactions)

    def next_nonce(self) -> int:
        """The nonce after everything that is on chain, on its way, or known to the node."""
        return max(self._rpc.nonce(self._address), self._rpc.nonce(self._address, "pending"), self._highest_nonce + 1)

    def largest_anchor(self) -> int:
        """The largest size among anchors on their way, 0 for none."""
        return self._largest_anchor

    def took_off(self, shipment: Sequence[OutboxRow], signed: SignedTransaction, grows_to: int | None) -> None:
        """A transaction was stored and is handed over in this round; ``grows_to``: the size that it anchors."""
        for row in shipment:
            row.nonce, row.tx_hash = signed.nonce, signed.hash
        self.rows.extend(shipment)
        self._highest_nonce = max(self._highest_nonce, signed.nonce)
        self._largest_anchor = max(self._largest_anchor, grows_to or 0)

    def landed(self) -> None:
        """What was read back in the middle of a round is not on its way any more."""
        with self._database.read() as session:
            flying = outbox_batches.sent_ids(session)
        self.rows = [row for row in self.rows if row.id in flying]

    def hand_over(self, row_ids: Sequence[int], signed: SignedTransaction) -> None:
        """Send a stored transaction; what the node has against it is dealt with."""
        try:
            self._rpc.send_raw(signed.raw)
        except RequestRefused as error:
            self.was_refused(row_ids, signed, error)

    def was_refused(self, row_ids: Sequence[int], signed: SignedTransaction, error: RequestRefused) -> None:
        """The node did not take a stored transaction: it goes with a higher fee where another one waits at its nonce,
        with the current one where the account cannot pay what it once offered.

        What the node says besides is noted at its intents; the next round looks again.
        """
        cheapened = False
        for _ in range(_REPLACEMENTS):
            if error.is_nonce_used:
                return
            again = self._replace(row_ids, signed) if error.is_underpriced else None
            if again is None and error.is_short_of_funds:
                # Once: a node that calls the current fee too low and any higher one too dear is left alone.
                again = None if cheapened else self._cheapen(row_ids, signed)
                cheapened = True
                self.starved = self.starved or again is None
            if again is None:
                self._note(row_ids, signed, error)
                return
            signed = again
            try:
                self._rpc.send_raw(signed.raw)
            except RequestRefused as answer:
                error = answer
            else:
                return

    def _note(self, row_ids: Sequence[int], signed: SignedTransaction, error: RequestRefused) -> None:
        with self._database.write() as session:
            self._guard(session)
            now = int(self._clock())
            news = [outbox.note_error(session, row_id, error.reason, now=now) for row_id in row_ids]
        if any(news):  # it is tried again each round, and would be said each round
            _LOG.warning("transaction 0x%s: %s", signed.hash.hex(), error)

    def _why_dead(self, row: OutboxRow, nonce: int, read_up_to: BlockRef) -> str | None:
        if row.sender != self._address:
            return "signed by another account"
        if _nonce(row) >= nonce:
            return None
        receipt = self._receipt(row.tx_hash or b"")
        if receipt is None:
            return "another transaction took its nonce"
        if receipt.block_number > read_up_to.number:
            return None
        return "without effect" if receipt.succeeded else f"reverted in block {receipt.block_number}"

    def _receipt(self, tx_hash: bytes) -> Receipt | None:
        # Once a round for all that one transaction carries.
        if tx_hash not in self._receipts:
            self._receipts[tx_hash] = self._rpc.receipt(tx_hash)
        return self._receipts[tx_hash]

    def _reachable(self, rows: list[OutboxRow], nonce: int) -> list[OutboxRow]:
        """The rows that no missing nonce holds up; what the node has waiting counts as not missing."""
        reachable: list[OutboxRow] = []
        expected = nonce
        for row in rows:
            if _nonce(row) > expected:
                expected = max(expected, self._rpc.nonce(self._address, "pending"))
            last = reachable[-1] if reachable else None
            if _nonce(row) > expected or (last and _nonce(row) == _nonce(last) and row.tx_hash != last.tx_hash):
                break
            reachable.append(row)
            expected = max(expected, _nonce(row) + 1)
        return reachable

    def _keep_moving(self, rows: Sequence[OutboxRow], raw: bytes) -> None:
        first, row_ids = rows[0], [row.id for row in rows]
        signed = SignedTransaction(raw, first.tx_hash or b"", _nonce(first), int(first.fee or "0"))
        if not self._rpc.knows_transaction(signed.hash):
            self.hand_over(row_ids, signed)
        elif self._clock() - (first.sent_at or 0) > self._stuck_after:
            self.hand_over(row_ids, self._replace(row_ids, signed) or signed)

    def _replace(self, row_ids: Sequence[int], signed: SignedTransaction) -> SignedTransaction | None:
        """The same call at the same nonce for a higher fee; ``None`` where more than four times what the chain asks now
        would be offered: a chain that takes nothing takes no higher offer either, and 0 stays 0 where gas is free."""
        current = current_fee(self._rpc)
        fee = max(raised_fee(signed.fee), current)
        if fee > _MOST_TIMES_CURRENT * current:
            return None
        return self._sign_again(row_ids, signed, fee)

    def _cheapen(self, row_ids: Sequence[int], signed: SignedTransaction) -> SignedTransaction | None:
        """The same call at the same nonce for what the chain asks now, ``None`` if that is no less: the node does not
        have the transaction, so that nothing has to be outbid."""
        fee = current_fee(self._rpc)
        return None if fee >= signed.fee else self._sign_again(row_ids, signed, fee)

    def _sign_again(self, row_ids: Sequence[int], signed: SignedTransaction, fee: int) -> SignedTransaction:
        again = sign_again(self._account, signed.raw, chain_id=self._chain_id, fee=fee)
        with self._database.write() as session:
            self._guard(session)
            outbox_batches.mark_sent(session, row_ids, self._address, again, now=int(self._clock()))
        return again

    def _release(self, dead: list[tuple[OutboxRow, str]]) -> None:
        if not dead:
            return
        with self._database.write() as session:
            self._guard(session)
            for row, reason in dead:
                _LOG.info("%s 0x%s is sent anew: %s", row.kind, row.op_id.hex(), reason)
                outbox.release(session, row.id, reason, now=int(self._clock()))


def _by_transaction(rows: Sequence[OutboxRow]) -> list[list[OutboxRow]]:
    return [list(together) for _, together in groupby(rows, key=lambda row: row.tx_hash)]


def _nonce(row: OutboxRow) -> int:
    return -1 if row.nonce is None else row.nonce
