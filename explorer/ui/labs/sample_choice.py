"""The choice of a sample that fits the run's model, for every page."""

from explorer.runs.folder import Run
from explorer.ui.labs.laboratory import function, laboratory_of


def sample_choice(run: Run) -> None:
    """Draw the choice for ``run``; nothing for a model whose laboratory declares none."""
    record = laboratory_of(run.model)
    if record is not None and record.sample:
        function(record.sample)(run)
