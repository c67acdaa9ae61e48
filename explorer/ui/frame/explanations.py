"""What each page shows, in a few sentences, one click away, with the book's chapter."""

import streamlit as st

from explorer.ui.frame.language import gettext
from models.errors import N_

EXPLANATIONS: dict[str, tuple[int, tuple[str, ...]]] = {
    "bike": (
        3,
        (
            N_(
                "The network reads 56 numbers about an hour (season, weather, month, hour, weekday, temperature …) and"
                " gives one: how many bikes are hired in it. Ten hidden neurons with a sigmoid stand between."
            ),
            N_(
                "It is trained on all hours but those of the last 21 days. The curve shows these days: where the"
                " prediction leaves the real line, the network is wrong, for instance on holidays that it"
                " has never seen."
            ),
            N_(
                "Loss is the mean squared error of standardised counts. R² is the share of the ups and downs that the"
                " network explains: 1 is perfect, 0 is no better than the mean."
            ),
        ),
    ),
    "sentiment": (
        4,
        (
            N_(
                "jieba cuts the sentence into words. The bag of words has one place for each word of the training"
                " reviews; in it stands the word's share of the sentence. The order of the words is lost."
            ),
            N_(
                "A hidden layer of ten neurons and two outputs turn the bag into the probabilities of a"
                " complaint and of"
                " praise. Words that never occurred in the training reviews have no place and change nothing."
            ),
            N_(
                "Reviews that occur twice are counted once, and the vocabulary is made from the training part only;"
                " otherwise the test would be easier than the truth."
            ),
        ),
    ),
    "graph": (
        1,
        (
            N_(
                "Each box is an operation of an ONNX file, each arrow a tensor with its shape; weights that belong to"
                " an operation are listed in its box. You can look at a run, at an architecture of torchvision by its"
                " name, or at an ONNX file of your own."
            ),
            N_(
                "Modules are frames with their name and, smaller, their Python class: a click folds or opens one, and"
                " equal blocks in a row fold into one with ×N. A large network first shows as much as fits one look."
            ),
            N_(
                "Colours tell the kind of operation or, by choice, parameters, FLOPs, bytes, time, the size of"
                " activations, dead outputs, the gradient or the change of the weights. A folded module has the colour"
                " of all that is in it."
            ),
            N_(
                "The search finds names, operations, shapes and numbers: `op:Conv params>1e5` gives the convolutions"
                " with more than 100,000 parameters, `shape:64x56` every output whose shape has 64 followed by 56,"
                " `class:MBConv` all within modules of that class."
            ),
            N_(
                "Click an operation, or reach it with Tab and the arrow keys: on the right stand its values, its"
                " weights, its gradient, the arithmetic of a single number, what it does, and its line of Python. A"
                " file gets made-up input until you give it your own."
            ),
            N_(
                "Compare, below the drawing, tells what differs from another checkpoint, run or file. Take away gives"
                " pictures, the model, a page that needs no server, and the numbers for Netron."
            ),
            N_(
                "The book draws arrows from the result back to what it was computed from, as autograd does; the menu"
                " Drawing turns them round."
            ),
        ),
    ),
}


def explanation(page: str) -> None:
    """A button that opens the page's explanation."""
    explained(page, *EXPLANATIONS[page])


def explained(key: str, chapter: int, sentences: tuple[str, ...]) -> None:
    """A button that opens ``sentences`` and the book's chapter."""
    _ = gettext()
    # Filled when it is opened: a dozen paragraphs that nobody reads would delay the page.
    opened = st.popover(_("What am I looking at?"), type="tertiary", key=f"explanation.{key}", on_change="rerun")
    if opened.open:
        for sentence in sentences:
            opened.markdown(_(sentence))
        opened.caption(_("Chapter {n} of the book").format(n=chapter))
