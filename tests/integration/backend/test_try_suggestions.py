"""Suggestions judged on history: nothing of the future is known, and the figures are counted, not made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from console.cli import main
from services.backend.learned.replaying import Judged, replay
from services.sql.engine import glancing
from tests.support.centre import Backend


def test_a_unit_that_always_handles_it_is_suggested_in_the_end(own_backend: Backend) -> None:
    backend = own_backend
    for _ in range(12):
        backend.reach("closed", dept="muni")
    backend.settle()
    judged = replay(backend.engine, backend.centre.reference.rules)
    assert judged.cases == judged.right("chosen") == 12
    assert 0 < judged.right("suggested") <= judged.right("among") <= 12
    early, late_ = judged.parts(2)
    assert early.cases == late_.cases == 6
    assert early.right("suggested") < late_.right("suggested") == 6, "it knew only what came before"
    late = replay(backend.engine, backend.centre.reference.rules, skip=11)
    assert (late.cases, late.right("suggested")) == (1, 1)


def test_a_wrong_first_unit_counts_against_who_chose_it(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("pending_sign", dept="muni")
    case = backend.seat("muni1").do("return_case", case, reason="不是我们的", basis="清单")["case"]
    case = backend.seat("dispatcher1").do("redispatch", case, lead_dept="sani", reason="换单位")["case"]
    case = backend.seat("sani1").do("sign", case)["case"]
    case = backend.seat("sani1").do("feed_back", case, result="好了")["case"]
    case = backend.seat("dispatcher1").do("send_check", case)["case"]
    case = backend.seat("supervisor1").do("check_pass", case)["case"]
    backend.seat("shift_leader1").do("close", case, closing_condition="清理")
    backend.reach("handling")
    backend.settle()
    judged = replay(backend.engine, backend.centre.reference.rules)
    assert (judged.cases, judged.right("chosen")) == (1, 0)


def test_no_cases_no_share() -> None:
    assert Judged().share("duty") is None and Judged().parts(4) == []
    some = Judged([(True, True, False, False), (False, True, False, False), (False, True, False, True)])
    assert some.share("suggested") == pytest.approx(33.333, abs=0.01)
    assert [part.cases for part in some.parts(2)] == [2, 1]


def test_the_command_prints_the_shares(own_backend: Backend, tmp_path: Any, capsys: Any) -> None:
    backend = own_backend
    backend.reach("closed")
    backend.settle()
    url = backend.engine.url.render_as_string(hide_password=False)
    assert main(["try-suggestions", "--data", str(tmp_path), "--db", url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cases"] == 1 and told["chosen"] == 100.0 and len(told["quarters"]) == 1
    assert set(told) == {"cases", "suggested", "among", "duty", "chosen", "quarters"}
    assert main(["try-suggestions", "--data", str(tmp_path), "--db", url, "--skip", "5"]) == 0
    words = capsys.readouterr().out
    assert "评判 0 件" in words and words.count("—") == 4
    with glancing(backend.engine) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM changes").scalar()


def test_what_cannot_be_read_is_told(tmp_path: Any, capsys: Any) -> None:
    assert main(["try-suggestions", "--data", str(tmp_path)]) == 2
    assert "没有中心数据库" in capsys.readouterr().err
    assert main(["try-suggestions", "--data", str(tmp_path), "--db", "nonsense"]) == 2
    (tmp_path / "centre.db").write_bytes(b"no database at all" * 100)
    assert main(["try-suggestions", "--data", str(tmp_path)]) == 2
    assert "数据库" in capsys.readouterr().err
