"""The command line: parses arguments, calls what the pages call, tells a user's mistake in a line."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from explorer.chapters.tables import all_names
from explorer.settings import Settings
from models.catalogue import model_entries
from models.errors import N_, SettingError, UserError

COMMANDS = ("serve", "train", "runs", "measure", "export", "graph", "trace", "compare")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 failed, 2 a user's mistake."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, "serve")
    try:
        options = parser().parse_args(given)
        result: int = options.command(options)
    except UserError as error:
        print(f"toushi: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    return result


class _Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, without the usage."""

    def error(self, message: str) -> Any:
        raise SettingError("{message} (see --help)", message=message)


def parser() -> argparse.ArgumentParser:
    """The whole command line, also read by the test of the README."""
    top = _Parser(prog="python -m explorer", description="Toushi 透视: see through a neural network.")
    commands = top.add_subparsers(required=True, metavar="{" + ",".join(COMMANDS) + "}", parser_class=_Parser)
    _add_serve(commands)
    _add_train(commands)
    runs = _command(commands, "runs", "list the runs", _runs)
    runs.add_argument("--json", action="store_true", help="one JSON object on the last line")
    _add_measure(commands)
    export = _command(commands, "export", "take a run away as a file", _export)
    export.add_argument("run", help="a run's id, or how it begins")
    export.add_argument("--checkpoint", type=int, metavar="N", help="step of the checkpoint (default: the last)")
    export.add_argument("--to", type=Path, required=True, metavar="FILE.{onnx,safetensors,py,csv,zip,gif}")
    export.add_argument("--sample", default="", metavar="KEY", help="what a film shows, as in test/17 (only for .gif)")
    _add_graph(commands)
    _add_trace(commands)
    _add_compare(commands)
    return top


def _command(commands: Any, name: str, text: str, action: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    command.add_argument("--store", type=Path, metavar="DIR", help="folder of the runs (default: store)")
    command.set_defaults(command=action)
    return command


def _add_serve(commands: Any) -> None:
    serve = _command(commands, "serve", "open the explorer in a browser (the default)", _serve)
    serve.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, metavar="N", help="port (default: 8501)")
    serve.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="a dask scheduler instead of an embedded one")
    serve.add_argument("--workers", type=int, metavar="N", help="worker processes of the embedded one")
    serve.add_argument("--no-browser", dest="browser", action="store_const", const=False, help="do not open a browser")


def _add_train(commands: Any) -> None:
    train = _command(commands, "train", "train a model of the book", _train)
    names = tuple(model_entries())
    train.add_argument("model", choices=names, metavar="MODEL", help=", ".join(names))
    train.add_argument("--set", action="append", default=[], metavar="key=value", help="a setting; may be repeated")
    for name in ("epochs", "seed"):
        train.add_argument(f"--{name}", metavar="N")
    train.add_argument("--device", choices=("auto", "cpu", "cuda"))
    train.add_argument("--data", type=Path, metavar="PATH", help="a data file or folder instead of the embedded data")
    train.add_argument("--json", action="store_true", help="one JSON object on the last line")


def _add_measure(commands: Any) -> None:
    measure = _command(commands, "measure", "measure how good a digits run is, also on changed images", _measure)
    measure.add_argument("run", help="a run's id, or how it begins")
    kinds = (*all_names("MEASUREMENTS"), "confusion")  # the confusion matrix of any classifier
    measure.add_argument("--what", choices=kinds, required=True, metavar="|".join(kinds), help="what is measured")
    measure.add_argument("--checkpoint", type=int, metavar="N", help="step of the checkpoint (default: the last)")
    measure.add_argument("--json", action="store_true", help="one JSON object on the last line")
    measure.add_argument("--to", type=Path, metavar="FILE.csv", help="a table of the points, too")


def _add_graph(commands: Any) -> None:
    graph = _command(commands, "graph", "draw a computation graph", _graph)
    _add_sources(graph, "FILE.{svg,png,pdf,dot,json,onnx,html}")
    graph.add_argument(
        "--expand",
        nargs="+",
        default=["all"],
        metavar="none|all|auto|SCOPE",
        help="which modules are open; auto: as many as fit one look",
    )
    graph.add_argument("--direction", choices=("TB", "LR"), default="TB", help="top to bottom, or left to right")
    graph.add_argument("--book-order", action="store_true", help="arrows from the output back to the inputs")
    graph.add_argument("--dark", action="store_true", help="colours for a dark page")
    graph.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the drawing")


def _add_trace(commands: Any) -> None:
    trace = _command(commands, "trace", "compute every tensor of a graph", _trace)
    _add_sources(trace, "FILE.{npz,json}")
    trace.add_argument("--input", type=Path, metavar="FILE.npz", help="the graph's inputs by name (default: generated)")


def _add_compare(commands: Any) -> None:
    compare = _command(commands, "compare", "tell what differs between two graphs and their weights", _compare)
    for name in ("a", "b"):
        compare.add_argument(name, metavar=f"{name.upper()}.onnx|RUN", help="a model file, or a run")
    for name in ("a", "b"):
        compare.add_argument(f"--checkpoint-{name}", type=int, metavar="N", help=f"step of {name.upper()}'s checkpoint")
    compare.add_argument("--json", action="store_true", help="one JSON object on the last line")


def _add_sources(command: argparse.ArgumentParser, result: str) -> None:
    command.add_argument(
        "sources",
        nargs="+",
        metavar="FILE.onnx|RUN|zoo-NAME",
        help="model files, runs, or torchvision's models, as in zoo-resnet18",
    )
    command.add_argument("--checkpoint", type=int, metavar="N", help="step of the checkpoint, for runs")
    command.add_argument(
        "--to", type=Path, required=True, metavar=result, help="a file, or a folder for several sources"
    )
    command.add_argument("--format", metavar="EXT", help="format of each file, for several sources")


def _settings(options: argparse.Namespace) -> Settings:
    """The environment's settings, overridden by the options that were given."""
    given = {k: v for k in Settings.model_fields if (v := getattr(options, k, None)) is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingError(
            N_("Setting {key} cannot be {value}: {reason}."),
            key=first["loc"][0],
            value=repr(first["input"]),
            reason=first["msg"],
        ) from None


def _serve(options: argparse.Namespace) -> int:
    from explorer.launcher import serve

    return serve(_settings(options))


def _train(options: argparse.Namespace) -> int:
    from explorer.cli.train import train

    named = {k: v for k in ("epochs", "seed", "device") if (v := getattr(options, k)) is not None}
    return train(_settings(options).store, options.model, _assignments(options.set) | named, options.data, options.json)


def _assignments(texts: Sequence[str]) -> dict[str, str]:
    """``key=value`` texts as a dictionary; raises SettingError for one without ``=``."""
    pairs = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise SettingError(N_("{text} is not of the form key=value."), text=repr(text))
        pairs[key.strip()] = value.strip()
    return pairs


def _runs(options: argparse.Namespace) -> int:
    from explorer.runs.folder import list_runs
    from explorer.runs.report import run_record, table

    runs = list_runs(_settings(options).store)
    print(json.dumps({"runs": [run_record(run) for run in runs]}, ensure_ascii=False) if options.json else table(runs))
    return 0


def _measure(options: argparse.Namespace) -> int:
    from explorer.cli.measure import measure

    return measure(_settings(options).store, options.run, options.what, options.checkpoint, options.json, options.to)


def _export(options: argparse.Namespace) -> int:
    from explorer.chapters.exports import export_run
    from explorer.runs.folder import find_run

    run = find_run(_settings(options).store, options.run)
    export_run(run, options.checkpoint, options.to, sample=options.sample)
    return 0


def _graph(options: argparse.Namespace) -> int:
    from explorer.cli.graph import GraphStyle, save_graphs

    style = GraphStyle(tuple(options.expand), options.direction, options.book_order, options.dark, options.lang)
    return save_graphs(_settings(options).store, options.sources, options.checkpoint, options.to, options.format, style)


def _trace(options: argparse.Namespace) -> int:
    from explorer.cli.trace_command import save_traces

    return save_traces(
        _settings(options).store, options.sources, options.checkpoint, options.to, options.format, options.input
    )


def _compare(options: argparse.Namespace) -> int:
    from explorer.cli.compare import print_comparison

    checkpoints = options.checkpoint_a, options.checkpoint_b
    return print_comparison(_settings(options).store, (options.a, options.b), checkpoints, options.json)
