"""The start page: what each chapter is about, a live picture of each, and one click to what the picture shows."""

import pytest

from explorer.chapters.digits.volumes import stages
from explorer.runs.checkpoint import open_run
from explorer.trace.layers import layers
from models.catalogue import chapter_of, model_entries
from models.sentiment.bag_of_words import DEFAULT_SENTENCE, piece_effects
from tests.browser.screen import Screen
from tests.browser.server import Server, wait_until


@pytest.fixture
def start(tab: Screen) -> Screen:
    return tab.open()


def test_every_chapter_has_a_picture_of_the_servers_own_run(start: Screen, server: Server) -> None:
    digits = open_run(server.run("digits"))
    maps = stages(digits.network, layers(digits.network, digits.sample("").inputs, ["input"]))[1].values
    sheets = start.part("cover_digits").locator(".lab[data-shown]")
    sheets.wait_for()
    assert abs(start.tiles(sheets)[1] - maps).max() < 1e-6

    table = start.figure("cover-bike-demand")
    assert [len(line["y"]) for line in table] == [7 * 24, 7 * 24]

    sentence = start.part("cover-sentiment")
    wait_until(lambda: DEFAULT_SENTENCE in sentence.inner_text(), 30, "the sentence")
    sentiment = open_run(server.run("sentiment"))
    effects = piece_effects(sentiment.network, DEFAULT_SENTENCE, sentiment.facts)
    strongest = max(effects, key=lambda effect: abs(effect[1] or 0.0))
    coloured = sentence.locator(".st-key-coloured-sentence .stMarkdownColoredBackground").all_inner_texts()
    assert strongest[0] in "".join(coloured)
    assert all(piece not in coloured for piece, effect in effects if effect is None)

    graph = start.part("cover-graph").locator("img")
    graph.wait_for()
    assert graph.get_attribute("alt") == "A computation graph of 3 operations"
    assert graph.evaluate("image => image.naturalWidth") > 300


@pytest.mark.parametrize("name", list(model_entries()))
def test_one_click_leads_to_what_a_chapter_shows(start: Screen, name: str) -> None:
    start.page.get_by_role("link", name="Look inside").nth(list(model_entries()).index(name)).click()
    start.page.locator("h1", has_text=chapter_of(name).title).wait_for()
    start.lens(name)


def test_one_click_leads_to_a_graph(start: Screen) -> None:
    start.page.get_by_role("link", name="Open the graph explorer").click()
    start.page.locator(".stage g.node.operation").first.wait_for()


def test_the_page_says_where_to_begin_and_what_each_chapter_asks(start: Screen) -> None:
    start.shown("Chapter 5")
    start.page.get_by_role("link", name="New here? Begin with a digit").wait_for()
    text = start.text()
    places = [text.index(title) for title in ("Chapters 1 and 2", "Chapter 3", "Chapter 4", "Chapter 5")]
    assert places == sorted(places)
    assert text.count("?") >= 4
