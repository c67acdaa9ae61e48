"""Worker process: reads one data source as a model would and prints the outcome as JSON. Has limits; keeps nothing."""

import json
import resource
import sys
from pathlib import Path

from models.catalogue import model
from models.errors import UserError


def main(name: str, path: str, seconds: int, memory: int) -> None:
    """Print {"template", "values"}: empty where the source can be read. memory: bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    book = model(name)
    try:
        book.load(book.config(), Path(path))
        answer: dict[str, object] = {"template": "", "values": {}}
    except UserError as error:
        answer = {"template": error.template, "values": error.values}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
