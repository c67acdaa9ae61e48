"""The numbers in the explanation of a view: those of the run that is shown, or the book's where none is."""

from contextlib import suppress

from explorer.runs.folder import Run, read_facts
from explorer.ui.frame.explanation import Explained
from explorer.ui.labs.laboratory import LaboratoryView, function
from models.base import parsed_config
from models.catalogue import model
from models.errors import UserError


def explained_by(view: LaboratoryView, run: Run | None, models: tuple[str, ...]) -> Explained:
    """What the explanation of ``view`` says of ``run``, or without one of the first of ``models`` as in the book."""
    if not view.numbers:
        return Explained()
    numbers = function(view.numbers)
    if run is not None:
        with suppress(UserError):  # a damaged run: the page says it
            facts = {}
            with suppress(UserError):  # its data are still being read
                facts = read_facts(run)
            return Explained(numbers(parsed_config(model(run.model).config, run.settings), facts))
    return Explained(numbers(model(models[0]).config(), {}), of_the_book=True)
