"""The errors that a person can cause, and the marker for translatable text.

Every mistake of a user (a bad file, a value out of range, an unknown name) is raised as a ``UserError``: one
sentence that quotes the offending input. The sentence is kept as a template with its values, so that a page can
translate the template and a terminal can print it in English. This file knows nothing of how it is shown.
"""

from models.reasons import reason_text
from models.text import shortened


def N_(text: str) -> str:
    """Mark ``text`` for the translation catalogue and return it unchanged.

    Data that carries labels (settings, errors, graph categories) marks them here;
    ``explorer/translations/language_words.py`` looks the translation up when a page shows them.
    """
    return text


# A quoted input longer than this is shortened: an error is one sentence, not a dump of someone's file.
LONGEST_QUOTE = 120


class UserError(Exception):
    """A mistake that the user can correct, in one sentence.

    values: what the template quotes. ``reason`` may be the exception behind it, and loses the folders of this machine.

    >>> str(UserError("The file {name} has no column {column}.", name="a.csv", column="cnt"))
    'The file a.csv has no column cnt.'
    """

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        texts = {name: reason_text(value) if name == "reason" else str(value) for name, value in values.items()}
        self.values = {name: shortened(text, LONGEST_QUOTE, keep="start") for name, text in texts.items()}
        super().__init__(template.format(**self.values))

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel between processes (dask workers, the layout worker); keyword arguments need help there.
        return _rebuilt, (type(self), self.template, self.values)


def _rebuilt(kind: type[UserError], template: str, values: dict[str, str]) -> UserError:
    return kind(template, **values)


class SettingError(UserError):
    """A setting that does not exist, or a value that it cannot take."""


class DataError(UserError):
    """A data file that is missing, broken or of the wrong form."""


class RunError(UserError):
    """A run that does not exist, is damaged, or cannot be written."""


class GraphError(UserError):
    """A model file that cannot be read, drawn or evaluated."""


class NotRunError(GraphError):
    """A part of a graph that the given input does not run: it has no values, and nothing is wrong."""
