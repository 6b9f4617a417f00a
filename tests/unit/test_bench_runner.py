"""The bench runner: JSON lines on standard output, and never a failed run."""

from __future__ import annotations

import importlib
import json
import sys
import types

import pytest

import tests.bench

# Not imported as tests.bench.__main__ by name: that would be the program itself under ``python -m``.
runner = importlib.import_module("tests.bench.__main__")


@pytest.fixture
def benches(tmp_path, monkeypatch):
    """A function that plants a bench module; only planted ones are found."""
    monkeypatch.setattr(tests.bench, "__path__", [str(tmp_path)])
    # a real bench that was imported before would be found, and run, in the place of the planted one
    real = {name: module for name, module in sys.modules.items() if name.startswith("tests.bench.bench_")}
    for name in real:
        monkeypatch.delitem(sys.modules, name)

    def plant(name, source):
        (tmp_path / f"{name}.py").write_text(source)

    yield plant
    for name in [name for name in sys.modules if name.startswith("tests.bench.bench_")]:
        del sys.modules[name]


ONE = """
AREA = {area!r}
def run():
    yield {{"bench": "{area}.one", "ours_ms": 1.5, "n": 7, "note": "网格"}}
    yield {{"bench": "{area}.two", "ours_ms": 2.5, "n": 7}}
"""


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_result_is_one_json_line(benches, capsys):
    benches("bench_map", ONE.format(area="map"))
    assert runner.main([]) == 0
    assert [line["bench"] for line in lines(capsys)] == ["map.one", "map.two"]


def test_only_the_wanted_area_runs(benches, capsys):
    benches("bench_map", ONE.format(area="map"))
    benches("bench_queue", ONE.format(area="queue"))
    assert runner.main(["queue"]) == 0
    assert [line["bench"] for line in lines(capsys)] == ["queue.one", "queue.two"]


def test_other_modules_are_left_alone(benches, capsys):
    benches("peer_table", "raise SystemExit(3)")
    assert runner.main([]) == 0
    assert lines(capsys) == []


def test_a_broken_bench_is_told_and_the_others_run(benches, capsys):
    benches(
        "bench_a_broken",
        'AREA = "map"\ndef run():\n    yield {"bench": "map.zero"}\n    raise OSError("disk")\n',
    )
    benches("bench_b_import", "import no_such_module\n")
    benches("bench_c_whole", ONE.format(area="map"))
    assert runner.main(["map"]) == 0
    shown = capsys.readouterr()
    assert [json.loads(line)["bench"] for line in shown.out.splitlines()] == [
        "map.zero",
        "map.one",
        "map.two",
    ]
    assert "OSError: disk" in shown.err
    assert "no_such_module" in shown.err


def test_a_figure_that_is_no_number_is_told(benches, capsys):
    benches(
        "bench_nan", 'AREA = "map"\ndef run():\n    yield {"bench": "map.nan", "ours_ms": float("nan")}\n'
    )
    assert runner.main([]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "bench_nan broke" in shown.err


def test_an_area_without_benches_passes_and_an_unknown_one_does_not(benches, capsys):
    assert runner.main(["wall"]) == 0
    assert runner.main(["wal"]) == 2
    assert "no such area: wal (there are map, queue, console, centre, wall)" in capsys.readouterr().err


def test_a_planted_bench_takes_the_place_of_a_real_one(monkeypatch, request, capsys):
    for module in runner.modules():
        assert sys.modules[module.__name__] is module
    request.getfixturevalue("benches")("bench_map", ONE.format(area="map"))
    assert runner.main(["map"]) == 0
    assert [line["bench"] for line in lines(capsys)] == ["map.one", "map.two"]


def test_the_real_benches_state_their_area():
    for module in runner.modules():
        assert module.AREA in runner.AREAS, module.__name__
        assert isinstance(module.run, types.FunctionType), module.__name__
