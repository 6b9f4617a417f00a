"""The site's recovery key: the curve's own vectors, sealing, opening, slips of the pen, damage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.ports.errors import NoLocalKey, StoreBroken, WrongPassword
from services.store.curve import public_of, x25519
from services.store.keys import Argon2Cost, KeyFile
from services.store.recovery import (
    SITE_FILE,
    Recovery,
    install_site_key,
    looks_like_code,
    make_code,
    secret_of,
    site_key,
)

QUICK = Argon2Cost(time=1, memory_kib=64, lanes=1)
KEY = bytes(range(32))
VECTORS = [  # RFC 7748, 5.2
    (
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ),
    (
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ),
]


@pytest.mark.parametrize(("scalar", "point", "product"), VECTORS)
def test_the_vectors_of_the_rfc(scalar: str, point: str, product: str) -> None:
    assert x25519(bytes.fromhex(scalar), bytes.fromhex(point)).hex() == product


def test_the_iterated_vector_of_the_rfc() -> None:
    k = u = (9).to_bytes(32, "little")
    k, u = x25519(k, u), k
    assert k.hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079" and u[0] == 9


def test_two_sides_agree() -> None:
    a, b = bytes(range(32)), bytes(range(32, 64))
    assert x25519(a, public_of(b)) == x25519(b, public_of(a))
    with pytest.raises(ValueError, match="32 bytes"):
        x25519(b"short", a)


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Recovery, str]:
    """A data key sealed for a site, and the site's code."""
    code, public = make_code()
    recovery = Recovery(tmp_path)
    assert not recovery.exists and recovery.seal(KEY, public) and recovery.exists
    assert not recovery.seal(KEY, public), "once is enough"
    return recovery, code


def test_the_code_opens_what_was_sealed(sealed: tuple[Recovery, str]) -> None:
    recovery, code = sealed
    assert recovery.open(code) == KEY
    assert recovery.open(f"  {code.lower().replace('-', ' ')} ") == KEY, "as people copy it"
    text = (recovery.folder / "recovery.json").read_text()
    assert KEY.hex() not in text and code not in text and secret_of(code).hex() not in text
    assert (recovery.folder / "recovery.json").stat().st_mode & 0o077 == 0


def test_another_sites_code_and_slips_of_the_pen_are_told_and_harm_nothing(
    sealed: tuple[Recovery, str],
) -> None:
    recovery, code = sealed
    before = (recovery.folder / "recovery.json").read_bytes()
    last = "B" if code[-1] != "B" else "C"
    for wrong, word in (
        (make_code()[0], "恢复码不对"),
        (code[:-1] + last, "恢复码不对"),
        (code[:20], "不完整"),
        ("", "不完整"),
    ):
        with pytest.raises(WrongPassword, match=word):
            recovery.open(wrong)
    assert (recovery.folder / "recovery.json").read_bytes() == before
    assert recovery.open(code) == KEY


@pytest.mark.parametrize("name", ["once", "site", "box", "tag"])
def test_a_changed_seal_is_never_opened(sealed: tuple[Recovery, str], name: str) -> None:
    recovery, code = sealed
    path = recovery.folder / "recovery.json"
    doc = json.loads(path.read_bytes())
    doc[name] = ("A" if doc[name][0] != "A" else "B") + doc[name][1:]
    path.write_text(json.dumps(doc))
    with pytest.raises(WrongPassword):
        recovery.open(code)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1]", b'{"once": 1}', b'{"once":"AA==","site":"AA==","box":"AA==","tag":"AA=="}'],
)
def test_a_damaged_seal_is_told(sealed: tuple[Recovery, str], content: bytes) -> None:
    recovery, code = sealed
    (recovery.folder / "recovery.json").write_bytes(content)
    with pytest.raises(StoreBroken):
        recovery.open(code)


def test_data_that_was_never_sealed_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoLocalKey, match="没有用恢复密钥封存过"):
        Recovery(tmp_path).open(make_code()[0])


def test_a_new_site_key_seals_anew(sealed: tuple[Recovery, str]) -> None:
    recovery, old = sealed
    code, public = make_code()
    assert recovery.seal(KEY, public) and recovery.open(code) == KEY
    with pytest.raises(WrongPassword):
        recovery.open(old)


def test_a_forgotten_password_is_replaced_and_the_data_key_stays(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "user", QUICK)
    data_key = key.create("forgotten")
    code, public = make_code()
    recovery = Recovery(key.folder)
    recovery.seal(data_key, public)
    with pytest.raises(WrongPassword):
        recovery.set_password(key, make_code()[0], "new")
    assert key.unlock("forgotten") == data_key, "a wrong code changes nothing"
    assert recovery.set_password(key, code, "new") == data_key == key.unlock("new")
    with pytest.raises(WrongPassword):
        key.unlock("forgotten")


def test_the_public_half_is_installed_and_read_back(tmp_path: Path) -> None:
    assert site_key(tmp_path) is None
    code, public = make_code()
    install_site_key(tmp_path / "console", public)
    assert site_key(tmp_path / "console") == public == public_of(secret_of(code))
    for odd in (b"", b"{}", b'{"public": "AA=="}', b'{"public": "?"}'):
        (tmp_path / "console" / SITE_FILE).write_bytes(odd)
        assert site_key(tmp_path / "console") is None
    with pytest.raises(ValueError, match="32"):
        install_site_key(tmp_path, b"short")


def test_codes_are_told_from_passwords() -> None:
    code, _ = make_code()
    assert looks_like_code(code) and looks_like_code(code.lower())
    assert not looks_like_code("Correct-Horse-2026!") and not looks_like_code("")
    assert len({make_code()[0] for _ in range(20)}) == 20
