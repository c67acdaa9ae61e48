"""Every page and every view of a laboratory, one after the other, in one tab."""

from collections.abc import Iterator
from typing import NamedTuple

from explorer.translations.language_words import LANGUAGE_TAGS, translation
from explorer.ui.labs.laboratory import laboratory
from models.catalogue import chapters
from tests.browser.screen import Screen
from tests.browser.server import Server

# The page's elements, counted in the shadow roots, too.
COUNT = """() => {
  const count = root => [...root.querySelectorAll("*")].reduce(
    (sum, each) => sum + 1 + (each.shadowRoot ? count(each.shadowRoot) : 0), 0);
  const waits = document.querySelector(
    "[data-testid=stSkeleton], [data-testid=stApp]:not([data-test-script-state=notRunning])");
  return waits ? -1 : count(document);
}"""


class Visit(NamedTuple):
    """A page or view that is on the screen."""

    name: str
    tab: Screen


def every_page(tab: Screen, server: Server, language: str) -> Iterator[Visit]:
    """Go from page to page and from view to view; each is drawn when it is given."""
    for chapter in chapters():
        record = laboratory(chapter)
        yield _visit(tab, chapter.name, language)
        for view in record.views[1:]:
            title = translation(language).gettext(view.title)
            tab.part("view-choice").get_by_role("radio", name=title, exact=True).click()
            tab.page.wait_for_function("view => location.search.includes(`view=${view}`)", arg=view.key)
            still(tab)
            yield Visit(f"{chapter.name} {view.key}", tab)
    run = server.run("digits")
    yield _visit(tab, "graph", language, run=run.id)
    yield _visit(tab, "graph", language, run=run.id, node="n1")
    yield _visit(tab, "runs", language)
    yield _visit(tab, "", language)


def _visit(tab: Screen, path: str, language: str, **query: str) -> Visit:
    tab.open(path, lang=language, **query)
    tab.page.wait_for_function("tag => document.documentElement.lang === tag", arg=LANGUAGE_TAGS[language])
    still(tab)
    return Visit(" ".join((path or "start", *query)), tab)


def still(tab: Screen) -> None:
    """Wait until the page is complete: nothing is computed, and its elements stay the same for a while."""
    tab.settle()
    before, same = -1, 0
    while same < 3:
        tab.page.wait_for_timeout(100)
        now = int(tab.page.evaluate(COUNT))
        before, same = now, same + 1 if now == before and now > 0 else 0
