"""The archive: everything that an audit needs in one file, which is checked with no service, no chain and no network.

``ledger.archive.writing`` makes it from a database and a node, the same bytes each time; ``open_archive`` reads it and
believes nothing of it but what its manifest, and then the audit, confirm. docs/audit.md has the layout.
"""

from __future__ import annotations

from ledger.archive.layout import About
from ledger.archive.reading import Archive, open_archive

__all__ = ["About", "Archive", "open_archive"]
