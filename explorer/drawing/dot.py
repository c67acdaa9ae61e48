"""A diagram as DOT, in Netron's grammar: coloured headers, white lists of weights, frames, shapes on the edges.

Uses the ``graphviz`` package. Names come from model files of any origin: they are stripped of control characters,
shortened and escaped. Corners are rounded afterwards (``explorer/drawing/svg_finish.py``); nothing is laid out here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

from graphviz import Digraph

from explorer.drawing.diagram import Box, Diagram, GroupFrame
from explorer.drawing.svg_finish import BESIDE
from explorer.graph.categories import CATEGORIES
from explorer.graph.faults import SENTENCES
from explorer.graph.graph import TensorType, Weight
from explorer.graph.parameters import symbol_of
from models.errors import N_
from models.text import shape_text, shortened

Translate = Callable[[str], str]
FONT = "Arial"  # its widths are known to Graphviz; svg_finish.py names those that a browser may take instead
LONGEST_NAME = 28
LONGEST_DIMENSION = 12
LONGEST_TIP = 80
LONGEST_FAULT = 56
MOST_WEIGHTS = 8
FAULT = "#b3261e"  # of the border and text where a node is invalid
MOST_EXACT = 200  # edges up to which Graphviz may look for the best places for as long as it likes
MOST_LABELS = 300  # edges from which on their shapes stand beside them, where one may lie over a frame's name
FOLDED, OPEN = "▸", "▾"  # before the title of what can be opened, and of what can be folded
_FRAME_STYLES = {"repeat": "filled,dashed", "bundle": "filled,dashed"}  # frames that are no modules of the network


@dataclass(frozen=True)
class _Theme:
    card: str
    text: str
    faint: str
    line: str
    edge: str
    pill: str
    pill_text: str
    frame: str
    frame_line: str


_LIGHT = _Theme("#ffffff", "#1f2430", "#6b7280", "#c9ced6", "#8a919c", "#eef1f5", "#1f2430", "#8a97ab14", "#b9c1cd")
_DARK = _Theme("#22262e", "#e6e9ee", "#a3aab5", "#5b6370", "#848c99", "#3a404b", "#f1f3f6", "#a5b4cc12", "#596273")


def to_dot(
    diagram: Diagram,
    *,
    dark: bool = False,
    book_order: bool = False,
    direction: Literal["TB", "LR"] = "TB",
    translate: Translate = str,
) -> str:
    """DOT of ``diagram``.

    dark: colours for a dark page (the background is transparent in both). book_order: arrows point from the output back
    to the inputs, as the book draws them. translate: for the few English words on the drawing.
    """
    theme = _DARK if dark else _LIGHT
    dot = Digraph("graph", strict=False)
    # A label within the layout is a box of its own to Graphviz; beside the line it costs next to nothing.
    beside = len(diagram.edges) > MOST_LABELS
    dot.attr(
        bgcolor="transparent",
        rankdir=direction,
        nodesep="0.28",
        ranksep="0.36" if beside else "0.2",
        pad="0.12",
        margin="0",
        fontname=FONT,
        fontsize="11",
        fontcolor=theme.faint,
        charset="UTF-8",
        newrank="true",
    )
    if len(diagram.edges) > MOST_EXACT:
        dot.attr(nslimit="3")  # the same places, or nearly, in 0.7 of the time
    dot.attr("node", shape="plain", margin="0", fontname=FONT, fontsize="11", fontcolor=theme.text)
    dot.attr(
        "edge",
        color=theme.edge,
        penwidth="1",
        arrowsize="0.55",
        fontname=FONT,
        fontsize="10",
        fontcolor=theme.faint,
        dir="back" if book_order else "forward",
    )
    items = _with_turned_stubs(diagram.items) if book_order else diagram.items
    _draw_items(dot, items, theme, translate)
    _draw_edges(dot, diagram, direction, beside)
    _draw_stubs(dot, diagram)
    return str(dot.source)


def _draw_edges(dot: Digraph, diagram: Diagram, direction: Literal["TB", "LR"], beside: bool) -> None:
    """beside: shapes stand beside the edges instead of taking part in the layout."""
    frames = _frame_by_box(diagram.items)
    unlabelled = {box.id for box in diagram.boxes() if box.kind in ("constant", "stub")}
    repeated = _repeated_tensors(diagram)
    # A little space keeps the text off the line: to the left of it, or below it where the line runs sideways.
    space = '<BR/><FONT POINT-SIZE="5">&#160;</FONT>' if direction == "LR" else ""
    for index, edge in enumerate(diagram.edges):
        # Within one frame an edge pulls harder, so that a module's own chain is straight and a way around it bends.
        weight = "300" if frames.get(edge.source) == frames.get(edge.target) else "1"
        quiet = edge.source in unlabelled or edge.target in diagram.jumps or index in repeated
        text = "" if quiet else edge_text(edge.tensor)
        label = f"<&#160;{text}&#160;{space}>" if text else ""
        attributes = {"id": f"edge-{index}", "weight": weight}
        if label and beside:
            dot.edge(edge.source, edge.target, xlabel=label, **attributes, **{"class": BESIDE})
        else:
            dot.edge(edge.source, edge.target, label=label, **attributes)


def _repeated_tensors(diagram: Diagram) -> frozenset[int]:
    """Indices of the edges whose tensor goes to several boxes, all but the first: its shape is written once.

    Nothing but the count of edges weighs as heavily on a layout as the labels on edges that run past others, and
    nothing pushes a network's main chain aside as much.
    """
    indices: dict[tuple[str, str], list[int]] = {}
    for index, edge in enumerate(diagram.edges):
        if edge.target not in diagram.jumps:
            indices.setdefault((edge.source, edge.tensor.name), []).append(index)
    return frozenset(index for same in indices.values() for index in same[1:])


def _draw_stubs(dot: Digraph, diagram: Diagram) -> None:
    """Stubs stand beside their boxes: a stub in a rank of its own would push the next frame aside."""
    for edge in diagram.edges:
        if edge.source in diagram.jumps or edge.target in diagram.jumps:
            with dot.subgraph() as rank:
                rank.attr(rank="same")
                rank.node(edge.source)
                rank.node(edge.target)


def _with_turned_stubs(items: tuple[GroupFrame | Box, ...]) -> tuple[GroupFrame | Box, ...]:
    """``items`` with the arrows of the stubs the other way round."""
    turn = str.maketrans("→←", "←→")
    return tuple(
        replace(item, items=_with_turned_stubs(item.items))
        if isinstance(item, GroupFrame)
        else replace(item, title=item.title[0].translate(turn) + item.title[1:])
        if item.kind == "stub"
        else item
        for item in items
    )


def _draw_items(dot: Digraph, items: tuple[GroupFrame | Box, ...], theme: _Theme, translate: Translate) -> None:
    for item in items:
        if isinstance(item, Box):
            kinds = f"{item.kind} opens" if item.opens else item.kind
            dot.node(item.id, label=_label(item, theme, translate), id=f"node-{item.id}", **{"class": kinds})
            continue
        with dot.subgraph(name=f"cluster_{item.id}") as frame:
            frame.attr(
                label=_frame_title(item, theme),
                labeljust="l",
                id=f"frame-{item.id}",
                margin="10",
                penwidth="1",
                style=_FRAME_STYLES.get(item.kind, "filled"),
                fillcolor=theme.frame,
                color=theme.frame_line,
                **{"class": "frame folds" if item.folds else "frame"},
            )
            _draw_items(frame, item.items, theme, translate)


def _frame_title(frame: GroupFrame, theme: _Theme) -> str:
    """The title of a frame, with blanks after it, so that it is easily clicked."""
    mark = f"{OPEN}&#160;" if frame.folds else ""
    caption = f'<FONT POINT-SIZE="9">&#160;{label_text(frame.caption)}</FONT>' if frame.caption else ""
    return (
        f'<<FONT POINT-SIZE="10" COLOR="{theme.pill_text}">{mark}{label_text(frame.title)}</FONT>{caption}&#160;&#160;>'
    )


def _frame_by_box(items: tuple[GroupFrame | Box, ...], around: str = "") -> dict[str, str]:
    """The frame around each box, '' for none."""
    frames: dict[str, str] = {}
    for item in items:
        frames.update({item.id: around} if isinstance(item, Box) else _frame_by_box(item.items, item.id))
    return frames


def _label(box: Box, theme: _Theme, translate: Translate) -> str:
    if box.kind == "stub":
        title = f'<FONT POINT-SIZE="9">{label_text(box.title)}</FONT>'
        return _card([_row(title, theme.pill_text, blanks=1, padding=1)], theme.pill, theme.line)
    if box.kind in ("input", "output") or (box.kind == "anchor" and not box.weights):
        return _card([_row(label_text(box.title), theme.pill_text, blanks=3)], theme.pill, theme.line)
    category = CATEGORIES[box.category]
    colour = category.light if theme is _LIGHT else category.dark
    title = (f"{FOLDED}&#160;" if box.opens else "") + label_text(box.title)
    if box.caption:
        title += f'<FONT POINT-SIZE="9">&#160;&#160;{label_text(box.caption)}</FONT>'
    rows = [*_fault_rows(box, translate), *_body_rows(box, theme, translate)]
    line = colour if theme is _LIGHT or category.text == "#000000" else theme.line
    # Only the header is filled within a card: cells side by side would show seams between them in a PNG.
    if rows:
        card_line = FAULT if box.faults else line
        return _card([_row(title, category.text, colour), *rows], theme.card, card_line, 2 if box.faults else 1)
    return _card([_row(title, category.text)], colour, line)


def _body_rows(box: Box, theme: _Theme, translate: Translate) -> list[str]:
    """The rows below the header: what a module holds, or an operation's weights."""
    if box.kind in ("module", "repeat", "bundle"):
        return [_row(_summary(box, translate), theme.text)]
    rows = [_row(_summary(box, translate), theme.text)] if box.opens else []
    rows += [
        _row(weight_text(weight, box.title), theme.text, padding=2, tip=weight_tip(weight))
        for weight in box.weights[:MOST_WEIGHTS]
    ]
    if len(box.weights) > MOST_WEIGHTS:
        rows.append(_row(f"… +{len(box.weights) - MOST_WEIGHTS}", theme.text, padding=2))
    return rows


def _fault_rows(box: Box, translate: Translate) -> list[str]:
    """What is wrong with an operation; of a folded group, how much."""
    if not box.faults:
        return []
    if len(box.members) > 1 or len(box.faults) > MOST_WEIGHTS:
        return [_row(label_text(f"✗ {translate(N_('{count} faults')).format(count=len(box.faults))}"), FAULT)]
    texts = [translate(SENTENCES[fault.kind]).format(name=repr(fault.name)) for fault in box.faults]
    return [_row(label_text(f"✗ {text}", LONGEST_FAULT), FAULT, padding=2) for text in dict.fromkeys(texts)]


def _card(rows: list[str], colour: str, line: str, border: int = 1) -> str:
    return (
        f'<<TABLE BORDER="{border}" COLOR="{line}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" BGCOLOR="{colour}">'
        f"{''.join(rows)}</TABLE>>"
    )


def _row(text: str, ink: str, colour: str = "", *, blanks: int = 2, padding: int = 3, tip: str = "") -> str:
    """One line of a card; filled with ``colour``, if given.

    blanks: on either side, for browsers with wider fonts. tip: what is said where the pointer rests on it, escaped.
    """
    fill = (f' BGCOLOR="{colour}"' if colour else "") + (f' TITLE="{tip}"' if tip else "")
    space = "&#160;" * blanks
    return (
        f'<TR><TD ALIGN="LEFT" CELLPADDING="{padding}"{fill}><FONT COLOR="{ink}">{space}{text}{space}</FONT></TD></TR>'
    )


def _summary(box: Box, translate: Translate) -> str:
    inside = len(box.members) - (box.kind == "operation")  # an operation with bodies is a member itself
    text = translate(N_("{count} operations")).format(count=f"{inside:,}")
    if box.params:
        text += " · " + translate(N_("{count} parameters")).format(count=f"{box.params:,}")
    return label_text(text, 60)


def weight_text(weight: Weight, op_type: str) -> str:
    """``W ⟨4×1×5×5⟩``, or ``axis = 1`` for a scalar; escaped for a label. op_type: of the operation that reads it."""
    symbol = label_text(symbol_of(op_type, weight.role))
    role = f"<B>{symbol}</B>&#160;" if symbol else ""
    if weight.value is not None:
        value = f"{weight.value:.5g}" if isinstance(weight.value, float) else str(weight.value)
        return f"{role}= {label_text(value, 16)}"
    return f"{role}⟨{shape_text(weight.shape)}⟩"


def weight_tip(weight: Weight) -> str:
    """ONNX's name of the input and the name of the weight in the file, as far as there are any; escaped for a label."""
    return " · ".join(label_text(name, LONGEST_TIP) for name in (weight.role, weight.name) if name)


def edge_text(tensor: TensorType) -> str:
    """``1×4×28×28``; ``?`` for an unknown dimension, '' where not even the rank is known. Escaped for a label."""
    return "" if tensor.shape is None else shape_text(tensor.shape, lambda size: label_text(size, LONGEST_DIMENSION))


def label_text(text: str, longest: int = LONGEST_NAME) -> str:
    """A name as part of a label: printable, of at most ``longest`` characters, escaped.

    >>> label_text("<script>")
    '&lt;script&gt;'
    """
    return escape(shortened(text, longest, strip=True), quote=True).replace("\\", "&#92;")
