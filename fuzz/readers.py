#!/usr/bin/env python3
"""Compares what genome-mcp reads in lines of a client with what Python reads, on lines that are made from the seeds and from what a fuzzer has learnt.

    fuzz/readers.py [SECONDS]

Whatever is sent on must be one line to every loop of Python over lines, and to `json` a message with the same method and id; a call names a tool that is
allowed, under the last member of that name, too. Builds the example `lines` of the crate. Lines come from fuzz/seeds/mcp and fuzz/corpus/mcp, and are
changed by bytes, by tokens of the dictionary, and by parts of each other. A line that differs is shown, with the seed, and the exit status is 1; it
is 1 also where no line was sent on, as nothing was compared then.
"""

import ast
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
ALLOWED = {"ok", "a/b"}
AT_ONCE = 20_000
CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok","arguments":{"name":"rm"}}}'
TOKENS = [b"\r", b"\x0b", b"\x85", "\u2028".encode(), "\x85".encode(), b"\\u000d", b"\\u2028", b'"method"', b'"name"', b'"m\\u0065thod"', b'"id":', b"1e0", b"1.0", b"\0"]


def corpus():
    lines = {CALL}
    for directory in ("seeds", "corpus"):
        for path in sorted((ROOT / "fuzz" / directory / "mcp").glob("*")):
            # The first byte of each line says who sent it.
            lines.update(line[1:] for line in path.read_bytes().split(b"\n") if line[1:])
    return sorted(lines)


def dictionary():
    lines = (ROOT / "fuzz/dictionaries/json.dict").read_text().splitlines()
    return TOKENS + [ast.literal_eval("b" + line) for line in lines if line.startswith('"')]


def changed(line, lines, tokens, chance):
    """A line with some changes, most of which leave it a message."""
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        at, kind = chance.randint(0, len(line)), chance.random()
        if kind < 0.35:
            line = line[:at] + chance.choice(tokens) + line[at:]
        elif kind < 0.55:
            line = line[:at] + bytes([chance.choice(b' \t\r"\\{}[]:,x0\xc2')]) + line[at + chance.randint(0, 1) :]
        elif kind < 0.7:
            line = line[:at] + line[at + chance.randint(1, 8) :]
        elif kind < 0.85:
            # A member once more, with another value.
            member = chance.choice((b'"name":"rm"', b'"method":"tools/list"', b'"id":2', b'"a":"\\ud800"', '"b":"\u2028\x85"'.encode(), b'"c":1e400'))
            brace = line.find(b"{", at)
            line = line[: brace + 1] + member + b"," + line[brace + 1 :] if brace >= 0 else line
        else:
            other = chance.choice(lines)
            cut = chance.randint(0, len(other))
            line = line[:at] + other[cut : cut + chance.randint(1, 40)] + line[at:]
    return line.replace(b"\n", b"")


def fault(read):
    """What is wrong with what was sent on, if anything."""
    sent = read["sent"]
    stream = (sent + "\n").encode()
    loops = {
        "TextIOWrapper": list(io.TextIOWrapper(io.BytesIO(stream), encoding="utf-8")),
        "BytesIO": list(io.BytesIO(stream)),
        "bytes.splitlines": stream.splitlines(),
    }
    for name, lines in loops.items():
        if len(lines) != 1:
            return f"{name} takes it for {len(lines)} lines"
    message = json.loads(sent)
    for name, found in (("method", message.get("method")), ("id", json.dumps(message["id"]) if "id" in message else None)):
        ours = read.get(name)
        # The id is compared as JSON: 1 and "1" differ.
        if name == "id" and ours is not None:
            ours, found = json.loads(ours), message["id"]
        if ours != found or type(ours) is not type(found):
            return f"{name} is {found!r} to Python, and {ours!r} to us"
    if message.get("method") == "tools/call" and message["params"]["name"] not in ALLOWED:
        return f"Python calls {message['params']['name']!r}"
    return None


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    # With the features of the whole workspace, as the tests: what these have built is not built again.
    command = ["cargo", "build", "--quiet", "--locked", "--workspace", "--example", "lines", "--message-format", "json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    artifacts = (json.loads(line) for line in built.splitlines())
    program = next(artifact["executable"] for artifact in artifacts if artifact.get("target", {}).get("name") == "lines")
    lines, tokens, seed = corpus(), dictionary(), time.time_ns() % 2**32
    chance = random.Random(seed)
    tried = sent = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        batch = [changed(chance.choice(lines), lines, tokens, chance) for _ in range(AT_ONCE)]
        with tempfile.TemporaryFile() as file:
            file.write(b"\n".join(batch) + b"\n")
            file.seek(0)
            said = subprocess.run([program], stdin=file, check=True, stdout=subprocess.PIPE).stdout
        answers = said.removesuffix(b"\n").split(b"\n")
        if len(answers) != len(batch):
            sys.exit(f"{len(batch)} lines, and {len(answers)} answers, with seed {seed}")
        for line, answer in zip(batch, answers):
            tried += 1
            if answer == b"null":
                continue
            sent += 1
            found = fault(json.loads(answer))
            if found:
                print(f"{found}: {line!r} is sent on as {json.loads(answer)['sent']!r}, with seed {seed}", file=sys.stderr)
                sys.exit(1)
    if not sent:
        sys.exit(f"nothing was compared: of {tried} lines none was sent on, with seed {seed}")
    print(f"readers    {tried} executions, {sent} of them sent on, seed {seed}")


main()
