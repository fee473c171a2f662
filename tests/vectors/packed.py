"""The form of a vector that has parts: one file that starts with header lines, as README.md says."""

import re


def header(fields):
    """Header lines `name: value`, without those that are None."""
    assert all("\n" not in str(value) for value in fields.values()), fields
    return "".join(f"{name}: {value}".rstrip() + "\n" for name, value in fields.items() if value is not None).encode()


def pack(verdict, parts):
    """A vector of header lines and parts, which are bytes by name."""
    introduced = (f"--- {len(content)} {name}\n".encode() + content + b"\n" for name, content in parts.items())
    return verdict + b"\n" + b"".join(introduced)


def unpack(vector):
    """The header lines of a vector and its parts, which are bytes by name; a ValueError for what is no such vector."""
    end = vector.find(b"\n\n") + 1
    if not end:
        raise ValueError("no empty line after the header")
    parts, at = {}, end + 1
    while at < len(vector):
        line = re.compile(rb"--- (0|[1-9][0-9]*) ([^\n]+)\n").match(vector, at)
        if not line:
            raise ValueError(f"no part starts at byte {at}")
        name, at = line[2].decode(), line.end() + int(line[1])
        if name in parts or vector[at : at + 1] != b"\n":
            raise ValueError(f"part {name!r} is there twice, or does not end where its length says")
        parts[name] = vector[line.end() : at]
        at += 1
    return vector[:end], parts
