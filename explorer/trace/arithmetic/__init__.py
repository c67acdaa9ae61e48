"""The arithmetic of a single number: which inputs and weights made one output element, and the sum worked out."""

from explorer.trace.arithmetic.terms import Element, Largest, Step, Term, Terms, Worked
from explorer.trace.arithmetic.work import OPERATIONS, worked

__all__ = ["OPERATIONS", "Element", "Largest", "Step", "Term", "Terms", "Worked", "worked"]
