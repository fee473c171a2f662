#!/usr/bin/env python3
"""Writes the seed corpora in seeds/, from the vectors of the tests where a target reads documents, and from a stream of digests where it
makes choices. Running this again gives the same bytes."""

import hashlib
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "tests" / "vectors"
# Nothing but vectors may lie among the vectors.
sys.dont_write_bytecode = True
sys.path.append(str(VECTORS))
from packed import unpack  # noqa: E402

SEEDS = HERE / "seeds"


def put(target, name, content):
    path = SEEDS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def choices(label, length):
    """Bytes as good as random."""
    blocks = (hashlib.sha256(f"{label} {index}".encode()).digest() for index in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def bodies(directory, most):
    """The documents of the vectors that are no longer than this."""
    for path in sorted((VECTORS / directory).iterdir()):
        body = path.read_bytes().partition(b"\n\n")[2]
        # What shows a private key is made by the target itself.
        if len(body) <= most and b"private-key" not in path.name.encode():
            yield path.name, body


def trusted():
    """The vectors of trust, each with its parts."""
    for path in sorted((VECTORS / "trust").iterdir()):
        if "private-key" not in path.name:
            yield path.name, unpack(path.read_bytes())[1]


def some(items, every):
    return list(items)[::every]


def main():
    shutil.rmtree(SEEDS, ignore_errors=True)
    for name, body in some(bodies("canonical", 600), 2):
        put("canonical", name, body)
    for name, body in bodies("hostile", 300):
        put("canonical", f"hostile-{name}", body)
    for name, body in some(bodies("accepted", 2400), 3):
        put("verify", name, body)
    for name, body in some(bodies("hostile", 2400), 8):
        put("verify", f"hostile-{name}", body)

    asked = {
        "one": b'{"action": "memory_search"}',
        "several": b'[{"action":"a"},{"action":"x"},{"action":"never"},{"action":""}]',
        "escaped": b'{"\\u0061ction": "\\u00e9\\ud83d\\ude00"}',
        "none": b"[]",
        "twice": b'{"action": "a", "action": "b"}',
        "another-field": b'{"action": "a", "reason": 1}',
        "no-text": b'[{"action": null}]',
        "path": b"genome?x=1",
        "query": b"decisions?action=a%20b+c",
    }
    for name, body in asked.items():
        put("bodies", name, body)

    entities = '"subject":{"type":"a","id":"b"},"resource":{"type":"%s","id":"%s"}'
    several = '"evaluations":[{},{"action":{"name":"x"}},{"resource":{"type":"tool"}},1]'
    questions = {
        "action": '{%s,"action":{"name":"memory_search"}}' % (entities % ("c", "d")),
        "coaz": '{%s,"action":{"name":"tools/call"},"context":{}}' % (entities % ("tool", "memory_search")),
        "method": '{%s,"action":{"name":"tools/list"}}' % (entities % ("mcp_server", "e")),
        "apparitor": '{%s,"action":{"name":"tool_call.execute"}}' % (entities % ("mcp_tool", "files/web/fetch")),
        "tool": '{%s,"action":{"name":"tool_call.execute"}}' % (entities % ("mcp_tool", "files/memory_search")),
        "policy-backend": '{%s,"action":{"name":"memory_search","properties":{"operation_ref_id":"op:tool:memory_search"}}}' % (entities % ("", "")),
        "several": '{%s,"action":{"name":"memory_search"},%s}' % (entities % ("c", "d"), several),
        "first-deny": '{%s,"options":{"evaluations_semantic":"deny_on_first_deny"},%s}' % (entities % ("c", "d"), several),
        "first-permit": '{%s,"options":{"evaluations_semantic":"permit_on_first_permit"},%s}' % (entities % ("c", "d"), several),
        "none": '{%s,"evaluations":[],"page":{"limit":1}}' % (entities % ("c", "d")),
        "page": '{%s,"page":{"limit":2.0,"token":"","properties":{}}}' % (entities % ("tool", "memory_search")),
        "null": '{"subject":null,"action":{"name":1},"resource":[]}',
    }
    for name, body in questions.items():
        put("authzen", name, body.encode())

    # The first byte of a line chooses the header: version, method, name, action of a proxy, and two that are not looked at.
    version, call = "02026-07-28\n", "1tools/call\n"
    requests = {
        "call": version + call + "2memory_search",
        "encoded": version + call + "2=?base64?bWVtb3J5X3NlYXJjaA==?=",
        "not-ascii": version + call + "2=?base64?w6k=?=",
        "joined": version + call + "2=?base64?YQ==?=,=?base64?Yg==?=",
        "twice": version + call + "2memory_search\n2memory_search",
        "method": version + call + "2tools/list",
        "list": version + "1tools/list\n2a\n2b",
        "read": version + "1resources/read\n2file:///a\n4b\n5Bearer x",
        "older": "02025-11-25\n" + call + "2memory_search",
        "action": "3a\n",
        "comma": "3=?base64?YSxi?=",
        "server": "3files/memory_search",
    }
    for name, lines in requests.items():
        put("headers", name, lines.encode())
    # The first byte of a line says who sends it.
    call = '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"%s","arguments":%s}}'
    answer = '{"jsonrpc":"2.0","id":%d,"result":%s}'
    said = {
        "smuggled": "c" + call % ("ok", "\r" + call % ("rm", "{}") + "\r"),
        "twice": 'c{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"ok","n\\u0061me":"rm","Name":"rm"}}',
        "numbers": "c" + call % ("ok", '[1.0,-0,1e400,12345678901234567890,"\\ud800\\udc00\\ud800"]'),
        "blanks": "c \t" + call.replace(":", " : ") % ("a/b", " [ ] ") + " \r",
        "list": "s" + answer % (1, '{"tools":[{"name":"ok"},{"name":"rm"},{"name":"a/b","a":1,"a":2}],"nextCursor":""}'),
        "asks": "s" + answer % (2, '{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list","params":{"mode":"url"}}}}'),
        "error": 's{"jsonrpc":"2.0","id":4,"error":{"code":-3.2042e4,"message":"","data":{}}}',
        "cut": 'c{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"ok","name\\u0000x":"rm","n\\u200bame ":"rm"}}',
        "code": 's{"jsonrpc":"2.0","id":4,"error":{"code":" -32_042","message":"","data":{}}}',
        "page": "s" + answer % (2, '{"inputRequests":{"a":{"method":"elicitation/create","params":{"url":"u","elicitationId":"e"}}}}'),
        "cancelled": 'c{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'
        '\nc{"jsonrpc":"2.0","id":1,"method":"ping"}\ns' + answer % (1, '{"tools":[{"name":"rm"}]}'),
        "task": 's{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"t","error":{"code":-32042},'
        '"inputRequests":{"a":{"method":"roots/list"}},"result":{"inputRequests":{}}}}',
        "handshake": "s" + answer % (3, '{"protocolVersion":"2025-06-18","capabilities":{"tools":{},"Resources":{}}}')
        + '\ns{"jsonrpc":"2.0","id":"x","method":"sampling/createMessage","params":{"_meta":{"progressToken":"p"}}}'
        + '\nc{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p"}}'
        + '\nc{"jsonrpc":"2.0","id":"x","result":{"task":{"taskId":"t"}}}',
        "modern": 'c{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"taskIds":["t"]},'
        '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"roots":{}}}}}',
    }
    # What the gate asks itself where something is pinned.
    own = 's{"jsonrpc":"2.0","id":"genome-mcp-' + 16 * "07" + '-%d","result":%s}'
    said["pinned"] = own % (1, '{"resultType":"complete","tools":[{ "name" : "ok" },{"name":"a/b"}]}') + "\nc" + call % ("ok", "{}")
    said["pages"] = (
        own % (1, '{"tools":[{"name":"ok"}],"nextCursor":"n"}')
        + '\ns{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n'
        + own % (3, '{"tools":[{"name":"ok"}],"nextCursor":""}')
        + "\n"
        + own % (4, '{"tools":[]}')
    )
    for name, text in said.items():
        put("mcp", name, text.encode())

    shown = {
        "quotes": "a`, `b \\u{60} \\\\ ``",
        "commands": "###[a]##vso[task.complete]##error]::error::x%0A##",
        "marks": "\u0301a\u0301\u202e\u2028\u00a0\ufeff\u3164",
        "path": "genomes/TOTK_ROOT_v1.0.0/genome.json:1:2",
        "key": "BgMrZXAEIgQg",
    }
    for name, text in shown.items():
        put("reports", name, text.encode())
    put("reports", "no-text", b"a/\xc3\xa9\xff\xe2\x80\n\\")

    # The first byte chooses a form of a key, and is none of ASCII.
    for form in range(16):
        put("keys", f"form-{form}", bytes([0x80 + form]))
        put("keys", f"form-{form}-changed", bytes([0x80 + form]) + choices(f"keys {form}", 24))
    for name in ["policy.json", "state.json"]:
        found = [(vector, parts[name]) for vector, parts in trusted() if name in parts]
        for vector, content in found[:: len(found) // 6]:
            put("keys", f"{vector}-{name}", content)
    for path in sorted((HERE.parent / "proposals").glob("*/*")):
        if path.suffix in [".json", ".md"] and path.stat().st_size < 6000:
            put("keys", f"{path.parent.name}-{path.name}", path.read_bytes())

    for number in range(24):
        put("audit", f"{number:02}", choices(f"audit {number}", 80 + 4 * number))
        put("diff", f"{number:02}", choices(f"diff {number}", 200 + 4 * number))
        put("lineage", f"{number:02}", choices(f"lineage {number}", 600 + 25 * number))
        put("reports", f"choices-{number:02}", b"\x80" + choices(f"reports {number}", 100 + 8 * number))
        put("verify", f"choices-{number:02}", b"\x80" + choices(f"verify {number}", 40 + 4 * number))


main()
