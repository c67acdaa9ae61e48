"""The arguments of every command. Light: nothing here imports torch, so that ``--help`` answers at once."""

import argparse
from pathlib import Path
from typing import Any

from explorer.chapters.tables import all_export_endings, all_names
from models.catalogue import model_entries
from models.errors import SettingError

# The file of each command in this folder; its function ``execute`` carries it out.
COMMANDS = {
    "serve": "serve",
    "train": "train",
    "runs": "runs",
    "measure": "measure",
    "export": "export",
    "graph": "graph",
    "trace": "trace_command",
    "compare": "compare",
}


class _Parser(argparse.ArgumentParser):
    """A parser whose error is one line, without the usage."""

    def error(self, message: str) -> Any:
        raise SettingError("{message} (see --help)", message=message)


def parser() -> argparse.ArgumentParser:
    """The whole command line, also read by the test of the README."""
    top = _Parser(prog="python -m explorer", description="Toushi 透视: see through a neural network.")
    commands = top.add_subparsers(required=True, metavar="{" + ",".join(COMMANDS) + "}", parser_class=_Parser)
    _add_serve(commands)
    _add_train(commands)
    runs = _command(commands, "runs", "list the runs")
    runs.add_argument("--json", action="store_true", help="one JSON object on the last line")
    _add_measure(commands)
    export = _command(commands, "export", "take a run away as a file")
    export.add_argument("run", help="a run's id, or how it begins")
    export.add_argument("--checkpoint", type=int, metavar="N", help="step of the checkpoint (default: the last)")
    endings = ",".join(ending.removeprefix(".") for ending in all_export_endings())
    export.add_argument("--to", type=Path, required=True, metavar=f"FILE.{{{endings}}}")
    export.add_argument("--sample", default="", metavar="KEY", help="what a film shows, as in test/17 (only for .gif)")
    _add_graph(commands)
    _add_trace(commands)
    _add_compare(commands)
    return top


def _command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    command.add_argument("--store", type=Path, metavar="DIR", help="folder of the runs (default: store)")
    command.set_defaults(command=name)
    return command


def _add_serve(commands: Any) -> None:
    serve = _command(commands, "serve", "open the explorer in a browser (the default)")
    serve.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, metavar="N", help="port (default: 8501)")
    serve.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="a dask scheduler instead of an embedded one")
    serve.add_argument("--workers", type=int, metavar="N", help="worker processes of the embedded one")
    serve.add_argument("--no-browser", dest="browser", action="store_const", const=False, help="do not open a browser")


def _add_train(commands: Any) -> None:
    train = _command(commands, "train", "train a model of the book")
    names = tuple(model_entries())
    train.add_argument("model", choices=names, metavar="MODEL", help=", ".join(names))
    train.add_argument("--set", action="append", default=[], metavar="key=value", help="a setting; may be repeated")
    for name in ("epochs", "seed"):
        train.add_argument(f"--{name}", metavar="N")
    train.add_argument("--device", choices=("auto", "cpu", "cuda"))
    train.add_argument("--data", type=Path, metavar="PATH", help="a data file or folder instead of the embedded data")
    train.add_argument("--name", default="", metavar="TEXT", help="what the run is called in the list of runs")
    train.add_argument("--note", default="", metavar="TEXT", help="what you want to remember of it")
    train.add_argument("--json", action="store_true", help="one JSON object on the last line")


def _add_measure(commands: Any) -> None:
    measure = _command(commands, "measure", "measure how good a digits run is, also on changed images")
    measure.add_argument("run", help="a run's id, or how it begins")
    kinds = (*all_names("MEASUREMENTS"), "confusion")  # the confusion matrix of any classifier
    measure.add_argument("--what", choices=kinds, required=True, metavar="|".join(kinds), help="what is measured")
    measure.add_argument("--checkpoint", type=int, metavar="N", help="step of the checkpoint (default: the last)")
    measure.add_argument("--json", action="store_true", help="one JSON object on the last line")
    measure.add_argument("--to", type=Path, metavar="FILE.csv", help="a table of the points, too")


def _add_graph(commands: Any) -> None:
    graph = _command(commands, "graph", "draw a computation graph")
    _add_sources(graph, "FILE.{svg,png,pdf,dot,json,onnx,html}")
    graph.add_argument(
        "--expand",
        nargs="+",
        metavar="none|all|auto|SCOPE",
        help="which modules are open; auto: as many as fit one look (default: all, if that can be laid out)",
    )
    graph.add_argument("--direction", choices=("TB", "LR"), default="TB", help="top to bottom, or left to right")
    graph.add_argument("--book-order", action="store_true", help="arrows from the output back to the inputs")
    graph.add_argument("--dark", action="store_true", help="colours for a dark page")
    graph.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the drawing")


def _add_trace(commands: Any) -> None:
    trace = _command(commands, "trace", "compute every tensor of a graph")
    _add_sources(trace, "FILE.{npz,json}")
    trace.add_argument("--body", default="", metavar="ID", help="values inside this body, such as n1.b0 (to .npz)")
    trace.add_argument(
        "--iteration",
        action="append",
        default=[],
        metavar="[ID=]N",
        help="of a loop's body, from 0 (default: the first)",
    )
    trace.add_argument("--input", type=Path, metavar="FILE.npz", help="the graph's inputs by name (default: generated)")


def _add_compare(commands: Any) -> None:
    compare = _command(commands, "compare", "tell what differs between two graphs and their weights")
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
