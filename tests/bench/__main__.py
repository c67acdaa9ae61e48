"""``python -m tests.bench``: measures and prints one table. Takes some ten minutes on two quiet cores."""

import argparse

from tests.bench.comparisons import COMPARISONS
from tests.bench.ratios import table


def main() -> None:
    """Measure the rows that were asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Ratios measured on this machine.")
    parser.add_argument("only", nargs="*", metavar="ROWS", help=f"of {', '.join(COMPARISONS)} (default: all)")
    parser.add_argument("--pairs", type=int, default=3, help="times each side is measured (default: 3)")
    parser.add_argument("--accuracy", action="store_true", help="train the book's sentiment loop to its end, too")
    options = parser.parse_args()
    if unknown := set(options.only) - set(COMPARISONS):
        parser.error(f"there are no rows {', '.join(sorted(unknown))}")
    rows = []
    for name in options.only or COMPARISONS:
        found = COMPARISONS[name](options.pairs, options.accuracy)
        print(table(found), end="\n\n", flush=True)
        rows += found
    print(table(rows))


if __name__ == "__main__":
    main()
