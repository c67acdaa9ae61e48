"""The arithmetic of a single number: which inputs and weights one output element comes from, and its sum in steps."""

from explorer.trace.arithmetic.calculate import calculate
from explorer.trace.arithmetic.calculation import Calculation, Element, LargestTerms, Step, Term, TermList
from explorer.trace.arithmetic.registry import OPERATIONS

__all__ = ["OPERATIONS", "Calculation", "Element", "LargestTerms", "Step", "Term", "TermList", "calculate"]
