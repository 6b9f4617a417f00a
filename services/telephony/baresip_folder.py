"""The private folder of a softphone: its configuration, and how an account is told to it. Written anew at each start.

The account is told over the control port after the start, so that the password of the line is never on disk and no word
of the registrar is missed. Folder 0700, files 0600, in the user's own data folder.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

#: where Debian and others put the modules
MODULE_FOLDERS = (
    "/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules", "/usr/lib64/baresip/modules",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9._+*#-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,120}")


class BadAccountError(ValueError):
    """The account cannot be used; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Account:
    """A line: extension and host (`host` or `host:port`) of the switch.

    `register` False means that calls come straight to this machine. `transport` is `udp, tcp` or `tls`.
    """

    user: str
    host: str
    password: str = ""
    register: bool = True
    transport: str = "udp"
    expires_s: int = 120

    def checked(self) -> Account:
        """Return the account; raises BadAccountError where a field would break the line it stands in."""
        if not _NAME.fullmatch(self.user):
            raise BadAccountError("分机号只能用字母、数字和 . _ + - 符号。")
        if not _HOST.fullmatch(self.host):
            raise BadAccountError("电话系统地址写得不对，应为 主机 或 主机:端口。")
        if re.search(r"[\x00-\x1f\";<>]", self.password):
            raise BadAccountError("分机密码里有不能使用的符号。")
        if self.transport not in ("udp", "tcp", "tls"):
            raise BadAccountError("传输方式只能是 udp、tcp 或 tls。")
        return self

    @property
    def line(self) -> str:
        """Return the account as baresip reads it (`uanew`)."""
        secret = f';auth_pass="{self.password}"' if self.password else ""
        expires = self.expires_s if self.register else 0
        return (
            f"<sip:{self.user}@{self.host};transport={self.transport}>{secret}"
            f";regint={expires};answermode=manual"
        )


@dataclass(frozen=True, slots=True)
class Devices:
    """Sound in and out as baresip names them, `module,device`."""

    source: str = "alsa,default"
    player: str = "alsa,default"
    alert: str = "alsa,default"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the softphone listens. `sip` is `address:port`; `control` a port of the loopback."""

    sip: str
    control: int
    rtp_first: int = 20000
    rtp_last: int = 20999


def module_folder() -> Path | None:
    """Return where baresip's modules are; None when it is not installed."""
    return next((Path(found) for found in MODULE_FOLDERS if Path(found).is_dir()), None)


def write_folder(folder: Path, devices: Devices, ports: Ports, modules: Path) -> None:
    """Write everything baresip reads; raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    recordings = folder / "recordings"
    recordings.mkdir(mode=0o700, exist_ok=True)
    _write(folder / "config", _config(folder, devices, ports, modules))
    _write(folder / "accounts", "")
    _write(folder / "contacts", "")


def forget(folder: Path) -> None:
    """Remove what was written, but not recordings."""
    for name in ("accounts", "config", "contacts", "uuid"):
        (folder / name).unlink(missing_ok=True)


def forget_all(folder: Path) -> None:
    """Remove the folder with the recordings."""
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    """Write a file nobody else can read."""
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def _config(folder: Path, devices: Devices, ports: Ports, modules: Path) -> str:
    """Return the configuration: telephone sound only, no video, no files of the user's own softphone."""
    backends = sorted(
        {device.partition(",")[0] for device in (devices.source, devices.player, devices.alert)}
    )
    lines = [
        "poll_method epoll",
        f"sip_listen {ports.sip}",
        "call_local_timeout 120",
        "call_max_calls 8",
        # held by ourselves: baresip's own way puts calls on hold that only ring
        "call_hold_other_calls no",
        "audio_path /usr/share/baresip",
        f"audio_source {devices.source}",
        f"audio_player {devices.player}",
        f"audio_alert {devices.alert}",
        # PCMU and PCMA speak 8 kHz, and so must a source that is a file
        "ausrc_srate 8000",
        "auplay_srate 8000",
        "ausrc_channels 1",
        "auplay_channels 1",
        "audio_buffer 20-160",
        f"rtp_ports {ports.rtp_first}-{ports.rtp_last}",
        f"snd_path {folder / 'recordings'}",
        f"module_path {modules}",
        "module uuid.so",
        "module g711.so",
        *(f"module {backend}.so" for backend in backends),
        "module_app account.so",
        "module_app menu.so",
        "module_app ctrl_tcp.so",
        f"ctrl_tcp_listen 127.0.0.1:{ports.control}",
    ]
    return "\n".join(lines) + "\n"
