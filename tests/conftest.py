"""Settings of all tests."""

from hypothesis import settings

# Two busy cores can make any example slow; time is measured in tests/bench, and CI repeats the same examples.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
