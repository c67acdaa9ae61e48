"""What the graph page shows, in a few sentences."""

from models.errors import N_

CHAPTER = 1  # of the book
SENTENCES = (
    N_(
        "Each box is an operation of an ONNX file, each arrow a tensor with its shape; weights that belong to an"
        " operation are listed in its box. You can look at a run, at an architecture of torchvision by its name, or at"
        " an ONNX file of your own."
    ),
    N_(
        "Modules are frames with their name and, smaller, their Python class: a click folds or"
        " opens one, and equal blocks in a row fold into one with ×N. A large network first shows"
        " as much as can be seen at a glance."
    ),
    N_(
        "Colours show the kind of operation or, if you choose, parameters, FLOPs, bytes, time,"
        " the size of activations, dead outputs, the gradient or the change of the weights. A"
        " folded module has the colour of everything in it."
    ),
    N_(
        "The search finds names, operations, shapes and numbers: `op:Conv params>1e5` gives the convolutions with more"
        " than 100,000 parameters, `shape:64x56` every output whose shape has 64 followed by 56, `class:MBConv` all"
        " within modules of that class."
    ),
    N_(
        "Click an operation, or reach it with Tab and the arrow keys: on the right stand its values, its weights, its"
        " gradient, the arithmetic of a single number, what it does, and its line of Python. A file gets made-up input"
        " until you give it your own."
    ),
    N_(
        "Compare, below the drawing, lists the differences from another checkpoint, run or file."
        " Export offers pictures, the model, a page that needs no server, and the numbers for"
        " Netron."
    ),
    N_(
        "The book draws arrows from the result back to what it was computed from, as autograd does; the menu Drawing"
        " turns them round."
    ),
)
