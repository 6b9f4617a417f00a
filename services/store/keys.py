"""The data key of one user on one machine, wrapped with a key made of the password by Argon2id.

The key is 32 random bytes, made at the first sign-in; what lies on disk is the key xor a pad that Argon2id
makes of password and a fresh salt (a pad is used once, because every wrap has its own salt), with an HMAC
over all of it. So the data can be unlocked offline, and deleting the wraps is deleting the data. Where the site has a
recovery key (`services.store.recovery`), the same data key is also sealed for it.
One folder a user, so that several users of one machine do not see each other's data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw

from services.ports.errors import NoLocalKey, StorageFull, StoreBroken, WrongPassword

KEY_BYTES = 32
_FILE = "key.json"
_FULL = "本机磁盘已满，不能保存登录密钥。请清理磁盘后再试。"


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one guess of the password costs; 64 MiB and three passes take about 0.2 s."""

    time: int = 3
    memory_kib: int = 65536
    lanes: int = 2


def user_folder(base: Path, centre: str, username: str) -> Path:
    """Return the folder of one user of one centre; the name tells neither."""
    mark = hashlib.sha256(f"{centre}\0{username}".encode()).hexdigest()[:24]
    return base / "users" / mark


def write_private(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, readable for its owner only."""
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class KeyFile:
    """The wrapped data key in a user's folder."""

    def __init__(self, folder: Path, cost: Argon2Cost | None = None) -> None:
        """Remember the folder; nothing is read yet."""
        self.folder = folder
        self._path = folder / _FILE
        self._cost = cost or Argon2Cost()

    @property
    def exists(self) -> bool:
        """Whether this user has data on this machine."""
        return self._path.exists()

    def unlock(self, password: str) -> bytes:
        """Return the data key. Raises NoLocalKey, WrongPassword, or StoreBroken for a damaged file."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError as error:
            raise NoLocalKey("这个账号还没有在本机登录过，离线时不能打开。请先联网登录一次。") from error
        try:
            doc = json.loads(raw)
            salt, box, tag = (base64.b64decode(doc[name], validate=True) for name in ("salt", "box", "tag"))
            cost = Argon2Cost(int(doc["time"]), int(doc["memory_kib"]), int(doc["lanes"]))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreBroken("本机的登录密钥文件已损坏。") from error
        pad, seal = _derive(password, salt, cost)
        if not hmac.compare_digest(tag, _tag(seal, salt, box)):
            raise WrongPassword("密码不对，打不开本机数据。")
        return bytes(a ^ b for a, b in zip(box, pad, strict=True))

    def create(self, password: str) -> bytes:
        """Make a new random data key and wrap it; returns the key. Never overwrites a wrap that exists."""
        if self.exists:
            raise StoreBroken("本机已有这个账号的登录密钥。")
        key = os.urandom(KEY_BYTES)
        self._wrap(key, password)
        return key

    def open(self, password: str) -> bytes:
        """Return the data key, made at the first use."""
        return self.unlock(password) if self.exists else self.create(password)

    def rewrap(self, old: str, new: str) -> None:
        """Wrap the same key with a new password; the old wrap is there until the new one is durable."""
        self._wrap(self.unlock(old), new)

    def wrap_anew(self, key: bytes, password: str) -> None:
        """Wrap a known data key with a new password; the old wrap is there until the new one is durable."""
        self._wrap(key, password)

    def destroy(self) -> None:
        """Delete the wrap: what was encrypted with the key can never be read again."""
        self._path.unlink(missing_ok=True)

    def _wrap(self, key: bytes, password: str) -> None:
        """Write the wrap."""
        salt = os.urandom(16)
        pad, seal = _derive(password, salt, self._cost)
        box = bytes(a ^ b for a, b in zip(key, pad, strict=True))
        doc: dict[str, Any] = {
            "v": 1,
            "kdf": "argon2id",
            "time": self._cost.time,
            "memory_kib": self._cost.memory_kib,
            "lanes": self._cost.lanes,
            "salt": _text(salt),
            "box": _text(box),
            "tag": _text(_tag(seal, salt, box)),
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(self._path, json.dumps(doc).encode())
        except OSError as error:
            raise StorageFull(_FULL) from error


def _text(raw: bytes) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(raw).decode()


def _derive(password: str, salt: bytes, cost: Argon2Cost) -> tuple[bytes, bytes]:
    """Return pad and seal key for a password."""
    made = hash_secret_raw(
        password.encode(),
        salt,
        time_cost=cost.time,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=2 * KEY_BYTES,
        type=Type.ID,
    )
    return made[:KEY_BYTES], made[KEY_BYTES:]


def _tag(seal: bytes, salt: bytes, box: bytes) -> bytes:
    """Return the seal over a wrap."""
    return hmac.new(seal, b"griddesk key 1" + salt + box, hashlib.sha256).digest()
