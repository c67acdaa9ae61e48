"""The arithmetic of a single number: which inputs and weights made one output element, and the sum worked out."""

from explorer.trace.arithmetic.calculate import OPERATIONS, calculate
from explorer.trace.arithmetic.calculation import Calculation, Element, LargestTerms, Step, Term, TermList

__all__ = ["OPERATIONS", "Calculation", "Element", "LargestTerms", "Step", "Term", "TermList", "calculate"]
