#!/usr/bin/env python3
"""What genome-mcp adds to a call of a tool, beside `cat` in both directions, mcp-pin and the proxy of FastMCP.

    benches/mcp/compare.py target/release/genome-mcp EVERYTHING PYTHON

EVERYTHING is dist/index.js of `npm install @modelcontextprotocol/server-everything@2026.8.31`, PYTHON the interpreter of an environment with
`pip install --require-hashes -r benches/mcp/requirements.txt`; `-` leaves one out. The programs beside genome-mcp in target/release make its genome.
Each contender stands before the same server: one in Python that only echoes, and server-everything. All of them run at once, and one client asks them in turns,
over pipes. Latency is what the client sees. The ratios count, not the figures. Exits with 1 where a goal is missed.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS, CALLS = 10, 100
BIG_ROUNDS, BIG = 20, 1_000_000
STARTS = 5
# How much more than `cat` a call may take in the median, and how much later than the server alone genome-mcp may answer first, in milliseconds; and its memory.
MOST_OVER_CAT, MOST_START, MOST_MEMORY = 0.05, 50, 10

ECHO = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "e", "version": "1"}}
    elif message["method"] == "tools/list":
        result = {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in ("echo", "big")]}
    else:
        params = message["params"]
        result = {"content": [{"type": "text", "text": "x" * %d if params["name"] == "big" else params["arguments"]["message"]}]}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
""" % BIG

PROXY = """
import sys
from fastmcp.client.transports import StdioTransport
from fastmcp.server import create_proxy
create_proxy(StdioTransport(command=sys.argv[1], args=sys.argv[2:])).run(show_banner=False)
"""


class Session:
    """A client of a command, which has shaken hands."""

    def __init__(self, command, directory):
        self.start = time.perf_counter()
        environment = {"PATH": os.environ["PATH"], "HOME": str(directory)}
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=directory, env=environment, bufsize=0
        )
        self.rest, self.id = b"", 0
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}})
        self.started = (time.perf_counter() - self.start) * 1e3
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def say(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    def ask(self, method, params):
        """Asks, and returns the line of the answer."""
        self.id += 1
        self.say({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params})
        wanted = b'"id":%d' % self.id
        while True:
            line = self.line()
            if wanted in line.replace(b'"id": ', b'"id":') and b'"method"' not in line[:200]:
                return line

    def line(self):
        parts = [self.rest]
        while b"\n" not in parts[-1]:
            data = self.process.stdout.read(1 << 18)
            if not data:
                sys.exit(f"{self.process.args[0]} has ended")
            parts.append(data)
        line, self.rest = b"".join(parts).split(b"\n", 1)
        return line

    def call(self, name, arguments):
        """Calls a tool, and returns how long that took, in milliseconds."""
        start = time.perf_counter()
        line = self.ask("tools/call", {"name": name, "arguments": arguments})
        took = (time.perf_counter() - start) * 1e3
        if b'"result"' not in line or b'"isError":true' in line.replace(b" ", b""):
            sys.exit(f"{self.process.args[0]} answers {line[:300]!r}")
        return took

    def memory(self):
        """The most memory that the process itself has had, in MB, and not what it has started."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def genome(program, directory):
    """A genome that allows both tools, and its trust policy."""
    made = directory / "agent"
    allowed = [part for tool in ("echo", "big") for part in ("--allow", f"B=s/{tool}")]
    command = [program.parent / "genome", "init", made, "--name", "BENCH", *allowed, "--key-id", "bench", "--no-passphrase", "--yes"]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(ran.stderr)
    return made / "genome.json", made / "trust.json"


def contenders(program, python, server, directory):
    document, trust = directory / "agent/genome.json", directory / "agent/trust.json"
    # Two processes, one in each direction, as a gate stands in both.
    cat = ["bash", "-c", 'cat | "$@" | cat', "cat", *server]
    found = {
        "direct": server,
        "cat": cat,
        "genome-mcp": [program, "--server", "s", "--genome", document, "--trust", trust, "--log-file", directory / "log", "--", *server],
    }
    if python:
        found["mcp-pin"] = [python.parent / "mcp-pin", "guard", "--allow-unapproved", "--", *server]
        found["fastmcp"] = [python, "-c", PROXY, *server]
    return found


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def compare(title, commands, directory, has_big):
    """Asks all in turns. Returns for each its latencies, those of big results, the times of its starts, and its memory."""
    starts = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            session = Session(command, directory)
            starts[name].append(session.started)
            session.end()
    sessions = {name: Session(command, directory) for name, command in commands.items()}
    echo, big = {name: [] for name in commands}, {name: [] for name in commands}
    for round_number in range(ROUNDS + 1):
        for name, session in sessions.items():
            took = [session.call("echo", {"message": "hello"}) for _ in range(CALLS)]
            # The first round only makes them warm.
            echo[name] += took if round_number else []
    # The memory that calls take, before results of a megabyte are kept whole.
    memory = {name: session.memory() for name, session in sessions.items()}
    for _ in range(BIG_ROUNDS if has_big else 0):
        for name, session in sessions.items():
            big[name].append(session.call("big", {}))
    after = {name: session.memory() for name, session in sessions.items()}
    for session in sessions.values():
        session.end()
    print(f"\n{title}: milliseconds, of {ROUNDS * CALLS} calls, {len(big['cat'])} results of 1 MB and {STARTS} starts")
    for name in commands:
        def added(values, part):
            return percentile(values[name], part) - percentile(values["direct"], part)

        large = f"   1 MB p50 {percentile(big[name], 0.5):6.2f} p95 {percentile(big[name], 0.95):6.2f}" if has_big else ""
        print(
            f"  {name:11} echo p50 {percentile(echo[name], 0.5):6.3f} ({added(echo, 0.5):+.3f}) p95 {percentile(echo[name], 0.95):6.3f} ({added(echo, 0.95):+.3f})"
            f"{large}   start {statistics.median(starts[name]):6.0f} ({statistics.median(starts[name]) - statistics.median(starts['direct']):+.0f})"
            f"   memory {memory[name]:5.1f} MB, {after[name]:5.1f} MB at the end"
        )
    return echo, big, starts, memory


def judge(title, measured):
    """Returns whether the goals are met."""
    echo, _, starts, memory = measured
    over_cat = percentile(echo["genome-mcp"], 0.5) - percentile(echo["cat"], 0.5)
    later = statistics.median(starts["genome-mcp"]) - statistics.median(starts["direct"])
    goals = [
        ("over cat, in the median", over_cat, MOST_OVER_CAT, "ms"),
        ("start over the server's", later, MOST_START, "ms"),
        ("memory", memory["genome-mcp"], MOST_MEMORY, "MB"),
    ]
    for name, found, most, unit in goals:
        print(f"  {title}: {name} {found:.3f} {unit}, goal at most {most} {unit}: {'met' if found <= most else 'MISSED'}")
    for other in [other for other in ("mcp-pin", "fastmcp") if other in echo]:
        print(f"  {title}: {other} takes {percentile(echo[other], 0.5) / percentile(echo['genome-mcp'], 0.5):.1f} times as long as genome-mcp")
    return all(found <= most for _, found, most, _ in goals)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    # Not resolved: an environment of Python is known by its path.
    program, everything, python = (None if argument == "-" else pathlib.Path(argument).absolute() for argument in sys.argv[1:])
    is_met = True
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        genome(program, directory)
        (directory / "echo.py").write_text(ECHO)
        servers = {"echo in Python": ([sys.executable, directory / "echo.py"], True)}
        if everything:
            servers["server-everything"] = ([shutil.which("node"), everything, "stdio"], False)
        for title, (server, has_big) in servers.items():
            commands = contenders(program, python, server, directory)
            is_met &= judge(title, compare(title, commands, directory, has_big))
    sys.exit(0 if is_met else 1)


main()
