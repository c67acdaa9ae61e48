"""The choice of a sample that fits the run's model, for pages that show runs of every model."""

from explorer.runs.folder import Run
from explorer.ui.labs.bike.demand import hour_choice
from explorer.ui.labs.digits.digit_choice import digit_choice
from explorer.ui.labs.sentiment.verdict import sentence_choice

CHOICES = {"bike": hour_choice, "sentiment": sentence_choice, "digits": digit_choice}


def sample_choice(run: Run) -> None:
    """Draw the choice for ``run``; nothing for a model without one."""
    choice = CHOICES.get(run.model)
    if choice is not None:
        choice(run)
