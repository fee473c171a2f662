"""The digests of what a server says, by other means: digests.py COMMAND... shakes hands with it as in 2025-11-25, and prints them as JSON.

The canonical form is that of Python with sorted names, which is RFC 8785 for names and texts in ASCII and small integers.
"""

import hashlib
import json
import subprocess
import sys

server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")


def say(**message):
    server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    server.stdin.flush()


def ask(identifier, method, params):
    say(id=identifier, method=method, params=params)
    while (message := json.loads(server.stdout.readline())).get("id") != identifier:
        pass
    return message["result"]


def digest(value):
    canonical = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
introduction = ask(1, "initialize", client)
say(method="notifications/initialized")
found, cursor = {}, {}
while True:
    page = ask(len(found) + 2, "tools/list", cursor)
    found.update({f"s/{tool['name']}": digest(tool) for tool in page["tools"]})
    if "nextCursor" not in page:
        break
    cursor = {"cursor": page["nextCursor"]}
if "instructions" in introduction:
    found["s:instructions"] = digest(introduction["instructions"])
print(json.dumps(found))
server.stdin.close()
server.wait()
