"""Checking signatures in bulk, beside the process that judges: one worker process per core.

A signature check lets other threads run, but the threads of one interpreter wait for each other between two checks for
about as long as the rest of a line's work takes. Processes do not.
"""

from __future__ import annotations

from ledger.verifying.workers import Check, Checker, SignatureWorkers, check_here, cores

__all__ = ["Check", "Checker", "SignatureWorkers", "check_here", "cores"]
"""``Check``: key, message and signature; ``check_here``: in this process; ``SignatureWorkers``: in others."""
