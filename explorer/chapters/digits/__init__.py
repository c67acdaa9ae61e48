"""The digits laboratory's computations (the book's chapter 5), and what it adds to the shared commands and pages.

Importing this package needs no torch: the tables hold names, see ``explorer/chapters/tables.py``.
"""

MEASUREMENTS = {
    "shift": "explorer.chapters.digits.image_sweeps:SHIFT",
    "rotation": "explorer.chapters.digits.image_sweeps:ROTATION",
    "scale": "explorer.chapters.digits.image_sweeps:SCALE",
    "noise": "explorer.chapters.digits.image_sweeps:NOISE",
    "shift-of-500": "explorer.chapters.digits.image_sweeps:SHIFT_OF_500",
    "rotation-of-500": "explorer.chapters.digits.image_sweeps:ROTATION_OF_500",
    "scale-of-500": "explorer.chapters.digits.image_sweeps:SCALE_OF_500",
    "noise-of-500": "explorer.chapters.digits.image_sweeps:NOISE_OF_500",
    "curves": "explorer.chapters.digits.image_sweeps:CURVES",
}
EXPORTS = {".gif": "explorer.chapters.digits.kernel_film:FORMAT"}
