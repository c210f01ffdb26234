"""The Merkle tree's store: one row per tile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.db.log_models import Tile


class SqlTileStore:
    """``ledger.merkle.tiles.TileStore`` over the table ``tiles`` in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def read_tiles(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Blobs of the (level, index) pairs that exist."""
        if not keys:
            return {}
        # Not a row value IN (…): SQLite reads the whole table for that, and one key at a time for this.
        wanted = or_(*(and_(Tile.level == level, Tile.index == index) for level, index in keys))
        query = select(Tile.level, Tile.index, Tile.blob).where(wanted)
        return {(level, index): blob for level, index, blob in self._session.execute(query)}

    def write_tiles(self, rows: Iterable[tuple[int, int, int, bytes]]) -> None:
        """Insert or replace rows of (level, index, width in hashes, blob)."""
        values = [{"level": level, "idx": index, "width": width, "blob": blob} for level, index, width, blob in rows]
        if not values:
            return
        dialect = sqlite if self._session.get_bind().dialect.name == "sqlite" else postgresql
        statement = dialect.insert(Tile.__table__)
        replace = {"width": statement.excluded.width, "blob": statement.excluded.blob}
        self._session.execute(
            statement.on_conflict_do_update(index_elements=["level", "idx"], set_=replace),
            values,
        )
