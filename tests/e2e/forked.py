"""`tanlu` for PATH whose every command is a process of its own, forked from one that has loaded the program.

Starting Python and loading the program is four fifths of a command's second, and the pages have a hundred of them. All
else is as typed: own process, folder, environment, standard streams, exit code, end by signal. That commands start from
nothing is held where that is the matter: README's walk-through, `tests/tanlu/test_serve.py`, the demo.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

READY_SECONDS = 90.0
_LENGTH_BYTES = 4

# Without site and the user's paths: a start of ten milliseconds.
_COMMAND = """#!{python} -IS
import json, os, signal, socket, sys
asked = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({place!r})
    socket.send_fds(server, [len(asked).to_bytes({length}, "big")], [0, 1, 2])
    server.sendall(asked)
    answer = server.makefile("r")
    process = int(answer.readline())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: os.kill(process, number))
    ended = answer.readline()
    # A process that a signal ended says nothing more.
    sys.exit(int(ended) if ended else "tanlu ended without a status")
"""


@cache
def folder() -> Path:
    """A folder whose `tanlu` is such a command, while this process lives; made when it is first asked for."""
    place = tempfile.TemporaryDirectory(prefix="tanlu-typed-")
    made = Path(place.name)
    at = made / "socket"
    command = made / "tanlu"
    command.write_text(_COMMAND.format(python=sys.executable, place=str(at), length=_LENGTH_BYTES))
    command.chmod(0o755)
    # It ends when its standard input does: with this process, however that ends.
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__)), str(at)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    readable, _, _ = select.select([server.stdout], [], [], READY_SECONDS)
    assert readable, f"the program was not loaded in {READY_SECONDS:g} s"
    assert server.stdout.readline() == b"ready\n"

    def end() -> None:
        server.communicate()
        place.cleanup()

    atexit.register(end)
    return made


def serve(place: str) -> None:
    """Fork for every connection at ``place``, until standard input ends."""
    from importlib import import_module
    from pkgutil import walk_packages

    import tanlu.cli

    for module in walk_packages(tanlu.cli.__path__, "tanlu.cli."):
        import_module(module.name)
    # A fork has the thread that forks alone: any other's locks would stay taken.
    assert len(os.listdir("/proc/self/task")) == 1
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        # Nobody waits for a command's process but who typed it.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            readable, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in readable:
                return
            typed, _ = listener.accept()
            with typed:
                if os.fork() == 0:
                    listener.close()
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    run(typed)


def run(typed: socket.socket) -> None:
    """The command that was typed, in this process; does not return."""
    from tanlu.cli import main

    length, streams, _, _ = socket.recv_fds(typed, _LENGTH_BYTES, 3)
    with typed.makefile("rb") as asked:
        words, cwd, environment = json.loads(asked.read(int.from_bytes(length, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    typed.sendall(b"%d\n" % os.getpid())
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    # Else every command would draw the same numbers.
    random.seed()
    sys.argv = words
    status = 0
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    typed.sendall(b"%d\n" % status)
    os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
