"""Formulas for a page that has no typesetter: LaTeX as MathML, which browsers draw themselves."""

from functools import cache

from latex2mathml.converter import convert


@cache
def mathml(latex: str) -> str:
    """A ``math`` element, as XML, for LaTeX of ours; '' for ''. No script or style stands in it.

    >>> mathml("a^b").endswith("<msup><mi>a</mi><mi>b</mi></msup></mrow></math>")
    True
    """
    return convert(latex) if latex else ""
