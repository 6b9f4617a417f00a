"""TLS: the centre's own authority is believed, no other."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.api.transport import Transport
from services.ports.errors import Unknown


@pytest.fixture
def own_authority(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    return tmp_path


class Slow(threading.Event):
    """Lets a handler wait until the test is over."""


class Handler(BaseHTTPRequestHandler):
    """Answers at once, or never on /never."""

    over = Slow()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.path == "/never":
            self.over.wait(10)
            return
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(own_authority: Path) -> Iterator[str]:
    Handler.over.clear()
    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_authority / "cert.pem", own_authority / "key.pem")
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{httpd.server_address[1]}"
    Handler.over.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_the_centres_own_authority_is_believed(server: str, own_authority: Path) -> None:
    line = Transport(server, str(own_authority / "cert.pem"))
    assert line.exchange("GET", "/x").body == b"{}"
    line.close()


@pytest.mark.allow_log(logger="urllib3")
def test_no_other_is(server: str, monkeypatch: pytest.MonkeyPatch, own_authority: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own_authority / "cert.pem"))
    line = Transport(server)
    with pytest.raises(Unknown) as error:
        line.exchange("GET", "/x")
    assert (error.value.code, error.value.reached) == ("bad_certificate", True)
    line.close()


def test_the_deadline_holds_inside_tls(server: str, own_authority: Path) -> None:
    line = Transport(server, str(own_authority / "cert.pem"))
    with pytest.raises(Unknown) as error:
        line.exchange("GET", "/never", deadline_s=0.6, read_s=5)
    assert error.value.code == "timeout"
    line.close()
