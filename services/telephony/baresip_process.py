"""The softphone's process: started, connected, kept alive, started again when it dies, ended in order."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from services.ports.telephony import TelephoneError
from services.telephony.baresip_control import Control, Message
from services.telephony.baresip_folder import (
    Account,
    BadAccountError,
    Devices,
    Ports,
    forget,
    module_folder,
    write_folder,
)
from services.telephony.free_ports import free_port

logger = logging.getLogger(__name__)
CONNECT_S = 5.0
#: rest before the next start after a death: doubled each time, back to the first after a quiet minute
FIRST_REST_S = 0.3
LONGEST_REST_S = 10.0


@dataclass(frozen=True, slots=True)
class Softphone:
    """How a softphone is set up. `sip` None takes a free port of all addresses."""

    account: Account
    folder: Path
    devices: Devices = field(default_factory=Devices)
    sip: str | None = None
    program: str = "baresip"


class Owner(Protocol):
    """Who hears of the process; called on its threads."""

    def heard(self, event: Message) -> None:
        """An event of baresip."""
        ...

    def came_up(self) -> None:
        """The process runs and takes commands."""
        ...

    def died(self) -> None:
        """The process is gone and will be started again."""
        ...

    def cannot_run(self, sentence: str) -> None:
        """It cannot be started at all; a sentence for the operator."""
        ...


class SoftphoneProcess:
    """One baresip, kept alive between `start` and `stop`."""

    def __init__(self, setup: Softphone, owner: Owner) -> None:
        """Take the set-up; nothing runs before `start`."""
        self._setup, self._owner = setup, owner
        self._process: subprocess.Popen[bytes] | None = None
        self._control: Control | None = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None
        self._ports: Ports | None = None

    @property
    def sip_address(self) -> str:
        """Return where the softphone takes calls, `address:port`; empty before the start."""
        return self._ports.sip if self._ports else ""

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def ask(self, command: str, params: str = "") -> str:
        """Tell baresip something; raises TelephoneError."""
        control = self._control
        if control is None:
            raise TelephoneError("软电话没有连接。")
        return control.ask(command, params)

    def start(self) -> None:
        """Start it on a thread of its own and keep it alive."""
        self._stopping.clear()
        self._keeper = threading.Thread(target=self._keep_alive, name="griddesk-softphone", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End the process and remove what was written for it."""
        self._stopping.set()
        self._end(orderly=True)
        if self._keeper is not None and self._keeper is not threading.current_thread():
            self._keeper.join(10)
        forget(self._setup.folder)

    # --- inside -------------------------------------------------------------------------------------

    def _keep_alive(self) -> None:
        """Start it, wait for its end, start it again."""
        rest = FIRST_REST_S
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._run_once()
            except BadAccountError as error:
                return self._owner.cannot_run(str(error))
            except FileNotFoundError:
                return self._owner.cannot_run("这台电脑没有装软电话（Debian 软件包 baresip-core）。")
            except (OSError, TelephoneError) as error:
                logger.warning("the softphone did not start: %s", type(error).__name__)
            if self._stopping.is_set():
                return None
            rest = FIRST_REST_S if time.monotonic() - began > 60 else min(rest * 2, LONGEST_REST_S)
            self._owner.died()
            self._stopping.wait(rest)
        return None

    def _run_once(self) -> None:
        """Start the process, connect, and wait until it ends."""
        modules, program = module_folder(), shutil.which(self._setup.program)
        if modules is None or program is None:
            raise FileNotFoundError(self._setup.program)
        sip = self._ports.sip if self._ports else self._setup.sip or f"0.0.0.0:{free_port(udp=True)}"
        self._ports = Ports(sip, free_port())
        self._setup.account.checked()
        write_folder(self._setup.folder, self._setup.devices, self._ports, modules)
        self._process = subprocess.Popen(
            [program, "-f", str(self._setup.folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self._setup.folder)}, start_new_session=True,
        )  # fmt: skip
        try:
            self._control = self._connect(self._ports.control)
            if not self._stopping.is_set():  # asked to stop while it was starting
                self._control.ask("uanew", self._setup.account.line)
                self._owner.came_up()
                self._process.wait()
        finally:
            self._end(orderly=False)

    def _connect(self, port: int) -> Control:
        """Connect to the control port; raises OSError when it does not open in time or the process died."""
        deadline = time.monotonic() + CONNECT_S
        while True:
            try:
                return Control(port, self._owner.heard, self._control_lost)
            except OSError:
                gone = self._process is None or self._process.poll() is not None
                if gone or time.monotonic() > deadline or self._stopping.wait(0.05):
                    raise

    def _control_lost(self) -> None:
        """A softphone that cannot be told anything any more is ended and started again."""
        process = self._process
        if process is not None and process.poll() is None and not self._stopping.is_set():
            process.kill()

    def _end(self, *, orderly: bool) -> None:
        """End the process; in order first, so that it says good-bye to the registrar."""
        control, process = self._control, self._process
        self._control = None
        if control is not None:
            if orderly:
                try:
                    control.ask("quit")
                except TelephoneError:
                    logger.info("the softphone did not take leave")
            control.close()
        if process is None:
            return
        try:
            process.wait(2 if orderly else 0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
