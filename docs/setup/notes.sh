# Where the pages about MCP servers start: `notes.py`, a small MCP server, and `session.jsonl`, what an agent says to it, in the new directory `notes`.
umask 022
# Where it is there already, it stays as it is.
mkdir notes || return
cd notes || return
cat > notes.py <<'SERVER'
"""An MCP server with three tools, which keeps notes. It needs nothing but Python."""

import json
import sys

notes = {"todo": "buy milk"}
name = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
tools = [
    {"name": "list_notes", "description": "Lists the names of the notes", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}},
    {"name": "read_note", "description": "Reads a note", "inputSchema": name, "annotations": {"readOnlyHint": True}},
    {"name": "delete_note", "description": "Deletes a note for ever", "inputSchema": name, "annotations": {"destructiveHint": True}},
]


def call(tool, arguments):
    if tool == "list_notes":
        return ", ".join(notes)
    return notes.pop(arguments["name"]) if tool == "delete_note" else notes[arguments["name"]]


def answer(method, params):
    if method == "initialize":
        about = {"name": "notes", "version": "1.0.0"}
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": about}
    if method == "tools/list":
        return {"tools": tools}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": call(params["name"], params.get("arguments", {}))}]}
    return {} if method == "ping" else None


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        result = answer(message["method"], message.get("params", {}))
        unknown = {"error": {"code": -32601, "message": "there is no such method"}}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **(unknown if result is None else {"result": result})}), flush=True)
SERVER
cat > session.jsonl <<'SESSION'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"agent","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read_note","arguments":{"name":"todo"}}}
{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"delete_note","arguments":{"name":"todo"}}}
SESSION
