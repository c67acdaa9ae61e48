"""The embedded data, the code that reads it or a person's own files, and the scripts that made it.

``README.md`` in this folder names every source, licence and checksum.
"""
