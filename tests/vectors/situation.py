"""What a verifier is given, and what it must say: a vector of trust, in the form that README.md describes.

The part `genome.json` is verified; `policy.json`, `state.json` and the ancestors in `lineage/` are there where they are given. The header
lines say the rest:

- `now`: the clock;
- `options`: `policy` and `state` where those parts are given, `lineage` where it is asked for, `production`;
- `expect`: `accepted`, or the code of the refusal that decides; `also`: the codes of all others;
- `trust`: what the trust in an accepted genome rests on;
- `of`: `policy` or `state`, where it is that part which is refused; `at` and `and-at`: the places of all faults that the refusal
  names, as JSON Pointers or `line:column`, an empty one for the whole document;
- `says`: words that all stand in what the refusal that decides says. Those of `warns`, `warns-2` and so on stand in one warning
  each; `warns: nothing` allows none at all, `warns: nothing but GENOME_TEST_KEY` none but those of keys that this repository can sign with;
- `about`: the attack or the edge.
"""

import base64
import dataclasses
import hashlib
import pathlib

import curve
from packed import header, pack
from signing import attach, canonical, changed, flipped, jcs, key, pretty, signature, signer

HERE = pathlib.Path(__file__).resolve().parent
NOW = "2026-11-23T12:00:00Z"
CREATED = "2026-10-01T00:00:00Z"
NAME = "VECTOR_PROD"

JSON, SCHEMA, UNSIGNED, SECRET = "GENOME_INVALID_JSON", "GENOME_INVALID_SCHEMA", "GENOME_UNSIGNED", "GENOME_SECRET_EXPOSED"
SIGNATURE, INSUFFICIENT, LEGACY = "GENOME_INVALID_SIGNATURE", "GENOME_INSUFFICIENT_SIGNATURES", "GENOME_LEGACY_SIGNATURE"
TEST_KEY, UNTRUSTED, REVOKED, ROLLBACK = "GENOME_TEST_KEY", "GENOME_UNTRUSTED", "GENOME_REVOKED_KEY", "GENOME_ROLLBACK"
STALE, NOT_YET_VALID, BROKEN = "GENOME_STALE", "GENOME_NOT_YET_VALID", "GENOME_LINEAGE_BROKEN"

PINNED, LINEAGE, SELF_DECLARED = "pinned", "lineage", "self-declared"
NOTHING = "nothing"

# --- Who signs ---


@dataclasses.dataclass(frozen=True)
class Signer:
    """A key under a name."""

    key_id: str
    key: curve.Key

    def named(self, key_id):
        """The same key under another name."""
        return Signer(key_id, self.key)

    @property
    def object(self):
        return signer(self.key_id, self.key.public)

    @property
    def fingerprint(self):
        """OpenSSH's: the unpadded base64 of the SHA-256 digest of the `ssh-ed25519` blob."""
        blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + self.key.raw
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    def sign(self, message):
        return signature(self.key_id, self.key.sign(message))


A, B, C, D, E = (Signer(name, key(name)) for name in ("ops-a", "ops-b", "ops-c", "ops-d", "ops-e"))
MALLORY = Signer("mallory", key("mallory"))


# --- What they sign ---


@dataclasses.dataclass(frozen=True)
class Genome:
    """A document as it stands in a file."""

    document: dict

    @property
    def id(self):
        return hashlib.sha256(canonical(self.document)).hexdigest()

    @property
    def signatures(self):
        one = self.document.get("signature")
        return [one] if one else self.document.get("signatures", [])

    def unsigned(self):
        return Genome({name: value for name, value in self.document.items() if name not in ("signature", "signatures")})

    def carrying(self, signatures):
        """The same with these signatures and no others."""
        return Genome(attach(self.unsigned().document, signatures)) if signatures else self.unsigned()

    def signed(self, *signers):
        """The same with the signatures of these signers and no others."""
        return self.carrying([signer.sign(canonical(self.document)) for signer in signers])

    def forged(self, *signers):
        """The same with one bit changed in the signatures of these signers."""

        def forge(item):
            data = base64.b64decode(item["sig_base64"])
            return {**item, "sig_base64": curve.text(flipped(data, 300))}

        names = {signer.key_id for signer in signers}
        assert names <= {item["signer_key_id"] for item in self.signatures}
        return self.carrying([forge(item) if item["signer_key_id"] in names else item for item in self.signatures])

    def tampered(self, path, value):
        """Changed after it was signed."""
        return Genome(changed(self.document, path, value))

    @property
    def file(self):
        return pretty(self.document)


def genome(
    version="1.0.0", signers=(A,), by=None, *, threshold=1, parents=(), created=CREATED, name=NAME, allowed=(), denied=(), risk="C", pins=()
):
    """A genome whose authority names these signers, signed by `by`: by all of them, where it is not said by whom. Each pin is an action and
    a text in the place of a definition."""
    capability = {"cap_id": "CAP", "risk_class": risk, "allow_actions": list(allowed), "deny_actions": list(denied)}
    document = {
        "schema_version": "genome.v0.2" if pins else "genome.v0.1",
        "name": name,
        "version": version,
        "parents": [parent if isinstance(parent, str) else parent.id for parent in parents],
        "created_at": created,
        "authority": authority(*signers, threshold=threshold),
        "invariants": [],
        "capabilities": [capability] if allowed or denied else [],
        **({"tools": [{"action": action, "sha256": hashlib.sha256(text.encode()).hexdigest()} for action, text in pins]} if pins else {}),
        "build_manifest": {"files": []},
    }
    return Genome(document).signed(*(signers if by is None else by))


def authority(*signers, threshold=1):
    return {"signers": [signer.object for signer in signers], "threshold": threshold}


# --- What the verifier trusts beforehand ---


def policy(*signers, threshold=1, ids=(), revoked=(), minimum=None, days=None, quorum=None):
    """The whole form, with the members that say something."""
    members = {
        **(authority(*signers, threshold=threshold) if signers else {}),
        "genome_ids": [genome.id for genome in ids],
        "revoked": [signer.fingerprint for signer in revoked],
        "minimum_versions": minimum,
        "maximum_age_days": days,
        "quorum": quorum,
    }
    return {"schema_version": "trust.v0.1", **{name: value for name, value in members.items() if value not in (None, [])}}


def accepted(version, genome_id, name=NAME):
    return {name: {"version": version, "genome_id": genome_id}}


def state(entries):
    return {"schema_version": "state.v0.1", "accepted": entries, "sha256": hashlib.sha256(jcs(entries)).hexdigest()}


# --- The vector ---

vectors = {}


def vector(
    name,
    about,
    genome,
    expect="accepted",
    *,
    policy=None,
    state=None,
    lineage=(),
    asked=False,
    production=False,
    now=NOW,
    trust=None,
    pinned=False,
    also=(),
    says=(),
    warns=(),
    of=None,
    at=None,
    and_at=(),
):
    """Makes one. A part is a document, or bytes where the text matters; ancestors are a list, or have the names of their files."""
    # Where the policy's own keys have not signed either, that is said too: it is the other way to be trusted.
    if expect == "GENOME_LINEAGE_BROKEN" and policy is not None and not pinned:
        also = [*also, "GENOME_UNTRUSTED"]
    given = {"policy.json": policy, "state.json": state}
    if not isinstance(lineage, dict):
        lineage = {f"{index}-{each.document['version']}.json": each for index, each in enumerate(lineage)}
    contents = {"genome.json": genome}
    contents |= {file: content for file, content in given.items() if content is not None}
    contents |= {f"lineage/{file}": content for file, content in lineage.items()}
    options = {"policy": policy is not None, "state": state is not None, "lineage": asked, "production": production}
    parts = {name: as_bytes(content) for name, content in contents.items()}
    test_keys = any(public.encode() in content for public in curve.published.values() for content in parts.values())
    warnings = [f"{NOTHING} but {TEST_KEY}" if test_keys else NOTHING] if warns == NOTHING else warns
    fields = {
        "now": now,
        "options": " ".join(option for option, on in options.items() if on) or None,
        "expect": expect,
        "also": ", ".join(also) or None,
        "trust": trust,
        "of": of,
        "at": at,
        "and-at": ", ".join(and_at) or None,
        "says": words(says),
        **{f"warns-{number}" if number > 1 else "warns": text if warns == NOTHING else words(text) for number, text in enumerate(warnings, 1)},
        "about": about,
    }
    assert (expect == "accepted") == (trust is not None) and not (also and expect == "accepted"), name
    assert name not in vectors, name
    # RFC 8410: how every private key starts.
    assert name.startswith("private-key-") or not any(b"MC4CAQAwBQYDK2Vw" in content for content in parts.values()), name
    vectors[name] = pack(header(fields), parts)


def as_bytes(content):
    """A part as it stands in the vector."""
    if isinstance(content, Genome):
        return content.file
    return content if isinstance(content, bytes) else pretty(content)


def words(texts):
    """What a message says, word for word: whatever identifies something, and no prose."""
    texts = [texts] if isinstance(texts, (str, Signer)) else texts
    found = [word for text in texts for word in ((text.key_id, text.fingerprint) if isinstance(text, Signer) else (text,))]
    assert all(word and " " not in word for word in found), found
    return " ".join(found) or None
