"""The set-up script: what it installs, what it says, and that it is harmless a second time.

The interpreter, apt and dpkg are small stand-ins here that write down how they were called, so no run touches
the machine; `.ci/run` exercises the real ones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYTHON = """#!/bin/bash
case "$*" in
    *"version_info < (3, 11)"*) exit ${OLD_PYTHON:-0} ;;
    *"import ensurepip, venv"*) exit ${NO_VENV:-0} ;;
    *version_info*sys.prefix*) echo "3.11 $PREFIX" ;;
    *version_info*) echo 3.11 ;;
    -V) echo "Python 3.11.2" ;;
    "-m venv .venv") echo "venv" >>"$CALLS"; mkdir -p .venv/bin; cp "$0" .venv/bin/python
        echo "#!$PWD/.venv/bin/python" >.venv/bin/pip ;;
    *"-m pip"*) echo "$*" >>"$CALLS"; exit ${PIP_FAILS:-0} ;;
esac
"""
DPKG_QUERY = '#!/bin/bash\nprintf "%b" "$INSTALLED"\n'
APT_GET = '#!/bin/bash\necho "apt-get $*" >>"$CALLS"\nexit ${APT_FAILS:-0}\n'
ID = '#!/bin/bash\necho "$USER_ID"\n'


class Machine:
    """A project folder and a PATH whose programs write down their calls."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.bin = folder / "bin"
        self.calls_file = folder / "calls"
        shutil.copytree(ROOT / ".ci", self.project / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
            (self.project / name).write_text(name)
        packages = "base python3\\nrun libqt\\ntest postgresql\\n".replace("\\n", "\n")
        (self.project / ".ci" / "debian-packages.txt").write_text("# comment\n" + packages)
        self.bin.mkdir()
        for name, text in {"python3": PYTHON, "dpkg-query": DPKG_QUERY, "apt-get": APT_GET, "id": ID}.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        self.env = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "CALLS": str(self.calls_file),
            "USER_ID": "0",
            "PREFIX": str(self.project / ".venv"),
            "INSTALLED": "installed python3, \\ninstalled libqt, \\ninstalled postgresql, \\n",
            "TMPDIR": str(folder),
        }

    def setup(self, purpose="test", **env):
        """Run the script; the finished process and the calls made during it."""
        self.calls_file.write_text("")
        done = subprocess.run(
            [self.project / ".ci" / "setup.sh", purpose],
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done, self.calls_file.read_text().splitlines()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


PIP = "-m pip --disable-pip-version-check --no-input"
INSTALLS = [
    f"{PIP} install --quiet --require-hashes -r requirements-dev.txt",
    f"{PIP} install --quiet --no-deps --no-build-isolation --editable .",
]


def test_first_run_makes_the_environment_from_pinned_packages(machine):
    done, calls = machine.setup()
    assert done.returncode == 0, done.stderr
    assert calls == ["venv", *INSTALLS]
    assert done.stdout == ""


def test_second_run_does_nothing(machine):
    machine.setup()
    done, calls = machine.setup()
    assert (done.returncode, calls, done.stderr) == (0, [], "")


def test_what_the_tests_need_is_enough_for_the_program_but_not_the_other_way(machine):
    machine.setup("run")
    assert machine.setup("run")[1] == []
    assert machine.setup("test")[1] == INSTALLS
    (machine.project / ".venv" / ".griddesk-setup-run").unlink()
    assert machine.setup("run")[1] == []


@pytest.mark.parametrize("name", ["requirements-dev.txt", "pyproject.toml", ".ci/debian-packages.txt"])
def test_a_changed_list_is_installed_into_the_same_environment(machine, name):
    machine.setup()
    with (machine.project / name).open("a") as file:
        file.write("# changed\n")
    assert machine.setup()[1] == INSTALLS


def test_a_moved_environment_is_made_anew(machine):
    machine.setup()
    moved = machine.project.rename(machine.project.parent / "elsewhere")
    machine.project = moved
    done, calls = machine.setup(PREFIX=str(moved / ".venv"))
    assert done.returncode == 0, done.stderr
    assert calls == ["venv", *INSTALLS]


def test_root_installs_what_is_missing(machine):
    done, calls = machine.setup(INSTALLED="installed python3, \\ndeinstall libqt, \\n")
    assert done.returncode == 0
    assert calls[:2] == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends libqt postgresql",
    ]


def test_a_package_provided_by_another_counts_as_there(machine):
    _, calls = machine.setup(
        INSTALLED="installed python3, \\ninstalled libqtt64, libqt (= 6.8), x\\ninstalled postgresql, \\n"
    )
    assert calls == ["venv", *INSTALLS]


def test_running_the_program_needs_no_test_packages(machine):
    _, calls = machine.setup("run", INSTALLED="installed python3, \\ninstalled libqt, \\n")
    assert calls == ["venv", *INSTALLS]


def test_others_than_root_are_told_the_one_line_and_go_on(machine):
    missing = {"USER_ID": "1000", "INSTALLED": "installed python3, \\ninstalled libqt, \\n"}
    done, calls = machine.setup(**missing)
    assert done.returncode == 0
    assert calls == ["venv", *INSTALLS]
    assert "apt-get update && apt-get install -y --no-install-recommends postgresql\n" in done.stderr
    assert "apt-get install" in machine.setup(**missing)[0].stderr, "it looks again the next time"
    assert machine.setup()[0].returncode == 0
    assert machine.setup()[1] == []


def test_root_without_a_network_is_told_and_goes_on(machine):
    done, calls = machine.setup(APT_FAILS="100", INSTALLED="installed python3, \\n")
    assert done.returncode == 0
    assert calls == ["apt-get update -qq", "venv", *INSTALLS]
    assert "could not be installed: libqt postgresql" in done.stderr


def test_two_at_once_install_once(machine):
    command = [machine.project / ".ci" / "setup.sh", "test"]
    machine.calls_file.write_text("")
    both = [subprocess.Popen(command, env=machine.env, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(30) for one in both] == [0, 0]
    assert machine.calls_file.read_text().splitlines() == ["venv", *INSTALLS]


def test_an_old_interpreter_is_refused(machine):
    done, calls = machine.setup(OLD_PYTHON="1")
    assert done.returncode == 1
    assert "3.11 or newer" in done.stderr
    assert calls == []


def test_a_missing_venv_module_names_the_debian_package(machine):
    done, _ = machine.setup(NO_VENV="1")
    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_a_missing_interpreter_is_said(machine):
    done, _ = machine.setup(PYTHON="python3.99")
    assert done.returncode == 1
    assert "no python3.99" in done.stderr


def test_a_failed_installation_leaves_no_stamp(machine):
    done, _ = machine.setup(PIP_FAILS="1")
    assert done.returncode != 0
    assert machine.setup()[1] == INSTALLS


def test_the_make_targets_are_the_documented_ones():
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [line.split()[1] for line in helped.splitlines() if line.startswith("  make ")]
    assert {"setup", "run", "test", "check", "bench", "faults"} <= set(named)
    assert subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout == helped


def test_scripts_are_executable_and_well_formed():
    for name in ("run", "setup.sh", "lock.sh"):
        path = ROOT / ".ci" / name
        assert os.access(path, os.X_OK)
        subprocess.run(["bash", "-n", path], check=True)
        assert "set -euo pipefail" in path.read_text()
