"""Handwritten digits: the convolution laboratory."""

from explorer.ui.labs.digits.page import lab_page

lab_page()
