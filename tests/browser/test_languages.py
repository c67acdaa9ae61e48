"""Both languages: the locale decides, the switch works and stays, and no English is left on the Chinese pages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from explorer.translations.catalogue import chinese
from tests.browser.screen import Screen, context_in, screen, tab_in
from tests.browser.server import Server, wait_until

TITLES = {"": "透视神经网络", "bike": "共享单车需求", "sentiment": "评论情感", "digits": "手写数字"}
# Every text that a person can see or hear: shadow roots, labels for screen readers and tooltips included.
TEXTS = """() => {
  const found = new Set();
  const visit = root => {
    for (const node of root.querySelectorAll("*")) {
      if (["SCRIPT", "STYLE", "CODE", "PRE"].includes(node.tagName) || node.closest("g.node")) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext"])
        if (node.getAttribute(name)) found.add(node.getAttribute(name).trim());
      for (const child of node.childNodes)
        if (child.nodeType === 3 && child.textContent.trim()) found.add(child.textContent.trim());
      if (node.shadowRoot) visit(node.shadowRoot);
    }
  };
  visit(document.querySelector("[data-testid=stApp]"));
  return [...found];
}"""
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")


def english_words() -> set[str]:
    """The English words of the catalogue that Chinese writes otherwise."""
    return {
        str(message.id)
        for message in chinese()
        if isinstance(message.id, str) and message.id and message.string != message.id and "{" not in message.id
    }


def english_left(tab: Screen) -> set[str]:
    """Texts of the page that the catalogue knows in Chinese, and English sentences, Streamlit's own included."""
    tab.page.wait_for_function("document.documentElement.lang === 'zh-CN'")  # Streamlit's own words follow with it
    texts: list[str] = tab.page.evaluate(TEXTS)
    words = english_words()
    same = {text for text in texts if text in words}
    sentences = {text for text in texts if SENTENCE.search(text)}
    return same | sentences


@pytest.fixture(scope="module")
def chinese_browser(browser: Browser) -> Iterator[BrowserContext]:
    """The browser of somebody in China."""
    with context_in(browser, locale="zh-CN") as opened:
        yield opened


def test_no_english_is_left_on_the_chinese_pages(chinese_browser: BrowserContext, server: Server) -> None:
    with tab_in(chinese_browser, server.url) as tab:
        for page, title in TITLES.items():
            tab.open(page)
            assert tab.page.locator("h1").inner_text() == title
            if page:
                tab.lens(page)
            tab.settle()
            assert english_left(tab) == set(), page or "start"
        tab.open("graph", run=server.run("digits").id, node="n0")
        tab.page.locator("h2").first.wait_for()
        # The tools above a chart carry the chart's name, and come with the chart's own script.
        tab.page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()
        tab.page.locator("[data-testid=stElementToolbarButton]").first.wait_for(state="attached")
        tab.settle()
        assert english_left(tab) == set()
        tab.open("runs")
        tab.part("runs-table").locator("td").first.wait_for(state="attached")
        cells = tab.part("runs-table").locator("td, th").all_text_contents()
        assert "手写数字" in cells
        assert not english_words() & set(cells)
        assert english_left(tab) == set()


def test_a_mistake_is_told_in_chinese(browser: Browser, server: Server) -> None:
    with screen(browser, server.url, locale="zh-TW") as tab:
        tab.open("digits", run=server.run("digits").id, sample="test/99999999")
        tab.shown("没有数字 'test/99999999'")


@pytest.mark.parametrize(("locale", "title"), [("en-GB", "Handwritten digits"), ("fr", "Handwritten digits")])
def test_the_browsers_language_decides(browser: Browser, server: Server, locale: str, title: str) -> None:
    with screen(browser, server.url, locale=locale) as tab:
        tab.open("digits")
        assert tab.page.locator("h1").inner_text() == title


def test_the_address_decides_before_the_browser(tab: Screen) -> None:
    tab.open("digits", lang="zh")
    assert tab.page.locator("h1").inner_text() == "手写数字"


def test_the_switch_is_kept_in_the_address(tab: Screen) -> None:
    tab.open("digits").lens("digits")
    run = tab.query()["run"]
    tab.part("language-choice").get_by_text("简体中文").click()
    tab.page.locator("h1", has_text="手写数字").wait_for()
    wait_until(lambda: tab.query() == {"run": run, "lang": "zh"}, 15, "the language beside the selection")
    tab.page.reload()
    tab.page.locator("h1", has_text="手写数字").wait_for()
    tab.page.get_by_role("link", name="训练记录").click()
    tab.page.locator("h1", has_text="训练记录").wait_for()
    tab.part("language-choice").get_by_text("English").click()
    tab.page.locator("h1", has_text="Runs").wait_for()


def test_two_people_read_two_languages_at_once(chinese_browser: BrowserContext, tab: Screen, server: Server) -> None:
    with tab_in(chinese_browser, server.url) as other:
        tab.open("bike").lens("bike")
        other.open("bike").lens("bike")
        tab.part("bar-checkpoint").locator("input[type=range]").press("Home")
        other.part("bar-checkpoint").locator("input[type=range]").press("Home")
        tab.settle()
        other.settle()
        assert tab.page.locator("h1").inner_text() == "Bike demand"
        assert other.page.locator("h1").inner_text() == "共享单车需求"
