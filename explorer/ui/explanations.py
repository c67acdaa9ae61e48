"""What each page shows, in a few sentences, one click away, with the book's chapter."""

import streamlit as st

from explorer.ui.language import gettext
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
    "digits": (
        5,
        (
            N_(
                "A kernel is a small window of weights. It slides over the picture, and at each place the weighted sum"
                " of what it covers becomes one pixel of a feature map: bright where the picture looks like the kernel."
            ),
            N_(
                "ReLU sets negative values to zero, max pooling keeps the largest of four pixels: the maps"
                " become smaller"
                " and care less about exact places. The second convolution looks at the first one's maps."
            ),
            N_(
                "The dense layers weigh all maps together; the last one gives ten numbers, and softmax makes"
                " probabilities of them. Orange is positive and blue negative wherever values have a sign."
            ),
        ),
    ),
    "graph": (
        1,
        (
            N_(
                "The graph is what the exporter wrote into the ONNX file: each box is an operation, each arrow a tensor"
                " with its shape. Weights that belong to an operation are listed in its box."
            ),
            N_(
                "Click an operation, or reach it with Tab and the arrow keys: on the right stand its output for the"
                " selected sample, its weights at the selected checkpoint, its attributes and its line of Python."
            ),
            N_(
                "The book draws arrows from the result back to what it was computed from, as autograd does; the switch"
                " above the graph turns them round."
            ),
        ),
    ),
}


def explanation(page: str) -> None:
    """A button that opens the page's explanation."""
    _ = gettext()
    chapter, sentences = EXPLANATIONS[page]
    with st.popover(_("What am I looking at?"), type="tertiary"):
        for sentence in sentences:
            st.markdown(_(sentence))
        st.caption(_("Chapter {n} of the book").format(n=chapter))
