"""Callers played by sipp and softphones on the loopback; skipped where the programs are not installed."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import wave
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.ports.telephony import Call, CallChanged, Event, Line
from services.telephony.baresip_folder import Account, Devices, module_folder
from services.telephony.baresip_process import Softphone
from services.telephony.free_ports import free_port
from tests.support.waiting import until

needs_sip = pytest.mark.skipif(
    shutil.which("sipp") is None or shutil.which("baresip") is None or module_folder() is None,
    reason="sipp (Debian sip-tester) and baresip (baresip-core) are not installed",
)

_SDP = """v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 0
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
"""
_HEAD = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
From: {display}<sip:{user}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{tag}
Call-ID: [call_id]
CSeq: {cseq}
Contact: <sip:{contact}@[local_ip]:[local_port]>
Max-Forwards: 70
"""
_ANSWERED = """
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true" timeout="30000"/>
"""


def _send(line: str, head: str, body: str = "", attributes: str = "") -> str:
    """One message of a scenario."""
    kind = "Content-Type: application/sdp\n" if body else ""
    return (
        f"  <send {attributes}><![CDATA[\n\n{line}\n{head}{kind}Content-Length: [len]\n\n{body}]]></send>\n"
    )


def scenario(user: str, display: str = "", *, ends: str = "caller", talk_ms: int = 1000) -> str:
    """A caller's part as sipp reads it. `ends`: `caller` hangs up, `callee` is waited for, `gives_up` cancels."""

    def head(cseq: str, tag: str = "", back: int = 0) -> str:
        """The head of a message; `back` repeats the branch of the message so many steps before (CANCEL)."""
        shown = f'"{display}" ' if display else ""
        branch = f"[branch-{back}]" if back else "[branch]"
        return _HEAD.format(branch=branch, display=shown, user=user, contact="caller", cseq=cseq, tag=tag)

    target = "sip:[service]@[remote_ip]:[remote_port] SIP/2.0"
    invite = _send(f"INVITE {target}", head("1 INVITE"), _SDP, 'retrans="500"')
    if ends == "gives_up":
        steps = (
            invite
            + '  <recv response="100" optional="true"/>\n  <recv response="180"/>\n'
            + f'  <pause milliseconds="{talk_ms}"/>\n'
            + _send(f"CANCEL {target}", head("1 CANCEL", back=4), attributes='retrans="500"')
            + '  <recv response="200"/>\n  <recv response="487"/>\n'
            + _send(f"ACK {target}", head("1 ACK", "[peer_tag_param]", back=7))
        )
    else:
        # within the dialogue: along the route that was recorded, to the contact of who answered
        there = "[next_url] SIP/2.0"
        steps = invite + _ANSWERED + _send(f"ACK {there}", head("1 ACK", "[peer_tag_param]") + "[routes]\n")
        if ends == "caller":
            steps += (
                f'  <pause milliseconds="{talk_ms}"/>\n'
                + _send(
                    f"BYE {there}",
                    head("2 BYE", "[peer_tag_param]") + "[routes]\n",
                    attributes='retrans="500"',
                )
                + '  <recv response="200"/>\n'
            )
        else:
            steps += _WAITS
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="caller">\n{steps}</scenario>\n'


#: answers re-INVITEs (hold, resume) and the BYE of the other side
_OK = """  <send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:caller@[local_ip]:[local_port]>
{kind}Content-Length: [len]

{body}]]></send>
"""
_WAITS = (
    '  <label id="wait"/>\n'
    '  <recv request="INVITE" optional="true" next="held"/>\n'
    '  <recv request="ACK" optional="true" next="wait"/>\n'
    '  <recv request="BYE" timeout="30000"/>\n'
    + _OK.format(kind="", body="")
    + '  <nop next="end"/>\n  <label id="held"/>\n'
    + _OK.format(kind="Content-Type: application/sdp\n", body=_SDP).replace("<send>", '<send next="wait">')
    + '  <label id="end"/>\n'
)


@dataclass
class Sipp:
    """Callers under way; `close` ends those that still run, by their process."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="griddesk-sipp-")))
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def call(
        self, address: str, user: str, display: str = "", *, service: str = "8001", ends: str = "caller",
        talk_ms: int = 1000, calls: int = 1, rate: int = 10,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """Begin a call (or several) to `address:port`."""
        number = next(self._count)
        path = self.folder / f"caller-{number}.xml"
        path.write_text(scenario(user, display, ends=ends, talk_ms=talk_ms), "utf-8")
        command = [
            "sipp", address, "-sf", str(path), "-s", service, "-m", str(calls), "-r", str(rate), "-i", "127.0.0.1",
            "-p", str(free_port(udp=True)), "-mp", str(free_port(udp=True)), "-nostdin", "-timeout", "60",
        ]  # fmt: skip
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)
        return process

    def close(self) -> None:
        """End what still runs and remove the files."""
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait(5)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Ear:
    """Hears a telephone: every event in order, and each call as last told."""

    events: list[Event] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, CallChanged):
            self.calls[event.call.id] = event.call

    @property
    def lines(self) -> list[Line]:
        """The line as told, in order."""
        return [event.line for event in self.events if not isinstance(event, CallChanged)]

    def ringing(self) -> list[Call]:
        """Calls that ring now, oldest first."""
        return [call for call in self.calls.values() if call.state == "ringing"]

    def wait_ringing(self, count: int = 1) -> list[Call]:
        """Wait until so many ring."""
        assert until(lambda: len(self.ringing()) >= count, 10), self.events
        return self.ringing()

    def wait_ended(self, call_id: str) -> Call:
        """Wait until a call has ended."""
        assert until(lambda: self.calls[call_id].over, 10), self.events
        return self.calls[call_id]


def softphone(
    folder: Path, host: str = "127.0.0.1:5099", *, register: bool = False, user: str = "8001",
    password: str = "geheim", transport: str = "udp",
) -> Softphone:  # fmt: skip
    """A softphone without a sound card: silence goes out, what comes in goes into a file."""
    folder.mkdir(parents=True, exist_ok=True)
    silence = folder / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    devices = Devices(f"aufile,{silence}", f"aufile,{folder / 'heard.wav'}", f"aufile,{folder / 'alert.wav'}")
    account = Account(user, host, password if register else "", register=register, transport=transport)
    return Softphone(account, folder / "line", devices, f"127.0.0.1:{free_port(udp=True)}")
