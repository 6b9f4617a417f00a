"""A headless chromium for the tests of the web seats, driven by Debian's chromedriver.

Both programs are named by their path, so selenium has nothing to look for on the network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PAGE_TIMEOUT_S = 20


def start_browser(profile: Path, *, width: int = 390, height: int = 844) -> webdriver.Chrome:
    """Start chromium with a profile folder of its own; the size is a phone's unless said otherwise.

    Raises:
        FileNotFoundError: chromium or chromedriver is not installed.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        raise FileNotFoundError("Debian's chromium and chromium-driver are needed")
    options = Options()
    options.binary_location = program
    for argument in (
        "--headless=new",
        "--no-sandbox",  # the sandbox does not run as root or in a container
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        "--lang=zh-CN",
        f"--user-data-dir={profile}",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(executable_path=driver))
    browser.set_page_load_timeout(PAGE_TIMEOUT_S)
    return browser


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A fresh chromium of a phone's size; an error where it must be there (CI), a skip elsewhere."""
    try:
        started = start_browser(tmp_path / "chromium")
    except FileNotFoundError as missing:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    yield started
    started.quit()
