"""Whether a converter has understood a formula, as told by the MathML that it made."""

from xml.etree import ElementTree

CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "msqrt": 1}  # element → how many it has
TEXTS = {"mi", "mn", "mo", "mtext"}
SPACE = "{http://www.w3.org/1998/Math/MathML}"


def is_whole(mathml: str) -> bool:
    """Whether it is one ``math`` element, no part is missing, and no command or brace has been left as text."""
    math = ElementTree.fromstring(mathml)  # noqa: S314 - made of our own formulas
    parts = [(part.tag.removeprefix(SPACE), part) for part in math.iter()]
    assert parts[0][0] == "math"
    return not any(
        CHILDREN.get(tag, len(part)) != len(part)
        or (tag in TEXTS and not (part.text or "").strip())
        or "\\" in (part.text or "")
        or (tag != "mo" and set("{}") & set(part.text or ""))
        or {"style", "href"} & set(part.attrib)
        for tag, part in parts
    )
