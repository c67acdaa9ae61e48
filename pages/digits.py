"""Handwritten digits: the convolution laboratory."""

from explorer.ui.lab.page import lab_page

lab_page()
