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


def decode(encoded: bytes) -> Point | None:
    """The point as a lenient reader takes it: y modulo p, either sign for x = 0; None off the curve."""
    number = int.from_bytes(encoded, "little")
    y = (number & (1 << 255) - 1) % P
    x = x_of(y)
    if x is None:
        return None
    return (x if x % 2 == number >> 255 else -x % P), y


def equations(key: bytes, message: bytes, signature: bytes) -> tuple[bool, bool]:
    """Whether [S]B = R + [h]A, and whether it does after both sides are multiplied by eight."""
    a, r, s = decode(key), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None:
        return False, False
    left, right = times(s, BASE), add(r, times(challenge(signature[:32], key, message), a))
    return left == right, times(8, left) == times(8, right)


def sign_byte(encoded: bytes) -> bytes:
    """The same y with the other sign of x."""
    return encoded[:31] + bytes((encoded[31] ^ 0x80,))


def little(number: int) -> bytes:
    return number.to_bytes(32, "little")


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

    def row(
        name: str,
        why: str,
        public_key: bytes,
        signature: bytes,
        key_good: bool,
        good: bool = False,
        text: bytes = message,
    ) -> None:
        plain, cofactored = equations(public_key, text, signature)
        rows.append(
            {
                "name": name,
                "why": why,
                "equation": plain,
                "equation_times_8": cofactored,
                "public_key": public_key.hex(),
                "message": text.hex(),
                "signature": signature.hex(),
                "key_accepted": key_good,
                "signature_accepted": good,
            }
        )

    def signed(
        r: Point | None, key_bytes: bytes, *, shown: bytes | None = None, k: int = nonce, text: bytes = message
    ) -> bytes:
        """R, or the bytes shown for it, and the S that solves [S]B = [k]B + [h]A."""
        first = shown if r is None or shown is not None else encode(r)
        assert first is not None
        return first + little((k + challenge(first, key_bytes, text) * secret) % L)

    def free(key_bytes: bytes) -> bytes:
        """A signature that nobody's secret was needed for: R = [k]B and S = k, with a k for which h times A is zero."""
        signatures = (encode(times(k, BASE)) + little(k) for k in range(1, 200))
        return next(found for found in signatures if equations(key_bytes, message, found)[0])

    own = times(nonce, BASE)
    row("good", "an ordinary signature", key, good, True, good=True)
    row("good-own-nonce", "a valid signature with a nonce of our choice", key, signed(own, key), True, good=True)
    for name, text in (("empty", b""), ("one-byte", b"\0"), ("long", b"tanlu " * 1000)):
        row(f"good-{name}-message", "any length is signed", key, signer.sign(text).signature, True, True, text)
    row("other-message", "signed over another message", key, signer.sign(b"other").signature, True)
    row("negated-key", "-A is another key", encode((P - public[0], public[1])), good, True)
    row("negated-r", "-R is another point", key, encode((P - own[0], own[1])) + signed(own, key)[32:], True)

    # S: canonical, below the group order
    s = int.from_bytes(good[32:], "little")
    row("s-plus-order", "S + L satisfies the equation too", key, good[:32] + little(s + L), True)
    row("s-plus-8-orders", "S + 8L satisfies the equation too", key, good[:32] + little(s + 8 * L), True)
    row("s-equals-order", "S = L stands for 0", key, good[:32] + little(L), True)
    row("s-order-less-one", "S = L - 1 is canonical, but not the answer", key, good[:32] + little(L - 1), True)
    row("s-zero", "S = 0 is canonical, but not the answer", key, good[:32] + bytes(32), True)
    row("s-all-ones", "S = 2^256 - 1", key, good[:32] + b"\xff" * 32, True)
    row("s-top-bit", "the highest bit of S set", key, good[:63] + bytes((good[63] | 0x80,)), True)

    # R: of small and mixed order, not canonical, off the curve
    row("mixed-order-r", "R + T8: passes only where the cofactor is cleared", key, signed(add(own, torsion), key), True)
    for factor, order in ((4, 2), (2, 4), (1, 8)):
        low = encode(times(factor, torsion))
        row(
            f"r-of-order-{order}",
            "passes only where the cofactor is cleared",
            key,
            signed(None, key, shown=low, k=0),
            True,
        )
    identity = encode((0, 1))
    row("small-order-r", "R is the identity: the equation holds", key, signed(None, key, shown=identity, k=0), True)
    for name, shown in (
        ("non-canonical-r", little(P + 1)),
        ("non-canonical-r-signed", sign_byte(little(P + 1))),
        ("r-minus-zero", sign_byte(identity)),
    ):
        row(name, "R is the identity in another spelling", key, signed(None, key, shown=shown, k=0), True)
    off = next(y for y in range(2, 100) if x_of(y) is None)
    row(
        "r-off-the-curve",
        f"R has y = {off}, which is on no point",
        key,
        signed(None, key, shown=little(off), k=0),
        True,
    )
    row("r-above-the-field", "R has y = 2^255 - 1", key, signed(None, key, shown=little(2**255 - 1), k=0), True)

    # A: of small and mixed order, not canonical, off the curve
    for factor, order in ((0, 1), (4, 2), (2, 4), (1, 8)):
        weak = encode(times(factor, torsion))
        row(
            f"key-of-order-{order}",
            "A of small order: signs whatever hashes to a multiple of its order",
            weak,
            free(weak),
            False,
        )
    free_of = (encode(times(a, torsion)) + encode(times(r, torsion)) for a in range(1, 8, 2) for r in range(1, 8))
    weak = next(both for both in free_of if equations(both[:32], message, both[32:] + bytes(32))[0])
    row("key-and-r-of-small-order", "S = 0 with A and R of small order", weak[:32], weak[32:] + bytes(32), False)
    mixed = encode(add(public, torsion))
    row("mixed-order-key", "A + T8 is outside the prime-order group", mixed, signed(own, mixed), False)
    both = next(
        signature
        for k in range(1, 1000)
        for turns in range(8)
        if challenge((signature := signed(add(times(k, BASE), times(turns, torsion)), mixed, k=k))[:32], mixed, message)
        % 8
        == -turns % 8
    )
    row("mixed-order-key-and-r", "their parts of small order cancel: holds without the cofactor", mixed, both, False)
    only = next(
        signature
        for k in range(1, 1000)
        if challenge((signature := signed(add(times(k, BASE), torsion), mixed, k=k))[:32], mixed, message) % 8 != 7
    )
    row("mixed-order-cofactored-only", "they do not cancel: holds with the cofactor only", mixed, only, False)
    for name, shown in (
        ("non-canonical-key", little(P + 1)),
        ("non-canonical-key-signed", sign_byte(little(P + 1))),
        ("key-minus-zero", sign_byte(identity)),
    ):
        row(name, "A is the identity in another spelling", shown, free(shown), False)
    row(
        "key-of-order-2-signed",
        "A is (0, -1) with a sign",
        sign_byte(little(P - 1)),
        encode(own) + little(nonce),
        False,
    )
    row("non-canonical-key-of-order-4", "A has y = p, which is 0", little(P), free(little(P)), False)
    low_y = next(y for y in range(2, 19) if x_of(y) is not None)
    row("non-canonical-key-of-large-order", f"A written with y = p + {low_y}", little(P + low_y), good, False)
    row("key-off-the-curve", f"y = {off} is on no point", little(off), good, False)
    row("key-above-the-field", "A has y = 2^255 - 1", little(2**255 - 1), good, False)
    return rows


def files() -> dict[str, str]:
    """The text of each file by its name."""
    return {"ed25519.json": json.dumps({"vectors": ed25519_vectors()}, indent=1) + "\n"}


if __name__ == "__main__":
    for file_name, content in files().items():
        Path(__file__).with_name(file_name).write_text(content, encoding="utf-8")
