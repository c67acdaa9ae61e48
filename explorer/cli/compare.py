"""The command ``compare``: what differs between the graphs of two files or runs, and between their weights."""

import json
from argparse import Namespace
from pathlib import Path

from explorer.cli.comparison_report import record, table
from explorer.cli.sources import onnx_file
from explorer.graph.comparison.compare import compare
from explorer.graph.onnx_io.read import read_onnx
from explorer.graph.onnx_io.weights import read_weight
from explorer.settings import Settings


def print_comparison(
    store: Path, sources: tuple[str, str], checkpoints: tuple[int | None, int | None], as_json: bool
) -> int:
    """Print what differs between two sources, as a table or as one JSON object. Returns 0. Raises UserError."""
    with (
        onnx_file(store, sources[0], checkpoints[0]) as (first, _),
        onnx_file(store, sources[1], checkpoints[1]) as (second, _),
    ):
        before, after = read_onnx(first), read_onnx(second)
        result = compare(before, after, lambda key: read_weight(first, key), lambda key: read_weight(second, key))
    print(json.dumps(record(before, after, result), ensure_ascii=False) if as_json else table(before, after, result))
    return 0


def execute(settings: Settings, options: Namespace) -> int:
    """Carry out the parsed command. Returns the exit status. Raises UserError."""
    checkpoints = options.checkpoint_a, options.checkpoint_b
    return print_comparison(settings.store, (options.a, options.b), checkpoints, options.json)
