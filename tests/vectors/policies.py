"""Trust policies: the three forms, and what is wrong with others."""

import json

import curve
from signing import key, pretty
from situation import (
    JSON,
    MALLORY,
    NAME,
    NOTHING,
    PINNED,
    REVOKED,
    SCHEMA,
    SECRET,
    UNTRUSTED,
    A,
    B,
    C,
    Signer,
    authority,
    genome,
    policy,
    vector,
)

GOOD = genome("1.2.0", [A, B, C], [A, B], threshold=2)
TWO = policy(A, B, C, threshold=2)
IDS = policy(ids=[GOOD])


def policies():
    forms()
    faults_of_form()
    faults_of_signers()
    faults_of_lists()
    faults_of_limits()
    faults_of_json()
    secrets()


def forms():
    def good(name, about, given, **header):
        vector(f"policy-{name}", about, GOOD, trust=PINNED, warns=NOTHING, policy=given, **header)

    good("signer-object", "the smallest policy: what genome-keygen printed", A.object)
    good("authority-object", "the `authority` of a genome", authority(A, B, C, threshold=2))
    limits = {"minimum": {NAME: "1.2.0"}, "days": 365, "quorum": {"widening": "all"}}
    whole = policy(A, B, C, threshold=2, ids=[GOOD], revoked=[MALLORY], **limits)
    good("whole-form", "every member", whole)
    good("whole-form-with-signers-only", "every other member is optional", TWO)
    good("whole-form-with-genome-ids-only", "the other way to say who is trusted", IDS)
    empty = {**TWO, "genome_ids": [], "revoked": [], "minimum_versions": {}, "quorum": {}}
    good("with-empty-lists", "an empty list beside signers says nothing", empty)
    good("with-members-in-another-order", "the order of names means nothing", dict(reversed(whole.items())))
    good("minified", "white space means nothing", json.dumps(whole, separators=(",", ":")).encode())
    escaped = pretty(whole).replace(b'"signers"', b'"\\u0073igners"').replace(b"SHA256:", b"SH\\u0041256:")
    good("with-escapes", "names and texts written with escapes", escaped)
    every = {"widening": 2, "weakening": 2, "narrowing": 1, "strengthening": 1, "neutral": 2}
    good("with-every-price", "no class requires more than the threshold", {**TWO, "quorum": every})
    good("of-the-largest-age", "no sum of days overflows", policy(A, days=2**53 - 1))

    both = policy(A, B, revoked=[A])
    about = "a policy may name a key among the signers and revoke it: the others still count"
    vector("policy-signer-also-revoked", about, genome("1.2.0", [B]), policy=both, trust=PINNED, warns=NOTHING)
    about = "a policy may name a key among the signers and revoke it: the key never counts"
    vector("policy-only-signer-also-revoked", about, genome(), REVOKED, policy=policy(A, revoked=[A]), says=A.fingerprint)
    about = "the whole form, with the genome id of another genome"
    vector("policy-genome-ids-of-another", about, genome("1.2.1", [A]), UNTRUSTED, policy=IDS)


# --- What is wrong with others ---


def bad(name, about, given, *places, expect=SCHEMA):
    """A policy with faults at these places, and no others; the genome beside it is without fault."""
    at, *others = sorted(places)
    vector(f"policy-{name}", about, GOOD, expect, policy=given, of="policy", at=at, and_at=others)


def faults_of_form():
    about = "a member that the schema does not name: nobody would enforce it"
    bad("with-unknown-member", about, {**TWO, "note": "staging"}, "/note")
    bad("with-misspelt-member", about, {**TWO, "revoke": [MALLORY.fingerprint]}, "/revoke")
    bad("with-member-in-capitals", "names differ by case", {**TWO, "Revoked": []}, "/Revoked")
    bad("signer-object-with-unknown-member", about, {**A.object, "comment": "laptop"}, "/comment")
    bad(
        "signer-in-list-with-unknown-member",
        about,
        {**TWO, "signers": [{**A.object, "comment": "laptop"}, B.object]},
        "/signers/0/comment",
    )
    bad("authority-object-with-unknown-member", about, {**authority(A), "quorum": 1}, "/quorum")
    about = "the smaller forms revoke nothing, and must not look as if they did"
    bad("authority-object-with-revoked", about, {**authority(A), "revoked": [MALLORY.fingerprint]}, "/revoked")
    bad("signer-object-with-revoked", about, {**A.object, "revoked": [MALLORY.fingerprint]}, "/revoked")
    about = "two forms at once"
    members = ("/key_id", "/alg", "/public_key")
    bad("signer-object-and-authority-object", about, {**A.object, **authority(B)}, *members)
    bad("signer-object-with-schema-version", about, {"schema_version": "trust.v0.1", **A.object}, *members, "")
    about = "a later version may mean something else"
    bad("of-another-schema-version", about, {**TWO, "schema_version": "trust.v0.2"}, "/schema_version")
    bad("with-schema-version-as-number", about, {**TWO, "schema_version": 0.1}, "/schema_version")
    bad("with-schema-version-null", "null is no version", {**TWO, "schema_version": None}, "/schema_version")
    bad("without-schema-version", "the whole form says which it is", {"genome_ids": [GOOD.id]}, "")
    bad("that-is-a-genome", "the genome itself, given as its own policy", GOOD.document, "")
    bad("that-is-a-member-of-a-genome", "`authority` with its name", {"authority": authority(A)}, "/authority", "")
    bad("empty-object", "nothing is said", {}, "")
    bad("whole-form-that-names-nobody", "neither signers nor genome ids", {"schema_version": "trust.v0.1"}, "")
    about = "neither signers nor genome ids: revoking alone trusts nobody"
    bad("whole-form-that-only-revokes", about, policy(revoked=[MALLORY], minimum={NAME: "1.0.0"}, days=30), "")
    bad("array-of-signers", "a list is none of the forms", pretty([A.object, B.object]), "")
    bad("string", "the policy within a string", json.dumps(json.dumps(TWO)).encode(), "")
    bad("null", "null is no policy", b"null\n", "")


def without(document, name):
    return {each: value for each, value in document.items() if each != name}


def faults_of_signers():
    about = "who, but not how many"
    bad("signers-without-threshold", about, without(TWO, "threshold"), "")
    bad("authority-object-without-threshold", about, {"signers": [A.object]}, "")
    about = "how many, but not of whom"
    bad("threshold-without-signers", about, {**IDS, "threshold": 1}, "")
    bad("authority-object-without-signers", about, {"threshold": 1}, "")
    about = "a threshold that can never be met, or always"
    bad("threshold-above-signers", about, policy(A, B, threshold=3), "/threshold")
    bad("authority-object-with-threshold-above-signers", about, authority(A, B, threshold=3), "/threshold")
    bad("threshold-0", about, policy(A, threshold=0), "/threshold")
    bad("threshold-minus-1", about, policy(A, threshold=-1), "/threshold")
    about = "its canonical form is that of 1, and another reader may take it for something else"
    for literal in ("1.0", "1e0", "10e-1"):
        bad(
            f"threshold-{literal}",
            about,
            pretty(policy(A)).replace(b'"threshold": 1', f'"threshold": {literal}'.encode()),
            "/threshold",
        )
    bad("threshold-string", "a text is no number", policy(A, threshold="1"), "/threshold")
    bad("threshold-null", "null is no number", {**policy(A), "threshold": None}, "/threshold")
    bad(
        "signers-empty",
        "nobody, and a threshold that nobody meets",
        {**TWO, "signers": [], "threshold": 1},
        "/signers",
        "/threshold",
    )
    bad("signers-as-object", "one signer, not in a list", {**TWO, "signers": A.object, "threshold": 1}, "/signers")
    bad("signers-null", "null is no list", {**TWO, "signers": None, "threshold": 1}, "/signers")

    about = "the same key id twice: which key is meant?"
    bad("key-id-twice", about, policy(A, B.named("ops-a")), "/signers/1/key_id")
    about = "GHSA-3633-5h82-39pq: one key under two ids would meet a threshold of two"
    twice = policy(A, A.named("boss"), threshold=2)
    vector(
        "GHSA-3633-5h82-39pq-policy-with-one-key-under-two-ids",
        about,
        GOOD,
        SCHEMA,
        policy=twice,
        of="policy",
        at="/signers/1/public_key",
    )

    def signer(name, about, member, value):
        bad(f"signer-object-with-{name}", about, {**A.object, member: value}, f"/{member}")
        bad(
            f"signer-in-list-with-{name}",
            about,
            {**TWO, "signers": [B.object, C.object, {**A.object, member: value}]},
            f"/signers/2/{member}",
        )

    signer("raw-public-key", "the 32 bytes without their structure", "public_key", curve.text(A.key.raw))
    signer("public-key-without-padding", "base64 in another form", "public_key", A.key.public.rstrip("="))
    signer("public-key-of-small-order", "signatures by it prove nothing", "public_key", curve.text(curve.SPKI + curve.le(1)))
    for index, point in enumerate(curve.torsion()[1:], 1):
        mixed = curve.encode(curve.add(curve.decode(A.key.raw), point))
        about = f"the key of another signer plus {index} times a point of order 8: one secret would be two signers"
        signer(f"public-key-of-mixed-order-{index}", about, "public_key", curve.text(curve.SPKI + mixed))
    signer("fingerprint-as-public-key", "names a key, and is none", "public_key", A.fingerprint)
    signer("another-alg", "another algorithm", "alg", "rsa")
    signer("bad-key-id", "white space in a key id", "key_id", "ops a")
    bad("signer-object-without-public-key", "a name without a key", without(A.object, "public_key"), "")
    bad("signer-object-without-key-id", "a key without a name", without(A.object, "key_id"), "")


def faults_of_lists():
    good = MALLORY.fingerprint
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(good[-1])
    assert last % 4 == 0, "43 symbols hold 256 bits and 2 that are zero"
    symbols = next(each for each in (Signer("x", key(f"symbols {number}")) for number in range(100)) if "/" in each.fingerprint)
    for name, text, about in [
        ("short", good[:-1], "a character too few"),
        ("long", good + "A", "a character too many"),
        ("padded", good + "=", "OpenSSH writes no padding"),
        ("in-lower-case", good.replace("SHA256:", "sha256:"), "OpenSSH writes SHA256 in capitals"),
        ("without-algorithm", good.removeprefix("SHA256:"), "which digest is meant?"),
        ("of-md5", "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "another digest"),
        (
            "not-canonical",
            good[:-1] + alphabet[last + 1],
            "the last character has bits that no digest fills: it would match nothing",
        ),
        ("url-safe", symbols.fingerprint.replace("/", "_"), "another alphabet"),
        ("as-hex", "SHA256:" + "ab" * 32, "hex digits, not base64"),
        ("with-space", good + " ", "white space at the end"),
        ("empty", "", "nothing"),
        ("as-public-key", MALLORY.key.public, "the key itself, not its fingerprint"),
        ("as-number", 1, "a number"),
    ]:
        bad(
            f"fingerprint-{name}",
            f"{about}; what revokes nothing must not look as if it did",
            {**TWO, "revoked": [text]},
            "/revoked/0",
        )
    bad("revoked-twice", "the same fingerprint twice", policy(A, revoked=[B, C, B]), "/revoked/2")
    bad("revoked-as-string", "a text, not a list", {**TWO, "revoked": good}, "/revoked")
    bad("revoked-null", "null is no list", {**TWO, "revoked": None}, "/revoked")
    bad("revoked-signer-object", "a signer, not its fingerprint", {**TWO, "revoked": [MALLORY.object]}, "/revoked/0")

    for name, text, about in [
        ("in-capitals", GOOD.id.upper(), "digits in capitals"),
        ("of-63-digits", GOOD.id[1:], "a digit too few"),
        ("of-65-digits", GOOD.id + "0", "a digit too many"),
        ("with-prefix", "sha256:" + GOOD.id, "a prefix"),
        ("empty", "", "nothing"),
        ("null", None, "null"),
    ]:
        bad(f"genome-id-{name}", f"{about}; it would pin nothing", {**TWO, "genome_ids": [text]}, "/genome_ids/0")
    bad("genome-id-twice", "the same genome id twice", {**TWO, "genome_ids": [GOOD.id, GOOD.id]}, "/genome_ids/1")
    bad("genome-ids-as-string", "a text, not a list", {**TWO, "genome_ids": GOOD.id}, "/genome_ids")
    bad("genome-ids-empty-and-no-signers", "nobody could be trusted", {**IDS, "genome_ids": []}, "")


def faults_of_limits():
    for name, version, about in [
        ("of-two-numbers", "1.2", "not Semantic Versioning 2.0.0"),
        ("with-v", "v1.2.0", "not Semantic Versioning 2.0.0"),
        ("range", ">=1.2.0", "a range, where a version belongs"),
        ("with-leading-zero", "1.02.0", "not Semantic Versioning 2.0.0"),
        ("empty", "", "nothing"),
        ("as-number", 1.5, "a number"),
        ("null", None, "null"),
    ]:
        bad(
            f"minimum-version-{name}",
            about,
            {**TWO, "minimum_versions": {"OTHER": "1.0.0", NAME: version}},
            f"/minimum_versions/{NAME}",
        )
    about = "RFC 6901 section 3: the name's slash and tilde are escaped in the pointer"
    bad("minimum-version-of-name-with-slash", about, {**TWO, "minimum_versions": {"a/b~c": "1"}}, "/minimum_versions/a~1b~0c")
    bad("minimum-versions-as-array", "a list, not an object", {**TWO, "minimum_versions": [NAME, "1.2.0"]}, "/minimum_versions")
    bad("minimum-versions-as-string", "a text, not an object", {**TWO, "minimum_versions": "1.2.0"}, "/minimum_versions")
    bad("minimum-versions-null", "null is no object", {**TWO, "minimum_versions": None}, "/minimum_versions")
    for literal, about in [
        ("0", "everything would be too old"),
        ("-1", "everything would be too old"),
        ("-0", "zero in disguise"),
        ("1.5", "days are counted whole"),
        ("365.0", "a plain integer has no fraction"),
        ("1e2", "a plain integer has no exponent"),
        ('"365"', "a text is no number"),
        ("null", "null is no number"),
        ("true", "true is no number"),
    ]:
        document = pretty({**TWO, "maximum_age_days": 77}).replace(b"77", literal.encode())
        name = literal.replace("-", "minus-").replace('"365"', "as-string")
        bad(f"maximum-age-days-{name}", about, document, "/maximum_age_days")

    for literal, about in [
        ("0", "nobody would have to sign"),
        ("-1", "less than nobody"),
        ("1.5", "signatures are counted whole"),
        ("2.0", "a plain integer has no fraction"),
        ("2e0", "a plain integer has no exponent"),
        ('"2"', "a text is no number"),
        ('"ALL"', "texts differ by case"),
        ('"most"', "how many is that?"),
        ('""', "nothing"),
        ("null", "null is not a number of approvals"),
        ("true", "true is not a number of approvals"),
        ("[2]", "a list is not a number of approvals"),
    ]:
        document = pretty({**TWO, "quorum": {"narrowing": 1, "widening": 77}}).replace(b"77", literal.encode())
        name = literal.replace("-", "minus-").strip("[]")
        name = {'""': "empty", "2": "as-list"}.get(name) or (f"text-{name[1:-1]}" if name.startswith('"') else name)
        bad(f"price-{name}", about, document, "/quorum/widening")
    about = "a class that is not known: nobody would enforce its approvals"
    bad("price-of-misspelt-class", about, {**TWO, "quorum": {"widning": "all"}}, "/quorum/widning")
    bad("price-of-class-in-capitals", "names differ by case", {**TWO, "quorum": {"Widening": "all"}}, "/quorum/Widening")
    bad("price-of-threshold", about, {**TWO, "quorum": {"threshold": 2, "widening": "all"}}, "/quorum/threshold")
    places = ("/quorum/widening", "/quorum/weakening", "/quorum/rename")
    bad("prices-with-many-faults", "all at once", {**TWO, "quorum": {"widening": 0, "weakening": "2", "rename": 1}}, *places)
    for name, value in [("number", 2), ("text", "all"), ("list", ["widening"]), ("null", None)]:
        bad(f"quorum-as-{name}", "no object: which changes does it count for?", {**TWO, "quorum": value}, "/quorum")
    twice = pretty({**TWO, "quorum": {"widening": "all"}}).replace(b'"widening": "all"', b'"widening": "all", "widening": 1')
    at = f"{twice.decode().count(chr(10)) - 2}:24"
    bad("price-twice", "one reader takes the first, another the last", twice, at, expect=JSON)

    several = {
        **policy(A, B.named("ops-a"), threshold=3, revoked=[C, C], minimum={NAME: "1", "OTHER": "2.0.0"}, days=0),
        "schema_version": "trust.v1",
        "genome_ids": ["x"],
        "comment": "",
    }
    places = ["/signers/1/key_id", "/threshold", "/revoked/1", f"/minimum_versions/{NAME}", "/maximum_age_days", "/genome_ids/0"]
    bad("with-many-faults", "all of them are named at once", several, "/schema_version", *places, "/comment")


def faults_of_json():
    text = pretty(TWO)
    lines = text.decode().count("\n")
    bad("truncated", "the last bracket is missing", text[:-2], f"{lines}:1", expect=JSON)
    bad("empty-file", "no bytes", b"", "1:1", expect=JSON)
    bad("with-byte-order-mark", "U+FEFF before the document", b"\xef\xbb\xbf" + text, "1:1", expect=JSON)
    bad("with-text-after-it", "which one is meant?", text + text, f"{lines + 1}:1", expect=JSON)
    bad("with-comment", "JSON has no comments", b"// production\n" + text, "1:1", expect=JSON)
    bad("in-yaml", "another language", b"schema_version: trust.v0.1\n", "1:1", expect=JSON)
    bad("nested-too-deep", "100,000 arrays in each other", b"[" * 100_000, "1:65", expect=JSON)
    about = "a name twice: one reader takes the first, another the last"
    twice = b'{\n  "schema_version": "trust.v0.1",\n  "genome_ids": ["%s"],\n' % GOOD.id.encode()
    minimum = b'  "minimum_versions": {"%s": "1.0.0", ' % NAME.encode()
    at = f"4:{len(minimum) + 1}"
    name = NAME.encode()
    bad("with-name-twice-in-minimum-versions", about, twice + minimum + b'"%s": "9.0.0"}\n}\n' % name, at, expect=JSON)
    escaped = b"\\u%04x" % name[0] + name[1:]
    bad("with-name-twice-in-minimum-versions-escaped", about, twice + minimum + b'"%s": "9.0.0"}\n}\n' % escaped, at, expect=JSON)
    bad("with-signers-twice", about, b'{"signers": [], "threshold": 1, "signers": []}', "1:33", expect=JSON)


def secrets():
    def exposed(name, about, given, *places):
        vector(
            f"private-key-{name}",
            f"{about}; whoever sees it can sign",
            GOOD,
            SECRET,
            policy=given,
            of="policy",
            at=places[0],
            and_at=places[1:],
        )

    leaked = key("burnt")
    exposed(
        "in-policy-as-public-key", "the private half, in a signer object", {**A.object, "public_key": leaked.private}, "/public_key"
    )
    exposed(
        "in-policy-as-public-key-pem",
        "PEM, in a list of signers",
        {**policy(A, B), "signers": [B.object, {**A.object, "public_key": leaked.pem}]},
        "/signers/1/public_key",
    )
    exposed("in-policy-in-unknown-member", "in a member that the schema does not name", {**TWO, "note": leaked.private}, "/note")
    exposed("in-policy-as-name", "as a name in minimum_versions", policy(A, minimum={leaked.private: "1.0.0"}), "/minimum_versions")
    exposed("in-policy-as-fingerprint", "among the revoked", {**TWO, "revoked": [leaked.private]}, "/revoked/0")
    exposed("in-policy-as-price", "in the place of a number of approvals", {**TWO, "quorum": {"widening": leaked.private}}, "/quorum/widening")
    exposed("in-policy-of-no-form", "in a text", json.dumps(leaked.private).encode(), "")
    exposed("in-policy-twice", "in two places", {**TWO, "note": leaked.private, "revoked": [leaked.private]}, "/note", "/revoked/0")
