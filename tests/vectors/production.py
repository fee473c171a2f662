"""Production, where a checklist must hold whole, and the state: what was accepted before."""

import hashlib

import discarded
import situation
from believed import RFC_TEST, TEST, before_now
from signing import jcs, pretty
from situation import (
    BROKEN,
    LINEAGE,
    NAME,
    NOT_YET_VALID,
    NOTHING,
    PINNED,
    REVOKED,
    ROLLBACK,
    SELF_DECLARED,
    STALE,
    TEST_KEY,
    UNTRUSTED,
    Signer,
    accepted,
    policy,
    state,
    vector,
)

# Nobody has their private halves: with one that this repository holds, nothing is accepted in production.
A, B, MALLORY = (Signer(name, discarded.Key(name)) for name in ("ops-a", "ops-b", "mallory"))


def genome(version="1.0.0", signers=(A,), by=None, **members):
    return situation.genome(version, signers, by, **members)


NOW_ONE = genome("1.2.0")
BEFORE = accepted("1.2.0", NOW_ONE.id)
KNOWN = policy(A, minimum={NAME: "1.0.0"})


def productions():
    checklist()
    test_keys()
    clock()
    earlier_versions()
    damaged_states()


def good(name, about, genome, given=KNOWN, trust=PINNED, warns=NOTHING, **header):
    vector(name, about, genome, policy=given, trust=trust, warns=warns, **header)


def bad(name, about, genome, expect, given=KNOWN, says=(), **header):
    vector(name, about, genome, expect, policy=given, says=says, **header)


# --- The checklist ---


def checklist():
    good("production-whole", "all of the checklist holds", NOW_ONE, production=True)
    about = "all of the checklist holds, with every limit and the state"
    given = policy(A, minimum={NAME: "1.2.0"}, days=365)
    good("production-whole-with-every-limit", about, NOW_ONE, given, state=state(BEFORE), production=True)
    root = genome(signers=[A])
    child = genome("1.2.0", [B], [A, B], parents=[root])
    given = policy(ids=[root], minimum={NAME: "1.0.0"})
    good("production-by-lineage", "a lineage is enough", child, given, LINEAGE, lineage=[root], production=True)
    about = "integrity is no authenticity: nobody says who these signers are"
    bad("production-without-policy", about, NOW_ONE, UNTRUSTED, None, state=state(BEFORE), production=True)
    about = "neither a policy nor anything that was accepted before: both are missed"
    bad("production-without-policy-and-state", about, NOW_ONE, UNTRUSTED, None, also=[ROLLBACK], production=True)
    about = "a lineage without a policy proves nothing but itself"
    bad(
        "production-without-policy-by-lineage",
        about,
        child,
        UNTRUSTED,
        None,
        lineage=[root],
        asked=True,
        state=state({}),
        production=True,
    )
    bad(
        "production-untrusted",
        "the policy is given and not met",
        genome(signers=[MALLORY]),
        UNTRUSTED,
        says=A.fingerprint,
        production=True,
    )
    about = "a lineage that does not hold"
    alone = genome("1.2.0", [B], parents=[root])
    bad("production-lineage-broken", about, alone, BROKEN, given, (root.id, "ops-a"), lineage=[root], production=True)
    about = "a revoked key that is needed"
    bad("production-revoked", about, NOW_ONE, REVOKED, {**KNOWN, "revoked": [A.fingerprint]}, A.fingerprint, production=True)
    about = "neither a state nor a least version: an older genome could be shown again, and nobody would know"
    bad("production-without-state-and-minimum-version", about, NOW_ONE, ROLLBACK, policy(A), production=True)
    about = "the least version of another name says nothing of this one"
    bad(
        "production-with-minimum-version-of-another-name",
        about,
        NOW_ONE,
        ROLLBACK,
        policy(A, minimum={"OTHER": "1.0.0"}),
        production=True,
    )
    good(
        "production-with-an-empty-state", "the first genome that is accepted", NOW_ONE, policy(A), state=state({}), production=True
    )
    about = "the first genome of this name"
    others = state(accepted("9.0.0", MALLORY.key.raw.hex(), "VECTOR_OTHER"))
    good("production-with-a-state-of-another-name", about, NOW_ONE, policy(A), state=others, production=True)

    about = "nobody trusts it, its key is published, it comes from the future and goes back: all is reported"
    worst = genome("0.9.0", [TEST], created=before_now(days=-2))
    bad("production-everything-at-once", about, worst, UNTRUSTED, also=[TEST_KEY, ROLLBACK, NOT_YET_VALID], production=True)
    about = "too old, and older than what was accepted before"
    old = genome("1.1.0", created=before_now(days=400))
    bad(
        "production-stale-and-rolled-back",
        about,
        old,
        STALE,
        policy(A, days=365),
        "365",
        state=state(BEFORE),
        also=[ROLLBACK],
        production=True,
    )


# --- Published test keys ---


def test_keys():
    def refused(name, about, genome, given=KNOWN, key=TEST, **header):
        bad(f"production-test-key-{name}", about, genome, TEST_KEY, given, key.fingerprint, production=True, **header)

    about = "a signer whose private key is published, beside one who signs"
    refused("in-the-authority", about, genome(signers=[A, TEST], by=[A]))
    about = "the key is known by its bytes, not by its name"
    refused("under-another-name", about, genome(signers=[A, TEST.named("ops-z")], by=[A]))
    about = "a key whose private half an RFC prints"
    refused("of-an-rfc", about, genome(signers=[A, RFC_TEST], by=[A]), key=RFC_TEST)
    about = "the policy trusts a key that anybody has"
    refused("in-the-policy", about, genome(signers=[TEST]), policy(TEST, minimum={NAME: "1.0.0"}))
    about = "the policy names it beside others, and it has not signed"
    refused("in-the-policy-only", about, NOW_ONE, {**KNOWN, "signers": [A.object, TEST.object]})
    about = "pinned by its content; still anybody could sign what comes next"
    pinned = genome(signers=[TEST])
    refused("in-a-genome-pinned-by-id", about, pinned, policy(ids=[pinned], minimum={NAME: "1.0.0"}))

    root = genome(signers=[TEST])
    child = genome("1.1.0", [A], [A, TEST], parents=[root])
    given = policy(ids=[root], minimum={NAME: "1.0.0"})
    refused("in-an-ancestor", "whoever has the key could have made another child", child, given, lineage=[root])
    about = "an ancestor further up"
    grandchild = genome("1.2.0", [A], parents=[child])
    refused("in-a-grandparent", about, grandchild, given, lineage=[root, child])
    about = "the ancestor above the pinned one is not relied on"
    given = policy(ids=[child], minimum={NAME: "1.0.0"})
    good("production-test-key-above-the-pinned-ancestor", about, grandchild, given, LINEAGE, lineage=[root, child], production=True)
    about = "the genome is pinned, so nothing relies on its parent"
    good(
        "production-test-key-in-a-parent-that-is-not-followed",
        about,
        genome("1.1.0", [A], parents=[root]),
        lineage=[root],
        production=True,
    )


# --- The clock ---


def clock():
    about = "five minutes of grace"
    good("production-future-at-the-limit", about, genome(created=before_now(seconds=-300)), production=True)
    for name, created in [
        ("one-second-above", before_now(seconds=-301)),
        ("with-offset", "2026-11-23T14:05:01+02:00"),
        ("year-9999", "9999-12-31T23:59:59Z"),
    ]:
        about = "dated in the future: whose clock is wrong?"
        bad(f"production-future-{name}", about, genome(created=created), NOT_YET_VALID, says=created, production=True)
    about = "dated in the future, and untrusted"
    bad(
        "production-future-untrusted",
        about,
        genome(signers=[MALLORY], created=before_now(days=-1)),
        UNTRUSTED,
        also=[NOT_YET_VALID],
        production=True,
    )
    about = "too old in production"
    bad(
        "production-stale",
        about,
        genome("1.2.0", created=before_now(days=31)),
        STALE,
        {**KNOWN, "maximum_age_days": 30},
        "30",
        production=True,
    )


# --- What was accepted before ---


def earlier_versions():
    def version(name, about, genome, text="1.2.0", genome_id=None, expect="accepted", **header):
        known = state(accepted(text, genome_id or genome.id))
        if expect == "accepted":
            good(f"state-{name}", about, genome, policy(A), state=known, **header)
        else:
            bad(f"state-{name}", about, genome, expect, policy(A), (genome.document["version"], text), state=known, **header)

    other = genome("1.2.0", [A, B]).id
    version("above", "a newer version", genome("1.3.0"), genome_id=NOW_ONE.id)
    version("equal", "the same genome again", NOW_ONE)
    version("below", "an older version", genome("1.1.9"), genome_id=NOW_ONE.id, expect=ROLLBACK)
    version("below-by-number", "numbers are compared as numbers", genome("1.9.0"), "1.10.0", other, ROLLBACK)
    version("above-by-number", "numbers are compared as numbers", genome("1.10.0"), "1.9.0", other)
    version(
        "below-as-pre-release",
        "a pre-release comes before its release",
        genome("1.2.0-rc.1"),
        genome_id=NOW_ONE.id,
        expect=ROLLBACK,
    )
    about = "another genome of the same version: one of them is not the one that was released"
    version("equal-with-another-id", about, NOW_ONE, genome_id=other, expect=ROLLBACK)
    about = "build metadata has no rank: the same version, and another genome"
    version("equal-but-for-build-metadata", about, genome("1.2.0+2"), "1.2.0+1", other, ROLLBACK)
    about = "the same genome, whose version has build metadata"
    version("equal-with-build-metadata", about, genome("1.2.0+2"), "1.2.0+2")
    for name, expect, production in [("above", "accepted", True), ("below", ROLLBACK, True)]:
        subject = genome("1.3.0" if name == "above" else "1.1.0")
        version(
            f"{name}-in-production", "the state is what production asks for", subject, "1.2.0", other, expect, production=production
        )
    about = "the same version with another id, in production"
    version("equal-with-another-id-in-production", about, NOW_ONE, "1.2.0", other, ROLLBACK, production=True)
    about = (
        "CVE-2026-44544: an older genome, validly signed and still within its time, is shown again after a newer one was accepted"
    )
    older = genome("1.1.0")
    vector(
        "CVE-2026-44544-older-genome-shown-again-after-a-newer",
        about,
        older,
        ROLLBACK,
        policy=policy(A, days=365),
        state=state(BEFORE),
        says=("1.1.0", "1.2.0"),
    )
    about = "without a policy the state still says what was accepted before"
    bad("state-below-without-policy", about, older, ROLLBACK, None, ("1.1.0", "1.2.0"), state=state(BEFORE))
    good("state-equal-without-policy", "the same genome again", NOW_ONE, None, SELF_DECLARED, state=state(BEFORE))
    about = "untrusted, and older than what was accepted before"
    bad(
        "state-below-and-untrusted",
        about,
        genome("1.1.0", [MALLORY]),
        UNTRUSTED,
        policy(A),
        A.fingerprint,
        state=state(BEFORE),
        also=[ROLLBACK],
    )
    about = "the policy was lowered for a deliberate step back, and the state was not begun anew"
    bad(
        "state-below-and-minimum-version-met",
        about,
        older,
        ROLLBACK,
        policy(A, minimum={NAME: "1.1.0"}),
        ("1.1.0", "1.2.0"),
        state=state(BEFORE),
    )
    about = "the state is at peace, the policy's least version is not"
    bad(
        "state-above-and-minimum-version-not-met",
        about,
        genome("1.3.0"),
        ROLLBACK,
        policy(A, minimum={NAME: "2.0.0"}),
        ("1.3.0", "2.0.0"),
        state=state(BEFORE),
    )
    about = "a genome of another name has versions of its own"
    good("state-of-another-name", about, genome("0.1.0", name="VECTOR_EU"), policy(A), state=state(BEFORE))
    about = "names differ by case"
    good("state-of-a-name-in-other-case", about, genome("0.1.0", name="Vector_Prod"), policy(A), state=state(BEFORE))

    # U+FB33 comes before U+1F600 by code point, and after it by UTF-16 code unit.
    names = {**accepted("1.0.0", other, "\ufb33"), **accepted("1.0.0", other, "\U0001f600"), **BEFORE}
    about = "RFC 8785 section 3.2.3: the digest is of names sorted by UTF-16 code units"
    good("state-of-names-beyond-the-basic-plane", about, NOW_ONE, policy(A), state=state(names))
    about = "the digest is that of the canonical form, however the file is written"
    text = pretty(dict(reversed(state(BEFORE).items()))).replace(b"\n", b"\r\n").replace(b"VECTOR", b"\\u0056ECTOR")
    good("state-written-in-another-way", about, NOW_ONE, policy(A), state=text)


def damaged_states():
    def damaged(name, about, given):
        vector(
            f"state-{name}", f"{about}; what is damaged remembers nothing", NOW_ONE, ROLLBACK, policy=KNOWN, state=given, of="state"
        )

    whole = state(BEFORE)
    text = pretty(whole)
    damaged("truncated", "cut off in the middle", text[: len(text) // 2])
    damaged("truncated-by-a-byte", "the last bracket is missing", text[:-2])
    damaged("empty-file", "no bytes", b"")
    damaged("of-zeros", "a file system that lost its blocks", bytes(len(text)))
    damaged("with-text-after-it", "two states in one file", text + text)
    assert text.count(b'"1.2.0"') == 1
    damaged("with-a-lower-version", "a digit of the version was changed", text.replace(b'"1.2.0"', b'"1.1.0"'))
    damaged("with-another-name", "the name was changed", text.replace(NAME.encode(), b"VECTOR_TEST"))
    damaged(
        "with-another-id", "the genome id was changed", text.replace(NOW_ONE.id.encode(), hashlib.sha256(b"").hexdigest().encode())
    )
    damaged("without-its-entry", "the entry was taken out", {**whole, "accepted": {}})
    damaged("with-another-digest", "the digest of something else", {**whole, "sha256": hashlib.sha256(b"").hexdigest()})
    damaged("with-digest-in-capitals", "digests are written in lower case", {**whole, "sha256": whole["sha256"].upper()})
    damaged(
        "with-digest-of-the-text",
        "the digest of the text as it stood, not of the canonical form",
        {**whole, "sha256": hashlib.sha256(pretty(BEFORE)).hexdigest()},
    )
    damaged("without-digest", "no digest", {name: value for name, value in whole.items() if name != "sha256"})
    damaged("with-digest-null", "null is no digest", {**whole, "sha256": None})
    damaged("with-unknown-member", "a member that the schema does not name", {**whole, "note": ""})
    damaged("of-another-schema-version", "a later version may mean something else", {**whole, "schema_version": "state.v0.2"})
    damaged("without-schema-version", "no version", {name: value for name, value in whole.items() if name != "schema_version"})
    damaged(
        "without-accepted",
        "nothing is remembered, under a good digest",
        {"schema_version": "state.v0.1", "sha256": hashlib.sha256(jcs({})).hexdigest()},
    )
    damaged("with-accepted-as-array", "a list, under a good digest", state([BEFORE[NAME]]))
    entry = BEFORE[NAME]
    damaged("with-unknown-member-in-an-entry", "under a good digest", state({NAME: {**entry, "at": "2026-11-23T12:00:00Z"}}))
    damaged("with-an-entry-without-id", "under a good digest", state({NAME: {"version": "1.2.0"}}))
    damaged("with-an-entry-without-version", "under a good digest", state({NAME: {"genome_id": NOW_ONE.id}}))
    damaged("with-a-version-that-is-none", "under a good digest", state(accepted("1.2", NOW_ONE.id)))
    damaged("with-an-id-in-capitals", "under a good digest", state(accepted("1.2.0", NOW_ONE.id.upper())))
    damaged("with-an-entry-of-text", "under a good digest", state({NAME: "1.2.0"}))
    twice = text.replace(b'"accepted": {', b'"accepted": {},\n  "accepted": {')
    damaged("with-accepted-twice", "a name twice: one reader takes the first, another the last", twice)
    again = b'"%s": {"version": "0.1.0", "genome_id": "%s"},\n    "%s"' % (NAME.encode(), NOW_ONE.id.encode(), NAME.encode())
    damaged(
        "with-a-name-twice",
        "a name twice: one reader takes the first, another the last",
        text.replace(b'"%s"' % NAME.encode(), again),
    )
    damaged("with-byte-order-mark", "U+FEFF before the document", b"\xef\xbb\xbf" + text)
    damaged("that-is-an-array", "a list is no state", pretty([whole]))
    damaged("that-is-null", "null is no state", b"null\n")
    damaged("that-is-a-policy", "the policy, given as a state", KNOWN)
    damaged("that-is-a-genome", "the genome itself, given as a state", NOW_ONE.document)
