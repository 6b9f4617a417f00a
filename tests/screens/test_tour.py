"""`griddesk run` without a display: the whole program, one case from report to close, pictures of every workspace."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

PICTURES = (
    "01_sign_in", "02_intake_form", "03_intake_pools", "04_dialog_file", "05_dispatch", "06_dialog_dispatch",
    "07_dialog_close", "08_case_closed", "09_deadline_sheet", "10_dispatch_light", "11_lock",
    "12_map_district", "13_map_streets", "14_map_grids",
)  # fmt: skip
LOOP = ("登记", "受理", "立案", "派遣", "签收", "反馈", "送核查", "核查通过", "结案")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_program_walks_a_case_from_report_to_close(tmp_path: Path) -> None:
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    environment |= {"QT_QPA_PLATFORM": "offscreen", "GRIDDESK_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "console", "run", "--out", str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # the timeline, every step of the loop in order
    steps = re.findall(r"^ +\d+  \d\d-\d\d \d\d:\d\d:\d\d  (\S+)  ", done.stdout, re.MULTILINE)
    assert tuple(steps) == LOOP
    assert re.search(r"\d{8}-\d{4,5}  \S+  已结案", done.stdout)
    for name in PICTURES:
        with Image.open(tmp_path / "out" / f"{name}.png") as picture:
            assert picture.size == (1920, 1080)
            colours = picture.convert("RGB").getcolors(1 << 24)
            assert colours is not None
            assert len(colours) > 100, f"{name} is nearly blank"
