"""Keys, documents and signatures, for whatever makes vectors of them."""

import copy
import hashlib
import json

import curve


def key(label):
    return curve.Key(hashlib.sha256(b"genome vector key: " + label.encode()).digest())


def signer(key_id, public):
    return {"key_id": key_id, "alg": "ed25519", "public_key": public}


def signature(key_id, data):
    return {"alg": "ed25519", "signer_key_id": key_id, "sig_base64": curve.text(data)}


def attach(genome, signatures):
    one = len(signatures) == 1
    return {**copy.deepcopy(genome), **({"signature": signatures[0]} if one else {"signatures": signatures})}


def canonical(genome):
    """The canonical form of a genome: what is signed, and what its id is the digest of."""
    return jcs({name: value for name, value in genome.items() if name not in ("signature", "signatures")})


def jcs(value):
    """RFC 8785, for values whose numbers are small integers."""

    def ordered(value):
        if isinstance(value, dict):
            # RFC 8785 section 3.2.3: names are sorted by UTF-16 code units.
            return {name: ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
        return [ordered(item) for item in value] if isinstance(value, list) else value

    return json.dumps(ordered(value), separators=(",", ":"), ensure_ascii=False).encode()


def legacy(genome):
    """JSON.stringify with the sorted top-level names as an array replacer and an indent of 2."""
    names = sorted(genome)

    def replace(value):
        if isinstance(value, dict):
            return {name: replace(value[name]) for name in names if name in value}
        return [replace(item) for item in value] if isinstance(value, list) else value

    return json.dumps(replace(genome), indent=2, ensure_ascii=False).encode()


def pretty(genome):
    return (json.dumps(genome, indent=2, ensure_ascii=False) + "\n").encode()


def follow(document, path):
    """The container of the last step of a path such as `authority/signers/0/alg`, and that step."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        document = document[step]
    return document, last


def changed(document, path, value):
    document = copy.deepcopy(document)
    container, last = follow(document, path)
    container[last] = value(container[last]) if callable(value) else value
    return document


def flipped(data, bit):
    return bytes(byte ^ (1 << bit % 8 if index == bit // 8 else 0) for index, byte in enumerate(data))
