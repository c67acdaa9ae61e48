"""What an operation does in a few sentences: our own for the operations of the book's networks, ONNX's for all others.

Nothing is calculated or shown here.
"""

import re
from dataclasses import dataclass
from functools import cache
from textwrap import dedent

import onnx

from explorer.graph.formulas import FORMULAS
from models.errors import N_

LONGEST = 700  # characters of ONNX's own documentation: its first paragraphs, not a page
MOST_PARAGRAPHS = 3


@dataclass(frozen=True)
class OperationDoc:
    """The documentation of one operation.

    sentences: English catalogue entries where ``ours``, else paragraphs of ONNX's documentation as plain text.
    formula: LaTeX, '' for none. chapter: of the book, None for an operation that it does not treat. ours: from this
    file.
    """

    op_type: str
    sentences: tuple[str, ...]
    formula: str = ""
    chapter: int | None = None
    ours: bool = True


UNKNOWN = N_("This operation is not part of ONNX itself, so that its documentation is not at hand.")
POINTWISE = N_("It works on each number by itself; the shape stays.")
BROADCAST = N_("A tensor with fewer dimensions, or with a dimension of 1, is repeated to fit the other (broadcasting).")
ORDER = N_("The numbers stay as they are and in their order; only the shape changes.")
REDUCED = N_("It goes over the dimensions given as axes, which disappear or become 1.")

# In the order of the book's chapters. op_type → (sentences, chapter).
_DOCS: dict[str, tuple[tuple[str, ...], int | None]] = {
    "Add": ((N_("Adds two tensors, number by number."), BROADCAST), 1),
    "Sub": ((N_("Subtracts the second tensor from the first, number by number."), BROADCAST), 1),
    "Mul": (
        (N_("Multiplies two tensors, number by number. This is not the matrix product."), BROADCAST),
        1,
    ),
    "Div": ((N_("Divides the first tensor by the second, number by number."), BROADCAST), 1),
    "Pow": ((N_("Raises the first tensor to the power of the second, number by number."), BROADCAST), 1),
    "MatMul": (
        (
            N_(
                "The matrix product: each output number is the sum of a row of the first times a column of the"
                " second. Further dimensions are batches of matrices."
            ),
        ),
        1,
    ),
    "Transpose": ((N_("Swaps the tensor's dimensions: rows become columns."),), 1),
    "Reshape": ((N_("Gives the tensor another shape."), ORDER), 1),
    "Squeeze": ((N_("Drops dimensions of size 1."), ORDER), 1),
    "Unsqueeze": ((N_("Adds dimensions of size 1."), ORDER), 1),
    "Identity": ((N_("Passes its input on unchanged."),), 1),
    "Constant": ((N_("A fixed tensor that is stored in the graph."),), 1),
    "ReduceSum": ((N_("Adds many numbers to a single sum."), REDUCED), 1),
    "ReduceMean": ((N_("The mean of many numbers."), REDUCED), 1),
    "ReduceMax": ((N_("The largest of many numbers."), REDUCED), 1),
    "ReduceMin": ((N_("The smallest of many numbers."), REDUCED), 1),
    "Gemm": (
        (
            N_(
                "A dense (linear) layer: each neuron multiplies every input by a weight of its own, adds the products"
                " and a bias."
            ),
        ),
        3,
    ),
    "Sigmoid": (
        (
            N_(
                "Squeezes any number into the range from 0 to 1, steepest at zero. Where it is flat, hardly any"
                " gradient passes."
            ),
            POINTWISE,
        ),
        3,
    ),
    "Relu": (
        (N_("Sets negative numbers to zero and lets the others pass. Its gradient is 0 or 1."), POINTWISE),
        4,
    ),
    "Softmax": (
        (N_("Turns scores into probabilities: all positive, together 1. The largest score gets the largest share."),),
        4,
    ),
    "LogSoftmax": (
        (
            N_(
                "The logarithm of softmax: log-probabilities. With the negative log-likelihood loss it makes the"
                " cross-entropy."
            ),
        ),
        4,
    ),
    "NegativeLogLikelihoodLoss": (
        (N_("The loss of a classifier: minus the log-probability of the right class."),),
        4,
    ),
    "SoftmaxCrossEntropyLoss": (
        (N_("Cross-entropy: minus the logarithm of the probability that softmax gives the right class."),),
        4,
    ),
    "Conv": (
        (
            N_(
                "A kernel slides over the input. At each place the numbers that it covers are multiplied by its"
                " weights and added, with a bias: one number of the feature map. Each kernel makes one map."
            ),
        ),
        5,
    ),
    "MaxPool": (
        (N_("Keeps the largest number of each window: the map becomes smaller and depends less on exact positions."),),
        5,
    ),
    "AveragePool": (
        (N_("Keeps the mean of each window: the map becomes smaller."),),
        5,
    ),
    "Flatten": ((N_("Makes one long row of the feature maps, so that a dense layer can read them."), ORDER), 5),
    "Dropout": (
        (
            N_(
                "During training it switches a random share p of the numbers off and scales the others up;"
                " afterwards it lets everything pass. So no neuron can rely on a single other one."
            ),
        ),
        5,
    ),
    "GlobalAveragePool": ((N_("The mean of each whole feature map."),), None),
    "GlobalMaxPool": ((N_("The largest number of each whole feature map."),), None),
    "BatchNormalization": (
        (
            N_(
                "Brings each channel to mean 0 and standard deviation 1, then scales and shifts it by"
                " two learned numbers. After training it uses the mean and variance stored during"
                " training."
            ),
        ),
        None,
    ),
    "LayerNormalization": (
        (N_("Brings the numbers of each sample to mean 0 and standard deviation 1, then scales and shifts them."),),
        None,
    ),
    "Tanh": ((N_("Squeezes any number into the range from −1 to 1."), POINTWISE), None),
    "LeakyRelu": (
        (N_("Lets positive numbers pass and makes negative ones small."), POINTWISE),
        None,
    ),
    "Gelu": (
        (
            N_("A smooth relative of ReLU: it weighs each number by the share of the normal distribution below it."),
            POINTWISE,
        ),
        None,
    ),
    "Clip": (
        (N_("Cuts numbers off at a lower and an upper bound."), POINTWISE),
        None,
    ),
}


def operation_doc(op_type: str, domain: str = "") -> OperationDoc:
    """The documentation of an operation; for one that neither we nor ONNX describe, a sentence that says so."""
    is_standard = domain in ("", "ai.onnx")
    if is_standard and op_type in _DOCS:
        sentences, chapter = _DOCS[op_type]
        return OperationDoc(op_type, sentences, FORMULAS.get(op_type, ""), chapter)
    paragraphs = _documentation(op_type, "" if is_standard else domain)
    if not paragraphs:
        return OperationDoc(op_type, (UNKNOWN,))
    return OperationDoc(op_type, paragraphs, FORMULAS.get(op_type, "") if is_standard else "", ours=False)


@cache
def _documentation(op_type: str, domain: str) -> tuple[str, ...]:
    """The first paragraphs of ONNX's documentation as plain text; () where there is none."""
    try:
        text = onnx.defs.get_schema(op_type, domain=domain).doc or ""
    except onnx.defs.SchemaError:
        return ()
    return plain_paragraphs(text)


def plain_paragraphs(text: str) -> tuple[str, ...]:
    """The first paragraphs of Markdown without code blocks, tables and marks, at most ``LONGEST`` characters in all.

    >>> plain_paragraphs("See [numpy](https://x.y).\\n\\n```\\na = 1\\n```\\n\\nIt is `fast`.")
    ('See numpy.', 'It is fast.')
    """
    text = re.sub(r"```.*?(```|\Z)", "\n\n", dedent(text), flags=re.DOTALL)
    text = re.sub(r"\[([^\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)", r"\1", text)
    paragraphs: list[str] = []
    left = LONGEST
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.splitlines() if not line.lstrip().startswith(("|", "#", "<"))]
        words = re.sub(r"`|\*\*", "", " ".join(" ".join(lines).split()))
        if not words:
            continue
        fitting = words if len(words) <= left else _whole_sentences(words, left)
        paragraphs += [fitting] if fitting else []
        left -= len(fitting)
        if fitting != words or len(paragraphs) == MOST_PARAGRAPHS:
            break
    return tuple(paragraphs)


def _whole_sentences(words: str, most: int) -> str:
    """As many whole sentences as fit into ``most`` characters; '' where not even the first does."""
    end = words.rfind(". ", 0, max(most, 0))
    return words[: end + 1] if end > 0 else ""
