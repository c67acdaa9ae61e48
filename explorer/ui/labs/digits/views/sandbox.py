"""The free sandbox on the current digit."""

from explorer.runs.checkpoint import OpenRun
from explorer.ui.frame import selection
from explorer.ui.labs.digits.sandbox import sandbox as of_picture


def sandbox(opened_run: OpenRun) -> None:
    """A window of one's own over the picture that the network looks at."""
    of_picture(opened_run.sample(selection.current().sample).inputs[0, 0].numpy())
