"""Password hashes and rules.

argon2id with 19 MiB, two passes, one lane: 23 ms a check, and never more than two at a time, so that an
attack on the sign-in cannot take both cores from everybody else (OWASP ASVS 5.0, 6.2 and 11.4).
"""

from __future__ import annotations

import secrets
import string
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.backend.access.settings import AccessSettings

MAX_LENGTH = 128
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_gate = threading.Semaphore(2)
#: what an unknown user's password is checked against, so that the answer takes as long
_DUMMY = _hasher.hash(secrets.token_hex(16))
#: the start of every list of passwords ever leaked, and what people type in this trade
COMMON = frozenset(
    """123456 12345678 123456789 1234567890 111111 11111111 000000 00000000 password password1 password123
    passw0rd p@ssw0rd p@ssword qwerty qwerty123 qwertyuiop 1q2w3e4r 1qaz2wsx 1qaz@wsx abc123 abcd1234 abc12345
    a123456 a1234567 a12345678 aa123456 aa123456! 123123 123123123 654321 666666 66666666 888888 88888888
    admin admin123 admin@123 admin888 administrator root root123 test1234 user1234 welcome1 welcome123
    iloveyou woaini1314 5201314 1314520 asdfghjkl zxcvbnm zxcvbnm123 qazwsxedc letmein dragon monkey sunshine
    princess system123 griddesk griddesk1 wangge123 chengguan123 Wangge@123 Admin@1234 Abcd@1234
    Abc@12345""".lower().split()
)


def hash_password(password: str) -> str:
    """Return the hash of a password."""
    with _gate:
        return _hasher.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is the one; with no stored hash it takes as long and says no."""
    with _gate:
        try:
            right = _hasher.verify(stored if stored is not None else _DUMMY, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def password_fault(password: str, username: str, settings: AccessSettings) -> str | None:
    """Return the sentence that says why a new password is refused, None when it is good."""
    if len(password) < settings.password_least:
        return f"密码至少 {settings.password_least} 位。"
    if len(password) > MAX_LENGTH:
        return f"密码最多 {MAX_LENGTH} 位。"
    if any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in password):
        return "密码不能含控制字符。"
    lowered = password.lower()
    if lowered in COMMON or lowered == username.lower() or len(set(password)) < 4:
        return "这个密码太常见，请换一个。"
    if settings.password_policy == "mlps" and _kinds(password) < 3:
        return "密码应包含大写字母、小写字母、数字、符号中的至少三种。"
    return None


def _kinds(password: str) -> int:
    """Return how many kinds of characters a password has."""
    return sum(
        (
            any(char.isupper() for char in password),
            any(char.islower() for char in password),
            any(char.isdigit() for char in password),
            any(not char.isalnum() for char in password),
        )
    )


def one_time_password() -> str:
    """Return a random password that every policy takes; without characters that look alike."""
    alphabet = "".join(char for char in string.ascii_letters + string.digits if char not in "0O1lI")
    while True:
        found = "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3))
        if _kinds(found) == 4:
            return found
