"""The published development accounts, for a loopback chain and nothing else.

Both engines are started with the same well-known mnemonic (Foundry's and Hardhat's documentation print it with all its
keys). Whoever holds an address of it holds it together with everybody else, so every way to these keys asks first where
the chain is.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from ganache.errors import DevelopmentKeyRefused

MNEMONIC = "test test test test test test test test test test test junk"
COUNT = 10
DEVELOPMENT_CHAIN_IDS = frozenset({31337, 1337})


def require_development_chain(rpc_url: str, chain_id: int) -> None:
    """Refuse any chain that is not a development chain on this machine (design, Parameters).

    The host is judged by its spelling, without name resolution: `localhost` or a literal loopback address.

    Raises:
        DevelopmentKeyRefused: host not loopback, or chain id neither 31337 nor 1337.
    """
    parts = urlsplit(rpc_url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https", "ws", "wss"} or not _is_loopback(host):
        raise DevelopmentKeyRefused(
            "accounts.development.loopback",
            host or parts.scheme or "no host",
            "development keys are public and are given only for an RPC URL on a loopback host",
            "开发密钥是公开的，只能用于本机回环地址上的节点",
        )
    if chain_id not in DEVELOPMENT_CHAIN_IDS:
        raise DevelopmentKeyRefused(
            "accounts.development.chain-id",
            str(chain_id),
            "development keys are public and are given only on chain id 31337 or 1337",
            "开发密钥是公开的，只能用于链 ID 31337 或 1337",
        )


def development_keys(rpc_url: str, chain_id: int) -> tuple[bytes, ...]:
    """The ten published secp256k1 private keys (32 bytes each), in derivation order m/44'/60'/0'/0/i (BIP-44).

    Raises:
        DevelopmentKeyRefused: see `require_development_chain`.
    """
    require_development_chain(rpc_url, chain_id)
    # Half a second to import: who only runs an engine needs no key.
    from eth_account.hdaccount import key_from_seed, seed_from_mnemonic  # noqa: PLC0415

    seed = seed_from_mnemonic(MNEMONIC, "")
    return tuple(bytes(key_from_seed(seed, f"m/44'/60'/0'/0/{index}")) for index in range(COUNT))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
