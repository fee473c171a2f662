"""Keys whose private halves nobody has, for vectors that production accepts: it refuses every key that this repository can sign with.

`discarded.json` holds their public halves, and their signatures by the SHA-256 digest of what is signed. A vector that needs another
signature needs other keys: `generate.py --renew` draws them, signs with them, and forgets their private halves.
"""

import base64
import hashlib
import json
import os
import pathlib

import curve

STORE = pathlib.Path(__file__).resolve().parent / "discarded.json"
stored = json.loads(STORE.read_text())
drawn = None
used = {}


def renew():
    """Begins anew, with keys that are drawn."""
    global drawn
    drawn = {}


class Key:
    """A key that signs what it has signed before, and nothing else."""

    def __init__(self, label):
        self.label = label

    @property
    def public(self):
        if drawn is None:
            return stored[self.label]["public_key"]
        if self.label not in drawn:
            # Not registered with the others: it is on no list, and in no file.
            drawn[self.label] = curve.Key(os.urandom(32), published=False)
        return drawn[self.label].public

    @property
    def raw(self):
        return base64.b64decode(self.public)[-32:]

    def sign(self, message):
        digest = hashlib.sha256(message).hexdigest()
        entry = used.setdefault(self.label, {"public_key": self.public, "signatures": {}})
        if digest not in entry["signatures"]:
            known = {} if drawn is not None else stored[self.label]["signatures"]
            data = curve.text(drawn[self.label].sign(message)) if drawn is not None else known.get(digest)
            if data is None:
                raise SystemExit(f"{self.label} has not signed this: run generate.py --renew, which draws other keys for these vectors")
            entry["signatures"][digest] = data
        return base64.b64decode(entry["signatures"][digest])


def file():
    """What is stored of the keys that were used."""
    return (json.dumps(used, indent=2, sort_keys=True) + "\n").encode()
