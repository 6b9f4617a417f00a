"""The control port of baresip (`ctrl_tcp`): commands with answers, and events, as JSON in netstrings."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from services.ports.telephony import TelephoneError
from services.telephony.netstrings import NotNetstringsError, Unframer, framed

logger = logging.getLogger(__name__)
ANSWER_S = 2.0
Message = Mapping[str, Any]


class Control:
    """A connection. Events come on its own thread; `lost` is called once when it ends by itself."""

    def __init__(self, port: int, heard: Callable[[Message], None], lost: Callable[[], None]) -> None:
        """Connect; raises OSError when nobody listens."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S)
        self._socket.settimeout(None)
        self._heard, self._lost = heard, lost
        self._tokens = itertools.count(1)
        self._answers: dict[str, Message] = {}
        self._asked: set[str] = set()
        self._came = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._read, name="griddesk-baresip", daemon=True)
        self._thread.start()

    def ask(self, command: str, params: str = "") -> str:
        """Send a command and return its answer's text; raises TelephoneError when refused or not answered."""
        token = f"g{next(self._tokens)}"
        body = json.dumps({"command": command, "params": params, "token": token}).encode()
        with self._came:
            self._asked.add(token)
        try:
            self._socket.sendall(framed(body))
        except OSError as error:
            raise TelephoneError("软电话没有连接。") from error
        with self._came:
            self._came.wait_for(lambda: token in self._answers or self._closed, ANSWER_S)
            self._asked.discard(token)
            answer = self._answers.pop(token, None)
        if answer is None:
            raise TelephoneError("软电话没有答复，请重试。")
        if not answer.get("ok"):
            raise TelephoneError("软电话没有办成这一步。")
        return str(answer.get("data") or "")

    def close(self) -> None:
        """Let go; `lost` is not called."""
        with self._came:
            self._closed = True
            self._came.notify_all()
        with contextlib.suppress(OSError):  # it had gone already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    # --- reading ------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Read until the connection ends."""
        frames = Unframer()
        try:
            while data := self._socket.recv(65536):
                for body in frames.feed(data):
                    self._take(body)
        except (OSError, NotNetstringsError) as error:
            logger.info("the softphone's control port: %s", type(error).__name__)
        with self._came:
            told, self._closed = self._closed, True
            self._came.notify_all()
        if not told:
            self._lost()

    def _take(self, body: bytes) -> None:
        """Sort a message: an answer goes to who asked, an event to the listener."""
        try:
            message = json.loads(body.decode("utf-8", "replace"), strict=False)
        except ValueError:
            logger.warning("the softphone said something that is no JSON (%d bytes)", len(body))
            return
        if not isinstance(message, dict):
            return
        if message.get("response"):
            with self._came:
                token = str(message.get("token"))
                if token in self._asked:  # who asked has not gone yet
                    self._answers[token] = message
                self._came.notify_all()
        elif message.get("event"):
            try:
                self._heard(message)
            except Exception:
                logger.exception("an event of the softphone could not be taken")
