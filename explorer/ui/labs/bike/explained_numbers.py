"""The numbers in the explanation of the chapter on bike demand."""

from explorer.ui.frame.explanation import Values
from models.base import Facts
from models.bike.demand import COLUMNS, TEST_ROWS, BikeConfig


def numbers(config: BikeConfig, facts: Facts) -> Values:
    """Of a run with these settings and facts."""
    return {"inputs": len(facts.get("columns", COLUMNS)), "hidden": config.hidden_units, "days": TEST_ROWS // 24}
