#!/usr/bin/env python3
"""Writes the vectors beside this file, with nothing of this project: Python's standard library and the program openssl.

A vector is header lines `key: value`, an empty line, and the bytes of the document. Running this again gives the same bytes;
with `--renew` it draws other keys where none may be known (discarded.py).
`expect` is `accepted`, `refused` or a code; `at` is the JSON Pointer or `line:column` of the refusal, and empty for the whole
document; `says` is a part of what the refusal says, so that a vector is refused for the right reason. The vectors of trust have several
parts: trust.py.
"""

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import curve  # noqa: E402
import discarded  # noqa: E402

if sys.argv[1:] == ["--renew"]:
    discarded.renew()
elif sys.argv[1:]:
    sys.exit("usage: generate.py [--renew]")

import rfc  # noqa: E402
import trust  # noqa: E402
from packed import header  # noqa: E402
from signing import attach, canonical, changed, flipped, follow, key, legacy, pretty, signature, signer  # noqa: E402

HERE = Path(__file__).resolve().parent
JSON, SCHEMA, UNSIGNED = "GENOME_INVALID_JSON", "GENOME_INVALID_SCHEMA", "GENOME_UNSIGNED"
SIGNATURE, INSUFFICIENT = "GENOME_INVALID_SIGNATURE", "GENOME_INSUFFICIENT_SIGNATURES"
LEGACY, SECRET = "GENOME_LEGACY_SIGNATURE", "GENOME_SECRET_EXPOSED"

written = set()


def write(directory, name, body, **fields):
    put(HERE / directory / name, header(fields) + b"\n" + body)


def put(path, content):
    assert path not in written, path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    written.add(path)


# --- The valid genome that the attacks start from ---

A, B, C = key("ops-a"), key("ops-b"), key("ops-c")
MALLORY = key("mallory")
IDS = {"ops-a": A, "ops-b": B, "ops-c": C}


def base(threshold=2):
    digest = hashlib.sha256(b"what the manifest binds\n").hexdigest()
    return {
        "schema_version": "genome.v0.1",
        "name": "VECTOR_PROD",
        "version": "1.4.0",
        "parents": [hashlib.sha256(b"the parent").hexdigest()],
        "created_at": "2026-01-31T12:00:00Z",
        "authority": {"signers": [signer(key_id, key.public) for key_id, key in IDS.items()], "threshold": threshold},
        "invariants": [
            {
                "id": "INV-001",
                "severity": "CRITICAL",
                "testable_claim": "a stop by the user halts every action at once",
                "enforcement_hook": "gate.checkConsent",
            },
            {
                "id": "INV-002",
                "severity": "HIGH",
                "testable_claim": "what is uncertain is refused",
                "enforcement_hook": "gate.isUncertain",
            },
        ],
        "capabilities": [
            {
                "cap_id": "CAP-READ",
                "risk_class": "B",
                "allow_actions": ["memory_search", "memory_read_node"],
                "deny_actions": ["memory_erase"],
            },
            {"cap_id": "CAP-DENY", "risk_class": "A", "allow_actions": [], "deny_actions": ["clone_self", "share_identity"]},
        ],
        "build_manifest": {"files": [{"path": "genomes/vector/README.md", "sha256": digest}]},
    }


def sign(genome, *key_ids, message=None):
    """A copy with the signatures of these signers over its canonical form, or over another message."""
    message = canonical(genome) if message is None else message
    return attach(genome, [signature(key_id, IDS[key_id].sign(message)) for key_id in key_ids])


SIGNED = sign(base(), "ops-a", "ops-b")
SINGLE = sign(base(1), "ops-a")


def place(data, marker, skip=0):
    """The line and column, in characters, of `skip` bytes after the one place where the marker stands."""
    assert data.count(marker) == 1, (marker, data.count(marker))
    return end(data[: data.index(marker) + skip])


def end(data):
    """The line and column after these bytes."""
    lines = data.decode().split("\n")
    return f"{len(lines)}:{len(lines[-1]) + 1}"


def substituted(data, old, new):
    assert data.count(old) == 1, (old, data.count(old))
    return data.replace(old, new)


def hostile(name, expect, at, why, document, says=None):
    body = document if isinstance(document, bytes) else pretty(document)
    write("hostile", name, body, expect=expect, at=at, says=says, why=why)


# --- Hostile: a validly signed genome, changed afterwards ---


def tampering():
    def tampered(name, path, value, why, expect=SIGNATURE, at="/signatures/0", says="does not verify"):
        hostile(f"tampered-{name}", expect, at, why, changed(SIGNED, path, value), says if expect == SIGNATURE else None)

    after = "changed after signing"
    tampered("schema-version", "schema_version", "genome.v0.3", "an unknown schema version", SCHEMA, "/schema_version")
    tampered("name", "name", "VECTOR_TEST", after)
    tampered("version", "version", "1.4.1", after)
    tampered("version-build-metadata", "version", "1.4.0+1", "build metadata is signed too")
    tampered("parent-added", "parents", lambda p: p + ["0" * 64], after)
    tampered("parent-changed", "parents/0", "0" * 64, after)
    tampered("parent-removed", "parents", [], "a later genome made to look like a root")
    tampered("created-at", "created_at", "2026-01-31T12:00:01Z", after)
    tampered("created-at-same-instant", "created_at", "2026-01-31T13:00:00+01:00", "the same instant, but not the signed text")
    tampered("threshold-lowered", "authority/threshold", 1, "one signature fewer would do")
    tampered("threshold-raised", "authority/threshold", 3, after)
    tampered("signer-added", "authority/signers", lambda s: s + [signer("mallory", MALLORY.public)], "the attacker's key is added")
    tampered("signer-removed", "authority/signers", lambda s: s[:2], "a signer who did not sign is removed")
    tampered("signers-reordered", "authority/signers", lambda s: s[::-1], "the order of an array is signed")
    tampered("signer-key-id", "authority/signers/2/key_id", "ops-d", after)
    tampered("signer-alg", "authority/signers/0/alg", "rsa", "another algorithm", SCHEMA, "/authority/signers/0/alg")
    tampered("signer-public-key-swapped", "authority/signers/2/public_key", MALLORY.public, "a signer's key becomes the attacker's")
    tampered("invariant-id", "invariants/0/id", "INV-101", after)
    tampered("invariant-severity-lowered", "invariants/0/severity", "MEDIUM", after)
    tampered("invariant-claim", "invariants/0/testable_claim", "a stop by the user is noted", after)
    tampered("invariant-hook", "invariants/0/enforcement_hook", "gate.noop", after)
    tampered("invariant-removed", "invariants", lambda i: i[1:], after)
    tampered("invariants-all-removed", "invariants", [], after)
    tampered("capability-id", "capabilities/0/cap_id", "CAP-WRITE", after)
    tampered("capability-risk-lowered", "capabilities/0/risk_class", "A", after)
    tampered("capability-action-added", "capabilities/0/allow_actions", lambda a: a + ["payment_send"], after)
    tampered("capability-action-case", "capabilities/0/allow_actions/0", "Memory_search", "one bit of one character")
    tampered("capability-denial-removed", "capabilities/0/deny_actions", [], after)
    tampered("capability-removed", "capabilities", lambda c: c[:1], "the capability that denies is removed")
    tampered("manifest-path", "build_manifest/files/0/path", "genomes/vector/OTHER.md", after)
    tampered("manifest-digest", "build_manifest/files/0/sha256", hashlib.sha256(b"other\n").hexdigest(), after)
    tampered("manifest-file-removed", "build_manifest/files", [], after)

    moved = changed(SIGNED, "capabilities/1/deny_actions", ["share_identity"])
    moved = changed(moved, "capabilities/1/allow_actions", ["clone_self"])
    hostile("tampered-action-moved-from-deny-to-allow", SIGNATURE, "/signatures/0", after, moved, "does not verify")

    usurped = changed(base(), "authority/signers/1/public_key", MALLORY.public)
    signatures = [SIGNED["signatures"][0], signature("ops-b", MALLORY.sign(canonical(usurped)))]
    why = "the attacker's key under a signer's name, with a valid signature of his beside the one that was there"
    hostile("tampered-signer-usurped", SIGNATURE, "/signatures/0", why, attach(usurped, signatures))

    composed = sign(changed(base(), "invariants/0/testable_claim", "caf\u00e9"), "ops-a", "ops-b")
    decomposed = changed(composed, "invariants/0/testable_claim", "cafe\u0301")
    hostile("tampered-unicode-normalization", SIGNATURE, "/signatures/0", "looks the same, other code points", decomposed)

    swapped = changed(SIGNED, "signatures/0/signer_key_id", "ops-b")
    swapped = changed(swapped, "signatures/1/signer_key_id", "ops-a")
    hostile("tampered-signer-key-ids-exchanged", SIGNATURE, "/signatures/0", "each signature under the other's name", swapped)
    tampered("signature-signer-key-id", "signatures/0/signer_key_id", "ops-c", "a signature under the name of another signer")
    tampered("signature-alg", "signatures/0/alg", "none", "another algorithm", SCHEMA, "/signatures/0/alg")


# --- Hostile: signatures that are not, or not enough ---


def signatures():
    unsigned, single = base(1), base(1)
    message = canonical(single)
    good = A.sign(message)

    def forged(name, why, data, expect=SIGNATURE, at="/signature", says="does not verify"):
        hostile(name, expect, at, why, attach(single, [signature("ops-a", data)]), says)

    forged("signature-bit-flipped-in-r", "one bit of R", flipped(good, 7))
    forged("signature-bit-flipped-in-s", "one bit of S", flipped(good, 256))
    forged("signature-of-zeros", "R and S of zero bytes", bytes(64))
    malleated = good[:32] + curve.le(curve.number(good[32:]) + curve.L)
    forged("signature-malleated-s", "S + L: the equation holds, the signature is another", malleated, says="not reduced")
    forged("signature-s-of-all-ones", "S is as large as can be", good[:32] + b"\xff" * 32, says="not reduced")
    forged("signature-s-is-the-order", "S = L", good[:32] + curve.le(curve.L), says="not reduced")
    neutral = curve.signature_with_neutral_r(A, message)
    assert curve.openssl_verifies(A.raw, message, neutral)
    forged("signature-r-of-small-order", "R is the neutral point; OpenSSL accepts it", neutral)
    forged("signature-r-not-canonical", "R is the neutral point with y = p + 1", curve.le(curve.P + 1) + neutral[32:])
    forged("signature-prehashed", "Ed25519ph, not Ed25519", curve.signature_prehashed(A, message))
    forged("signature-by-another-key", "the attacker's signature under a signer's name", MALLORY.sign(message))
    forged("signature-of-another-genome", "a valid signature by the same key over another genome", A.sign(canonical(base(2))))
    forged("signature-over-pretty-bytes", "over the file as it stands, not the canonical form", A.sign(pretty(single)))
    forged("signature-over-canonical-with-line-feed", "over the canonical form and a line feed", A.sign(message + b"\n"))
    forged("signature-over-digest", "over the SHA-256 digest of the canonical form", A.sign(hashlib.sha256(message).digest()))
    forged("signature-over-hex-id", "over the genome id as text", A.sign(hashlib.sha256(message).hexdigest().encode()))
    forged("signature-over-empty-object", "over `{}`", A.sign(b"{}"))

    mixed = curve.encode(curve.add(curve.decode(A.raw), curve.torsion()[1]))
    genome = changed(base(1), "authority/signers", [signer("ops-a", curve.text(curve.SPKI + mixed))])
    cofactored = curve.signature_by_mixed_key(A.scalar(), mixed, canonical(genome), strict=False)
    assert not curve.openssl_verifies(mixed, canonical(genome), cofactored)
    why = "the key has a part of small order, and the equation holds only if it is multiplied by the cofactor"
    document = attach(genome, [signature("ops-a", cofactored)])
    hostile("signature-by-mixed-key-with-cofactor-only", SCHEMA, "/authority/signers/0/public_key", why, document, "part of small order")
    mixed = curve.signature_with_mixed_r(A, message)
    assert not curve.openssl_verifies(A.raw, message, mixed)
    forged("signature-valid-with-cofactor-only", "R has a part of small order, and so the equation as it stands does not hold", mixed)

    old = legacy(unsigned)
    by_scripts = sign(unsigned, "ops-a", message=old)
    hostile("legacy-signature", LEGACY, "/signature", "made by the replaced scripts", by_scripts)
    why = "made by the replaced scripts, which would still accept it: they signed nothing that is nested"
    hostile(
        "legacy-signature-capabilities-changed", LEGACY, "/signature", why, changed(by_scripts, "capabilities/0/risk_class", "D")
    )
    why = "made by the replaced scripts, and they would not accept it either"
    hostile("legacy-signature-name-changed", SIGNATURE, "/signature", why, changed(by_scripts, "name", "OTHER"))
    both = attach(base(2), [signature("ops-a", A.sign(legacy(base(2)))), signature("ops-b", B.sign(canonical(base(2))))])
    hostile("legacy-signature-beside-a-good-one", LEGACY, "/signatures/0", "one old, one new", both)
    both = changed(both, "signatures/1/sig_base64", curve.text(flipped(B.sign(canonical(base(2))), 9)))
    hostile("legacy-signature-beside-a-forged-one", SIGNATURE, "/signatures/1", "the forgery is the worse news", both)

    hostile("unsigned", UNSIGNED, "", "no signature at all", unsigned)
    hostile("signatures-empty", UNSIGNED, "", "an empty list is no signature", {**unsigned, "signatures": []})
    why = "the threshold has 2, one has signed"
    hostile("signatures-one-of-two", INSUFFICIENT, "/authority/threshold", why, sign(base(), "ops-b"), "1 of the 2")
    why = "the threshold has 3, two have signed"
    hostile("signatures-two-of-three", INSUFFICIENT, "/authority/threshold", why, sign(base(3), "ops-a", "ops-c"), "2 of the 3")
    stranger = attach(unsigned, [signature("mallory", MALLORY.sign(message))])
    hostile(
        "signature-by-unknown-signer-only", INSUFFICIENT, "/authority/threshold", "nobody knows the signer", stranger, "0 of the 1"
    )
    other_case = attach(unsigned, [signature("OPS-A", good)])
    hostile(
        "signature-key-id-in-other-case", INSUFFICIENT, "/authority/threshold", "key ids differ by case", other_case, "0 of the 1"
    )
    padded = sign(base(), "ops-a")["signature"]
    padded = attach(base(), [padded, signature("mallory", MALLORY.sign(canonical(base())))])
    hostile(
        "signature-by-unknown-signer-fills-up", INSUFFICIENT, "/authority/threshold", "one known, one unknown", padded, "1 of the 2"
    )
    beside = attach(unsigned, [signature("ops-a", good), signature("ops-b", flipped(B.sign(message), 100))])
    why = "the threshold of 1 is met, and yet a known signer's signature does not verify"
    hostile("signature-invalid-beside-a-valid-one", SIGNATURE, "/signatures/1", why, beside, "does not verify")

    a, b = sign(base(), "ops-a")["signature"], sign(base(), "ops-b")["signature"]
    hostile(
        "signature-twice",
        SCHEMA,
        "/signatures/1/signer_key_id",
        "the same signature twice",
        attach(base(), [a, a]),
        "/signatures/0",
    )
    why = "two signatures of one signer, one of them forged"
    twice = attach(base(), [a, signature("ops-a", flipped(A.sign(canonical(base())), 3))])
    hostile("signature-twice-by-one-signer", SCHEMA, "/signatures/1/signer_key_id", why, twice)
    relabelled = attach(base(), [a, {**a, "signer_key_id": "ops-b"}])
    hostile("signature-under-two-names", SIGNATURE, "/signatures/1", "one signature under the names of two signers", relabelled)
    both = {**attach(base(), [a, b]), "signature": a}
    hostile("signature-beside-signatures", SCHEMA, "/signature", "both fields", both, "both")
    hostile("signature-null", SCHEMA, "/signature", "null is no signature", {**unsigned, "signature": None})
    hostile("signature-as-array", SCHEMA, "/signature", "a list in `signature`", {**unsigned, "signature": [SINGLE["signature"]]})
    hostile(
        "signatures-as-object", SCHEMA, "/signatures", "an object in `signatures`", {**unsigned, "signatures": SINGLE["signature"]}
    )

    one_key = changed(base(), "authority/signers/1/public_key", A.public)
    message = canonical(one_key)
    one_key = attach(one_key, [signature("ops-a", A.sign(message)), signature("ops-b", A.sign(message))])
    why = "one key under two ids signs twice, to meet a threshold of 2"
    hostile("one-key-under-two-ids", SCHEMA, "/authority/signers/1/public_key", why, one_key, "/authority/signers/0/public_key")
    two_keys = changed(base(), "authority/signers/1/key_id", "ops-a")
    hostile("two-keys-under-one-id", SCHEMA, "/authority/signers/1/key_id", "which key is meant?", sign(two_keys, "ops-a", "ops-c"))


# --- Hostile: base64 in other forms, and keys that are none ---


def next_symbol(symbol):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(symbol) + 1]


def forms(text):
    """The same bytes in forms that lax decoders take."""
    body = text.rstrip("=")
    pad = text[len(body) :]
    yield "without-padding", body
    yield "url-safe", text.replace("+", "-").replace("/", "_")
    yield "with-line-feed", text + "\n"
    yield "with-line-feed-inside", text[:32] + "\n" + text[32:]
    yield "with-spaces", " " + text + " "
    yield "with-space-inside", text[:32] + " " + text[32:]
    yield "with-trailing-bits", body[:-1] + next_symbol(body[-1]) + pad
    yield "with-extra-padding", text + "="
    yield "as-hex", curve.base64.b64decode(text).hex()


def key_with_symbols(label):
    """A key whose base64 differs in the URL-safe alphabet."""
    for attempt in range(100):
        candidate = key(f"{label} {attempt}")
        if set("+/") & set(candidate.public):
            return candidate
    raise AssertionError(label)


def with_public_key(public, key=A):
    genome = changed(base(1), "authority/signers/0/public_key", public)
    return attach(genome, [signature("ops-a", key.sign(canonical(genome)))])


def encodings():
    symbols = key_with_symbols("symbols")
    for form, text in forms(symbols.public):
        assert text != symbols.public
        at, why = "/authority/signers/0/public_key", "base64 in another form than the one of RFC 4648 section 4"
        hostile(f"public-key-base64-{form}", SCHEMA, at, why, with_public_key(text, symbols))
    genome = base(1)
    while not set("+/") & set(curve.text(A.sign(canonical(genome)))):
        genome["version"] += "+1"
    data = A.sign(canonical(genome))
    for form, text in forms(curve.text(data)):
        assert text != curve.text(data)
        at, why = "/signature/sig_base64", "base64 in another form than the one of RFC 4648 section 4"
        hostile(
            f"signature-base64-{form}",
            SCHEMA,
            at,
            why,
            changed(attach(genome, [signature("ops-a", data)]), "signature/sig_base64", text),
        )
    for length, data in [(0, b""), (32, data[:32]), (63, data[:63]), (65, data + b"\0"), (128, data + data)]:
        document = attach(genome, [signature("ops-a", data)])
        hostile(f"signature-of-{length}-bytes", SCHEMA, "/signature/sig_base64", f"{length} bytes, not 64", document)


def public_keys():
    def refused(name, why, data, says):
        document = with_public_key(data if isinstance(data, str) else curve.text(data))
        hostile(f"public-key-{name}", SCHEMA, "/authority/signers/0/public_key", why, document, says)

    spki = lambda raw: curve.SPKI + raw  # noqa: E731
    refused("raw", "the 32 bytes without their structure", A.raw, "raw")
    refused("with-trailing-bytes", "bytes after the structure", A.spki + b"\0\0\0", "44-byte")
    refused("with-trailing-byte", "a byte after the structure", A.spki + b"\0", "44-byte")
    refused("truncated", "a byte too few", A.spki[:-1], "44-byte")
    refused("x25519", "an X25519 key (RFC 8410 section 3)", bytes.fromhex("302a300506032b656e032100") + A.raw, "44-byte")
    refused("ed448-identifier", "the identifier of Ed448", bytes.fromhex("302a300506032b6571032100") + A.raw, "44-byte")
    refused(
        "with-null-parameters",
        "RFC 8410 section 3: no parameters",
        bytes.fromhex("302c300706032b65700500032100") + A.raw,
        "44-byte",
    )
    refused("length-in-long-form", "BER, not DER", bytes.fromhex("30812a300506032b6570032100") + A.raw, "44-byte")
    refused("unused-bits", "a bit string with unused bits", bytes.fromhex("302a300506032b6570032101") + A.raw, "44-byte")
    refused("ssh", "an OpenSSH public key", "ssh-ed25519 " + curve.text(b"\0\0\0\x0bssh-ed25519\0\0\0 " + A.raw), "base64")
    refused("pem", "PEM around the right text", f"-----BEGIN PUBLIC KEY-----\n{A.public}\n-----END PUBLIC KEY-----\n", "base64")
    refused("empty", "no key at all", "", "44-byte")

    forged = curve.encode(curve.BASE) + curve.le(1)
    for index, point in enumerate(curve.torsion()):
        raw = curve.encode(point)
        genome = changed(base(1), "authority/signers/0/public_key", curve.text(spki(raw)))
        document = attach(genome, [signature("ops-a", forged)])
        why = f"{index} times a point of order 8: signatures by it prove nothing"
        at = "/authority/signers/0/public_key"
        hostile(f"public-key-of-small-order-{index}", SCHEMA, at, why, document, "small order")

    for index, point in enumerate(curve.torsion()[1:], 1):
        mixed = curve.encode(curve.add(curve.decode(A.raw), point))
        twice = [signer("ops-a", A.public), signer("ops-b", curve.text(spki(mixed)))]
        genome = changed(base(2), "authority/signers", twice)
        message = canonical(genome)
        by_mixed = curve.signature_by_mixed_key(A.scalar(), mixed, message, strict=True)
        assert curve.openssl_verifies(mixed, message, by_mixed)
        document = attach(genome, [signature("ops-a", A.sign(message)), signature("ops-b", by_mixed)])
        why = f"one secret is two signers: the second key is the first plus {index} times a point of order 8, and both signatures verify"
        at = "/authority/signers/1/public_key"
        hostile(f"public-key-of-mixed-order-{index}-one-secret-two-signers", SCHEMA, at, why, document, "part of small order")

    sign_bit = 1 << 255
    refused("y-is-p", "y = p, which is 0", spki(curve.le(curve.P)), "not a canonical point")
    refused("y-is-p-plus-1", "y = p + 1, which is 1, the neutral point", spki(curve.le(curve.P + 1)), "not a canonical point")
    refused("y-is-p-plus-3", "y = p + 3, which is 3, a point of large order", spki(curve.le(curve.P + 3)), "not a canonical point")
    assert curve.decode(curve.le(3)) and curve.multiply(8, curve.decode(curve.le(3))) != curve.NEUTRAL
    refused("y-of-all-ones", "the largest number", spki(b"\xff" * 32), "not a canonical point")
    refused("x-is-0-with-sign", "x = 0 with the sign bit set, y = 1", spki(curve.le(1 | sign_bit)), "not a public key")
    refused(
        "x-is-0-with-sign-y-minus-1",
        "x = 0 with the sign bit set, y = -1",
        spki(curve.le(curve.P - 1 | sign_bit)),
        "not a public key",
    )
    assert curve.decode(curve.le(2)) is None
    refused("off-the-curve", "no point of the curve has y = 2", spki(curve.le(2)), "not a canonical point")


# --- Hostile: private keys in the document ---


def secrets():
    def exposed(name, at, why, genome, *signers):
        hostile(f"private-key-{name}", SECRET, at, why, sign(genome, *(signers or ("ops-b",))))

    leaked = key("burnt")
    v2 = curve.text(bytes.fromhex("3051020101300506032b657004220420") + leaked.seed + bytes.fromhex("812100") + leaked.raw)
    public_key = "authority/signers/0/public_key"
    exposed("as-public-key", "/" + public_key, "PKCS#8 where the public key belongs", changed(base(1), public_key, leaked.private))
    exposed("as-public-key-v2", "/" + public_key, "PKCS#8 version 2 where the public key belongs", changed(base(1), public_key, v2))
    exposed("as-public-key-pem", "/" + public_key, "PEM where the public key belongs", changed(base(1), public_key, leaked.pem))
    why = "its 64 characters are a well-formed key id"
    leaked_id = next(k for k in (key(f"burnt {n}") for n in range(100)) if not k.private.endswith("="))
    exposed("as-key-id", "/authority/signers/0/key_id", why, changed(base(1), "authority/signers/0/key_id", leaked_id.private))
    exposed("as-name", "/name", "in the name", changed(base(1), "name", leaked.private))
    exposed(
        "as-action",
        "/capabilities/0/allow_actions/1",
        "in an action",
        changed(base(1), "capabilities/0/allow_actions/1", leaked.private),
    )
    exposed("as-path", "/build_manifest/files/0/path", "in a path", changed(base(1), "build_manifest/files/0/path", leaked.private))
    exposed("as-version", "/version", "in a field that the schema refuses anyway", changed(base(1), "version", leaked.private))
    claim = "invariants/0/testable_claim"
    exposed(
        "pem-in-claim", "/" + claim, "PEM in the middle of a text", changed(base(1), claim, f"sign with\n{leaked.pem}and commit")
    )
    openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    exposed("openssh-in-claim", "/" + claim, "an OpenSSH key in a text", changed(base(1), claim, openssh))
    exposed(
        "in-claim", "/" + claim, "base64 in the middle of a text", changed(base(1), claim, f"the key is {leaked.private}, keep it")
    )
    exposed(
        "in-unknown-field",
        "/notes/keys/0",
        "in a field that the schema does not name",
        {**base(1), "notes": {"keys": [leaked.private]}},
    )
    exposed("as-field-name", "", "as the name of a field", {**base(1), leaked.private: True})
    exposed(
        "as-nested-field-name",
        "/authority",
        "as the name of a field",
        changed(base(1), "authority", lambda a: {**a, leaked.private: 1}),
    )
    unsigned = changed(base(1), claim, leaked.private)
    hostile("private-key-in-unsigned-draft", SECRET, "/" + claim, "in a draft", unsigned)
    escaped = substituted(pretty(unsigned), leaked.private.encode(), "".join(f"\\u{ord(c):04x}" for c in leaked.private).encode())
    hostile("private-key-in-escapes", SECRET, "/" + claim, "each character written as an escape", escaped)
    stranger = attach(base(1), [SINGLE["signature"], signature(leaked_id.private, A.sign(canonical(base(1))))])
    why = "as the name of an unknown signer, beside a good signature"
    hostile("private-key-as-signer-key-id", SECRET, "/signatures/1/signer_key_id", why, stranger)
    in_signature = changed(SINGLE, "signature/sig_base64", leaked.private)
    hostile("private-key-as-signature", SECRET, "/signature/sig_base64", "where the signature belongs", in_signature)
    double = substituted(pretty(base(1)), b'  "name"', f'  "{leaked.private}": 1,\n  "{leaked.private}": 2,\n  "name"'.encode())
    at = place(double, f'"{leaked.private}": 2'.encode())
    hostile("private-key-as-duplicate-name", JSON, at, "a fault of JSON that must not quote the name", double)


# --- Hostile: JSON that two readers could understand differently ---

MEMBERS = {
    "root": b'  "name": "VECTOR_PROD"',
    "authority": b'    "threshold": 2',
    "signer": b'        "key_id": "ops-b"',
    "invariant": b'      "severity": "HIGH"',
    "capability": b'      "cap_id": "CAP-DENY"',
    "manifest": b'    "files": [',
    "file": b'        "path": "genomes/vector/README.md"',
    "signature": b'      "signer_key_id": "ops-b"',
}


def duplicates():
    data = pretty(SIGNED)
    for depth, member in MEMBERS.items():
        first = b'    "files": []' if depth == "manifest" else member
        for style in ("plain", "escaped"):
            second = member.strip() if style == "plain" else escape_first(member.strip())
            document = substituted(data, member, first + b",\n" + second)
            suffix = "" if style == "plain" else "-escaped"
            why = f"the same name twice, in {depth}" + (", once with an escape" if suffix else "")
            at = place(document, first + b",\n" + second, len(first) + 2)
            hostile(f"duplicate-name-in-{depth}{suffix}", JSON, at, why, document, "stands twice")
    twice = substituted(pretty(SINGLE), b'  "signature": {', b'  "signature": {"alg": "none"},\n  "signature": {')
    hostile("duplicate-signature", JSON, place(twice, b'"none"},\n  "signature"', 11), "`signature` twice", twice, "stands twice")
    empty = substituted(data, b'  "name"', b'  "": 1,\n  "": 2,\n  "name"')
    hostile("duplicate-empty-name", JSON, place(empty, b'"": 2'), "the empty name twice", empty, "stands twice")
    many = {f"x{n}": n for n in range(40)}
    crowded = pretty({**SIGNED, "notes": many}).replace(b'"x39": 39', b'"x39": 39,\n"x7": 7')
    hostile(
        "duplicate-among-many-names",
        JSON,
        place(crowded, b'\n"x7"', 1),
        "the second of one among 40 names",
        crowded,
        "stands twice",
    )


def escape_first(member):
    """A member with the first character of its name written as an escape."""
    return b'"\\u%04x' % member[1] + member[2:]


def json_text():
    data = pretty(SIGNED)
    name = b'"VECTOR_PROD"'

    def text(label, why, old, new, marker, skip=0, says=None):
        document = substituted(data, old, new)
        hostile(label, JSON, place(document, marker, skip), why, document, says)

    hostile("byte-order-mark", JSON, "1:1", "U+FEFF before the document", b"\xef\xbb\xbf" + data, "byte order mark")
    hostile("utf-16", JSON, "1:1", "UTF-16 with its byte order mark", data.decode().encode("utf-16"), "not UTF-8")
    hostile("empty-file", JSON, "1:1", "no bytes", b"")
    hostile("white-space-only", JSON, "2:2", "no document", b" \n\t")
    hostile("non-breaking-space", JSON, "1:1", "U+00A0 is not white space to JSON", "\u00a0".encode() + data)
    hostile("form-feed", JSON, "1:1", "a form feed is not white space to JSON", b"\x0c" + data)
    hostile("nul-after-document", JSON, end(data), "a NUL after the document", data + b"\0", "something follows")
    hostile("trailing-garbage", JSON, end(data), "text after the document", data + b"garbage", "something follows")
    hostile("trailing-bracket", JSON, end(data), "a bracket too many", data + b"}", "something follows")
    hostile(
        "two-documents",
        JSON,
        end(data),
        "which one was signed?",
        data + pretty(changed(SIGNED, "name", "OTHER")),
        "something follows",
    )
    hostile("truncated-document", JSON, end(data[:-3]), "the last bracket is missing", data[:-3], "ends where")
    hostile(
        "truncated-in-string",
        JSON,
        end(data[: data.index(name) + 4]),
        "ends in a string",
        data[: data.index(name) + 4],
        "ends where",
    )

    for label, why, raw in [
        ("overlong", "an overlong form of `/`", b"\xc0\xaf"),
        ("overlong-nul", "an overlong NUL", b"\xc0\x80"),
        ("overlong-3-bytes", "an overlong form in 3 bytes", b"\xe0\x80\xaf"),
        ("truncated", "a sequence that ends early", b"\xe2\x82"),
        ("surrogate", "a surrogate encoded as UTF-8", b"\xed\xa0\x80"),
        ("surrogate-pair", "a pair of surrogates encoded as UTF-8 (CESU-8)", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("continuation", "a continuation byte alone", b"\x80"),
        ("beyond-unicode", "U+110000", b"\xf4\x90\x80\x80"),
        ("latin-1", "ISO 8859-1", b"\xe9"),
    ]:
        text(f"utf-8-{label}", why, name, b'"' + raw + b'"', b'"name": "', 9, "not UTF-8")
    for label, why, escape, says in [
        ("lone-high", "a high surrogate alone", b"\\ud800", "surrogate"),
        ("lone-low", "a low surrogate alone", b"\\udc00", "surrogate"),
        ("two-high", "two high surrogates", b"\\ud800\\ud800", "surrogate"),
        ("reversed", "a pair in the wrong order", b"\\ude00\\ud83d", "surrogate"),
        ("high-before-text", "a high surrogate before a letter", b"\\ud83dx", "surrogate"),
        ("high-before-other-escape", "a high surrogate before a line feed", b"\\ud83d\\n", "surrogate"),
    ]:
        text(f"surrogate-{label}", why, name, b'"' + escape + b'"', b'"name": "', 9, says)
    text("surrogate-in-name", "a lone surrogate in the name of a field", b'"name"', b'"\\ud800"', b'"\\ud800"', 1, "surrogate")
    for label, why, raw in [
        ("raw", "U+FFFE as it is", "\ufffe".encode()),
        ("escaped", "U+FFFF as an escape", b"\\uffff"),
        ("in-the-block", "U+FDD0", "\ufdd0".encode()),
        ("beyond-the-basic-plane", "U+1FFFE as a pair of escapes", b"\\ud83f\\udffe"),
        ("last", "U+10FFFF as it is", "\U0010ffff".encode()),
    ]:
        text(f"non-character-{label}", why, name, b'"' + raw + b'"', b'"name": "', 9, "non-character")
    for label, why, raw in [
        ("tab", "a tab", b"\t"),
        ("line-feed", "a line feed", b"\n"),
        ("nul", "a NUL", b"\0"),
        ("unit-separator", "U+001F", b"\x1f"),
    ]:
        text(f"unescaped-{label}", why + " in a string", name, b'"a' + raw + b'"', b'"name": "a', 10, "control character")
    for label, why, raw in [
        ("x", "an escape of other languages", b"\\x41"),
        ("single-quote", "an escape of JavaScript", b"\\'"),
        ("short", "too few digits", b"\\u12"),
        ("signed", "a sign among the digits", b"\\u+123"),
        ("braces", "an escape of JavaScript", b"\\u{41}"),
    ]:
        text(f"bad-escape-{label}", why, name, b'"' + raw + b'"', b'"name": "', 9, "not an escape")

    text(
        "trailing-comma-in-object",
        "a comma before a bracket",
        b'"threshold": 2\n',
        b'"threshold": 2,\n',
        b'"threshold": 2,\n  }',
        18,
    )
    text(
        "trailing-comma-in-array",
        "a comma before a bracket",
        b'"share_identity"\n',
        b'"share_identity",\n',
        b'"share_identity",\n      ]',
        24,
    )
    text("missing-comma", "no comma between members", name + b",", name, b'"version"')
    text("comment-line", "a comment", b'  "name"', b'  // staging only\n  "name"', b"// staging")
    text("comment-block", "a comment", b'  "name"', b'  /* staging */ "name"', b"/* staging")
    text("single-quotes", "a string in single quotes", name, b"'VECTOR_PROD'", b"'VECTOR_PROD'")
    text("name-without-quotes", "a name without quotes", b'"name"', b"name", b"  name:", 2)
    text("literal-in-capitals", "True", b'"threshold": 2', b'"threshold": True', b"True")
    text("literal-undefined", "undefined", b'"threshold": 2', b'"threshold": undefined', b"undefined")
    text("literal-run-on", "`nullx`", b'"threshold": 2', b'"threshold": nullx', b"nullx", 4)

    for levels in (65, 100_000):
        brackets = b"[" * levels
        document = brackets + b"]" * levels if levels == 65 else brackets
        hostile(f"nesting-of-{levels}-levels", JSON, "1:65", f"{levels} arrays in each other", document, "64 levels")
    nested = substituted(data, b'  "name"', b'  "notes": ' + b'{"a":' * 64 + b"1" + b"}" * 64 + b',\n  "name"')
    at = place(nested, b'"notes": ', 9 + 63 * 5)
    hostile("nesting-of-65-levels-in-a-genome", JSON, at, "64 objects within the genome", nested, "64 levels")

    hostile("top-level-array", SCHEMA, "", "a list of genomes", b"[" + data + b"]", "object")
    hostile("top-level-string", SCHEMA, "", "the genome within a string", json.dumps(data.decode()).encode())
    hostile("top-level-null", SCHEMA, "", "null", b"null\n")


def numbers():
    """The threshold in disguise. Where the canonical form is that of 1, the signature is good, so that only the form is at fault."""
    single = pretty(SINGLE)
    at = "/authority/threshold"
    for label, literal, says in [
        ("1.0", b"1.0", "plain integer"),
        ("1e0", b"1e0", "plain integer"),
        ("0.1e1", b"0.1e1", "plain integer"),
        ("10e-1", b"10e-1", "plain integer"),
        ("minus-1", b"-1", "plain integer"),
        ("minus-0", b"-0", None),
        ("1.5", b"1.5", "plain integer"),
        ("1e30", b"1e30", "plain integer"),
        ("0", b"0", "threshold of 0"),
        ("4", b"4", "never be met"),
        ("largest-integer", b"9007199254740991", "never be met"),
        ("string", b'"1"', "an integer"),
        ("true", b"true", "an integer"),
        ("null", b"null", "an integer"),
        ("array", b"[1]", "an integer"),
    ]:
        document = substituted(single, b'"threshold": 1', b'"threshold": ' + literal)
        hostile(f"threshold-{label}", SCHEMA, at, "not a plain integer from 1 to the number of signers", document, says)
    for label, literal, skip, says in [
        ("2-to-the-53", b"9007199254740992", 0, "outside"),
        ("2-to-the-64-plus-1", b"18446744073709551617", 0, "outside"),
        ("1e400", b"1e400", 0, "too large"),
        ("1e20", b"1e20", 0, "outside"),
        ("01", b"01", 1, None),
        ("plus-1", b"+1", 0, None),
        ("point-5", b".5", 0, None),
        ("1-point", b"1.", 2, "digit"),
        ("hex", b"0x1", 1, None),
        ("not-a-number", b"NaN", 0, None),
        ("infinity", b"Infinity", 0, None),
        ("minus-infinity", b"-Infinity", 1, None),
        ("1e", b"1e", 2, "digit"),
        ("underscore", b"1_0", 1, None),
    ]:
        document = substituted(single, b'"threshold": 1', b'"threshold": ' + literal)
        hostile(
            f"threshold-{label}", JSON, place(document, b'"threshold": ', 13 + skip), "no number of strict JSON", document, says
        )


# --- Hostile: what the schema refuses, although it is signed ---


def schema():
    def refused(name, path, value, why="signed as it stands", at=None, says=None):
        genome = changed(base(), path, value)
        hostile(name, SCHEMA, "/" + path if at is None else at, why, sign(genome, "ops-a", "ops-b"), says)

    def extra(name, path, why="a field that the schema does not name"):
        genome = base()
        container, last = follow(genome, path)
        container[last] = "x"
        hostile(name, SCHEMA, "/" + path, why, sign(genome, "ops-a", "ops-b"), "has no field")

    for depth, path in [
        ("root", "note"),
        ("authority", "authority/note"),
        ("signer", "authority/signers/1/note"),
        ("invariant", "invariants/0/note"),
        ("capability", "capabilities/1/note"),
        ("manifest", "build_manifest/note"),
        ("file", "build_manifest/files/0/note"),
    ]:
        extra(f"unknown-field-in-{depth}", path)
    hostile(
        "unknown-field-in-signature",
        SCHEMA,
        "/signatures/0/note",
        "signatures are not signed",
        changed(SIGNED, "signatures/0", lambda s: {**s, "note": 1}),
    )
    extra("unknown-field-prototype", "__proto__", "what JavaScript takes for the prototype")
    extra("unknown-field-in-capitals", "Name", "a second name for readers that ignore case")
    extra("unknown-field-homoglyph", "n\u0430me", "a Cyrillic letter")
    genome = {**base(), "a/b~c": 1}
    hostile("unknown-field-with-slash-and-tilde", SCHEMA, "/a~1b~0c", "RFC 6901 section 3", sign(genome, "ops-a", "ops-b"))
    for field in base():
        genome = base()
        del genome[field]
        document = sign(genome, "ops-a", "ops-b")
        hostile(f"missing-{field.replace('_', '-')}", SCHEMA, "", "a field is missing", document, f"`{field}` is missing")
    for path in [
        "authority/threshold",
        "authority/signers",
        "authority/signers/0/alg",
        "invariants/0/severity",
        "capabilities/0/deny_actions",
        "build_manifest/files/0/sha256",
    ]:
        genome = base()
        container, last = follow(genome, path)
        del container[last]
        label = f"missing-{'-'.join(step for step in path.split('/') if not step.isdigit())}".replace("_", "-")
        hostile(
            label,
            SCHEMA,
            "/" + path.rpartition("/")[0],
            "a field is missing",
            sign(genome, "ops-a", "ops-b"),
            f"`{last}` is missing",
        )

    refused("schema-version-of-the-future", "schema_version", "genome.v1.0")
    refused("schema-version-with-space", "schema_version", "genome.v0.1 ")
    refused("name-as-number", "name", 1)
    refused("name-empty", "name", "")
    refused("name-of-129-characters", "name", "\u00e9" * 129, says="128")
    for label, text in [
        ("control-character", "VECTOR\u0007"),
        ("escape-sequence", "\u001b[2J"),
        ("line-feed", "VECTOR\nPROD"),
        ("nul", "VECTOR\0"),
        ("delete", "VECTOR\u007f"),
        ("c1-control", "VECTOR\u0085PROD"),
        ("bidi-override", "VECTOR\u202eDORP"),
        ("bidi-isolate", "VECTOR\u2066PROD"),
        ("zero-width-space", "VECTOR\u200bPROD"),
        ("zero-width-joiner", "VECTOR\u200dPROD"),
        ("byte-order-mark", "VECTOR\ufeffPROD"),
        ("soft-hyphen", "VECTOR\u00adPROD"),
        ("tag-character", "VECTOR\U000e0041"),
        ("line-separator", "VECTOR\u2028PROD"),
        ("leading-space", " VECTOR"),
        ("trailing-space", "VECTOR "),
        ("trailing-no-break-space", "VECTOR\u00a0"),
        ("only-space", " "),
    ]:
        refused(f"name-with-{label}", "name", text, "what a person reads is not what is there")
    for label, path in [
        ("invariant-id", "invariants/0/id"),
        ("hook", "invariants/0/enforcement_hook"),
        ("cap-id", "capabilities/0/cap_id"),
        ("allowed-action", "capabilities/0/allow_actions/0"),
        ("denied-action", "capabilities/0/deny_actions/0"),
    ]:
        refused(f"{label}-with-bidi-override", path, "a\u202eb", "what a person reads is not what is there", says="202E")
        refused(f"{label}-with-zero-width-space", path, "a\u200bb", "what a person reads is not what is there", says="200B")
        refused(f"{label}-with-control-character", path, "a\u001bb", "what a person reads is not what is there", says="001B")
        refused(f"{label}-with-trailing-space", path, "a ", "what a person reads is not what is there", says="white space")
        refused(f"{label}-empty", path, "", says="empty")
    refused("claim-empty", "invariants/0/testable_claim", "  ", says="empty")
    for label, text in [
        ("space", "ops a"),
        ("homoglyph", "\u043eps-a"),
        ("line-feed", "ops-a\n"),
        ("quote", 'ops-a"'),
        ("leading-dash", "-ops"),
        ("zero-width-space", "ops\u200b-a"),
    ]:
        refused(f"key-id-with-{label}", "authority/signers/2/key_id", text, says="a key id is")
    refused("key-id-empty", "authority/signers/2/key_id", "")
    refused("key-id-of-129-characters", "authority/signers/2/key_id", "k" * 129)
    refused("signer-alg-in-capitals", "authority/signers/2/alg", "Ed25519")
    refused("signer-alg-ed25519ph", "authority/signers/2/alg", "ed25519ph")
    refused("signers-empty", "authority/signers", [], says="without signers")
    refused("signers-as-object", "authority/signers", {})
    refused("signer-null", "authority/signers/2", None)
    refused("authority-as-array", "authority", [])
    refused("invariants-null", "invariants", None)
    refused("actions-as-string", "capabilities/0/allow_actions", "memory_search")
    refused("action-as-number", "capabilities/0/allow_actions/1", 1)
    refused("manifest-as-array", "build_manifest", [])
    refused("severity-unknown", "invariants/0/severity", "LOW")
    refused("severity-in-lower-case", "invariants/0/severity", "critical")
    refused("risk-class-unknown", "capabilities/0/risk_class", "E")
    refused("risk-class-in-lower-case", "capabilities/0/risk_class", "b")
    refused("action-allowed-and-denied", "capabilities/0/deny_actions/0", "memory_search", says="both")
    refused("cap-id-twice", "capabilities/1/cap_id", "CAP-READ", says="/capabilities/0/cap_id")
    refused("invariant-id-twice", "invariants/1/id", "INV-001", says="/invariants/0/id")
    refused("parent-twice", "parents", lambda p: p + p, at="/parents/1", says="/parents/0")
    refused("parent-of-63-digits", "parents/0", lambda p: p[1:], says="64")
    refused("parent-of-65-digits", "parents/0", lambda p: p + "0", says="64")
    refused("parent-in-capitals", "parents/0", lambda p: p.upper(), says="lowercase")
    refused("parent-null", "parents/0", None)
    refused("parents-as-string", "parents", lambda p: p[0])
    for label, text in [
        ("placeholder", "TO_BE_FILLED_IN"),
        ("placeholder-zeros", "0000"),
        ("empty", ""),
        ("in-capitals", "AB" * 32),
        ("of-63-digits", "a" * 63),
        ("with-prefix", "sha256:" + "ab" * 32),
        ("with-space", "ab" * 32 + " "),
    ]:
        refused(f"digest-{label}", "build_manifest/files/0/sha256", text, says="64")
    for label, text, says in [
        ("parent-step", "../secret", "`..`"),
        ("parent-step-inside", "genomes/../../secret", "`..`"),
        ("dot-step", "./README.md", "`.`"),
        ("absolute", "/etc/passwd", "absolute"),
        ("backslash", "..\\secret", "backslash"),
        ("drive", "C:/secret", "absolute"),
        ("drive-relative", "c:secret", "absolute"),
        ("empty-step", "genomes//README.md", "empty"),
        ("trailing-slash", "genomes/", "empty"),
        ("empty", "", "empty"),
        ("nul", "README.md\0.txt", "control"),
        ("bidi-override", "README\u202edm.exe", "format"),
    ]:
        refused(
            f"path-with-{label}" if label not in ("absolute", "empty") else f"path-{label}",
            "build_manifest/files/0/path",
            text,
            "leads elsewhere, or not everywhere to the same file",
            says=says,
        )
    two = lambda path: lambda files: files + [{**files[0], "path": path}]  # noqa: E731
    at = "/build_manifest/files/1/path"
    refused("path-twice", "build_manifest/files", two("genomes/vector/README.md"), at=at, says="/build_manifest/files/0/path")
    refused(
        "path-twice-but-for-case",
        "build_manifest/files",
        two("genomes/Vector/readme.MD"),
        "one file where case is ignored",
        at,
        "/build_manifest/files/0/path",
    )
    sigmas = [{**base()["build_manifest"]["files"][0], "path": path} for path in ("docs/\u0391\u03a3", "docs/\u03b1\u03c3")]
    refused(
        "path-twice-but-for-case-of-sigma",
        "build_manifest/files",
        sigmas,
        "the capital sigma has two small ones",
        at,
        "/build_manifest/files/0/path",
    )
    for label, text in [
        ("two-numbers", "1.0"),
        ("v", "v1.0.0"),
        ("leading-zero", "01.0.0"),
        ("leading-zero-in-pre-release", "1.0.0-01"),
        ("trailing-space", "1.0.0 "),
        ("four-numbers", "1.0.0.0"),
        ("range", "^1.0.0"),
        ("empty-pre-release", "1.0.0-"),
        ("huge-number", "1.0.18446744073709551616"),
    ]:
        refused(f"version-with-{label}", "version", text)
    refused("version-empty", "version", "")
    refused("version-as-number", "version", 1.5)
    for label, text in [
        ("date-only", "2026-01-31"),
        ("without-offset", "2026-01-31T12:00:00"),
        ("with-space", "2026-01-31 12:00:00Z"),
        ("february-30", "2026-02-30T12:00:00Z"),
        ("month-13", "2026-13-01T12:00:00Z"),
        ("hour-24", "2026-01-31T24:00:00Z"),
        ("basic-format", "20260131T120000Z"),
        ("without-seconds", "2026-01-31T12:00Z"),
        ("trailing-line-feed", "2026-01-31T12:00:00Z\n"),
        ("minute-60", "2026-01-31T12:60:00Z"),
        ("second-60-at-noon", "2026-01-31T12:00:60Z"),
        ("second-60-within-a-month", "2026-01-30T23:59:60Z"),
        ("second-60-at-midnight-elsewhere", "2026-01-31T23:59:60+01:00"),
        ("second-61", "2026-01-31T23:59:61Z"),
        ("letter-behind-a-long-fraction", "2026-01-31T12:00:00.123456789012345xZ"),
        ("offset-within-a-long-fraction", "2026-01-31T12:00:00.1234567890+01:00123Z"),
        ("offset-hour-24", "2026-01-31T12:00:00+24:00"),
        ("offset-minute-60", "2026-01-31T12:00:00+01:60"),
        ("comma", "2026-01-31T12:00:00,5Z"),
        ("empty-fraction", "2026-01-31T12:00:00.Z"),
        ("offset-without-colon", "2026-01-31T12:00:00+0100"),
        ("year-of-5-digits", "12026-01-31T12:00:00Z"),
        ("arabic-digits", "\u0662\u0660\u0662\u0666-01-31T12:00:00Z"),
        ("words", "yesterday"),
    ]:
        refused(f"created-at-{label}", "created_at", text, says="RFC 3339")
    refused("created-at-as-number", "created_at", 1769860800)


# --- Accepted ---


def accepted():
    def good(name, why, genome, data=None):
        data = pretty(genome) if data is None else data
        write("accepted", name, data, expect="accepted", id=hashlib.sha256(canonical(genome)).hexdigest(), why=why)

    def reversed_keys(value):
        if isinstance(value, dict):
            return {name: reversed_keys(value[name]) for name in reversed(value)}
        return [reversed_keys(item) for item in value] if isinstance(value, list) else value

    def escaped(value):
        """JSON with every character of every string as an escape."""
        if isinstance(value, dict):
            return "{" + ",".join(f"{escaped(name)}:{escaped(item)}" for name, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(escaped, value)) + "]"
        if isinstance(value, str):
            units = value.encode("utf-16-be")
            return '"' + "".join("\\u%02X%02x" % pair for pair in zip(units[::2], units[1::2])) + '"'
        return json.dumps(value)

    all_names = ("ops-a", "ops-b", "ops-c")
    good("two-of-three", "the genome that the attacks start from", SIGNED)
    good("one-of-three", "one signature in `signature`", SINGLE)
    good("one-signature-in-a-list", "one signature in `signatures`", {**base(1), "signatures": [SINGLE["signature"]]})
    good("three-of-three", "all sign", sign(base(3), *all_names))
    good("more-than-the-threshold", "three sign, two must", sign(base(2), *all_names))
    good("signatures-in-another-order", "the order of signatures means nothing", sign(base(2), "ops-c", "ops-a"))
    stranger = signature("mallory", MALLORY.sign(canonical(base())))
    good("unknown-signer-beside-enough", "counts for nothing", attach(base(), [stranger, *SIGNED["signatures"]]))
    forged = signature("mallory", bytes(64))
    good("unknown-signer-with-a-forged-signature", "nobody could check it", attach(base(), [*SIGNED["signatures"], forged]))
    good("minified", "no white space", SIGNED, json.dumps(SIGNED, separators=(",", ":")).encode())
    good(
        "white-space",
        "every kind of white space",
        SIGNED,
        b"\r\n\t " + json.dumps(SIGNED, indent="\t").replace("\n", "\r\n").encode() + b" \n\n",
    )
    good("key-order-reversed", "the order of names means nothing", SIGNED, pretty(reversed_keys(SIGNED)))
    good("escapes", "every character as an escape, with digits of either case", SIGNED, escaped(SIGNED).encode())
    # U+FB33 comes before U+1F600 by code point and after it by UTF-16 code unit; as values they are not sorted at all.
    claim = '\ufb33 \U0001f600 \u20ac \u00f6 \u0080 \r\n "quotes" \\ / \u001f \u007f \u2028'
    unicode = sign(
        changed(changed(base(), "invariants/0/testable_claim", claim), "name", "G\u00e9nome \u4e16\u754c \U0001f600"),
        "ops-a",
        "ops-b",
    )
    good("unicode", "claims may hold any character", unicode)
    good("unicode-escapes", "the same with escapes and surrogate pairs", unicode, escaped(unicode).encode())
    good(
        "name-of-128-characters",
        "the longest name, in characters and not in bytes",
        sign(changed(base(), "name", "\U0001f600" * 128), "ops-a", "ops-b"),
    )
    good("key-id-of-128-characters", "the longest key id", attach(*long_key_id()))
    for label, text in [
        ("offset", "2026-01-31T13:30:00+01:30"),
        ("fraction", "2026-01-31T12:00:00.123456789Z"),
        ("fraction-of-10-digits", "2026-01-31T12:00:00.1234567891Z"),
        ("fraction-of-15-digits", "2026-01-31T12:00:00.123456789012345+00:00"),
        ("fraction-of-5000-digits", "2026-01-31T12:00:00." + "1234567890" * 500 + "-23:59"),
        ("fraction-of-zeros", "2026-01-31T12:00:00." + "0" * 50 + "Z"),
        ("leap-second", "2016-12-31T23:59:60Z"),
        ("leap-second-elsewhere", "1990-12-31T15:59:60-08:00"),
        ("leap-second-and-fraction", "2016-12-31T23:59:60.123456789012345z"),
        ("leap-second-that-never-was", "2026-01-31T23:59:60Z"),
        ("unknown-offset", "2026-01-31T12:00:00-00:00"),
        ("largest-offset", "2026-01-31T12:00:00+23:59"),
        ("year-0", "0000-01-01T00:00:00Z"),
        ("lower-case", "2026-01-31t12:00:00z"),
        ("leap-day", "2024-02-29T23:59:59Z"),
    ]:
        good(f"created-at-with-{label}", "RFC 3339 has many forms", sign(changed(base(), "created_at", text), "ops-a", "ops-b"))
    for label, text in [("pre-release", "1.0.0-rc.1"), ("build-metadata", "1.0.0+build.01"), ("zeros", "0.0.0")]:
        good(f"version-with-{label}", "Semantic Versioning 2.0.0", sign(changed(base(), "version", text), "ops-a", "ops-b"))
    empty = {**base(), "parents": [], "invariants": [], "capabilities": [], "build_manifest": {"files": []}}
    good("empty-lists", "a root that says nothing", sign(empty, "ops-a", "ops-b"))
    dotted = changed(base(), "build_manifest/files/0/path", "..a/b../.hidden/\u00e9 c")
    good("path-with-dots-in-steps", "dots that lead nowhere", sign(dotted, "ops-a", "ops-b"))
    denied = changed(base(), "capabilities/1/deny_actions/0", "memory_search")
    good("action-allowed-here-and-denied-there", "deny wins, so it may stand in two capabilities", sign(denied, "ops-a", "ops-b"))


def pinning(*pins, genome=None):
    """A genome that pins these actions, each with the digest of a text; behind the capabilities, as drafts have it."""
    genome = base() if genome is None else genome
    tools = [{"action": action, "sha256": hashlib.sha256(text.encode()).hexdigest()} for action, text in pins]
    pinned = {}
    for name, value in genome.items():
        pinned[name] = "genome.v0.2" if name == "schema_version" else value
        if name == "capabilities":
            pinned["tools"] = tools
    return pinned


def pins():
    """What a genome says of the definitions of tools: `genome.v0.2`."""

    def good(name, why, genome):
        signed = sign(genome, "ops-a", "ops-b")
        digest = hashlib.sha256(canonical(genome)).hexdigest()
        write("accepted", name, pretty(signed), expect="accepted", id=digest, why=why)

    def refused(name, genome, at, says, why):
        hostile(name, SCHEMA, at, why, sign(genome, "ops-a", "ops-b"), says)

    one = ("memory_search", "one")
    good("pin", "one definition of a tool is good", pinning(one))
    several = pinning(one, ("files:instructions", "text"), ("memory_read_node", "one"), ("memory_search", "two"))
    good("pins-of-one-action", "several definitions of one tool are good, and the instructions of a server", several)
    good("pins-first", "the order of names means nothing", {"tools": several["tools"], **several})
    server = "a" * 64 + ":instructions"
    good("pin-of-instructions-alone", "with the longest name of a server", pinning((server, "text")))
    slashes = changed(base(), "capabilities/0/allow_actions/0", "files/a=b:instructions/\u00e9")
    good("pin-of-a-tool-with-separators", "the ceiling allows it", pinning((slashes["capabilities"][0]["allow_actions"][0], "x"), genome=slashes))

    about = "who reads `genome.v0.1` would enforce no pin"
    old = {**pinning(one), "schema_version": "genome.v0.1"}
    refused("pins-in-the-version-without-pins", old, "/tools", "`genome.v0.1` has no `tools`", about)
    about = "a genome without pins is written in one way"
    without = {**base(), "schema_version": "genome.v0.2"}
    refused("version-with-pins-without-pins", without, "/schema_version", "without a pin", about)
    refused("pins-empty", pinning(), "/tools", "without a pin", about)
    refused("pins-null", {**pinning(one), "tools": None}, "/tools", "expected an array", about)
    refused("pins-as-object", {**pinning(one), "tools": {}}, "/tools", "expected an array", about)
    refused("pins-in-the-version-of-the-future", {**pinning(one), "schema_version": "genome.v0.3"}, "/schema_version", "unknown", about)
    about = "one thing said twice"
    refused("pin-twice", pinning(one, ("memory_read_node", "one"), one), "/tools/2", "/tools/0", about)
    about = "a pin for nothing is a mistake"
    for label, action in [
        ("a-denied-action", "memory_erase"),
        ("an-action-that-nobody-names", "memory_count"),
        ("an-action-in-capitals", "Memory_search"),
        ("a-method", "files:resources/read"),
        ("instructions-of-no-server", ":instructions"),
        ("instructions-of-a-server-in-capitals", "Files:instructions"),
        ("instructions-of-a-tool", "files/read:instructions"),
        ("instructions-of-a-server-with-65-characters", "a" * 65 + ":instructions"),
        ("instructions-in-capitals", "files:Instructions"),
    ]:
        refused(f"pin-of-{label}", pinning(one, (action, "x")), "/tools/1/action", "a pin for nothing", about)
    denied = changed(base(), "capabilities/1/deny_actions/0", "memory_search")
    about = "one capability allows it, and another denies it"
    refused("pin-of-an-action-that-is-denied-elsewhere", pinning(one, genome=denied), "/tools/0/action", "a pin for nothing", about)
    about = "a method has no definition"
    for label, action in [("a-method-that-is-allowed", "files:resources/read"), ("a-plain-name-like-a-method", "a:b")]:
        allowed = changed(base(), "capabilities/0/allow_actions/0", action)
        refused(f"pin-of-{label}", pinning((action, "x"), genome=allowed), "/tools/0/action", "a pin for nothing", about)
    about = "what is denied by name is not good"
    denied = changed(base(), "capabilities/1/deny_actions/0", "files:instructions")
    refused("pin-of-instructions-that-are-denied", pinning(("files:instructions", "x"), genome=denied), "/tools/0/action", "a pin for nothing", about)
    about = "what a person reads is not what is there"
    refused("pin-with-zero-width-space", pinning(("memory\u200b_search", "x")), "/tools/0/action", "200B", about)
    about = "not the text of a digest"
    for label, text in [("in-capitals", "AB" * 32), ("of-63-digits", "a" * 63), ("that-is-a-placeholder", "TO BE COMPUTED"), ("empty", "")]:
        refused(f"pin-digest-{label}", changed(pinning(one), "tools/0/sha256", text), "/tools/0/sha256", "64 lowercase", about)
    placeholder = changed(pinning(one), "tools/0/sha256", "TODO")
    hostile("pin-placeholder-in-a-draft", SCHEMA, "/tools/0/sha256", "a draft has none either", placeholder, "64 lowercase")
    about = "a field is missing"
    refused("pin-without-digest", {**pinning(one), "tools": [{"action": "memory_search"}]}, "/tools/0", "`sha256` is missing", about)
    note = changed(pinning(one), "tools/0", lambda pin: {**pin, "note": 1})
    refused("pin-with-unknown-field", note, "/tools/0/note", "has no field", "a field that the schema does not name")

    signed = sign(several, "ops-a", "ops-b")
    about = "changed after signing"
    other = hashlib.sha256(b"other").hexdigest()
    for label, document in [
        ("digest", changed(signed, "tools/0/sha256", other)),
        ("action", changed(signed, "tools/3/action", "memory_read_node")),
        ("added", changed(signed, "tools", lambda pins: [*pins, {"action": "memory_search", "sha256": other}])),
        ("removed", changed(signed, "tools", lambda pins: pins[:-1])),
        ("order", changed(signed, "tools", lambda pins: pins[::-1])),
    ]:
        hostile(f"tampered-pin-{label}", SIGNATURE, "/signatures/0", about, document, "does not verify")
    stripped = {name: value for name, value in signed.items() if name != "tools"} | {"schema_version": "genome.v0.1"}
    about = "made a genome of the version without pins after signing"
    hostile("tampered-pins-all-removed", SIGNATURE, "/signatures/0", about, stripped, "does not verify")
    added = pinning(one, genome=SIGNED)
    hostile("tampered-pins-added", SIGNATURE, "/signatures/0", "made a genome with pins after signing", added, "does not verify")


def long_key_id():
    genome = changed(base(1), "authority/signers/0/key_id", "k" * 128)
    return genome, [signature("k" * 128, A.sign(canonical(genome)))]


# --- Canonical form, Ed25519 ---


def canonical_forms():
    def form(name, why, text, output):
        write("canonical", name, text.encode(), expect="accepted", output=output.encode().hex(), why=why)

    form("rfc-8785-section-3.2.2", "the sample", rfc.SAMPLE, bytes.fromhex(rfc.SAMPLE_OUTPUT).decode())
    form("rfc-8785-section-3.2.3", "names sorted by UTF-16 code units", rfc.SORTING, rfc.SORTING_OUTPUT)
    # The test data of the RFC's author.
    form(
        "author-arrays",
        "arrays keep their order",
        '[\n  56,\n  {\n    "d": true,\n    "10": null,\n    "1": [ ]\n  }\n]',
        '[56,{"1":[],"10":null,"d":true}]',
    )
    form(
        "author-french",
        "no locale",
        '{\n  "peach": "This sorting order",\n  "p\u00e9ch\u00e9": "is wrong according to French",\n  "p\u00eache": "but canonicalization MUST",\n  "sin":   "ignore locale"\n}',
        '{"peach":"This sorting order","p\u00e9ch\u00e9":"is wrong according to French","p\u00eache":"but canonicalization MUST","sin":"ignore locale"}',
    )
    form(
        "author-structures",
        "objects within objects",
        '{\n  "1": {"f": {"f": "hi","F": 5} ,"\\n": 56.0},\n  "10": { },\n  "": "empty",\n  "a": { },\n  "111": [ {"e": "yes","E": "no" } ],\n  "A": { }\n}',
        '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
    )
    form("author-unicode", "no normalization", '{\n  "Unnormalized Unicode":"A\\u030a"\n}', '{"Unnormalized Unicode":"A\u030a"}')
    form(
        "author-weird",
        "names of all kinds",
        '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\u000a":"Newline","1":"One","\\u0080":"Control\\u007f","\\ud83d\\ude02":"Smiley","\\u00f6":"Latin Small Letter O With Diaeresis","\\ufb33":"Hebrew Letter Dalet With Dagesh","</script>":"Browser Challenge"}',
        '{"\\n":"Newline","\\r":"Carriage Return","1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\U0001f602":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
    controls = "".join(map(chr, range(32)))
    form(
        "control-characters",
        "section 3.2.2.2: the short escapes, and lowercase digits",
        '"' + "".join(f"\\u{ord(c):04X}" for c in controls) + '"',
        json.dumps(controls),
    )
    form(
        "characters-that-need-no-escape",
        "DEL, slash, separators and beyond",
        '"\\u007F\\/\\u2028\\u2029\\uE000\\uD834\\uDD1E"',
        '"\u007f/\u2028\u2029\ue000\U0001d11e"',
    )
    form(
        "names-prefixes",
        "a prefix comes first",
        '{"aa":1,"a":2,"":3,"a\\u0000":4,"A":5,"Z":6,"_":7}',
        '{"":3,"A":5,"Z":6,"_":7,"a":2,"a\\u0000":4,"aa":1}',
    )
    form(
        "names-beyond-the-basic-plane",
        "U+E000 comes after U+10000 by code unit",
        '{"\ue000":1,"\U00010000":2,"\uffee":3,"\U0010fffd":4}',
        '{"\U00010000":2,"\U0010fffd":4,"\ue000":1,"\uffee":3}',
    )
    form(
        "numbers-in-many-forms",
        "one value, one text",
        "[1, 1.0, 1e0, 10E-1, 0.1e+1, -0, -0.0, 0e9, 1e-7, 0.000001, 1e21, 9007199254740991, -9007199254740991]",
        "[1,1,1,1,1,0,0,0,1e-7,0.000001,1e+21,9007199254740991,-9007199254740991]",
    )
    form("top-level-string", "any value is a document", ' "\\u0061" ', '"a"')
    form("top-level-null", "any value is a document", "\nnull\n", "null")
    form("empty-containers", "brackets only", '[ { } , [ ] , "" ]', '[{},[],""]')

    for bits, output in rfc.NUMBERS:
        value = struct.unpack(">d", bytes.fromhex(bits))[0]
        literal = {None: "NaN" if value != value else "Infinity"}.get(output, repr(value))
        assert output is None or float(output) == value and struct.pack(">d", float(literal)).hex() == bits
        safe = output is not None and (abs(value) < 2**53 or "e" in output)
        why = "RFC 8785 appendix B" + ("" if safe else "; an integer that not every reader keeps, or no number at all")
        header = {"expect": "accepted", "output": output.encode().hex()} if safe else {"expect": "refused", "at": "1:1"}
        write("canonical", f"rfc-8785-number-{bits}", literal.encode(), **header, bits=bits, why=why)
        if output is not None and not safe:
            # The same value as ECMAScript writes it.
            write(
                "canonical", f"rfc-8785-number-{bits}-as-integer", output.encode(), expect="refused", at="1:1", bits=bits, why=why
            )


def ed25519():
    for name, seed, public, message, data in rfc.ED25519:
        vector = curve.Key(bytes.fromhex(seed))
        if message:
            # OpenSSL 3.0 signs no empty file.
            assert vector.sign(bytes.fromhex(message)).hex() == data, name
        assert vector.raw.hex() == public, name
        write(
            "ed25519",
            f"rfc-8032-{name}",
            bytes.fromhex(message),
            kind="signature",
            seed=seed,
            public=public,
            signature=data,
            why="RFC 8032 section 7.1",
        )
    for name, kind, text in rfc.RFC_8410:
        write("ed25519", f"rfc-8410-{name}", text.encode(), kind=kind, public=rfc.RFC_8410_PUBLIC, why="RFC 8410 section 10")


def trusted():
    for name, vector in trust.vectors():
        put(HERE / "trust" / name, vector)
    put(HERE / "discarded.json", discarded.file())


def published():
    """Every key that whoever has these files can sign with. The library must know each as published."""
    rfc_8410 = base64.b64decode(rfc.RFC_8410_PUBLIC)[-32:]
    lines = "".join(f"{raw.hex()}\n" for raw in sorted({*curve.published, rfc_8410}))
    put(HERE / "published-keys", lines.encode())


for group in [
    tampering,
    signatures,
    encodings,
    public_keys,
    secrets,
    duplicates,
    json_text,
    numbers,
    schema,
    accepted,
    pins,
    canonical_forms,
    ed25519,
    trusted,
    published,
]:
    group()
for directory in sorted({path.parent for path in written} - {HERE}):
    found = {*directory.iterdir()}
    for path in found - written:
        path.unlink()
    print(directory.name, len(found & written))
