"""Bike demand: predicted against real demand over the held-out last 21 days."""

from explorer.ui.bike_lens import hour_choice, show_demand
from explorer.ui.language import gettext
from explorer.ui.lens import book_page

_ = gettext()
book_page(
    "bike",
    _("Bike demand"),
    _("How well does the network foresee demand in three weeks that it has never seen?"),
    show_demand,
    hour_choice,
)
