"""The page of `seqtool report` in a browser: no request, no complaint, it fits a phone and paper, and strangers' text is inert."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Warm
from tests.cli.report_pages import HOSTILE, hostile
from tests.cli.training_runs import Trained

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")]


@pytest.fixture(scope="module")
def page_path(trained: Trained, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run full of strangers' text beside the undisturbed one."""
    folder = tmp_path_factory.mktemp("browser")
    run = hostile(trained, folder)
    arguments = ("--lines", "1-6", "--max-lines", "8", "-o", folder / "page.html")
    done = warm.seqtool("report", trained.run_dir, run, *arguments, cwd=folder)
    assert done.code == 0, done.err
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def test_the_page_in_a_browser(page_path: Path, browser: Any, tmp_path: Path) -> None:
    for width, scheme in ((390, "light"), (1280, "dark")):
        page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        requests: list[str] = []
        trouble: list[str] = []
        page.on("request", lambda one, to=requests: to.append(one.url))
        page.on("console", lambda one, to=trouble: to.append(one.text))
        page.on("pageerror", lambda one, to=trouble: to.append(str(one)))
        page.on("dialog", lambda one, to=trouble: to.append(one.message))
        page.goto(page_path.as_uri())
        page.screenshot(path=tmp_path / f"{width}.png", full_page=True)
        assert (tmp_path / f"{width}.png").stat().st_size > 50_000
        assert requests == [page_path.as_uri()]
        assert trouble == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        _check_text(page)
        _check_figures(page, width)
        if width == 1280:
            _check_print(page)
        page.close()


def _check_text(page: Any) -> None:
    """Nothing that a stranger wrote has become an element, or run; it is there to be read."""
    assert page.title() != "taken"
    assert page.evaluate("document.querySelectorAll('script, img, iframe, object, embed, link').length") == 0
    said = page.evaluate("document.body.textContent")
    for line in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[4]):
        assert said.count(line) >= 3, line
    assert "\u202e" not in said


def _check_figures(page: Any, width: int) -> None:
    """Every chart is inside its card and legible, and what is wider scrolls in its own box."""
    sizes = page.evaluate(
        """[...document.querySelectorAll('figure > svg')].map(one => {
            const box = one.getBoundingClientRect(), card = one.parentElement.getBoundingClientRect();
            const text = one.querySelector('text').getBoundingClientRect();
            return [box.left >= card.left && box.right <= card.right, text.height];
        })"""
    )
    assert len(sizes) >= 8
    assert all(inside for inside, _ in sizes)
    assert min(height for _, height in sizes) > 9, "labels of a chart, in pixels"
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].every(one => one.getBoundingClientRect().right <= innerWidth)"
    )
    colours = page.evaluate("[...document.querySelectorAll('svg text')].map(one => getComputedStyle(one).fill)")
    assert "rgb(0, 0, 0)" not in colours, "a text that does not follow the page's colours"
    inside = "[...document.querySelectorAll('.runs td')].every(one => one.getBoundingClientRect().right <= innerWidth)"
    assert page.evaluate("document.querySelectorAll('.runs td').length") > 8
    assert width != 390 or page.evaluate(inside), "samples of runs are cards on a phone"
    if width == 390:
        scrolling = "[...document.querySelectorAll('.pair .scroll')].some(one => one.scrollWidth > one.clientWidth)"
        assert page.evaluate(scrolling), "a map wider than a phone scrolls"


def _check_print(page: Any) -> None:
    """On paper: black on white whatever the screen has, no navigation, and what is folded is there."""
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert len(page.pdf()) > 50_000
