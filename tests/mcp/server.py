"""A small MCP server, which reads its input as most servers in Python do: a carriage return ends a line, too.

server.py SEEN [MODE]: each message that it runs becomes a line of the file SEEN.
"""

import io
import json
import os
import signal
import sys
import time

seen = open(sys.argv[1], "a", buffering=1)
mode = sys.argv[2] if len(sys.argv) > 2 else ""
sys.stderr.write("a banner of the server\n")
sys.stderr.flush()


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(text):
    return {"content": [{"type": "text", "text": text}]}


def call(identifier, params):
    name, arguments = params["name"], params.get("arguments", {})
    if name == "die":
        os._exit(7)
    elif name == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif name == "silence":
        os.close(1)
        time.sleep(60)
    elif name == "hang":
        return None
    elif name == "big":
        return text("x" * arguments["size"])
    elif name == "environment":
        return text(" ".join(sorted(os.environ)))
    elif name == "descriptors":
        return text(" ".join(sorted(os.listdir("/proc/self/fd"))))
    elif name == "pid":
        return text(str(os.getpid()))
    elif name == "flood":
        # Nothing is read in the meantime.
        for number in range(arguments["count"]):
            send({"id": f"ask-{number}", "method": "sampling/createMessage", "params": {"messages": ["x" * 200]}})
    elif name == "echo" and "shown" in arguments:
        # At once, and with or without a word.
        shown.update(arguments["shown"])
        if arguments["says"]:
            send({"method": "notifications/tools/list_changed"})
    elif name == "echo" and "plan" in arguments:
        changes.update(arguments["plan"])
        send({"method": "notifications/tools/list_changed"})
    elif name == "ask":
        send({"id": "ask", "method": arguments["method"], "params": {}})
    return text(f"{name} {json.dumps(arguments)}")


shown, changes = {"echo": "echoes", "remove": "removes", "later": "comes later"}, {}


def drifting(params):
    """Two pages. What a call has planned for between them happens then."""
    page = params.get("cursor", "1")
    names = {"1": ["echo"], "2": ["remove", "later"]}[page]
    tools = [{"name": name, "description": shown[name], "inputSchema": {"type": "object"}} for name in names]
    if page == "1":
        shown.update(changes.pop("between", {}))
        if changes.pop("says", False):
            send({"method": "notifications/tools/list_changed"})
        return {"tools": tools, "nextCursor": "2"}
    return {"tools": tools}


def answer(message):
    method, params = message["method"], message.get("params", {})
    if method == "initialize":
        capabilities = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}}
        return {"protocolVersion": params["protocolVersion"], "capabilities": capabilities, "serverInfo": {"name": "t", "version": "1"}}
    if method == "tools/list" and mode == "listless":
        return None
    if method == "tools/list" and mode == "drifting":
        return drifting(params)
    if method == "tools/list":
        names, cursor = (["echo", "remove"], {"nextCursor": "2"}) if "cursor" not in params else (["remove-all"], {})
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names], **cursor}
    if method == "tools/call":
        return call(message["id"], params)
    return {}


if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "banner":
    print("Server running on stdio", flush=True)
if mode == "deaf":
    os.close(0)
    time.sleep(60)
# As the package `mcp` opens it.
for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8"):
    try:
        message = json.loads(line)
    except ValueError:
        continue
    seen.write(json.dumps(message) + "\n")
    if isinstance(message, dict) and "method" in message and "id" in message:
        result = answer(message)
        if result is not None:
            send({"id": message["id"], "result": result})
if mode == "stubborn":
    time.sleep(60)
