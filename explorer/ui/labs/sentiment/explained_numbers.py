"""The numbers in the explanation of the chapter on the sentiment of reviews."""

from explorer.ui.frame.explanation import Values
from models.base import Facts
from models.sentiment.bag_of_words import SentimentConfig


def numbers(config: SentimentConfig, _facts: Facts) -> Values:
    """Of a run with these settings."""
    return {"hidden": config.hidden_units, "rarest": config.min_count}
