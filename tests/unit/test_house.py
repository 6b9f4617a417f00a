"""The house holds, and a planted breach of each rule and import direction is caught."""

from __future__ import annotations

import importlib.util
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import console.viewmodels
import services

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _load(name):
    sys.path.insert(0, str(ROOT / ".ci"))
    try:
        spec = importlib.util.spec_from_file_location(f"griddesk_ci_{name}", ROOT / ".ci" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look themselves up there
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


house_rules = _load("house_rules")


# --- import directions --------------------------------------------------------------------------------

# One line that breaks each contract, and the module it is planted in.
PLANTED = {
    "house": ("services/domain/planted.py", "import console.app"),
    "console": ("console/notices/planted.py", "import console.windows"),
    "maps": ("maps/geometry/planted.py", "import maps.canvas"),
    "services": ("services/domain/planted.py", "import services.ports"),
    "domain-stands-alone": ("services/domain/planted.py", "import numpy"),
    "services-no-qt": ("services/usecases/planted.py", "from PySide6 import QtCore"),
    "backend-island": ("services/backend/planted.py", "import services.ports"),
    "drawing-rooms": ("widgets/forms/planted.py", "import services.usecases"),
    "geometry-no-qt": ("maps/geometry/planted.py", "from PySide6.QtCore import QPointF"),
    "adapters-seen-by-app-only": ("console/windows/planted.py", "import services.store"),
    "viewmodels-no-widgets": ("console/viewmodels/planted.py", "import widgets.tables"),
    "through-ports": ("services/sync/planted.py", "import sqlalchemy"),
    "one-http-client": ("console/app/planted.py", "import requests"),
    "one-dbapi": ("services/store/planted.py", "import sqlite3"),
    "one-web-framework": ("services/api/planted.py", "import fastapi"),
}


def _skeleton(folder):
    """The rooms of the real tree with nothing in them, under the real contracts."""
    for room in PYPROJECT["tool"]["importlinter"]["root_packages"]:
        for source in (ROOT / room).rglob("__init__.py"):
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text('"""Room."""\n')
    for name in ("cli", "__main__"):
        (folder / "console" / f"{name}.py").write_text('"""Room."""\n')
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint_imports(folder):
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    return done, verdicts


def _contract_names():
    return {one["id"]: one["name"] for one in PYPROJECT["tool"]["importlinter"]["contracts"]}


def test_the_tree_keeps_every_import_direction():
    done, verdicts = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(verdicts) == set(_contract_names().values())


def test_every_contract_has_a_planted_breach():
    assert set(PLANTED) == set(_contract_names())


def test_an_empty_skeleton_breaks_nothing(tmp_path):
    done, verdicts = _lint_imports(_skeleton(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(verdicts.values()) == {"KEPT"}


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_breach_is_caught(tmp_path, contract):
    path, line = PLANTED[contract]
    _skeleton(tmp_path)
    (tmp_path / path).write_text(f'"""Planted."""\n{line}\n')
    done, verdicts = _lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert verdicts[_contract_names()[contract]] == "BROKEN"


def test_an_unlisted_room_of_services_is_caught(tmp_path):
    _skeleton(tmp_path)
    (tmp_path / "services" / "novelty").mkdir()
    (tmp_path / "services" / "novelty" / "__init__.py").write_text('"""Room."""\n')
    done, _ = _lint_imports(tmp_path)
    assert done.returncode == 1
    assert "novelty" in done.stdout


# --- what import-linter cannot say ----------------------------------------------------------------------


def _modules_below(package):
    return [package.__name__] + [
        info.name
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        if ".migrations.versions." not in info.name and not info.name.endswith((".env", ".__main__"))
    ]


def _loaded_after_importing(modules, prefix):
    """Modules whose name begins with ``prefix`` after a fresh interpreter has imported ``modules``."""
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print(*[name for name in sorted(sys.modules) if name.startswith({prefix!r})], sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_viewmodels_load_no_widgets():
    loaded = _loaded_after_importing(_modules_below(console.viewmodels), "PySide6.")
    assert not {"PySide6.QtWidgets", "PySide6.QtGui"} & set(loaded)


def test_services_load_no_qt():
    assert _loaded_after_importing(_modules_below(services), "PySide6") == []


def test_the_probe_sees_what_is_loaded():
    assert "PySide6.QtWidgets" in _loaded_after_importing(["PySide6.QtWidgets"], "PySide6.")


def test_a_view_model_that_imports_widgets_is_refused_by_ruff(tmp_path):
    planted = "console/viewmodels/planted.py"
    done = subprocess.run(
        [
            Path(sys.executable).parent / "ruff",
            "check",
            "--select",
            "TID251",
            "--stdin-filename",
            planted,
            "-",
        ],
        cwd=ROOT,
        input="from PySide6.QtWidgets import QLabel\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "view-models know QtCore only" in done.stdout


# --- house rules ----------------------------------------------------------------------------------------


def test_the_house_is_in_order():
    assert [str(breach) for breach in house_rules.breaches(ROOT)] == []


CHINESE_LABEL = 'QLabel("案件")'
# Halves, so that this file is not a breach itself.
HOST = "https://" + "pypi" + ".org/simple"
PLACE = "/" + "root/cases.db"

BREACHES = {
    "parses": ("services/geo/planted.py", "def broken(:\n"),
    "file-length": ("services/geo/planted.py", "X = 1\n" * 401),
    "function-length": ("maps/planted.py", "def long():\n" + "    x = 1\n" * 61),
    "module-docstring": ("console/planted.py", None),
    "vague-name": ("services/sync/date_utils.py", "X = 1\n"),
    "host-name": ("README.md", f"pip install --index-url {HOST} griddesk\n"),
    "machine-path": ("resources/recipe.toml", f'path = "{PLACE}"\n'),
    "one-dbapi": ("services/store/planted.py", "import sqlite3\n"),
    "domain-imports": ("services/domain/planted.py", "from services.geo import grids\n"),
    "lossy-signal": ("console/tasks/planted.py", "changed = Signal(object, int)\n"),
    "untranslated": ("console/windows/planted.py", f"label = {CHINESE_LABEL}\n"),
    "built-sql": ("services/sql/planted.py", 'rows = text(f"select * from {table}")\n'),
    "sleeping-test": ("tests/unit/test_planted.py", "import time\ntime.sleep(1)\n"),
    "bare-waiver": ("services/geo/planted.py", "import os  # no" + "qa\n"),
    "top-level": ("scripts/planted.py", "X = 1\n"),
}


def _breaches(folder, path, text):
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    documented = path.endswith(".py") and text is not None
    file.write_text(('"""What it is for."""\n\n' if documented else "") + (text or "X = 1\n"))
    return [(breach.rule, breach.path) for breach in house_rules.breaches(folder)]


@pytest.mark.parametrize("rule", sorted(BREACHES))
def test_a_breach_of_each_rule_is_found(tmp_path, rule):
    path, text = BREACHES[rule]
    found = _breaches(tmp_path, path, text)
    assert {name for name, _ in found} == {rule}


def test_every_rule_has_a_planted_breach():
    assert set(BREACHES) == set(house_rules.RULES) | {"top-level"}


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("console/windows/a.py", 'self.box.setToolTip(f"{n} 件")\n', "untranslated"),
        ("widgets/forms/a.py", 'menu.addAction(icon, "派遣")\n', "untranslated"),
        ("widgets/forms/a.py", 'button.setText("受理" if new else self.tr("立案"))\n', "untranslated"),
        ("maps/canvas/a.py", 'label.setText(self.tr(f"{n} 件"))\n', "untranslated"),
        ("maps/canvas/a.py", 'label.setText(tr("共 %d 件" % n))\n', "untranslated"),
        ("console/tasks/a.py", "done = Signal(dict)\n", "lossy-signal"),
        ("console/tasks/a.py", 'done = QtCore.Signal("QVariantMap")\n', "lossy-signal"),
        ("services/sql/a.py", 'connection.execute("select " + column)\n', "built-sql"),
        ("services/sql/a.py", 'text("select * from %s" % table)\n', "built-sql"),
        ("services/sql/a.py", 'sa.text("select * from {}".format(table))\n', "built-sql"),
        ("services/geo/a.py", "x = f()  # type: " + "ignore\n", "bare-waiver"),
        ("services/geo/a.py", "x = f()  # type: " + "ignore[arg-type]\n", "bare-waiver"),
        ("services/geo/a.py", "x = f()  # no" + "qa: BLE001\n", "bare-waiver"),
        ("services/store/a.py", "from sqlcipher3 import dbapi2\n", "one-dbapi"),
        ("services/domain/a.py", "import numpy as np\n", "domain-imports"),
        ("services/manager/a.py", "X = 1\n", "vague-name"),
        ("requirements.txt", "--extra-" + "index-url file:///wheels\n", "host-name"),
        ("console/a.py", "async def long():\n" + "    x = 1\n" * 61, "function-length"),
    ],
)
def test_other_shapes_of_a_breach_are_found(tmp_path, path, text, rule):
    assert {name for name, _ in _breaches(tmp_path, path, text)} == {rule}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("console/windows/a.py", 'label.setText(self.tr("案件 {}").format(n))\n'),
        ("console/windows/a.py", 'label.setText(QCoreApplication.translate("Queue", "案件"))\n'),
        ("console/windows/a.py", 'self._log.warning("断线")\n'),
        ("services/backend/a.py", 'label.setText("案件")\n'),
        ("console/tasks/a.py", "done = Signal(object, str)\nseen = Signal('qint64')\n"),
        ("services/sql/a.py", 'connection.execute(text("select :a"), {"a": 1})\n'),
        ("services/sql/a.py", "import sqlite3\n"),
        ("services/sql/a.py", 'text(f"select {X}")  # house: ok built-sql: X is a constant column list\n'),
        ("services/geo/a.py", "x = f()  # type: " + "ignore[arg-type]  # shapely has no types\n"),
        ("services/geo/a.py", "x = f()  # no" + "qa: BLE001 - told to the caller as a value\n"),
        ("services/domain/a.py", "import datetime\nfrom services.domain.ids import X\n"),
        ("tests/faults/test_a.py", "import time\ntime.sleep(1)\n"),
        ("tests/unit/test_a.py", "X = 1\n" * 900),
        ("services/geo/a.py", "def fits():\n" + '    """' + "x\n" * 70 + '    """\n    return 1\n'),
        ("maps/a.py", 'PATH = "/usr/share/fonts"\nURL = "/v1/work/items"\n'),
    ],
)
def test_what_is_allowed_is_left_alone(tmp_path, path, text):
    assert _breaches(tmp_path, path, text) == []


def test_a_waiver_is_for_its_rule_and_needs_a_reason(tmp_path):
    assert _breaches(tmp_path, "services/sql/a.py", 'text(f"select {X}")  # house: ok one-dbapi: no\n') != []
    assert _breaches(tmp_path, "services/sql/a.py", 'text(f"select {X}")  # house: ok built-sql:\n') != []


def test_files_that_git_ignores_are_not_looked_at(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("/out/\n")
    assert _breaches(tmp_path, "out/planted.py", "X = 1\n") == []
    assert _breaches(tmp_path, "kept_out/planted.py", "X = 1\n") == [("top-level", "kept_out")]


def test_the_ratio_is_printed_and_fails_only_when_asked(tmp_path, capsys):
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "a.py").write_text('"""A."""\n\nX = 1\nY = 2\nZ = 3\n')
    (tmp_path / "tests" / "bench").mkdir(parents=True)
    (tmp_path / "tests" / "test_a.py").write_text('"""A."""\n\n\nX = 1\n')
    (tmp_path / "tests" / "bench" / "bench_a.py").write_text('"""A."""\nX = 1\nY = 1\n')
    assert house_rules.line_counts(tmp_path) == (2, 4)
    assert house_rules.main(["--root", str(tmp_path)]) == 0
    assert "2 / 4 = 0.50" in capsys.readouterr().out
    assert house_rules.main(["--root", str(tmp_path), "--strict-ratio"]) == 1
