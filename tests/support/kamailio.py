"""A registrar and call distributor for tests: Debian's kamailio on the loopback, with a configuration of our own.

Seats register with a password; a call to the hotline's number rings at every seat that is registered.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.telephony.free_ports import free_port
from tests.support.waiting import until

MODULES = next((str(found) for found in Path("/usr/lib").glob("*/kamailio/modules") if found.is_dir()), "")
needs_kamailio = pytest.mark.skipif(
    shutil.which("kamailio") is None or not MODULES, reason="kamailio (Debian kamailio) is not installed"
)
PASSWORD = "geheim"
HOTLINE = "580"

_CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=2
disable_tcp=no
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "append_branches", 1)
modparam("registrar", "max_expires", 3600)
modparam("tm", "fr_inv_timer", 60000)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("$td", "{password}", "0")) {{ www_challenge("$td", "1"); exit; }}
        # every seat of the hall answers the hotline: one address of record for all
        save("location", "0x0", "sip:{hotline}@127.0.0.1");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    record_route();
    if (!lookup("location", "sip:{hotline}@127.0.0.1")) {{ t_newtran(); t_reply("480", "Nobody is here"); exit; }}
    t_relay();
    exit;
}}
"""


@dataclass
class Kamailio:
    """One registrar."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        config = self.folder / "kamailio.cfg"
        config.write_text(
            _CONFIG.format(port=self.port, modules=MODULES, password=PASSWORD, hotline=HOTLINE), "utf-8"
        )
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            ["kamailio", "-f", str(config), "-DD", "-E", "-m", "32", "-M", "4", "-Y", str(self.folder), "-P",
             str(self.folder / "pid")],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.folder, env={**os.environ},
            start_new_session=True,
        )  # fmt: skip
        assert until(self._listens, 15), (self.folder / "log").read_text("utf-8", "replace")[-2000:]

    def _listens(self) -> bool:
        import socket

        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End it with its children."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
            self.log.close()
            self.process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def kamailio() -> Kamailio:
    """A registrar on a free port, not started."""
    return Kamailio(free_port(), Path(tempfile.mkdtemp(prefix="griddesk-kamailio-")))
