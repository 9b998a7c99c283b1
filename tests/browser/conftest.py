"""A city hall that listens on a free port, and Debian's Chromium without a screen to look at it."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from tests.browser.keyboard import Keyboard
from tests.component.city_hall import PASSWORD, CityHall

PATIENCE_SECONDS = 90
GERMAN = ("--lang=de", "--accept-lang=de-DE", "--hide-scrollbars")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[CityHall]:
    """A hall with its plan and no post yet."""
    hall = CityHall(tmp_path)
    yield hall
    hall.close()


@pytest.fixture
def address(hall: CityHall) -> Iterator[str]:
    """Where the hall listens."""
    server = uvicorn.Server(uvicorn.Config(hall.app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < until, "the server did not start in time"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)


@pytest.fixture
def keyboard(chromium: webdriver.Chrome) -> Keyboard:
    """Chromium, driven by keys alone."""
    return Keyboard(chromium)


@pytest.fixture
def clerk(hall: CityHall, address: str, keyboard: Keyboard) -> Keyboard:
    """Somebody of the mail room, signed in."""
    token = hall.access.add_account("berg", rights=("search", "decide"), all_offices=True)
    keyboard.set_first_password(f"{address}/einmal/{token}", PASSWORD)
    keyboard.width(1280, 800)
    return keyboard


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """Debian's Chromium in a window that nobody sees."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    assert browser, "these tests need Chromium: apt-get install chromium chromium-driver"
    assert driver, "these tests need its driver: apt-get install chromium-driver"
    options = Options()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", *GERMAN):
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tmp_path / 'chromium'}")
    service = Service(driver, env={**os.environ, "LANGUAGE": "de"})  # dates as a clerk's browser writes them
    chromium = webdriver.Chrome(options=options, service=service)
    chromium.set_window_size(1200, 900)
    chromium.set_script_timeout(300)  # of axe, on a machine that does much else
    yield chromium
    chromium.quit()
