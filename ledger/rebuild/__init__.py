"""What SQL holds, made anew from the entries and the chain: the same rows (law 5).

``rebuild`` does it in one transaction; ``ledger.rebuild.tables`` says of every table whether it is evidence, derived or
neither.
"""

from __future__ import annotations

from ledger.rebuild.from_archive import store_of_archive
from ledger.rebuild.run import RebuildRefused, Rebuilt, rebuild
from ledger.rebuild.tables import DERIVED, EVIDENCE, NEITHER

__all__ = ["DERIVED", "EVIDENCE", "NEITHER", "RebuildRefused", "Rebuilt", "rebuild", "store_of_archive"]
