"""`griddesk serve`: opens or makes a centre's data, serves it, and says when it is ready.

When requests are answered, one line `listening on http://HOST:PORT` stands on standard output, once, with
any number of workers. Everything that can be wrong with the arguments or the machine is told in one sentence
on standard error, exit code 1.
"""

from __future__ import annotations

import argparse
import fcntl
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.backend.db.opening import database_url, open_database
from services.backend.reference.load import load_reference
from services.backend.reference_store import newest_number, publish
from services.domain.errors import DomainError
from services.sql.engine import glancing, writing

LOCK_NAME = "serve.lock"
MAX_WORKERS = 64
#: how often the parent is looked for
PARENT_S = 0.5


class ServeError(DomainError):
    """The centre cannot be served as asked; the sentence says why."""

    code = "cannot_serve"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk serve`."""
    parser.add_argument(
        "--data", required=True, metavar="DIR", help="数据目录（附件、内置数据库） / data folder"
    )
    parser.add_argument(
        "--db",
        metavar="URL",
        help="数据库地址，例如 postgresql+psycopg://user@host/db；默认为数据目录中的 SQLite",
    )
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 / address to listen on")
    parser.add_argument(
        "--port", type=int, default=0, help="端口，0 为任意空闲端口 / port, 0 takes a free one"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="进程数 / number of processes")
    parser.add_argument(
        "--parent", type=int, metavar="PID", help="随该父进程一同结束 / end when this parent process ends"
    )
    parser.add_argument("--demo", action="store_true", help="示例区：首次启动时生成 / make the demo district")
    parser.add_argument(
        "--allow-network", action="append", default=[], metavar="CIDR",
        help="除本机外可以查询 /healthz /readyz /metrics 的网段 / networks that may ask for health and metrics",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; returns the exit code."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    try:
        return _serve(args)
    except ServeError as error:
        sys.stderr.write(f"griddesk serve: {error.title}\n")
        return 1


def _follow(parent: int) -> None:
    """End this process, as by a polite signal, once its parent is another; the parent may have been killed.

    Without this a centre goes on alone and keeps its folder, and the next start finds the folder taken.
    """
    while os.getppid() == parent:
        time.sleep(PARENT_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(args: argparse.Namespace) -> int:
    _check_numbers(args)
    os.umask(0o077)  # people's data: nobody else on the machine reads what is made from here on
    data_dir = _data_folder(Path(args.data))
    url = database_url(data_dir, args.db)
    shared = args.db is not None and not args.db.startswith("sqlite")
    with take_folder(data_dir, shared), _listen(args.host, args.port) as listening:
        _prepare(url, data_dir, args.demo)

        def ready() -> None:
            sys.stdout.write(f"listening on http://{_address(listening)}\n")
            sys.stdout.flush()

        if args.parent is not None:
            # not before: the demo district is told by forked processes, which no thread may stand beside
            threading.Thread(target=_follow, args=(args.parent,), name="parent", daemon=True).start()
        if args.workers == 1:
            _serve_here(url, data_dir, listening, tuple(args.allow_network), ready)
            return 0
        from services.backend.supervisor import Supervisor

        return Supervisor(url, data_dir, listening, args.workers, args.allow_network).run(ready)


def _serve_here(
    url: str, data_dir: Path, listening: socket.socket, networks: tuple[str, ...], ready: Callable[[], None]
) -> None:
    """Serve in this process."""
    from services.backend.worker import build, serve_socket

    app, centre = build(url, data_dir, networks)
    serve_socket(app, centre, listening, ready)


def _check_numbers(args: argparse.Namespace) -> None:
    """Raise ServeError for numbers out of range and malformed networks."""
    if not 0 <= args.port <= 65535:
        raise ServeError("端口应在 0 到 65535 之间。")
    if not 1 <= args.workers <= MAX_WORKERS:
        raise ServeError(f"进程数应在 1 到 {MAX_WORKERS} 之间。")
    if args.parent is not None and args.workers != 1:
        raise ServeError("--parent 只能与单个进程同用。")
    for network in args.allow_network:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise ServeError(f"网段 {network} 写法不对，应为 10.0.0.0/8 这样的形式。") from None


def _data_folder(path: Path) -> Path:
    """Make the data folder and prove that it can be written; raises ServeError."""
    folder = path.expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".write-test-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ServeError(f"数据目录 {folder} 不能写入（{error.strerror}）。") from None
    return folder


def take_folder(data_dir: Path, shared: bool) -> IO[bytes]:
    """Take the data folder; with PostgreSQL several servers may share it. Raises ServeError when it is taken."""
    handle = (data_dir / LOCK_NAME).open("ab")
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise ServeError(f"数据目录 {data_dir} 正被另一个中心服务使用。") from None
    return handle


def _listen(host: str, port: int) -> socket.socket:
    """Bind the socket; raises ServeError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ServeError(f"不能在 {host}:{port} 上监听（{reason}），端口可能已被占用。") from None
    listening.set_inheritable(True)
    return listening


def _address(listening: socket.socket) -> str:
    """Return host and port as in a URL."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _prepare(url: str, data_dir: Path, demo: bool) -> None:
    """Bring the database up to date and put in what a centre needs to begin; raises ServeError."""
    try:
        engine = open_database(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ServeError(
            "数据库地址不对，应为 postgresql+psycopg://用户@主机/库名 或 sqlite:///文件路径。"
        ) from None
    except (DBAPIError, PoolTimeoutError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ServeError(f"数据库打不开：{reason}") from None
    try:
        if demo:
            from services.backend.demo.seed import ensure_demo

            ensure_demo(engine, data_dir)
        with glancing(engine) as conn:
            empty = newest_number(conn) == 0
        if empty:
            doc = load_reference()
            with writing(engine) as conn:
                publish(conn, doc)
    except DomainError as error:
        raise ServeError(error.title) from None
    except OSError as error:
        raise ServeError(f"数据目录 {data_dir} 不能写入（{error.strerror}）。") from None
    except DBAPIError as error:
        raise ServeError(f"数据库写入失败：{str(error.orig).strip().splitlines()[0]}") from None
    finally:
        engine.dispose()
