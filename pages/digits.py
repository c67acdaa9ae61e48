"""Handwritten digits: every layer's feature maps and the kernels for one digit."""

from explorer.ui.digits_lens import digit_choice, show_digit
from explorer.ui.language import gettext
from explorer.ui.lens import book_page

_ = gettext()
book_page(
    "digits",
    _("Handwritten digits"),
    _("What does each kernel look for, and what does each layer make of a digit?"),
    show_digit,
    digit_choice,
)
