"""Notices: what a power over an account did, told to whose account it is (DOMAIN 22, 23). docs/powers.md.

A notice is not a statement: all of it follows from the entry that exercised the power, so that nobody can exercise one
and leave the notice out, or word it otherwise than what was signed.
"""

from __future__ import annotations

from ledger.notices.notice import Notice, Power
from ledger.notices.reading import NOTICES_SHOWN, NoticeReader

__all__ = ["NOTICES_SHOWN", "Notice", "NoticeReader", "Power"]
