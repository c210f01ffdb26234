"""A node as a command: run until told to stop, or until the engine dies."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

from ganache.engines import Engine
from ganache.errors import EngineError
from ganache.node import Node

_LOOK_SECONDS = 0.2


def run(node: Node, *, say: Callable[[str], None], on_ready: Callable[[Engine], None] | None = None) -> int:
    """Run `node` in the foreground until SIGTERM or SIGINT; to be called in the main thread.

    Args:
        node: not started yet.
        say: takes one line for people, English with Chinese beside it.
        on_ready: told the engine once it answers (for a machine-readable line, a file, a test).

    Returns:
        The exit status: 0 after an orderly stop, 1 when the engine could not start or died (and the reason was said).
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        engine = node.start()
        for complaint in node.complaints:
            say(f"{complaint}")
        say(f"{engine.name} answers at {engine.rpc_url}, chain id {engine.chain_id} 节点已就绪")
        if on_ready is not None:
            on_ready(engine)
        while not stop.is_set() and not node.wait(_LOOK_SECONDS):
            pass
        node.stop()
        node.check()
    except EngineError as error:
        say(f"{error}")
        return 1
    finally:
        node.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    say("node stopped 节点已停止")
    return 0
