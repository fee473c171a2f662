"""A small MCP server that lists what it is told to.

lister.py SPEC: the file is JSON. `pages` are lists of definitions, each as text; `instructions` may be there; `legacy` are the pages after a handshake; `revision` is the one that it speaks; `way`
says in which way it misbehaves. Each message that it reads becomes a line of the file SPEC.seen.
"""

import json
import os
import subprocess
import sys
import time

spec = json.load(open(sys.argv[1], encoding="utf-8"))
seen = open(sys.argv[1] + ".seen", "a", buffering=1)
way = spec.get("way", "")
modern = spec.get("revision") == "2026-07-28"


def write(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def answer(identifier, result):
    write('{"jsonrpc":"2.0","id":%s,"result":%s}' % (json.dumps(identifier), result))


def refuse(identifier, code):
    write(json.dumps({"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": "\x1b[31mno\u202e"}}))


def introduction():
    own = {"capabilities": {"tools": {}}, "serverInfo": {"name": "lister", "version": "1"}}
    if "instructions" in spec:
        own["instructions"] = spec["instructions"]
    own.update(spec.get("more", {}))
    return own


def page(number):
    pages = spec["legacy"] if not modern and "legacy" in spec else spec["pages"]
    members = ['"tools":[%s]' % ",".join(pages[number] if number < len(pages) else [])]
    if modern:
        members.append('"resultType":"complete"')
    if number + 1 < len(pages) or way == "endless":
        members.append('"nextCursor":%s' % json.dumps(str(number + 1)))
    return "{%s}" % ",".join(members)


if way == "leaves a child":
    # It holds the output open.
    subprocess.Popen(["sleep", "60"], stderr=subprocess.DEVNULL)
for line in sys.stdin:
    seen.write(line)
    message = json.loads(line)
    method, identifier = message.get("method"), message.get("id")
    if way == "mute" or method is None or identifier is None:
        continue
    if method == "server/discover":
        if modern:
            answer(identifier, json.dumps({"resultType": "complete", "supportedVersions": ["2026-07-28"] + (["2025-11-25"] if "legacy" in spec and way != "unsaid" else []), **introduction()}))
        elif way != "silent at first":
            refuse(identifier, -32601)
    elif method == "initialize":
        if "legacy" in spec:
            modern, spec["revision"] = False, "2025-11-25"
        answer(identifier, json.dumps({"protocolVersion": spec.get("revision", "2025-11-25"), **introduction()}))
    elif method == "tools/list":
        if way in ("dies", "leaves a child"):
            os._exit(3)
        if way == "storm":
            for _ in range(1000):
                write('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}')
        if way == "refuses":
            refuse(identifier, -32000)
            continue
        if way == "asks":
            write("Server running on stdio")
            write('{"jsonrpc":"2.0","id":1,"method":"ping"}')
            pong = sys.stdin.readline()
            write('{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{"messages":[]}}')
            declined = sys.stdin.readline()
            seen.write(pong + declined)
        if way == "says too much":
            write('{"jsonrpc":"2.0","id":%d,"result":{"tools":[],"x":"%s"}}' % (identifier, "x" * 3_000_000))
            continue
        answer(identifier, page(int(message.get("params", {}).get("cursor", "0"))))
if way == "stubborn":
    time.sleep(60)
