"""The URL under which callers reach the service, which every sign-in names letter by letter."""

from __future__ import annotations

from attestation.uris import check_authority

_DEFAULT_PORTS = {"http": "80", "https": "443"}


def check_public_url(text: str) -> str:
    """The URL, or "" for none.

    A browser says its origin in one spelling only, and a wallet compares it with the message that it shows: a URL in
    another spelling would be one that nobody can sign in to. Raises ValueError for it: a user part, capital letters,
    the scheme's own port, a path.
    """
    if not text:
        return text
    scheme, _, rest = text.partition("://")
    authority = rest.removesuffix("/")
    if scheme not in _DEFAULT_PORTS or not authority:
        raise ValueError("http:// or https://, a host, and a port where it is not the scheme's own")
    if "/" in authority or "?" in authority or "#" in authority:
        raise ValueError("a URL without path, query or fragment")
    if "@" in authority:
        raise ValueError("a URL without a user part")
    check_authority(authority)
    host, colon, port = authority.rpartition(":") if not authority.endswith("]") else (authority, "", "")
    if colon and (not host or port != str(int(port or "0")) or not 0 < int(port) < 65_536):
        raise ValueError("a port from 1 to 65535, or none")
    if colon and port == _DEFAULT_PORTS[scheme]:
        raise ValueError(f"a URL without the port that {scheme} has anyway")
    if authority != authority.lower():
        raise ValueError("a host in small letters")
    return text
