"""Graphviz's SVG prepared for the page: rounded cards, fonts that every system has, names for screen readers.

Positions stay as Graphviz chose them. The result holds no scripts, links or styles, only shapes and text; the blanks
that are left are no-break spaces. What the browser has to know of places stands in attributes, in the drawing's own
units: ``data-box`` of a node or frame (left, top, width, height), ``data-words`` of an edge (where its label begins).
"""

import re
from html import escape
from xml.etree import ElementTree

RADIUS = 5.0
BESIDE = "beside"  # class of an edge whose label took no part in Graphviz's layout
FONTS = "Arial, 'Helvetica Neue', 'Liberation Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"

_SPECIAL = re.compile(r"""[&<>"']""")
_BLANKS = "\N{NO-BREAK SPACE} "
_SVG = "http://www.w3.org/2000/svg"
_TIP = "{http://www.w3.org/1999/xlink}title"
_Element = ElementTree.Element
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, in points."""


def finished_svg(svg: bytes) -> bytes:
    """Graphviz's SVG of a graph from ``explorer/drawing/dot.py`` as the page shows it."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - written by our own worker; it declares no entities
    origin = (0.0, 0.0)
    for group in root.iter(_tag("g")):
        kind = (group.get("class") or "").split(" ")[0]
        if kind == "node":
            _write_box(group, origin)
            _finish_node(group)
        elif kind == "edge":
            _finish_edge(group)
            _write_words_place(group, origin)
        elif kind == "cluster":
            _write_box(group, origin)
            _finish_frame(group)
        elif kind == "graph":
            origin = _translation(group)
            group.set("font-family", FONTS)
            _drop(group, "title")
        _finish_texts(group)
    root.set("role", "group")
    pieces: list[str] = []
    _write(root, pieces)
    return "".join(pieces).encode("utf-8")


def _write(element: _Element, pieces: list[str]) -> None:
    """Append the element as ElementTree would write it, in a third of the time: SVG's is the only namespace."""
    name = element.tag.removeprefix(f"{{{_SVG}}}")
    pieces.append(f"<{name}")
    if name == "svg":
        pieces.append(f' xmlns="{_SVG}"')
    pieces += [f' {key}="{_escaped(value)}"' for key, value in element.items() if key[0] != "{"]
    if element.text or len(element):
        pieces.append(f">{_escaped(element.text or '')}")
        for child in element:
            _write(child, pieces)
        pieces.append(f"</{name}>")
    else:
        pieces.append("/>")
    if element.tail:
        pieces.append(_escaped(element.tail))


def _escaped(text: str) -> str:
    """Escaped text; nearly all are numbers and colours, which need none of the five passes of ``escape``."""
    return escape(text) if _SPECIAL.search(text) else text


def _tag(name: str) -> str:
    return f"{{{_SVG}}}{name}"


def _drop(group: _Element, name: str) -> str:
    """Remove the first child called ``name`` and return its text."""
    child = group.find(_tag(name))
    if child is None:
        return ""
    group.remove(child)
    return child.text or ""


def _visible_text(group: _Element) -> str:
    """The text of a group in one line, each run of blanks as a single one."""
    return " ".join(" ".join("".join(text.itertext()) for text in group.iter(_tag("text"))).split())


def _set_accessible_name(group: _Element, name: str) -> None:
    title = ElementTree.Element(_tag("title"))
    title.text = name
    group.insert(0, title)
    group.set("aria-label", title.text)


def _finish_edge(group: _Element) -> None:
    ends = _drop(group, "title").split("->")
    if BESIDE in (group.get("class") or ""):
        _place_label_beside(group)
    group.set("class", "edge")
    if len(ends) == 2:
        group.set("data-source", ends[0])
        group.set("data-target", ends[1])
    group.set("aria-hidden", "true")


def _translation(group: _Element) -> tuple[float, float]:
    """By how much ``group`` moves what it holds, (0, 0) for not at all. Graphviz neither scales nor turns it."""
    match = re.search(r"translate\((-?[\d.]+)[ ,](-?[\d.]+)\)", group.get("transform", ""))
    return (float(match[1]), float(match[2])) if match else (0.0, 0.0)


def _write_box(group: _Element, origin: tuple[float, float]) -> None:
    """The rectangle of a card or frame as numbers; without one, nothing."""
    shape = group.find(_tag("polygon"))
    if shape is not None:
        left, top, right, bottom = _bounds(shape)
        numbers = (left + origin[0], top + origin[1], right - left, bottom - top)
        group.set("data-box", " ".join(f"{number:.2f}" for number in numbers))


def _write_words_place(group: _Element, origin: tuple[float, float]) -> None:
    text = group.find(_tag("text"))
    if text is not None:
        x, y = float(text.get("x", "0")) + origin[0], float(text.get("y", "0")) + origin[1]
        group.set("data-words", f"{x:.2f} {y:.2f}")


def _place_label_beside(group: _Element) -> None:
    """Move an edge's label to the right of its middle, to the side that the line leaves free; above a level line."""
    line = group.find(_tag("path"))
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", line.get("d", ""))] if line is not None else []
    if len(numbers) < 8:
        return
    points = list(zip(numbers[::2], numbers[1::2], strict=False))  # the start, then three for each cubic Bézier curve
    first = (len(points) - 1) // 3 // 2 * 3  # of the middle curve
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[first : first + 4]
    x, y = (ax + 3 * bx + 3 * cx + dx) / 8, (ay + 3 * by + 3 * cy + dy) / 8
    across, down = dx + cx - bx - ax, dy + cy - by - ay  # its direction there
    level, steep = abs(down) < 0.1 * abs(across), abs(across) < 0.2 * abs(down)
    falling = (across > 0) == (down > 0)  # then the space above it is free to the right, else the space below
    offset = -4 if level else 3 if steep else -2 if falling else 10  # from the line's middle to the text's baseline
    for text in group.findall(_tag("text")):
        text.text = (text.text or "").strip(_BLANKS)
        text.set("x", f"{x if level else x + 4:.2f}")
        text.set("y", f"{y + offset:.2f}")
        text.set("text-anchor", "middle" if level else "start")


def _finish_frame(group: _Element) -> None:
    _drop(group, "title")
    _set_accessible_name(group, _visible_text(group))
    shape = group.find(_tag("polygon"))
    if shape is not None:
        _make_path(shape, _rounded(_bounds(shape), RADIUS + 2, top=True, bottom=True))


def _finish_node(group: _Element) -> None:
    """Draw the cells of one colour as one shape, rounded where it touches the card's corners."""
    _drop(group, "title")
    _set_accessible_name(group, _visible_text(group))
    group.set("role", "button")
    _finish_tips(group)
    shapes = group.findall(_tag("polygon"))
    if not shapes:
        return
    card, cells = shapes[0], shapes[1:]
    line = next((cell for cell in cells if cell.get("fill") == "none"), None)
    outer = _bounds(card)
    bands: dict[str, Rectangle] = {}
    for cell in cells:
        if cell is not line:
            group.remove(cell)
            colour = cell.get("fill", "none")
            bands[colour] = _union(bands.get(colour), _bounds(cell))
    rest = [(colour, band) for colour, band in bands.items() if colour != card.get("fill")]
    _make_path(card, _rounded(outer, RADIUS, top=True, bottom=True))
    position = list(group).index(card) + 1
    for colour, (_, top, _, bottom) in rest:
        at_top, at_bottom = top - outer[1] < 2, outer[3] - bottom < 2
        band = (outer[0], outer[1] if at_top else top, outer[2], outer[3] if at_bottom else bottom)
        shape = _rounded(band, RADIUS, top=at_top, bottom=at_bottom)
        group.insert(position, ElementTree.Element(_tag("path"), {"fill": colour, "d": shape}))
    if line is not None:
        group.remove(line)
        shape = _rounded(outer, RADIUS, top=True, bottom=True)
        drawn = {"class": "outline", "fill": "none", "stroke": line.get("stroke", "none"), "d": shape}
        group.insert(position + len(rest), ElementTree.Element(_tag("path"), drawn))


def _finish_tips(group: _Element) -> None:
    """Graphviz writes the tip of a row as a link without an address: the row's texts become a group with a title."""
    for row in group.findall(_tag("g")):
        link = row.find(_tag("a"))
        if link is not None:
            row.attrib.clear()
            title = ElementTree.Element(_tag("title"))
            title.text = link.get(_TIP)
            row[:] = [title, *link]


def _finish_texts(group: _Element) -> None:
    """Remove trailing blanks and default attributes: they are a third of a large drawing."""
    for text in group.findall(_tag("text")):
        text.text = (text.text or "").rstrip(_BLANKS)
        if not text.text:
            group.remove(text)
        text.attrib.pop("font-family", None)  # the whole drawing has one
        if text.get("text-anchor") == "start":
            del text.attrib["text-anchor"]


def _make_path(polygon: _Element, path: str) -> None:
    polygon.tag = _tag("path")
    polygon.attrib.pop("points", None)
    polygon.set("d", path)


def _bounds(polygon: _Element) -> Rectangle:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", polygon.get("points", "")) or ["0", "0"]]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def _union(a: Rectangle | None, b: Rectangle) -> Rectangle:
    return b if a is None else (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


def _rounded(box: Rectangle, radius: float, *, top: bool, bottom: bool) -> str:
    """The path data of a rectangle with rounded corners at its top, its bottom, or both."""
    left, up, right, down = box
    r = min(radius, (right - left) / 2, (down - up) / 2)
    t, b = (r if top else 0.0), (r if bottom else 0.0)
    arc = "a{0:g},{0:g} 0 0 1 {1:g},{2:g}".format
    return (
        f"M{left + t:.2f},{up:.2f}H{right - t:.2f}"
        + (arc(t, t, t) if t else "")
        + f"V{down - b:.2f}"
        + (arc(b, -b, b) if b else "")
        + f"H{left + b:.2f}"
        + (arc(b, -b, -b) if b else "")
        + f"V{up + t:.2f}"
        + (arc(t, t, -t) if t else "")
        + "Z"
    )
