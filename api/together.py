"""Statements that arrive while another is written become durable together: one transaction, one flush to the disk.

Each is judged in the order of its arrival, after all before it, and answered by itself: an acceptance with a promise of
its own, or its refusal. No answer leaves before the transaction is durable; where that fails nothing of it is in the
log, and all are told to send again. Nobody waits for company: who comes alone is written alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Annotated

from fastapi import Depends, Request

from api.deps import Service, service_of
from api.models import Acceptance
from ledger.errors import StoreUnavailable
from ledger.log import Accepted, Outcome, Refused

MOST = 16
"""Statements of one transaction: as many as leave the write lock to sequencer and relayer soon enough."""

_Waiting = tuple[bytes, "asyncio.Future[Acceptance]"]


class Together:
    """The way of single statements into the log; on the event loop of one process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def accept(self, entry: bytes) -> Acceptance:
        """Durable when this returns. Raises the statement's refusal, StoreUnavailable, whatever else stopped it."""
        future: asyncio.Future[Acceptance] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._write_some()
        finally:
            self._writing = None

    async def _write_some(self) -> None:
        taken: list[_Waiting] = []
        try:
            answers = await self._service.write(self._settle, taken)
        except Exception as error:
            await self._failed(taken, error)
            return
        for (_, future), answer in zip(taken, answers, strict=True):
            _tell(future, answer)

    async def _failed(self, taken: list[_Waiting], error: Exception) -> None:
        """Where it is open whether they are durable, sending the same again tells. Else nothing of them is in the log:
        one that the program fails over must not take the others with it, so each by itself."""
        alone = len(taken) == 1 or isinstance(error, StoreUnavailable)
        for entry, future in taken:
            answer: Acceptance | Exception = error
            if not alone:
                try:
                    (answer,) = await self._service.write(self._submit, [entry])
                except Exception as own:
                    answer = own
            _tell(future, answer)

    def _settle(self, taken: list[_Waiting]) -> list[Acceptance | Exception]:
        # Taken when the turn has come, so that all who came meanwhile are among them; who went away is not.
        while self._waiting and len(taken) < MOST:
            entry, future = self._waiting.popleft()
            if not future.cancelled():
                taken.append((entry, future))
        return self._submit([entry for entry, _ in taken]) if taken else []

    def _submit(self, entries: list[bytes]) -> list[Acceptance | Exception]:
        return [self._answer(outcome) for outcome in self._service.log.submit(entries).outcomes]

    def _answer(self, outcome: Outcome) -> Acceptance | Exception:
        return outcome.error if isinstance(outcome, Refused) else described(self._service, outcome)


def described(service: Service, outcome: Accepted) -> Acceptance:
    """An outcome as an answer, with a promise over it alone; that of a repeated statement is over its first
    acceptance."""
    if not outcome.repeated:
        return Acceptance.of(outcome, "accepted", service.log.promise_of(outcome))
    view = service.view.entry(outcome.ref.index)
    state = "accepted" if view is None else str(view.state)
    return Acceptance.of(outcome, state, service.log.promise_for(outcome.ref.index))


def _tell(future: asyncio.Future[Acceptance], answer: Acceptance | Exception) -> None:
    if future.done():
        return  # the client went away; what became durable stays durable
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


async def together_of(request: Request) -> Together:
    """The one way of this application."""
    state = request.app.state
    if not hasattr(state, "together"):
        state.together = Together(await service_of(request))
    found: Together = state.together
    return found


TogetherDep = Annotated[Together, Depends(together_of)]
