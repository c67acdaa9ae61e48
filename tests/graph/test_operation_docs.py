"""Cards: the book's operations in our words, every other in ONNX's, and none without a word."""

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.graph.operation_docs import _DOCS, LONGEST, UNKNOWN, operation_doc, plain_paragraphs


@pytest.mark.parametrize(
    ("op_type", "chapter"),
    [
        ("Add", 1),
        ("MatMul", 1),
        ("Gemm", 3),
        ("Sigmoid", 3),
        ("Relu", 4),
        ("LogSoftmax", 4),
        ("Conv", 5),
        ("MaxPool", 5),
        ("Dropout", 5),
        ("BatchNormalization", None),
    ],
)
def test_the_books_chapters(op_type: str, chapter: int | None) -> None:
    result = operation_doc(op_type)
    assert (result.chapter, result.ours) == (chapter, True)
    assert result.formula and result.sentences


def test_onnx_knows_our_operations() -> None:
    for op_type in _DOCS:
        assert onnx.defs.has(op_type), op_type


def test_every_operation_of_onnx_has_a_card() -> None:
    for schema in onnx.defs.get_all_schemas():
        result = operation_doc(schema.name, schema.domain)
        assert result.sentences and all(result.sentences)
        text = " ".join(result.sentences)
        assert len(text) <= LONGEST + 10 or result.ours
        assert result.sentences != (UNKNOWN,) or not (schema.doc or "").strip(), schema.name
        assert not any(mark in text for mark in ("`", "**", "](")), schema.name


def test_onnx_own_words() -> None:
    result = operation_doc("Where")
    assert not result.ours
    assert result.sentences[0].startswith("Return elements, either from X or Y, depending on condition.")
    assert result.sentences[0].endswith("with three parameters.")
    assert operation_doc("Where", "ai.onnx") == result


def test_an_operation_that_nobody_documents() -> None:
    assert operation_doc("Gelu", "com.microsoft").sentences == (UNKNOWN,)
    assert operation_doc("Nothing").sentences == (UNKNOWN,)
    assert operation_doc("Conv", "my.own").sentences == (UNKNOWN,)


def test_plain_paragraphs() -> None:
    text = "\n  One\n  `line`.\n\n| a | b |\n| - | - |\n\n```\ncode\n```\nTwo **[x](y(z).md)**.\n\nThree.\n\nFour.\n"
    assert plain_paragraphs(text) == ("One line.", "Two x.", "Three.")
    assert plain_paragraphs("A. " * 300 + "\n\nB.") == (("A. " * 300)[: LONGEST - 1].rstrip(),)  # whole sentences
    assert plain_paragraphs("x" * (LONGEST + 1)) == ()


@given(st.text(alphabet="ab`*[]()|#\n. ", max_size=200))
def test_no_text_is_too_much(text: str) -> None:
    assert sum(map(len, plain_paragraphs(text))) <= LONGEST
