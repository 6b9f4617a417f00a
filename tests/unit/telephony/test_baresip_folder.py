"""The softphone's private folder: what is written, for whose eyes, and that no word breaks its line."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.telephony.baresip_folder import (
    Account,
    BadAccountError,
    Devices,
    Ports,
    forget,
    forget_all,
    write_folder,
)

GOOD = Account("8001", "10.0.0.5:5060", "geheim")
PORTS = Ports("127.0.0.1:5070", 4444)
MODULES = Path("/usr/lib/baresip/modules")


def settings(folder: Path) -> list[str]:
    return (folder / "config").read_text("utf-8").splitlines()


def value_of(folder: Path, key: str) -> str:
    (found,) = [line.removeprefix(f"{key} ") for line in settings(folder) if line.startswith(f"{key} ")]
    return found


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- the account ---------------------------------------------------------------------------------------------


def test_an_account_is_told_as_one_line() -> None:
    assert GOOD.line == (
        '<sip:8001@10.0.0.5:5060;transport=udp>;auth_pass="geheim";regint=120;answermode=manual'
    )
    assert replace(GOOD, expires_s=60, transport="tls").line.endswith(";regint=60;answermode=manual")
    assert "transport=tls" in replace(GOOD, transport="tls").line


def test_a_line_without_a_registrar_asks_for_nothing() -> None:
    line = Account("8001", "10.0.0.5", register=False).line
    assert ";regint=0;" in line and "auth_pass" not in line


@pytest.mark.parametrize("user", ["8001", "seat.1", "a_b-c+d", "*21#", "x" * 64])
def test_extensions_as_switches_have_them(user: str) -> None:
    assert replace(GOOD, user=user).checked().user == user


@pytest.mark.parametrize(
    "user", ["", "x" * 65, "8001@pbx", "80 01", "8001;x", "8001\n", "八零零一", '8001"', "<8001>"]
)
def test_an_extension_that_would_break_the_line_is_refused(user: str) -> None:
    with pytest.raises(BadAccountError, match="分机号只能用"):
        replace(GOOD, user=user).checked()


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "pbx.example", "10.0.0.5:5060", "[fd00::1]:5060", "pbx-1.local"]
)
def test_addresses_of_switches(host: str) -> None:
    assert replace(GOOD, host=host).checked().host == host


@pytest.mark.parametrize(
    "host", ["", "a" * 121, "10.0.0.5;x", "sip:10.0.0.5 ", "10.0.0.5>", "电话", "a\nb", "a/b"]
)
def test_an_address_that_would_break_the_line_is_refused(host: str) -> None:
    with pytest.raises(BadAccountError, match="主机:端口"):
        replace(GOOD, host=host).checked()


@pytest.mark.parametrize("password", ["", "Pa55-wort!", "密码", "a b", "a'b\\c"])
def test_passwords_of_many_kinds(password: str) -> None:
    assert replace(GOOD, password=password).checked().password == password


@pytest.mark.parametrize("password", ['a"b', "a;b", "a<b", "a>b", "a\nb", "a\x00b"])
def test_a_password_that_would_break_the_line_is_refused_without_being_told(password: str) -> None:
    with pytest.raises(BadAccountError, match="不能使用的符号") as told:
        replace(GOOD, password=password).checked()
    assert password not in str(told.value)


@pytest.mark.parametrize("transport", ["", "UDP", "sctp", "udp;x"])
def test_other_ways_of_transport_are_refused(transport: str) -> None:
    with pytest.raises(BadAccountError, match="udp、tcp 或 tls"):
        replace(GOOD, transport=transport).checked()


@given(st.text(max_size=80), st.text(max_size=130), st.text(max_size=40))
def test_whatever_is_let_pass_stays_within_its_line(user: str, host: str, password: str) -> None:
    account = Account(user, host, password)
    try:
        account.checked()
    except BadAccountError as error:
        assert str(error).endswith("。")
        return
    line = account.line
    assert not {"\n", "\r", "\0"} & set(line)
    assert line.count("<") == line.count(">") == 1 and line.count('"') == (2 if password else 0)
    assert line.count(";") == (4 if password else 3)


# --- the folder ----------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "user" / "line"
    write_folder(folder, Devices("pulse,", "alsa,hw:1", "alsa,default"), PORTS, MODULES)
    return folder


def test_nobody_else_can_read_it(written: Path) -> None:
    assert mode_of(written) == mode_of(written / "recordings") == 0o700
    for name in ("config", "accounts", "contacts"):
        assert mode_of(written / name) == 0o600, name


def test_a_folder_that_stood_open_is_shut(tmp_path: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    write_folder(folder, Devices(), PORTS, MODULES)
    assert mode_of(folder) == 0o700


def test_the_account_is_never_on_the_disk(written: Path) -> None:
    assert (written / "accounts").read_bytes() == b"" and (written / "contacts").read_bytes() == b""
    assert not any("geheim" in path.read_text("utf-8") for path in written.iterdir() if path.is_file())


def test_the_control_port_is_the_machines_own(written: Path) -> None:
    assert value_of(written, "ctrl_tcp_listen") == "127.0.0.1:4444"
    assert value_of(written, "sip_listen") == "127.0.0.1:5070"
    assert value_of(written, "rtp_ports") == "20000-20999"


def test_sound_goes_where_it_was_told_and_each_backend_is_loaded_once(written: Path) -> None:
    assert value_of(written, "audio_source") == "pulse,"
    assert value_of(written, "audio_player") == "alsa,hw:1"
    assert value_of(written, "audio_alert") == "alsa,default"
    modules = [line for line in settings(written) if line.startswith("module ")]
    assert modules.count("module alsa.so") == modules.count("module pulse.so") == 1
    assert value_of(written, "snd_path") == str(written / "recordings")
    assert value_of(written, "module_path") == str(MODULES)


def test_calls_are_held_by_ourselves_and_no_picture_is_sent(written: Path) -> None:
    assert value_of(written, "call_hold_other_calls") == "no"
    assert not [line for line in settings(written) if "video" in line]
    assert {line for line in settings(written) if line.startswith("module_app")} == {
        "module_app account.so", "module_app menu.so", "module_app ctrl_tcp.so",
    }  # fmt: skip


def test_it_is_written_anew_at_each_start(written: Path) -> None:
    (written / "accounts").write_text("<sip:other@pbx>\n")
    (written / "recordings" / "kept.wav").write_bytes(b"RIFF")
    write_folder(written, Devices(), replace(PORTS, control=5555), MODULES)
    assert (written / "accounts").read_bytes() == b""
    assert value_of(written, "ctrl_tcp_listen") == "127.0.0.1:5555"
    assert len([line for line in settings(written) if line.startswith("ctrl_tcp_listen")]) == 1
    assert (written / "recordings" / "kept.wav").exists()


def test_forgetting_leaves_recordings_and_forgetting_all_leaves_nothing(written: Path) -> None:
    (written / "recordings" / "kept.wav").write_bytes(b"RIFF")
    (written / "uuid").write_text("1")
    forget(written)
    assert [path.name for path in written.iterdir()] == ["recordings"]
    forget(written)  # twice does no harm
    assert (written / "recordings" / "kept.wav").exists()
    forget_all(written)
    assert not written.exists()
    forget_all(written)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "line").write_bytes(b"a file")
    with pytest.raises(OSError, match="line"):
        write_folder(tmp_path / "line", Devices(), PORTS, MODULES)
