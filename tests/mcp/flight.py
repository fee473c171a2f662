"""A server that answers calls out of order, some at once, some much later, and some that were cancelled.

flight.py SEED
"""

import json
import os
import random
import select
import sys

chance = random.Random(int(sys.argv[1]))
held, rest = [], b""


def answer(message):
    name, arguments = message["params"]["name"], message["params"].get("arguments", {})
    said = str(os.getpid()) if name == "pid" else f"{name} {arguments.get('number')}"
    return json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"content": [{"type": "text", "text": said}]}}) + "\n"


def release(count):
    chance.shuffle(held)
    said = "".join(held[:count]).encode()
    del held[:count]
    while said:
        said = said[os.write(1, said) :]


while True:
    if held and not select.select([0], [], [], 0)[0]:
        # Nothing more comes before somebody is answered.
        release(chance.randint(1, len(held)))
        continue
    read = os.read(0, 65536)
    if not read:
        break
    *lines, rest = (rest + read).split(b"\n")
    for line in lines:
        message = json.loads(line)
        if message["method"] == "tools/call":
            held.append(answer(message))
        elif message["method"] == "notifications/cancelled" and chance.random() < 0.5:
            wanted = f'"id": {message["params"]["requestId"]},'
            held[:] = [other for other in held if wanted not in other]
        if len(held) > 200 or chance.random() < 0.05:
            release(chance.randint(0, len(held)))
release(len(held))
