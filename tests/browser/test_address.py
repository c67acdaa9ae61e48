"""The selection lives in the address: copied, reloaded, kept when the page changes, and harmless where hostile."""

from playwright.sync_api import Browser

from explorer.runs.folder import Run
from tests.browser.screen import Screen, screen
from tests.browser.server import Server, wait_until

MARKUP = "<img src=x onerror='window.hacked=1'><script>window.hacked=2</script>[a](javascript:window.hacked=3)"


def whole(server: Server) -> tuple[Run, dict[str, str]]:
    """A selection of all four parts, none of them at its default."""
    run = server.run("digits")
    return run, {"run": run.id, "checkpoint": str(run.checkpoints[3]), "sample": "test/23", "node": "n2"}


def shows_digit(tab: Screen, number: str) -> None:
    """Streamlit's field of a number is drawn empty, and filled at once."""
    field = tab.part("digits-number").locator("input")
    wait_until(lambda: field.input_value() == number, 15, f"digit {number}")


def says(tab: Screen, run: Run, selection: dict[str, str]) -> None:
    """Whether the graph page shows this selection, and not only its address."""
    assert tab.query() == selection
    tab.page.locator(f"#node-{selection['node']}.selected").wait_for()
    assert run.settings["epochs"]
    thumb = tab.part("bar-checkpoint").locator("input[type=range]")
    step = f"step {int(selection['checkpoint']):,}"
    wait_until(lambda: (thumb.get_attribute("aria-valuetext") or "").startswith(step), 15, step)
    shows_digit(tab, selection["sample"].partition("/")[2])
    tab.page.locator("h2").first.wait_for()


def test_the_address_is_all_that_another_browser_needs(browser: Browser, tab: Screen, server: Server) -> None:
    run, wanted = whole(server)
    tab.open("graph", run=run.id)
    tab.page.locator(f"#node-{wanted['node']}").click()
    wait_until(lambda: tab.query().get("node") == wanted["node"], 20, "the node in the address")
    number = tab.part("digits-number").locator("input")
    number.fill("23")
    number.press("Enter")
    wait_until(lambda: tab.query().get("sample") == wanted["sample"], 20, "the sample in the address")
    thumb = tab.part("bar-checkpoint").locator("input[type=range]")
    thumb.press("Home")
    for _ in range(3):
        thumb.press("ArrowRight")
    wait_until(lambda: tab.query().get("checkpoint") == wanted["checkpoint"], 20, "the checkpoint in the address")
    says(tab, run, wanted)
    with screen(browser, server.url) as other:
        other.page.goto(tab.page.url)
        says(other, run, wanted)
        other.page.reload()
        says(other, run, wanted)


def test_changing_page_keeps_the_selection(tab: Screen, server: Server) -> None:
    run, wanted = whole(server)
    tab.open("graph", **wanted)
    says(tab, run, wanted)
    assert tab.page.title() == "Graph explorer · Toushi 透视"
    tab.page.get_by_role("link", name="Digits").click()
    tab.lens("digits")
    assert tab.page.title() == "Digits · Toushi 透视"
    assert tab.query() == wanted
    shows_digit(tab, "23")
    tab.page.get_by_role("link", name="Graph explorer").click()
    says(tab, run, wanted)
    tab.page.go_back()
    tab.lens("digits")
    wait_until(lambda: tab.query() == wanted, 15, "the selection after going back")


def test_an_earlier_checkpoint_has_its_own_numbers(tab: Screen, server: Server) -> None:
    run = server.run("digits")
    tab.form("digits", run=run.id, checkpoint=str(run.checkpoints[0]))
    untrained = tab.metrics()["Accuracy · Test"]
    tab.form("digits", run=run.id)
    assert float(untrained.split()[0]) < 40 < float(tab.metrics()["Accuracy · Test"].split()[0])


def test_a_hostile_address(tab: Screen, server: Server) -> None:
    digits, sentiment = server.run("digits").id, server.run("sentiment").id
    for page, query in (
        ("digits", {"run": MARKUP, "lang": MARKUP}),
        ("graph", {"run": "../../../etc/passwd", "node": MARKUP}),
        ("digits", {"run": digits, "checkpoint": "-5", "sample": MARKUP, "node": MARKUP}),
        ("graph", {"run": digits, "checkpoint": "9" * 20, "sample": "test/99999999", "node": "n99999"}),
        ("sentiment", {"run": sentiment, "checkpoint": "٣", "sample": MARKUP * 3}),
        ("sentiment", {"run": sentiment, "sample": "x" * 20_000}),
        ("runs", {"run": MARKUP}),
        ("", {"run": MARKUP, "checkpoint": "-5", "sample": MARKUP, "node": MARKUP}),
    ):
        tab.open(page, **query)
        tab.settle()
        tab.sound()
        assert tab.page.evaluate("window.hacked") is None, query
        assert tab.page.locator("[data-testid=stMain] img[src=x]").count() == 0
        assert tab.page.locator("a[href^='javascript']").count() == 0
        assert "Traceback" not in tab.text()


def test_unknown_parts_get_a_sentence(tab: Screen, server: Server) -> None:
    run = server.run("digits").id
    tab.open("digits", run="digits-19000101-000000-beef")
    tab.shown("There is no run 'digits-19000101-000000-beef'")
    tab.lens("digits")  # and another run is shown
    tab.open("digits", run=run, sample="test/99999999")
    tab.shown("There is no digit 'test/99999999'")


def test_an_address_of_60_kb_is_no_matter(tab: Screen) -> None:
    # The web server (uvicorn with h11) answers 400 to a request of more than 64 KiB that arrives in several pieces.
    tab.open("digits", run="x" * 60_000)
    tab.shown("There is no run 'xxxx")
    tab.lens("digits")
