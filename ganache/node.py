"""A supervised engine: started, watched, saved and stopped.

    with Node(Path("build/chain")) as engine:      # Anvil on a free loopback port, chain id 31337
        use(engine.rpc_url)

One thread starts the engine, watches it and saves its state; it lives as long as the engine (see `EngineProcess`).
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import shutil
import threading
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO

from ganache.engines import DRIVERS, Engine, EngineName, Launch
from ganache.errors import DataDirectoryBusy, EngineDied, EngineError, EngineUnavailable, StateUnreadable
from ganache.health import free_port, require_free, wait_healthy
from ganache.process import EngineProcess
from ganache.rpc import Rpc, RpcUnreachable
from ganache.state import Final, StateStore, decode_dump

DEFAULT_CHAIN_ID = 31337
HEALTH_DEADLINE_SECONDS = 30.0
SAVE_INTERVAL_SECONDS = 1.0
_CALL_TIMEOUT_SECONDS = 60.0
_TICK_SECONDS = 0.05
_DEATH_SECONDS = 2.0
# The whole state is written each time and grows with the chain: saving never takes more than a tenth of the time.
_REST_PER_SAVE = 9
_PORT_ATTEMPTS = 3

_logger = logging.getLogger(__name__)


class Node:
    """One engine on one data directory.

    Args:
        data_dir: made if missing; one supervisor at a time.
        engine: `anvil` or `ganache`.
        port: 0 takes a free one.
        chain_id: EIP-155 chain id.
        block_time: seconds between blocks; None mines on each transaction.
        save_interval: seconds between looks whether the chain changed (Anvil only; it stretches as the state grows). A
            change is a new head: what development calls alter outside a block is saved with the next block.
        health_deadline: seconds until a started engine must answer.

    Attributes:
        complaints: saved states that could not be loaded and were set aside, in the order found.
        saves: how many states were written.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        engine: EngineName = "anvil",
        port: int = 0,
        chain_id: int = DEFAULT_CHAIN_ID,
        block_time: int | None = None,
        save_interval: float = SAVE_INTERVAL_SECONDS,
        health_deadline: float = HEALTH_DEADLINE_SECONDS,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.complaints: list[StateUnreadable] = []
        self.saves = 0
        self._driver = DRIVERS[engine]
        self._port = port
        self._chain_id = chain_id
        self._block_time = block_time
        self._save_interval = save_interval
        self._health_deadline = health_deadline
        self._store = StateStore(self.data_dir)
        self._saved: str | None = None
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._death: EngineError | None = None
        self._thread: threading.Thread | None = None
        self._lock: IO[str] | None = None

    def start(self) -> Engine:
        """Start the engine and wait until it answers; with Anvil, its first state is saved by then.

        Raises:
            DataDirectoryBusy: another supervisor holds the directory.
            EngineMissing: not installed.
            EngineUnavailable: it ended, did not answer in time, or the given port is taken.
            EngineMismatch: the data directory holds another chain, or something else answered.
        """
        self._take_directory()
        ready: Future[Engine] = Future()
        self._stopping.clear()
        self._ended.clear()
        self._death = self._saved = None
        name = f"{self._driver.name}-supervisor"
        self._thread = threading.Thread(target=self._live, args=(ready,), name=name, daemon=True)
        self._thread.start()
        try:
            engine = ready.result()
        except BaseException:
            self.stop()
            raise
        atexit.register(self.stop)
        return engine

    def stop(self) -> None:
        """Save if anything changed, end the engine, and give the data directory back. Safe to call twice."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        atexit.unregister(self.stop)

    def check(self) -> None:
        """Raise what ended the engine, if it was not `stop`.

        Raises:
            EngineDied: it ended by itself, or its state could not be saved any more; with status and last words.
        """
        if self._death is not None:
            raise self._death

    def wait(self, timeout: float) -> bool:
        """Wait for at most `timeout` seconds until the engine has ended; whether it has."""
        return self._ended.wait(timeout)

    def __enter__(self) -> Engine:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _live(self, ready: Future[Engine]) -> None:
        process: EngineProcess | None = None
        try:
            process, engine = self._bring_up()
            with Rpc(engine.rpc_url, timeout=_CALL_TIMEOUT_SECONDS) as rpc:
                self._first_save(process, rpc)
                ready.set_result(engine)
                self._watch(process, rpc)
        except BaseException as error:
            # A thread has nobody above it: what happened is handed to whoever waits or asks.
            if not ready.done():
                ready.set_exception(error)
            else:
                self._death = error if isinstance(error, EngineError) else _stopped_saving(self._driver.name, error)
                _logger.error("%s", self._death)
        finally:
            if process is not None:
                process.end()
            self._ended.set()

    def _watch(self, process: EngineProcess, rpc: Rpc) -> None:
        next_save = time.monotonic() + self._save_interval
        while not self._stopping.wait(_TICK_SECONDS):
            self._require_alive(process)
            if time.monotonic() >= next_save:
                begun = time.monotonic()
                self._try_save(process, rpc)
                spent = time.monotonic() - begun
                next_save = begun + spent + max(self._save_interval, spent * _REST_PER_SAVE)
        self._require_alive(process)
        self._try_save(process, rpc)

    def _require_alive(self, process: EngineProcess) -> None:
        ending = process.ending()
        if ending is not None:
            message = f"{self._driver.name} ended by itself: {process.last_words()}"
            raise EngineDied("engine.alive", ending, message, "链节点意外退出")

    def _first_save(self, process: EngineProcess, rpc: Rpc) -> None:
        """Nobody is told of an engine whose state cannot be saved."""
        if self._driver.durable:
            return
        try:
            self._save_if_changed(rpc)
        except RpcUnreachable:
            # A connection breaks a moment before the process that held it is seen to have ended.
            deadline = time.monotonic() + _DEATH_SECONDS
            while time.monotonic() < deadline:
                self._require_alive(process)
                time.sleep(_TICK_SECONDS)
            raise

    def _try_save(self, process: EngineProcess, rpc: Rpc) -> None:
        if self._driver.durable:
            return
        try:
            self._save_if_changed(rpc)
        except RpcUnreachable as error:
            # Dead is told apart from slow: a slow one is looked at again.
            self._require_alive(process)
            _logger.warning("state not saved: %s", error)

    def _save_if_changed(self, rpc: Rpc) -> None:
        number, block = rpc.head()
        if block == self._saved:
            return
        document = decode_dump(rpc.call("anvil_dumpState"), rpc.genesis_timestamp())
        if rpc.block_hash(number) != block:
            # Rolled back meanwhile: whether the dump has this block is unknown. The next look decides.
            return
        self._store.save(document, Final(number, block))
        self._saved = block
        self.saves += 1

    def _bring_up(self) -> tuple[EngineProcess, Engine]:
        attempts = 0
        while True:
            state = self._pick_state()
            port = self._port or free_port()
            require_free(port)
            url = f"http://127.0.0.1:{port}"
            process = self._spawn(port, state)
            try:
                wait_healthy(
                    url, chain_id=self._chain_id, deadline=self._health_deadline, ended=partial(self._given_up, process)
                )
            except EngineUnavailable as error:
                process.end()
                words = process.last_words()
                if state is not None and "--load-state" in words:
                    reason = StateUnreadable("state.engine", state.name, words, "链节点无法载入该状态文件")
                    self._complain(self._store.set_aside(state, reason))
                    continue
                attempts += 1
                if self._port or attempts >= _PORT_ATTEMPTS or "in use" not in words:
                    raise error from None
                continue
            except BaseException:
                process.end()
                raise
            final = None if self._driver.durable else self._store.final
            name, durable = self._driver.name, self._driver.durable
            return process, Engine(name, url, self._chain_id, process.pid, self.data_dir, final, durable)

    def _given_up(self, process: EngineProcess) -> str | None:
        ending = process.ending()
        if ending is not None:
            return f"{self._driver.name} ended at its start, {ending}: {process.last_words()}"
        return "stopped while starting" if self._stopping.is_set() else None

    def _pick_state(self) -> Path | None:
        if self._driver.durable:
            return None
        state, complaints = self._store.latest()
        for complaint in complaints:
            self._complain(complaint)
        if state != self._store.current:
            # The state that the claim spoke of is gone.
            self._store.forget_final()
        return state

    def _spawn(self, port: int, state: Path | None) -> EngineProcess:
        # What a killed Anvil had swapped out is read by no later one.
        shutil.rmtree(self.data_dir / "anvil-cache", ignore_errors=True)
        command = self._driver.command(Launch(port, self._chain_id, self.data_dir, state, self._block_time))
        log_path = self.data_dir / f"{self._driver.name}.log"
        return EngineProcess(command, folder=self.data_dir, log_path=log_path)

    def _take_directory(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        lock = (self.data_dir / "node.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise DataDirectoryBusy(
                "node.directory",
                str(self.data_dir),
                "another node runs on this data directory",
                "该数据目录正被另一个节点使用",
            ) from None
        self._lock = lock

    def _complain(self, complaint: StateUnreadable) -> None:
        self.complaints.append(complaint)
        _logger.warning("%s", complaint)


def _stopped_saving(name: str, error: BaseException) -> EngineDied:
    message = f"{name} was ended because its state cannot be saved any more: {error}"
    return EngineDied("engine.saved", type(error).__name__, message, "链状态无法继续保存，节点已停止")
