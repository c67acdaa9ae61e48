"""Formulas for a page that has no typesetter: LaTeX as MathML, which browsers draw themselves."""

import re
from functools import cache

from latex2mathml.converter import convert

NAME = re.compile(r"(?<!<msub>)<mo>([a-z]+)</mo>")  # of a function: no operator with room around it


@cache
def mathml(latex: str) -> str:
    """A ``math`` element, as XML, for LaTeX of ours; '' for ''. No script or style stands in it.

    >>> mathml("a^b").endswith("<msup><mi>a</mi><mi>b</mi></msup></mrow></math>")
    True
    """
    return NAME.sub(r"<mi>\1</mi>", convert(latex, display="block")) if latex else ""
