"""Makes `es256.json` beside this file: `python make_es256.py`.

ES256 as a JWS carries it (RFC 7518 §3.4): published examples, and edge cases on which libraries differ. Shares no code
with the package: the arithmetic is below (SEC 1 §4.1). The result is the same in every run.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from pathlib import Path

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
Point = tuple[int, int] | None
BASE: Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add(one: Point, two: Point) -> Point:
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def x_times(scalar: int) -> int:
    point = times(scalar, BASE)
    assert point is not None
    return point[0]


def hashed(message: bytes) -> int:
    return int.from_bytes(hashlib.sha256(message).digest())


def sign(secret: int, k: int, message: bytes) -> tuple[int, int]:
    r = x_times(k) % N
    return r, pow(k, -1, N) * (hashed(message) + r * secret) % N


def raw(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


def der(r: int, s: int) -> bytes:
    parts = b""
    for number in (r, s):
        body = number.to_bytes(number.bit_length() // 8 + 1)
        parts += bytes((2, len(body))) + body
    return bytes((48, len(parts))) + parts


def public(x: int, y: int) -> dict[str, str]:
    return {"x": x.to_bytes(32).hex(), "y": y.to_bytes(32).hex()}


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


# RFC 7515 appendix A.3
A3_X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
A3_Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
A3_INPUT = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
A3_SIGNATURE = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

# RFC 6979 appendix A.2.5, SHA-256
A25_SECRET = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
A25 = {
    b"sample": (
        0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
        0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
    ),
    b"test": (
        0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
        0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083,
    ),
}


def es256_vectors() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    message = b"tanlu"
    secret = hashed(b"tanlu es256") % (N - 1) + 1
    point = times(secret, BASE)
    assert point is not None
    own = public(*point)

    def row(
        name: str,
        why: str,
        signature: bytes,
        rule: str | None,
        *,
        key: dict[str, str] | None = None,
        text: bytes = message,
        secret: int | None = None,
    ) -> None:
        rows.append(
            {
                "name": name,
                "why": why,
                **(own if key is None else key),
                "message": text.hex(),
                "signature": signature.hex(),
                "accepted": rule is None,
                **({} if rule is None else {"rule": rule}),
                **({} if secret is None else {"secret": secret.to_bytes(32).hex()}),
            }
        )

    key_a3 = {"x": unb64(A3_X).hex(), "y": unb64(A3_Y).hex()}
    row("rfc-7515-a3", "RFC 7515 appendix A.3", unb64(A3_SIGNATURE), None, key=key_a3, text=A3_INPUT.encode())
    key_a25 = public(*(times(A25_SECRET, BASE) or (0, 0)))
    for text, pair in A25.items():
        name = f"rfc-6979-{text.decode()}"
        row(name, "RFC 6979 appendix A.2.5", raw(*pair), None, key=key_a25, text=text, secret=A25_SECRET)

    k = 12_345
    r, s = sign(secret, k, message)
    high, low = max(s, N - s), min(s, N - s)
    row("low-s", "an ordinary signature", raw(r, low), None)
    row("high-s", "N - s is as good: RFC 7518 knows no rule about it", raw(r, high), None)
    row("other-message", "signed over another message", raw(*sign(secret, k, b"other")), "signature.invalid")

    bad = "signature.invalid"
    row("r-zero", "r = 0", raw(0, s), bad)
    row("s-zero", "s = 0", raw(r, 0), bad)
    row("both-zero", "r = s = 0", bytes(64), bad)
    row("both-one", "r = s = 1", raw(1, 1), bad)
    row("r-order", "r = n stands for 0", raw(N, s), bad)
    row("s-order", "s = n stands for 0", raw(r, N), bad)
    row("r-order-plus-one", "r = n + 1", raw(N + 1, s), bad)
    row("s-all-ones", "s = 2^256 - 1", raw(r, 2**256 - 1), bad)
    row("r-field-prime", "r = p, above n", raw(P, s), bad)
    row("swapped", "s || r", raw(s, r), bad)
    row("little-endian", "r and s in the other byte order", raw(r, s)[31::-1] + raw(r, s)[:31:-1], bad)
    row("negated-r", "n - r", raw(N - r, s), bad)
    small = next(offset for offset in range(1, 100) if root(curve(N + offset)) is not None)
    odd = unusual_key(small, message)
    row("r-reduced", "the nonce's point has an x above n, and r is x - n", raw(small, 1), None, key=odd)
    row("r-plus-order", "r written as that x, unreduced", raw(N + small, 1), bad, key=odd)

    row("der", "SEQUENCE of two INTEGERs, as X.509 has it", der(r, s), "signature.length")
    row("one-byte-short", "63 bytes", raw(r, s)[:63], "signature.length")
    row("one-byte-long", "65 bytes", raw(r, s) + b"\0", "signature.length")
    row("recovery-byte", "r, s and v of Ethereum", raw(r, s) + b"\x1b", "signature.length")
    row("empty", "no bytes", b"", "signature.length")

    x, y = point
    row("key-off-the-curve", "y + 1", raw(r, s), "key.point", key=public(x, y + 1))
    row("key-infinity", "x = y = 0, as some write the point at infinity", raw(r, s), "key.point", key=public(0, 0))
    row("key-negated", "-Q is another key", raw(r, s), bad, key=public(x, P - y))
    row("key-x-above-the-field", "x = p + 5 is no field element", raw(r, s), "key.point", key=public(P + 5, y_of(5)))
    row("key-y-above-the-field", "y = p + y", raw(r, s), "key.point", key=small_y())
    row("key-on-secp256k1", "the base point of another curve", raw(r, s), "key.point", key=SECP256K1_BASE)
    return rows


SECP256K1_BASE = {
    "x": "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    "y": "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
}


def root(square: int) -> int | None:
    found = pow(square, (P + 1) // 4, P)
    return found if found * found % P == square % P else None


def curve(x: int) -> int:
    return x**3 - 3 * x + B


def y_of(x: int) -> int:
    found = root(curve(x))
    assert found is not None
    return found


def small_y() -> dict[str, str]:
    """A point whose y is so small that y + p still fits into 32 bytes."""
    for y in range(1, 2**16):
        # x^3 - 3x + (B - y^2) = 0: a root of the cubic modulo p, found by gcd(x^p - x, cubic)
        x = cubic_root(B - y * y)
        if x is not None:
            return public(x, P + y)
    raise AssertionError


def cubic_root(constant: int) -> int | None:
    """A root of x^3 - 3x + constant modulo p, where exactly one lies in the field."""

    def multiply(one: list[int], two: list[int]) -> list[int]:
        product = [0] * 5
        for i, a in enumerate(one):
            for j, b in enumerate(two):
                product[i + j] += a * b
        for degree in (4, 3):  # x^3 = 3x - constant
            product[degree - 2] += 3 * product[degree]
            product[degree - 3] -= constant * product[degree]
        return [c % P for c in product[:3]]

    power, base, exponent = [1, 0, 0], [0, 1, 0], P
    while exponent:
        if exponent & 1:
            power = multiply(power, base)
        base = multiply(base, base)
        exponent >>= 1
    a, b, c = power[2], (power[1] - 1) % P, power[0]  # x^p - x modulo the cubic: a x^2 + b x + c
    if a == 0:
        return None
    # The remainder of the cubic by that quadratic is linear where they share one root.
    inverse = pow(a, -1, P)
    b, c = b * inverse % P, c * inverse % P
    linear, rest = (-3 - c + b * b) % P, (constant + b * c) % P
    if linear == 0:
        return None
    x = -rest * pow(linear, -1, P) % P
    return x if (curve(x) - B + constant) % P == 0 else None


def unusual_key(offset: int, message: bytes) -> dict[str, str]:
    """The key under which (offset, 1) signs the message, its nonce's point having x = n + offset:
    Q = r^-1 (s R - e G)."""
    nonce_point: Point = (N + offset, y_of(N + offset))
    inverse = pow(offset, -1, N)
    key = add(times(inverse, nonce_point), times(-hashed(message) * inverse % N, BASE))
    assert key is not None
    return public(*key)


def files() -> dict[str, str]:
    """The text of each file by its name."""
    return {"es256.json": json.dumps({"vectors": es256_vectors()}, indent=1) + "\n"}


if __name__ == "__main__":
    for file_name, content in files().items():
        Path(__file__).with_name(file_name).write_text(content, encoding="utf-8")
