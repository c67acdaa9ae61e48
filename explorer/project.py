"""Where the project lies on this machine. Imports nothing, so that everything may import it."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
