"""X25519 (RFC 7748) on Python's integers: sealing a key for somebody whose secret is not on this machine.

Used a handful of times in the life of an installation, never on data an attacker can time; the vectors of the RFC are
tested. Everything that encrypts data itself is SQLCipher's.
"""

from __future__ import annotations

KEY_BYTES = 32
_P = 2**255 - 19
_A24 = 121665
_BASE = (9).to_bytes(KEY_BYTES, "little")


def x25519(scalar: bytes, point: bytes) -> bytes:
    """Return the product of a 32-byte scalar and a 32-byte point; ValueError for other lengths."""
    if len(scalar) != KEY_BYTES or len(point) != KEY_BYTES:
        raise ValueError("scalar and point have 32 bytes")
    k = bytearray(scalar)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    n = int.from_bytes(k, "little")
    u = int.from_bytes(point, "little") & (2**255 - 1)
    return _ladder(n, u % _P).to_bytes(KEY_BYTES, "little")


def public_of(secret: bytes) -> bytes:
    """Return the public point of a 32-byte secret."""
    return x25519(secret, _BASE)


def _ladder(n: int, u: int) -> int:
    """Climb Montgomery's ladder."""
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for bit in reversed(range(255)):
        one = n >> bit & 1
        if swap ^ one:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = one
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % _P, c * b % _P, a * a % _P, b * b % _P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % _P, u * (da - cb) ** 2 % _P
        x2, z2 = aa * bb % _P, e * (aa + _A24 * e) % _P
    if swap:
        x2, z2 = x3, z3
    return x2 * pow(z2, _P - 2, _P) % _P
