#!/usr/bin/env python3
"""Unpacks a vector that has parts into a new directory, to try it with the programs: each part as a file, the header lines as `verdict`."""

import sys
from pathlib import Path, PurePosixPath

sys.dont_write_bytecode = True
from packed import unpack  # noqa: E402


def main(vector, directory):
    verdict, parts = unpack(Path(vector).read_bytes())
    for name in parts:
        # A vector may come from a stranger: it writes nothing outside the directory.
        if name == "verdict" or PurePosixPath(name).is_absolute() or not {"", ".", ".."}.isdisjoint(name.split("/")):
            raise ValueError(f"part {name!r} has the name of no file below a directory")
    root = Path(directory)
    root.mkdir()
    for name, content in {"verdict": verdict, **parts}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


if len(sys.argv) != 3:
    sys.exit("usage: unpack.py VECTOR DIRECTORY")
try:
    main(*sys.argv[1:])
except (OSError, ValueError) as error:
    sys.exit(f"error: {error}")
