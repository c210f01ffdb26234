"""The client of one service: what it answers is checked before it is returned."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import msgspec

from attestation.bodies import Loss
from ledger import receipts
from ledger.errors import LedgerError, ReceiptRefused
from ledger.trust import Trust
from tanlu.client.admissions import AdmissionReads
from tanlu.client.allocations import AllocationReads
from tanlu.client.answers import Acceptance, BulkResult, Entry, decode
from tanlu.client.bulk import REQUEST_LINES, BulkSender, OnChunk
from tanlu.client.cases import CaseReads
from tanlu.client.cash import Cash
from tanlu.client.evidence import keep
from tanlu.client.heads import HeadReads, mismatch
from tanlu.client.history import History
from tanlu.client.judging import Judging
from tanlu.client.keys import Keys
from tanlu.client.labels import LabelReads
from tanlu.client.losses import Losses
from tanlu.client.market import Market
from tanlu.client.measured import MeasuredReads
from tanlu.client.mirror import Mirror
from tanlu.client.movements import MovementReads
from tanlu.client.notices import NoticeReads
from tanlu.client.operations import OperationReads
from tanlu.client.policies import PolicyReads
from tanlu.client.promises import PromiseChecker, check_leaf, entry_leaf, statement_id
from tanlu.client.scores import ScoreReads
from tanlu.client.sign_in import Credentials, SignedIn
from tanlu.client.streams import StreamReads
from tanlu.client.transport import Transport
from tanlu.errors import EntryFlagged, PromiseBroken, RefusedByService
from tanlu.trustfile import load_trust, log_public_key

STATEMENT_TYPE = "application/jose"
DEFAULT_EVIDENCE = Path("tanlu-evidence")
_POLL_SECONDS = 1.0
_FLAGGED = "receipt.key.compromised"


class Client(
    StreamReads,
    MeasuredReads,
    AdmissionReads,
    LabelReads,
    PolicyReads,
    CaseReads,
    MovementReads,
    NoticeReads,
    OperationReads,
    AllocationReads,
    ScoreReads,
    Judging,
    HeadReads,
):
    """One service, seen with one trust file.

    Parameters
    ----------
    base_url
        For example ``http://127.0.0.1:8700``.
    trust
        The trust file (path or parsed), or None: then promises, checkpoints and receipts are passed on unjudged, and
        only leaf hashes of one's own bytes are checked.
    timeout
        Seconds for one wait on the network.
    patience
        Seconds for all attempts of one call: lost connections and 503 are tried again until then.
    evidence
        Folder that keeps request and answer of every broken promise.
    credentials
        Who signs in, when that is needed; None: only what is public can be asked.

    Every call raises RefusedByService, ServiceUnavailable and PromiseBroken (see ``tanlu.errors``).
    """

    def __init__(
        self,
        base_url: str,
        *,
        trust: Path | str | Trust | None,
        timeout: float = 30.0,
        patience: float = 60.0,
        evidence: Path = DEFAULT_EVIDENCE,
        credentials: Credentials | None = None,
    ) -> None:
        self._trust = load_trust(trust) if isinstance(trust, Path | str) else trust
        self._checker = None if self._trust is None else PromiseChecker(log_public_key(self._trust), self._trust.log)
        log = None if self._trust is None else self._trust.log
        signed_in = None if credentials is None else SignedIn(credentials, base_url.rstrip("/"), log)
        self._credentials = credentials
        super().__init__(Transport(base_url, timeout=timeout, patience=patience, signed_in=signed_in), evidence)
        keeping = partial(_keep_answer, evidence)
        self.keys = Keys(self._transport, keeping)
        """Reads of keys."""
        self.market = Market(self._transport, keeping)
        """Reads of the market."""
        self.cash = Cash(self._transport, keeping)
        """Reads of money."""
        self.history = History(self._transport, keeping)
        """Reads of what was ever said."""
        self.mirror = Mirror(self._transport)
        """Reads of the whole log, for who may."""

    @property
    def base_url(self) -> str:
        """The service's address."""
        return self._transport.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def token(self) -> str:
        """The token of this client's sign-in, for requests that are made by other means. Raises ValueError without
        credentials."""
        return self._transport.token()

    def submit(self, statement: bytes, *, path: str = "/v1/statements") -> Acceptance:
        """Submit one signed statement; when this returns, it is durable and its promise is checked."""
        own_id = statement_id(statement)
        response = self._transport.request("POST", path, content=statement, content_type=STATEMENT_TYPE)
        try:
            return self._check_acceptance(statement, own_id, decode(response.content, Acceptance), response.status_code)
        except PromiseBroken as broken:
            raise keep(self._evidence, broken, sent=statement.decode("ascii"), answered=response.text) from None

    def enrol(self, statement: bytes) -> Acceptance:
        """Submit a ``key`` statement by the registrar."""
        return self.submit(statement, path="/v1/identifiers")

    def declare_loss(self, device: str, stream: str, first_seq: int, last_seq: int, reason: str) -> Acceptance:
        """Declare, for ever and with the key that signs in, that readings will not come (``tanlu.client.Losses``, which
        also keeps what was signed). Raises ValueError without credentials or trust file, and AttestationError."""
        if self._credentials is None or self._trust is None:
            raise ValueError("a loss needs credentials and a trust file")
        loss = Loss(device=device, stream=stream, first_seq=first_seq, last_seq=last_seq, reason=reason)
        return Losses(self, self._credentials, self._trust).declare(loss)

    def submit_bulk(
        self,
        statements: Iterable[bytes],
        *,
        on_chunk: OnChunk | None = None,
        request_lines: int = REQUEST_LINES,
    ) -> BulkResult:
        """Submit many statements in their order.

        `on_chunk` is called with each chunk that is durable and checked. Sending goes on after a lost connection: what
        was durable already is answered as ``repeated``. Refused statements do not raise; they are in the result.
        """
        sender = BulkSender(self._transport, self._checker, self._confirm_repeated, request_lines=request_lines)
        try:
            return sender.send(statements, on_chunk)
        except PromiseBroken as broken:
            raise keep(self._evidence, broken, route="bulk") from None

    def entry(self, index: int) -> Entry:
        """The entry at a log position; the bytes are checked against the hashes beside them."""
        return self._entry(f"/v1/entries/{index}", {})

    def entry_at(self, issuer: str, stream: str, seq: int) -> Entry | None:
        """The entry at an issuer's place, or None."""
        try:
            return self._entry("/v1/entries", {"issuer": issuer, "stream": stream, "seq": seq})
        except RefusedByService as refused:
            if refused.status == 404:
                return None
            raise

    def identifier(self, identifier: str) -> dict[str, Any] | None:
        """What an identifier resolves to (kind, parent, keys, typed values), or None."""
        try:
            response = self._transport.request("GET", f"/v1/identifiers/{quote(identifier, safe='')}")
        except RefusedByService as refused:
            if refused.status == 404:
                return None
            raise
        return decode(response.content, dict[str, Any])

    def receipt(self, index: int, *, wait: float = 0.0) -> bytes:
        """The receipt of an entry, verified against the trust file but for the chain.

        Waits up to `wait` seconds for the anchor. Raises RefusedByService with status 409 when there is none yet,
        EntryFlagged where the log's signed word is that the entry's key was compromised by then.
        """
        deadline = time.monotonic() + wait
        while True:
            try:
                response = self._transport.request("GET", f"/v1/entries/{index}/receipt")
                break
            except RefusedByService as refused:
                if refused.status != 409 or time.monotonic() >= deadline:
                    raise
                pause = max(_POLL_SECONDS, refused.retry_after)
                time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
        if self._trust is not None:
            try:
                receipt = receipts.parse(response.content)
                receipts.verify(receipt, self._trust)
                if receipt.index != index:
                    raise keep(self._evidence, mismatch("receipt.index", receipt.index, index), answered=response.text)
            except ReceiptRefused as refused:
                if refused.rule == _FLAGGED:
                    raise EntryFlagged(index, response.content, refused) from refused
                raise self._kept(refused, answered=response.text) from refused
            except LedgerError as error:
                raise self._kept(error, answered=response.text) from error
        return response.content

    def trust(self) -> bytes:
        """The trust file that the service itself offers.

        Warning: it is the service's word about itself. Believe it only after comparing it with another source.
        """
        return self._transport.request("GET", "/v1/trust").content

    def health(self) -> dict[str, Any]:
        """What the service says of its state."""
        return decode(self._transport.request("GET", "/v1/health").content, dict[str, Any])

    def _check_acceptance(self, statement: bytes, own_id: str, answer: Acceptance, status: int) -> Acceptance:
        if answer.statement_id != own_id:
            raise mismatch("answer.statement_id", answer.statement_id, own_id)
        recorded = statement
        if status == 200 and answer.leaf_hash != entry_leaf(statement):
            # Another valid signature over the same signing input came first; its bytes are the ones in the log.
            recorded = self._confirm_repeated(answer.index, statement)
        leaf = check_leaf(recorded, answer.leaf_hash)
        checked: tuple[str, ...] = ("statement_id", "leaf_hash")
        if self._checker is not None:
            self._checker.check(answer.promise, {answer.index: leaf})
            checked += ("promise",)
        return msgspec.structs.replace(answer, repeated=status == 200, checked=checked)

    def _confirm_repeated(self, index: int, statement: bytes) -> bytes:
        recorded = self.entry(index).entry.encode("ascii")
        if statement_id(recorded) != statement_id(statement):
            raise mismatch("answer.statement_id", statement_id(recorded), statement_id(statement))
        return recorded

    def _entry(self, path: str, params: dict[str, str | int]) -> Entry:
        response = self._transport.request("GET", path, params=params)
        entry = decode(response.content, Entry)
        try:
            raw = entry.entry.encode("utf-8")
            check_leaf(raw, entry.leaf_hash)
            if statement_id(raw) != entry.statement_id:
                raise mismatch("answer.statement_id", entry.statement_id, statement_id(raw))
        except PromiseBroken as broken:
            raise keep(self._evidence, broken, answered=response.text) from None
        return entry


def _keep_answer(folder: Path, broken: PromiseBroken, text: str) -> PromiseBroken:
    return keep(folder, broken, answered=text)
