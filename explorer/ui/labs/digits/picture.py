"""The digit that the network looks at: one of MNIST's, a drawn one or a photograph, and what is done to it."""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.chapters.digits.digit_picture import DigitPicture, read_digit_safely
from explorer.chapters.digits.image_search import next_of_class
from explorer.runs.checkpoint import OpenRun
from explorer.ui.components.drawing_pad import pad
from explorer.ui.frame import selection
from explorer.ui.frame.charts import is_dark
from explorer.ui.frame.language import error_text, gettext
from models.data.pictures import PICTURES
from models.digits.changes import NO_CHANGE, Change, parsed_change, suffix
from models.digits.own_digit import as_mnist, own_key
from models.errors import N_, DataError, UserError

SOURCES = {"mnist": N_("MNIST"), "draw": N_("Draw"), "photo": N_("Photo")}
KEY = "lab.source"
PHOTO, STEPS, PIECE = "lab.photo", "lab.photo.steps", "lab.photo.piece"
FRAME = (0.84, 0.37, 0.0)  # vermilion, of the piece of ink that was taken
MOST_MB = 32
OWN = "own/"
CHANGES = ("x", "y", "angle", "scale", "noise", "invert")
STEP_NAMES = {
    "grey": N_("grey"),
    "ink": N_("ink"),
    "cut": N_("cut to the ink"),
    "scaled": N_("20 pixels"),
    "centred": N_("centred"),
}


def picture(opened_run: OpenRun) -> None:
    """Where the digit comes from, and the sliders that change it; all act at once."""
    _ = gettext()
    base = selection.current().sample.partition("~")[0]
    if KEY not in st.session_state:
        st.session_state[KEY] = "draw" if base.startswith(OWN) else "mnist"
    source = st.segmented_control(
        _("The digit"),
        list(SOURCES),
        key=KEY,
        format_func=lambda name: _(SOURCES[name]),
        required=True,
        persist_state="session",
        help=_("Everything on this page takes effect at once."),
    )
    {"draw": _draw, "photo": _photo}.get(source or "", _by_class)(opened_run)
    _sliders()


def _by_class(opened_run: OpenRun) -> None:
    """The next image of a class, after the one that is shown."""
    _ = gettext()
    key = "lab.class"

    def chosen() -> None:
        digit = st.session_state[key]
        if digit is None:
            return
        st.session_state[key] = None
        part, _slash, number = selection.current().sample.partition("~")[0].partition("/")
        after = int(number) if part == "test" and number.isascii() and number.isdigit() else -1
        targets = opened_run.book.load(opened_run.config, opened_run.run.source).test.targets
        next_number = next_of_class(targets, int(digit), after)
        if next_number is not None:
            selection.change(sample=f"test/{next_number}")

    st.pills(
        _("Next image of class"),
        list(opened_run.facts["classes"]),
        key=key,
        on_change=chosen,
        help=_("By number: see the bar above."),
    )


def _draw(opened_run: OpenRun) -> None:
    # The digit in the address, for a sheet that is new after F5 or a change of page.
    base = selection.current().sample.partition("~")[0]
    first = opened_run.sample(base).inputs[0, 0].numpy() if base.startswith(OWN) else None
    pad("lab_pad", _drawn, first)


def _drawn(ink: NDArray[np.float32] | None) -> None:
    """Centred and scaled as MNIST's digits are; an empty sheet leaves the last digit where it is."""
    if ink is None:
        return
    try:
        selection.change(sample=own_key(as_mnist(ink).centred) + suffix(_change()))
    except DataError:
        return  # a dot too faint to be a digit


def _photo(opened_run: OpenRun) -> None:
    _ = gettext()
    given = st.file_uploader(
        _("A photo of one digit"),
        list(PICTURES),
        key=PHOTO,
        max_upload_size=MOST_MB,
        help=_("Dark on light or light on dark. It is read on this server and kept nowhere but in the address."),
    )
    if given is None:
        st.session_state.pop(STEPS, None)
        return
    wanted = (given.file_id, int(st.session_state.get(f"{PIECE}.{given.file_id}") or 0))
    if st.session_state.get(STEPS, ("",))[0] != wanted:
        read: DigitPicture | UserError
        try:
            with st.spinner(_("Reading the picture …")):
                read = read_digit_safely(given.getvalue(), given.name.rpartition(".")[2], wanted[1])
        except UserError as error:
            read = error  # kept, too: a slider must not read a bad file again
        st.session_state[STEPS] = (wanted, read)
        if isinstance(read, DigitPicture):
            selection.change(sample=own_key(read.centred))
            # The bar must let go of its number now: with the next upload the browser would send it back.
            st.rerun(scope="app")
    photo = st.session_state[STEPS][1]
    if isinstance(photo, UserError):
        st.error(error_text(photo))
    else:
        _steps(photo)
        _pieces(photo, f"{PIECE}.{given.file_id}")


def _pieces(read: DigitPicture, key: str) -> None:
    """A choice of the ink, where the picture has several pieces of it."""
    _ = gettext()
    if len(read.boxes) < 2:
        return
    height, width = read.grey.shape
    places = [
        _("{n} · x {x} %, y {y} %").format(
            n=number, x=round(50 * (left + right) / width), y=round(50 * (top + bottom) / height)
        )
        for number, (top, left, bottom, right) in enumerate(read.boxes, 1)
    ]
    if key not in st.session_state:
        st.session_state[key] = read.chosen
    st.selectbox(
        _("Which ink is the digit?"),
        range(len(places)),
        key=key,
        format_func=places.__getitem__,
        help=_("The picture has several pieces of ink. The one nearest to its middle was taken; it is framed in it."),
    )


def _framed(grey: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """The picture (h, w) in colours (h, w, 3), with a frame of two pixels around ``box``."""
    top, left, bottom, right = box
    colours = np.repeat(grey[..., np.newaxis], 3, axis=-1)
    framed = np.zeros(grey.shape, bool)
    framed[max(top - 4, 0) : bottom + 4, max(left - 4, 0) : right + 4] = True
    framed[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1] = False
    colours[framed] = FRAME
    return colours


def _steps(read: DigitPicture) -> None:
    """What was done to the photograph, picture by picture."""
    _ = gettext()
    with st.container(horizontal=True, key="lab-steps"):
        for name, title in STEP_NAMES.items():
            values = np.asarray(getattr(read, name), np.float32)
            values = values / np.float32(255) if name == "centred" else values
            light = name == "grey" or is_dark()
            if name == "grey" and len(read.boxes) > 1:
                values = _framed(values, read.boxes[read.chosen])
            st.image(np.clip(values if light else 1 - values, 0, 1), width=64, caption=_(title))


def _change() -> Change:
    """The change that the selection names; none where it cannot be read, which the page says."""
    _base, mark, rest = selection.current().sample.partition("~")
    try:
        return parsed_change(mark + rest)
    except DataError:
        return NO_CHANGE


def _sliders() -> None:
    _ = gettext()
    now = _change()
    for name in CHANGES:
        selection.steer(f"lab.{name}", getattr(now, name))

    def moved(name: str) -> None:
        base = selection.current().sample.partition("~")[0] or "test/0"
        change = replace(_change(), **{name: st.session_state[f"lab.{name}"]})
        selection.change(sample=base + suffix(change))

    # Each begins at what changes nothing: a slider that the browser has to make anew, because another digit came while
    # the page was being drawn, must not begin at its lowest value and send that.
    with st.container(key="lab-sliders"):
        for name, title, low, high, step, unit in (
            ("x", _("Shift right"), -14, 14, 1, "%d px"),
            ("y", _("Shift down"), -14, 14, 1, "%d px"),
            ("angle", _("Rotate"), -180.0, 180.0, 5.0, "%d°"),
            ("scale", _("Scale"), 0.4, 2.0, 0.05, "%.2f×"),
            ("noise", _("Noise"), 0.0, 1.0, 0.05, "%.2f"),
        ):
            st.slider(
                title,
                low,
                high,
                getattr(NO_CHANGE, name),
                step,
                key=f"lab.{name}",
                on_change=moved,
                args=(name,),
                format=unit,
            )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle(_("Invert"), key="lab.invert", on_change=moved, args=("invert",))
        st.button(_("Unchanged"), key="lab.unchanged", on_click=_unchanged, disabled=now == NO_CHANGE)


def _unchanged() -> None:
    selection.change(sample=selection.current().sample.partition("~")[0])
