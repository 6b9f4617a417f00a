"""PostgreSQL's tools as they are called: their arguments, their environment, and their order."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from services.backend.pg_tools import ToolError, dump, load

URL = "postgresql+psycopg://desk:Geheim%401@db.example:5433/centre"
#: a tool that keeps how it was called, writes the file it was asked for, and does as it is told
_TOOL = """#!/bin/sh
name=$(basename "$0")
{
    for word in "$@"; do printf '%s\\n' "$word"; done
} > "$CALLS/$name.words"
env | grep '^PG' | sort > "$CALLS/$name.env"
echo "$name" >> "$CALLS/order"
for word in "$@"; do
    case "$word" in
        --file=*)
            file="${word#--file=}"
            if [ "$name" = psql ]; then cat "$file" >> "$CALLS/psql.script"; else echo "-- $name" > "$file"; fi ;;
    esac
done
if [ -f "$CALLS/$name.fails" ]; then cat "$CALLS/$name.fails" >&2; exit 3; fi
"""


class Tools:
    """A folder of tools before all others, and what they were asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        for name in ("pg_dump", "pg_restore", "psql"):
            path = folder / name
            path.write_text(_TOOL, encoding="utf-8")
            path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        monkeypatch.setenv("CALLS", str(folder))
        for name in [name for name in os.environ if name.startswith("PG")]:
            monkeypatch.delenv(name)

    def words(self, name: str) -> list[str]:
        return (self.folder / f"{name}.words").read_text("utf-8").splitlines()

    def env(self, name: str) -> dict[str, str]:
        lines = (self.folder / f"{name}.env").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def order(self) -> list[str]:
        return (self.folder / "order").read_text("utf-8").split()

    def fail(self, name: str, said: str) -> None:
        (self.folder / f"{name}.fails").write_text(said, encoding="utf-8")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = tmp_path / "tools"
    folder.mkdir()
    return Tools(folder, monkeypatch)


def test_a_dump_is_of_the_whole_and_of_nobodys(tools: Tools, tmp_path: Path) -> None:
    dump(URL, tmp_path / "base")
    assert (tmp_path / "base").read_text() == "-- pg_dump\n"
    assert set(tools.words("pg_dump")) == {
        "--format=custom", "--no-owner", "--no-privileges", f"--file={tmp_path / 'base'}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "env"),
    [
        (
            URL,
            {
                "PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "desk", "PGPASSWORD": "Geheim@1",
                "PGDATABASE": "centre",
            },
        ),
        ("postgresql+psycopg:///centre?host=/run/postgresql", {"PGHOST": "/run/postgresql", "PGDATABASE": "centre"}),
        ("postgresql+psycopg://desk@/centre", {"PGUSER": "desk", "PGDATABASE": "centre"}),
    ],
    ids=["all", "socket", "user"],
)  # fmt: skip
def test_where_the_database_is_goes_by_the_environment(
    tools: Tools, tmp_path: Path, url: str, env: dict[str, str]
) -> None:
    dump(url, tmp_path / "base")
    assert tools.env("pg_dump") == env
    assert not any("Geheim" in word for word in tools.words("pg_dump")), "no password in a list of processes"


def restored(tools: Tools, tmp_path: Path, epoch: str = "0194-new") -> Path:
    source = tmp_path / "room" / "database"
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(b"dump")
    load(URL, source, epoch)
    return source


def test_a_restore_is_one_transaction_that_stops_at_the_first_error(tools: Tools, tmp_path: Path) -> None:
    restored(tools, tmp_path)
    assert tools.order() == ["pg_restore", "psql"]
    words = tools.words("psql")
    assert {"--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc"} <= set(words)
    assert tools.env("psql")["PGDATABASE"] == "centre"
    assert tools.env("pg_restore") == {}, "it only writes a script; no database is spoken to"
    assert {"--clean", "--if-exists", "--no-owner", "--no-privileges"} <= set(tools.words("pg_restore"))


def test_what_is_there_goes_first_and_the_new_history_and_the_end_of_sessions_come_last(
    tools: Tools, tmp_path: Path
) -> None:
    restored(tools, tmp_path, "0194-new")
    script = (tools.folder / "psql.script").read_text("utf-8")
    marks = [
        "DROP TABLE",
        "-- pg_restore",
        "UPDATE public.meta SET value = '0194-new'",
        "DELETE FROM public.sessions",
    ]
    places = [script.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "WHERE key = 'feed_epoch'" in script
    files = [word for word in tools.words("psql") if word.startswith("--file=")]
    assert len(files) == 2 and all(str(tmp_path / "room") in word for word in files)


@pytest.mark.parametrize(
    ("tool", "said", "told"),
    [
        (
            "pg_restore",
            "pg_restore: error: not a dump\n",
            "pg_restore 没有成功：pg_restore: error: not a dump",
        ),
        ("psql", "NOTICE: x\npsql: ERROR: no such table\n", "psql 没有成功：psql: ERROR: no such table"),
        ("psql", "", "psql 没有成功：3"),
    ],
    ids=range(3),
)
def test_a_step_that_fails_says_its_last_word(
    tools: Tools, tmp_path: Path, tool: str, said: str, told: str
) -> None:
    tools.fail(tool, said)
    with pytest.raises(ToolError) as failed:
        restored(tools, tmp_path)
    assert failed.value.title == told and failed.value.code == "pg_tools"


def test_a_script_that_could_not_be_made_is_never_run(tools: Tools, tmp_path: Path) -> None:
    tools.fail("pg_restore", "broken\n")
    with pytest.raises(ToolError, match="broken"):
        restored(tools, tmp_path)
    assert tools.order() == ["pg_restore"]


def test_words_in_no_known_spelling_are_told_all_the_same(tools: Tools, tmp_path: Path) -> None:
    (tools.folder / "pg_dump.fails").write_bytes(b"pg_dump: \xff\xfe broken\n")
    with pytest.raises(ToolError, match="broken"):
        dump(URL, tmp_path / "base")


@pytest.mark.parametrize("missing", ["pg_dump", "pg_restore", "psql"])
def test_a_missing_tool_says_what_to_install(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    (tools.folder / missing).unlink()
    real = shutil.which
    # the machine may have its own behind the folder
    monkeypatch.setattr(shutil, "which", lambda tool: None if tool == missing else real(tool))
    with pytest.raises(ToolError, match=f"没有找到 {missing}，请先安装 PostgreSQL 客户端"):
        if missing == "pg_dump":
            dump(URL, tmp_path / "base")
        else:
            restored(tools, tmp_path)


def test_a_sentence_of_a_tool_is_plain_text(tools: Tools, tmp_path: Path) -> None:
    """It goes to a terminal and a log: one line, and JSON can hold it."""
    tools.fail("pg_dump", "first\nsecond “last”\n")
    with pytest.raises(ToolError) as failed:
        dump(URL, tmp_path / "base")
    told: Any = json.loads(json.dumps({"title": failed.value.title}))
    assert told["title"].endswith("second “last”") and "\n" not in told["title"]
