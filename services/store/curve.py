"""X25519 (RFC 7748) by `cryptography`: sealing a key for somebody whose secret is not on this machine."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

KEY_BYTES = 32


def x25519(scalar: bytes, point: bytes) -> bytes:
    """Return the product of a 32-byte scalar and a 32-byte point.

    Raises ValueError for other lengths, and for a point with which nothing secret can be agreed.
    """
    if len(scalar) != KEY_BYTES or len(point) != KEY_BYTES:
        raise ValueError("scalar and point have 32 bytes")
    return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(point))


def public_of(secret: bytes) -> bytes:
    """Return the public point of a 32-byte secret."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
