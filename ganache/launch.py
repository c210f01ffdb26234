"""Become an engine that cannot outlive whoever started it.

Run as `python -I -S launch.py PARENT_PID PROGRAM ARGUMENT...`. The kernel's parent-death signal (Linux prctl(2),
PR_SET_PDEATHSIG) survives execve, and so does the process id. A program of its own rather than `preexec_fn`, which may
deadlock in a process that has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask for the signal, make sure the parent is still there, and become the program."""
    parent, program = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        # The parent may have died before the request: then nobody will ever send the signal.
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(program[0], program)  # noqa: S606  the caller's own absolute path, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
