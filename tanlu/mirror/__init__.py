"""A mirror: the whole log fetched over HTTP by somebody who has no access to the database, checked page by page against
the checkpoint that log and witnesses signed, and written as the archive that the operator's own export would be.

The chain's part comes from a node of one's own, never from the service.
"""

from __future__ import annotations

from tanlu.mirror.folder import MirrorFolder
from tanlu.mirror.taking import Mirrored, take_mirror

__all__ = ["MirrorFolder", "Mirrored", "take_mirror"]
