"""Facts of the machine and of the libraries that the product relies on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from PySide6 import QtCore
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPen

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from CPython 3.12 on")
def test_calls_that_return_nothing_keep_their_reference_to_none(qapp):
    """PySide6 6.12.0 drops one a call on CPython 3.11, and the process aborts after a while."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    pen = QPen()
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.setPen(pen)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < 50


def test_pyside_is_in_the_range_that_was_seen_to_work():
    version = tuple(int(part) for part in QtCore.__version__.split(".")[:2])
    assert (6, 8) <= version < (6, 12)


def test_a_font_with_chinese_glyphs_is_there(chinese_font):
    metrics = QFontMetrics(QFont(chinese_font))
    assert all(metrics.inFontUcs4(ord(character)) for character in "网格调度席派遣核查结案①")


def test_two_chinese_characters_do_not_look_the_same(chinese_font):
    """Missing glyphs are drawn as the same box."""

    def drawn(character):
        image = QImage(40, 40, QImage.Format.Format_Grayscale8)
        image.fill(255)
        painter = QPainter(image)
        painter.setFont(QFont(chinese_font, 24))
        painter.drawText(image.rect(), 0, character)
        painter.end()
        return bytes(image.constBits())

    assert drawn("网") != drawn("格")


# --- what is pinned -------------------------------------------------------------------------------------


def _pins(name):
    """Package → (versions, hashes) of a requirements file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.findall(
        r"^([a-z0-9-]+)(?:\[.*?\])?==(\S+)(.*?)(?=^[a-z]|\Z)", text, re.MULTILINE | re.DOTALL
    )
    pins: dict[str, tuple[list[str], list[str]]] = {}
    for package, version, rest in entries:
        versions, hashes = pins.setdefault(package, ([], []))
        versions.append(version)
        hashes += re.findall(r"--hash=sha256:([0-9a-f]{64})", rest)
    return pins


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes_and_the_file_names_no_place(name):
    pins = _pins(name)
    assert len(pins) > 20
    assert [package for package, (_, hashes) in pins.items() if not hashes] == []
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_binary_packages_have_wheels_for_both_processors():
    """One hash a platform: fewer than two would mean that only this machine's wheel was seen."""
    pins = _pins("requirements.txt")
    for package in (
        "pyside6-essentials",
        "shiboken6",
        "numpy",
        "shapely",
        "psycopg-binary",
        "sqlcipher3",
        "pyogrio",
    ):
        assert len(pins[package][1]) >= 4, package


def test_runtime_pins_are_the_same_in_both_files():
    development = _pins("requirements-dev.txt")
    for package, pin in _pins("requirements.txt").items():
        assert development[package] == pin


def test_what_is_installed_is_what_is_pinned():
    for package, (versions, _) in _pins("requirements-dev.txt").items():
        try:
            assert metadata.version(package) in versions
        except metadata.PackageNotFoundError:  # pins of other platforms and older interpreters
            assert package in {
                "colorama",
                "tzdata",
                "tomli",
                "exceptiongroup",
                "greenlet",
                "backports-tarfile",
            }


def test_every_dependency_of_the_project_is_pinned():
    names = {re.split(r"[\[<>=! ;]", line)[0].lower() for line in metadata.requires("griddesk") or []}
    assert names <= set(_pins("requirements-dev.txt"))


# Copyleft that may not be linked into an Apache-2.0 program; the lesser GPL may.
FORBIDDEN = re.compile(
    r"(?<!lesser )(?<!l)\b(affero|agpl|gpl(?!-compat)|general public license)", re.IGNORECASE
)


def _licence(package):
    about = metadata.metadata(package)
    classified = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return about.get("License-Expression") or " ".join(classified) or (about.get("License") or "")[:200]


def test_no_dependency_is_under_the_gpl_alone():
    offending = {}
    for package in _pins("requirements.txt"):
        try:
            licence = _licence(package)
        except metadata.PackageNotFoundError:
            continue
        offers_other = re.search(r"\bor\b|lgpl|lesser|mit|bsd|apache|mpl|psf", licence, re.IGNORECASE)
        if FORBIDDEN.search(licence) and not offers_other:
            offending[package] = licence
    assert offending == {}


# --- the browser of the seat tests ------------------------------------------------------------------------


@pytest.mark.browser
def test_chromium_is_driven_without_any_download(browser):
    browser.get("data:text/html;charset=utf-8,<title>席位</title><p id=p>派遣</p>")
    assert browser.title == "席位"
    assert browser.find_element("id", "p").text == "派遣"


def test_debian_packages_are_there():
    if shutil.which("dpkg-query") is None:
        pytest.skip("not a Debian system")
    lines = (ROOT / ".ci" / "debian-packages.txt").read_text(encoding="utf-8").splitlines()
    packages = [line.split()[1] for line in lines if line and not line.startswith("#")]
    assert len(packages) == len(set(packages))
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status} ${Package} ${Provides}\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    installed = {
        re.sub(r"[,(].*", "", word)
        for line in listed.stdout.splitlines()
        if line.startswith("installed ")
        for word in line.split()[1:]
    }
    missing = [package for package in packages if package not in installed]
    if missing:
        pytest.skip("not all Debian packages are installed: " + " ".join(missing))
