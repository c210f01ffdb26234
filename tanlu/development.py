"""The published development accounts as the service meets them; the guard itself is in ``ganache.accounts``."""

from __future__ import annotations

from ganache.accounts import DEVELOPMENT_CHAIN_IDS, development_keys, require_development_chain

_LOOPBACK = "http://127.0.0.1"


class DevelopmentKeys:
    """``api.keys.PublishedKeys`` over the accounts that both engines are started with."""

    def __init__(self) -> None:
        self._published = frozenset(development_keys(_LOOPBACK, min(DEVELOPMENT_CHAIN_IDS)))

    def refuse(self, key: bytes, rpc_url: str, chain_id: int) -> None:
        """Raise ``DevelopmentKeyRefused`` for a published key, unless the chain is a development chain on loopback."""
        if key in self._published:
            require_development_chain(rpc_url, chain_id)

    def payer(self, rpc_url: str, chain_id: int) -> bytes | None:
        """The first account's key on a development chain id. Raises ``DevelopmentKeyRefused`` off loopback."""
        return development_keys(rpc_url, chain_id)[0] if chain_id in DEVELOPMENT_CHAIN_IDS else None
