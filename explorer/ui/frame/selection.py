"""The selection: one run, at one checkpoint, fed one sample, at one node. It lives in the address.

Opening an address restores it, F5 and a change of page keep it: Streamlit drops the query on a change of page, so the
session remembers the selection and restores the query. Nothing else in the product holds a "current model".
"""

import time
from dataclasses import asdict, dataclass, replace
from math import inf

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

MEMORY = "selection"
REPLACED = "selection.replaced"
STEERED = (
    "selection.steered."  # before a widget's key: the values that ``steer`` set lately, and until when each was shown
)
ECHO_SECONDS = 1.5  # in which a browser may still send the value that a widget had
# In which it may still send an address that was replaced: long, since a machine or a network can be slow, and nothing
# else in a session sends it. Who types it begins a session, and who goes back to it is known by that.
ADDRESS_ECHO_SECONDS = 30.0
MOST_REPLACED = 8
PAGE, FRESH = "selection.page", "selection.page.fresh"
MODEL_FILES = ("zoo-", "file-")  # how the ids of model files begin
LONGEST_VALUE = 2000  # characters: an address is typed by anybody


@dataclass(frozen=True)
class Selection:
    """run: id, '' for none yet; on the graph page also a model file's (``zoo-…``, ``file-…``). checkpoint: step, None
    for the last. sample, node: keys, '' for the first or none. form: "written" for a run's graph as written, not as the
    exporter optimises it. view: of a page that has several, '' for its first.

    map: of the digits laboratory, ``conv2.3`` for the third of a layer. scale: which maps share colours, '' for those
    of a layer. pixel: of that map, ``3.17`` for row and column from 0. Each is '' for the page's own choice.

    The rest is the graph page's: direction: "LR" for left to right. order: "book" for arrows from the output to the
    inputs. widths: "size" for wider edges for larger tensors. colour: a measure. open: the open modules as
    ``page_state.open_text`` writes them, '' for those of a first view. search: a query. tab: below the drawing.
    compare: ``run@step`` or the id of a run or file. Each is '' for its default.
    """

    run: str = ""
    checkpoint: int | None = None
    sample: str = ""
    node: str = ""
    form: str = ""
    view: str = ""
    map: str = ""
    scale: str = ""
    pixel: str = ""
    direction: str = ""
    order: str = ""
    widths: str = ""
    colour: str = ""
    open: str = ""
    search: str = ""
    tab: str = ""
    compare: str = ""

    @property
    def layer_and_number(self) -> tuple[str, int]:
        """What ``map`` names: a layer and a number from 1; ("", 1) for none or nonsense."""
        layer, _dot, number = self.map.rpartition(".")
        return (layer, int(number)) if _is_small(number) else ("", 1)

    @property
    def row_and_column(self) -> tuple[int, int] | None:
        """The numbers of ``pixel``; None for none or nonsense."""
        row, _dot, column = self.pixel.partition(".")
        return (int(row), int(column)) if _is_small(row) and _is_small(column) else None


# What means nothing for another model.
OF_MODEL = dict.fromkeys(("sample", "node", "map", "pixel", "open", "search", "compare"), "")


def _is_small(text: str) -> bool:
    """Whether ``text`` is a whole number below 100,000."""
    return text.isascii() and text.isdigit() and len(text) < 6


def current() -> Selection:
    """The selection of this session, as the last ``restore`` or ``change`` left it."""
    remembered = st.session_state.get(MEMORY)
    return remembered if isinstance(remembered, Selection) else Selection()


def restore() -> Selection:
    """Take the selection from the address, or put the session's into an address that has none. Once a script run."""
    query = {key: st.query_params[key][:LONGEST_VALUE] for key in asdict(Selection()) if key in st.query_params}
    if query and (_is_history_step() or not _is_echo(query)):
        texts = dict(query)
        checkpoint = texts.pop("checkpoint", "")
        is_step = checkpoint.isascii() and checkpoint.isdigit() and len(checkpoint) < 12
        st.session_state[MEMORY] = Selection(checkpoint=int(checkpoint) if is_step else None, **texts)
    else:
        # The browser sent an address that has been replaced since: the present one is sent again.
        _write(current(), again=bool(query))
    return current()


def change(**parts: str | int | None) -> None:
    """Change parts of the selection, by name, in the session and in the address."""
    changed = replace(current(), **parts)  # type: ignore[arg-type]
    is_new = changed != current()
    if is_new:
        known = st.session_state.get(REPLACED, ())
        st.session_state[REPLACED] = (*known, (_query(current()), time.monotonic()))[-MOST_REPLACED:]
    st.session_state[MEMORY] = changed
    # The address of this run may be as old as the browser's last message: a quick change and its undoing look alike.
    _write(changed, again=is_new)


def choose_run(run_id: str, same_model: bool) -> None:
    """Select another run or file at its last checkpoint; what belongs to a model stays where that is the same."""
    change(run=run_id, checkpoint=None, **({} if same_model else OF_MODEL))


def _is_history_step() -> bool:
    """Whether the person has gone back or forward in the browser: then the address counts, however new the last is."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _is_echo(query: dict[str, str]) -> bool:
    """Whether an address is one that was replaced a moment ago: the browser sent it before it had the new one."""
    recent = time.monotonic() - ADDRESS_ECHO_SECONDS
    return any(query == replaced and when > recent for replaced, when in st.session_state.get(REPLACED, ()))


def arrived(page: str) -> None:
    """Note which page this run of the script draws."""
    st.session_state[FRESH] = st.session_state.get(PAGE) != page
    st.session_state[PAGE] = page


def page_drawn() -> None:
    """Note that the page is drawn: its fragments, which run without ``arrived``, find their widgets in the browser."""
    st.session_state[FRESH] = False


def is_fresh() -> bool:
    """Whether this run of the script is the first one for its page."""
    return bool(st.session_state.get(FRESH, True))


def steer(key: str, value: object) -> None:
    """Set the widget ``key`` to ``value`` unless it has that value already.

    A value that is set is sent to the browser, and would undo what the person has done there in the meantime. On a page
    that has just been opened every widget is a new one, whatever the session remembers of its key.
    """
    if is_fresh() or key not in st.session_state or st.session_state[key] != value:
        now = time.monotonic()
        shown = () if is_fresh() else (*st.session_state.get(STEERED + key, ()), (st.session_state.get(key), now))
        ended = tuple((each, min(until, now)) for each, until in shown)
        st.session_state[STEERED + key] = (*ended, (value, inf))[-MOST_REPLACED:]
        st.session_state[key] = value


def is_stale(key: str) -> bool:
    """Whether the value of the widget ``key`` is from before ``steer``: sent before the browser had the new one."""
    recent, shown = time.monotonic() - ECHO_SECONDS, st.session_state.get(STEERED + key, ())
    before = [each for each, until in shown if recent < until < inf]
    return st.session_state[key] in before and st.session_state[key] != shown[-1][0]


def is_model_file(run_id: str) -> bool:
    """Whether the selection names a model file instead of a run."""
    return run_id.startswith(MODEL_FILES)


def _query(selection: Selection) -> dict[str, str]:
    """The parts that are not empty, as an address has them."""
    return {key: str(value) for key, value in asdict(selection).items() if value not in (None, "")}


def _write(selection: Selection, again: bool = False) -> None:
    """The selection as query parameters; empty parts are left out. again: even where the address says so already."""
    now, texts = st.query_params.to_dict(), _query(selection)
    wanted = {key: value for key, value in now.items() if key not in asdict(selection)} | texts
    if again or wanted != now:
        st.query_params.from_dict(wanted)
