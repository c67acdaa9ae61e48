"""Worker process: reads one data source as a model would and prints the outcome as JSON. Has limits; keeps nothing."""

import json
import resource
import sys
from pathlib import Path

from explorer.runs.sources import CHECK_SECONDS
from models import model
from models.errors import UserError

MOST_MEMORY = 12 * 2**30  # bytes of address space; importing torch alone maps several


def main(name: str, path: str) -> None:
    """Print {"template", "values"}: empty where the source can be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHECK_SECONDS, CHECK_SECONDS))
    book = model(name)
    try:
        book.load(book.config(), Path(path))
        answer: dict[str, object] = {"template": "", "values": {}}
    except UserError as error:
        answer = {"template": error.template, "values": error.values}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:3])
