"""The site's recovery key: local data can be opened after a forgotten password, without the key lying on any machine.

The site keeps a *code* (its secret) in a safe; every console has the *public* half in its data folder. When a user's
data key is made or unlocked it is sealed for the site beside the user's own wrap: an ephemeral X25519 key agrees with
the public half on a pad (HKDF of SHA-256, used once), with an HMAC over all of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from pathlib import Path

from services.ports.errors import NoLocalKey, StoreBroken, WrongPassword
from services.store.curve import KEY_BYTES, public_of, x25519
from services.store.keys import KeyFile, write_private

SITE_FILE = "recovery-site.json"
_USER_FILE = "recovery.json"
_GROUP = 4
_MARK_BYTES = 3
_WRONG = "恢复码不对，本机数据没有改动。请核对后再输入。"
_CODE = re.compile(r"[A-Z2-7]{56}")


def make_code() -> tuple[str, bytes]:
    """Return a new recovery code, to be written down, and its public half."""
    secret = os.urandom(KEY_BYTES)
    text = base64.b32encode(secret + _mark(secret)).decode()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP)), public_of(secret)


def looks_like_code(text: str) -> bool:
    """Tell whether something typed has the shape of a recovery code (a password hardly ever has)."""
    return _CODE.fullmatch(_plain(text)) is not None


def secret_of(code: str) -> bytes:
    """Read a code; lower case, spaces and missing dashes do not matter. Raises WrongPassword for a slip of the pen."""
    plain = _plain(code)
    if _CODE.fullmatch(plain) is None:
        raise WrongPassword("恢复码不完整，应为 14 组、每组 4 个字母或数字。")
    raw = base64.b32decode(plain)
    secret, mark = raw[:KEY_BYTES], raw[KEY_BYTES:]
    if not hmac.compare_digest(mark, _mark(secret)):
        raise WrongPassword(_WRONG)
    return secret


def _plain(code: str) -> str:
    """Return a code without what people put between its groups; 0, 1 and 8 are read as the letters they look like."""
    return re.sub(r"[\s\-－]", "", code).upper().translate(str.maketrans("018", "OIB"))


def _mark(secret: bytes) -> bytes:
    """Return the check bytes of a secret."""
    return hashlib.sha256(b"griddesk recovery code" + secret).digest()[:_MARK_BYTES]


# --- the site's public half ----------------------------------------------------------------------------------


def install_site_key(folder: Path, public: bytes) -> None:
    """Keep the public half in the console's data folder; a new one takes the place of an old one."""
    if len(public) != KEY_BYTES:
        raise ValueError("a public half has 32 bytes")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    doc = {"v": 1, "public": base64.b64encode(public).decode()}
    write_private(folder / SITE_FILE, json.dumps(doc).encode())


def site_key(folder: Path) -> bytes | None:
    """Return the public half installed here; None when there is none or it is unreadable."""
    try:
        public = base64.b64decode(json.loads((folder / SITE_FILE).read_bytes())["public"], validate=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return public if len(public) == KEY_BYTES else None


# --- a user's data key ---------------------------------------------------------------------------------------


class Recovery:
    """The seal of one user's data key for the site, beside the user's own wrap."""

    def __init__(self, folder: Path) -> None:
        """Remember the user's folder; nothing is read yet."""
        self.folder = folder
        self._path = folder / _USER_FILE

    @property
    def exists(self) -> bool:
        """Whether this user's data can be opened with a recovery code."""
        return self._path.exists()

    def seal(self, data_key: bytes, public: bytes) -> bool:
        """Seal the data key for the site, unless that is done already; returns whether something was written."""
        if self._sealed_for(public):
            return False
        once = os.urandom(KEY_BYTES)
        mine = public_of(once)
        pad, seal = _agree(x25519(once, public), mine, public)
        box = bytes(a ^ b for a, b in zip(data_key, pad, strict=True))
        doc = {"v": 1, "kem": "x25519", "site": _text(public), "once": _text(mine), "box": _text(box)}
        write_private(self._path, json.dumps({**doc, "tag": _text(_tag(seal, mine, public, box))}).encode())
        return True

    def _sealed_for(self, public: bytes) -> bool:
        """Whether there is a seal for this very site key."""
        try:
            return bool(json.loads(self._path.read_bytes())["site"] == _text(public))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def open(self, code: str) -> bytes:
        """Return the data key. Raises WrongPassword, NoLocalKey without a seal, StoreBroken for a damaged one."""
        secret = secret_of(code)
        try:
            doc = json.loads(self._path.read_bytes())
            mine, public, box, tag = (
                base64.b64decode(doc[name], validate=True) for name in ("once", "site", "box", "tag")
            )
        except FileNotFoundError as error:
            raise NoLocalKey("这个账号的本机数据没有用恢复密钥封存过，恢复码打不开。") from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreBroken("本机的恢复密钥文件已损坏。") from error
        if len(mine) != KEY_BYTES or len(box) != KEY_BYTES:
            raise StoreBroken("本机的恢复密钥文件已损坏。")
        try:
            pad, seal = _agree(x25519(secret, mine), mine, public)
        except ValueError as error:
            raise StoreBroken("本机的恢复密钥文件已损坏。") from error
        if public_of(secret) != public or not hmac.compare_digest(tag, _tag(seal, mine, public, box)):
            raise WrongPassword(_WRONG)
        return bytes(a ^ b for a, b in zip(box, pad, strict=True))

    def set_password(self, key: KeyFile, code: str, new: str) -> bytes:
        """Wrap the data key with a new password; the old wrap is there until the new one is durable."""
        data_key = self.open(code)
        key.wrap_anew(data_key, new)
        return data_key


def _agree(shared: bytes, mine: bytes, public: bytes) -> tuple[bytes, bytes]:
    """Return pad and seal key for an agreed secret (HKDF, RFC 5869)."""
    head = hmac.new(b"griddesk recovery 1", shared, hashlib.sha256).digest()
    first = hmac.new(head, mine + public + b"\x01", hashlib.sha256).digest()
    return first, hmac.new(head, first + mine + public + b"\x02", hashlib.sha256).digest()


def _tag(seal: bytes, mine: bytes, public: bytes, box: bytes) -> bytes:
    """Return the seal over everything."""
    return hmac.new(seal, b"griddesk seal 1" + mine + public + box, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    """Return bytes as base64 text."""
    return base64.b64encode(raw).decode()
