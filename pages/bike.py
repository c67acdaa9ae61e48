"""Bike demand: predicted against real demand over the held-out last 21 days."""

from explorer.ui.frame.laboratory import book_page
from explorer.ui.frame.language import gettext
from explorer.ui.labs.bike.demand import hour_choice, show_demand

_ = gettext()
book_page(
    "bike",
    _("Bike demand"),
    _("How well does the network foresee demand in three weeks that it has never seen?"),
    show_demand,
    hour_choice,
)
