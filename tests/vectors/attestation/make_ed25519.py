"""Makes `ed25519.json` beside this file: `python make_ed25519.py`.

Edge cases of Ed25519 on which libraries differ. Shares no code with the package: the ordinary signature comes from
PyNaCl, the odd ones from the arithmetic below (RFC 8032 §5.1). The result is the same in every run.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nacl.signing

# --- Ed25519 over integers, RFC 8032 §5.1.4 and §5.1.7 ---
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def add(one: Point, two: Point) -> Point:
    (x1, y1), (x2, y2) = one, two
    cross = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P)
    return x % P, y % P


def times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def x_of(y: int) -> int | None:
    """An x of the curve for that y, or None."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if (x * x - square) % P == 0 else None


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE_Y = 4 * pow(5, -1, P) % P
BASE_X = x_of(BASE_Y)
assert BASE_X is not None
BASE: Point = (BASE_X if BASE_X % 2 == 0 else P - BASE_X, BASE_Y)


def order_8() -> Point:
    """A point of order 8: a point of the whole group times L, which only leaves its part of small order."""
    for y in range(2, 100):
        x = x_of(y)
        if x is not None and times(4, torsion := times(L, (x, y))) != (0, 1):
            return torsion
    raise AssertionError


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def ed25519_vectors() -> list[dict[str, object]]:
    seed = hashlib.sha256(b"tanlu vector").digest()
    signer = nacl.signing.SigningKey(seed)
    key, message = bytes(signer.verify_key), b"tanlu"
    good = signer.sign(message).signature
    digest = bytearray(hashlib.sha512(seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    secret = int.from_bytes(digest, "little")
    public = times(secret, BASE)
    assert encode(public) == key
    torsion, nonce = order_8(), 12_345
    rows: list[dict[str, object]] = []

    def row(name: str, why: str, public_key: bytes, signature: bytes, key_good: bool, good: bool = False) -> None:
        rows.append(
            {
                "name": name,
                "why": why,
                "public_key": public_key.hex(),
                "message": message.hex(),
                "signature": signature.hex(),
                "key_accepted": key_good,
                "signature_accepted": good,
            }
        )

    def signed(r: Point, key_bytes: bytes, *, noncanonical_r: bytes | None = None) -> bytes:
        shown = noncanonical_r or encode(r)
        s = (nonce + challenge(shown, key_bytes, message) * secret) % L
        return shown + s.to_bytes(32, "little")

    row("good", "an ordinary signature", key, good, True, good=True)
    row(
        "good-own-nonce",
        "a valid signature with a nonce of our choice",
        key,
        signed(times(nonce, BASE), key),
        True,
        good=True,
    )
    s = int.from_bytes(good[32:], "little")
    row("s-plus-order", "S + L satisfies the equation too", key, good[:32] + (s + L).to_bytes(32, "little"), True)
    row("s-equals-order", "S = L stands for 0", key, good[:32] + L.to_bytes(32, "little"), True)
    mixed_r = add(times(nonce, BASE), torsion)
    row("mixed-order-r", "R + T8: passes only where the cofactor is cleared", key, signed(mixed_r, key), True)
    small_r = encode((0, 1))
    s = challenge(small_r, key, message) * secret % L
    row("small-order-r", "R is the identity", key, small_r + s.to_bytes(32, "little"), True)
    odd_r = (P + 1).to_bytes(32, "little")
    s = challenge(odd_r, key, message) * secret % L
    row("non-canonical-r", "R is the identity written with y = p + 1", key, odd_r + s.to_bytes(32, "little"), True)
    for factor, order in ((0, 1), (4, 2), (2, 4), (1, 8)):
        weak = encode(times(factor, torsion))
        shown = encode(times(nonce, BASE))
        row(
            f"key-of-order-{order}",
            "A of small order: signs anything",
            weak,
            shown + nonce.to_bytes(32, "little"),
            False,
        )
    mixed = encode(add(public, torsion))
    row("mixed-order-key", "A + T8 is outside the prime-order group", mixed, signed(times(nonce, BASE), mixed), False)
    odd_key = (P + 1).to_bytes(32, "little")
    shown = encode(times(nonce, BASE))
    row(
        "non-canonical-key",
        "A is the identity written with y = p + 1",
        odd_key,
        shown + nonce.to_bytes(32, "little"),
        False,
    )
    low = next(y for y in range(2, 19) if x_of(y) is not None)
    row(
        "non-canonical-key-of-large-order",
        f"A written with y = p + {low}",
        (P + low).to_bytes(32, "little"),
        good,
        False,
    )
    off = next(y for y in range(2, 100) if x_of(y) is None)
    row("key-off-the-curve", f"y = {off} is on no point", off.to_bytes(32, "little"), good, False)
    return rows


def files() -> dict[str, str]:
    """The text of each file by its name."""
    return {"ed25519.json": json.dumps({"vectors": ed25519_vectors()}, indent=1) + "\n"}


if __name__ == "__main__":
    for file_name, content in files().items():
        Path(__file__).with_name(file_name).write_text(content, encoding="utf-8")
