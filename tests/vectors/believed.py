"""Who is trusted, without a lineage: signatures and whose they are, revoked keys, limits of version and age."""

import base64
import datetime

import curve
import rfc
from signing import legacy
from situation import (
    HERE,
    INSUFFICIENT,
    LEGACY,
    MALLORY,
    NAME,
    NOT_YET_VALID,
    NOTHING,
    NOW,
    PINNED,
    REVOKED,
    ROLLBACK,
    SCHEMA,
    SELF_DECLARED,
    SIGNATURE,
    STALE,
    TEST_KEY,
    UNSIGNED,
    UNTRUSTED,
    A,
    B,
    C,
    D,
    Signer,
    genome,
    policy,
    vector,
)

# Keys that anybody can sign with: the one that lies beside the root genome, and one of an RFC.
ROOT_TEST = (HERE.parent.parent / "genomes/TOTK_ROOT_v1.0.0/TEST-KEY-NOT-SECRET.txt").read_text().splitlines()[-1]
TEST = Signer("totk-dev-key-001", curve.Key(base64.b64decode(ROOT_TEST)[-32:]))
RFC_TEST = Signer("ops-rfc", curve.Key(bytes.fromhex(rfc.ED25519[0][1])))


def believed():
    pinned()
    whose_signature()
    swapped()
    untrusted()
    revoked()
    minimum_versions()
    ages()
    future()


def good(name, about, genome, given, warns=NOTHING, trust=PINNED, **header):
    vector(name, about, genome, policy=given, trust=trust, warns=warns, **header)


def bad(name, about, genome, expect, given, says=(), **header):
    vector(name, about, genome, expect, policy=given, says=says, **header)


# --- Pinned ---


def pinned():
    two_of_three = policy(A, B, C, threshold=2)
    good("pinned-by-1-of-1", "the smallest quorum", genome(), policy(A))
    good("pinned-by-2-of-3", "a quorum of some", genome(signers=[A, B, C], by=[C, A], threshold=2), two_of_three)
    good("pinned-by-3-of-3", "a quorum of all", genome(signers=[A, B, C], threshold=3), policy(A, B, C, threshold=3))
    good("pinned-by-more-than-the-threshold", "three sign, two must", genome(signers=[A, B, C], threshold=2), two_of_three)
    about = "the policy asks for fewer than the genome does"
    good("pinned-by-a-lower-threshold", about, genome(signers=[A, B], threshold=2), policy(A, B, threshold=1))
    about = "the policy names a few of the authority"
    good("pinned-by-some-of-the-authority", about, genome(signers=[A, B, C], by=[A, B], threshold=1), policy(B))
    alone = genome(signers=[MALLORY])
    good("pinned-by-genome-id", "the policy names nobody, and this genome by its content", alone, policy(ids=[alone]))
    about = "the policy's signers have not signed, but it names the genome by its content"
    good("pinned-by-genome-id-beside-signers", about, alone, policy(A, B, threshold=2, ids=[genome(), alone]))
    about = "pinned by its content with another list of signatures: these are no part of it"
    signed = genome(signers=[A, B], threshold=1)
    good("pinned-by-genome-id-with-fewer-signatures", about, signed.signed(B), policy(ids=[signed]))

    about = "a genome id is no quorum: who signed must still be enough"
    half = genome(signers=[A, B], by=[A], threshold=2)
    bad(
        "pinned-by-genome-id-without-its-own-quorum",
        about,
        half,
        INSUFFICIENT,
        policy(ids=[half]),
        B.key_id,
        at="/authority/threshold",
    )
    about = "a genome id is no signature"
    bad("pinned-by-genome-id-unsigned", about, genome().unsigned(), UNSIGNED, policy(ids=[genome()]))
    about = "a genome id is no signature: one that does not verify refuses the genome"
    bad(
        "pinned-by-genome-id-with-a-forged-signature", about, genome().forged(A), SIGNATURE, policy(ids=[genome()]), at="/signature"
    )
    about = (
        "the contents of the genome that is pinned, with one value changed: its id is another, and the signature does not verify"
    )
    tampered = genome().tampered("version", "1.0.1")
    bad("pinned-by-genome-id-tampered", about, tampered, SIGNATURE, policy(ids=[genome()]), at="/signature")
    about = "another genome by the same signer, where only one genome is pinned"
    bad("pinned-by-genome-id-another", about, genome("1.0.1"), UNTRUSTED, policy(ids=[genome()]))
    about = "the policy's own quorum is no substitute for that of the genome"
    elsewhere = genome(signers=[B, C], by=[A, B], threshold=2)
    bad("pinned-without-its-own-quorum", about, elsewhere, INSUFFICIENT, policy(A), C.key_id, at="/authority/threshold")
    about = "made by the replaced scripts: a policy does not make it better"
    old = genome().unsigned()
    old = old.carrying([A.sign(legacy(old.document))])
    bad("pinned-by-a-legacy-signature", about, old, LEGACY, policy(A), at="/signature")
    bad("pinned-unsigned", "no signature at all", genome().unsigned(), UNSIGNED, policy(A))


# --- Whose signature it is ---


def whose_signature():
    """The label of a signature says who is to have made it; it is counted by the key that it verifies under."""
    about = "the policy's signer is not named by the authority, and signs under the label that the policy knows"
    good("signature-under-a-label-of-the-policy", about, genome(signers=[B], by=[B, A]), policy(A))
    about = "the same, but the signature does not verify: a known label refuses"
    forged = genome(signers=[B], by=[B, A]).forged(A)
    bad("signature-under-a-label-of-the-policy-forged", about, forged, SIGNATURE, policy(A), A.fingerprint, at="/signatures/1")
    about = "a signature of the policy's signer over another genome"
    copied = genome(signers=[B])
    copied = copied.carrying([*copied.signatures, *genome("0.9.0").signatures])
    bad(
        "signature-of-another-genome-under-a-label-of-the-policy",
        about,
        copied,
        SIGNATURE,
        policy(A),
        A.fingerprint,
        at="/signatures/1",
    )
    about = "the label of one signer of the policy, made by the other"
    crossed = genome(signers=[C], by=[C, B.named("ops-a")])
    bad("signature-under-the-label-of-another-signer", about, crossed, SIGNATURE, policy(A, B), A.fingerprint, at="/signatures/1")
    about = "the policy's key signs under a label that nobody knows: it could be anybody's, and counts for nothing"
    unknown = genome(signers=[B], by=[B, A.named("boss")])
    bad("signature-by-a-policy-key-under-an-unknown-label", about, unknown, UNTRUSTED, policy(A), A.fingerprint)
    about = "a label that both know, with different keys: the genome's own authority decides"
    ours = genome(signers=[B.named("ops-a")], by=[A])
    bad("signature-under-a-label-that-the-authority-takes", about, ours, SIGNATURE, policy(A), B.fingerprint, at="/signature")
    about = "a key of the authority signs under a label that only the policy knows: a genome is in order by itself, or under no policy"
    boss = genome(signers=[A], by=[A.named("boss")])
    bad("signature-under-a-label-of-the-policy-for-the-own-quorum", about, boss, INSUFFICIENT, policy(A.named("boss")), A.fingerprint)
    about = "without the policy the same label is unknown"
    bad("signature-under-a-label-of-no-policy", about, boss, INSUFFICIENT, None, at="/authority/threshold")
    about = "a label that nobody knows counts for nothing, and is named"
    stranger = genome(by=[A, MALLORY])
    good("signature-under-an-unknown-label", about, stranger, policy(A), [MALLORY.key_id])
    about = "nobody could check it, so it refuses nothing"
    good("signature-under-an-unknown-label-forged", about, stranger.forged(MALLORY), policy(A), [MALLORY.key_id])
    about = "without a policy a label that only the policy would know is unknown"
    good("signature-under-an-unknown-label-without-policy", about, forged, None, [A.key_id], trust=SELF_DECLARED)

    one_key = genome(signers=[A], by=[A, A.named("boss")])
    about = "GHSA-3633-5h82-39pq: one key signs under two ids, one of the authority and one of the policy, to be counted twice"
    bad(
        "GHSA-3633-5h82-39pq-one-key-under-two-ids",
        about,
        one_key,
        UNTRUSTED,
        policy(A.named("boss"), B, threshold=2),
        B.fingerprint,
    )
    about = "GHSA-3633-5h82-39pq: one key signs under two ids, to meet the genome's own threshold of two"
    twice = genome(signers=[A, B], by=[A, A.named("boss")], threshold=2)
    given = policy(A.named("boss"))
    bad(
        "GHSA-3633-5h82-39pq-one-key-under-two-ids-in-the-own-quorum",
        about,
        twice,
        INSUFFICIENT,
        given,
        B.key_id,
        at="/authority/threshold",
    )
    about = "CVE-2020-6174: one signature shown twice was counted twice"
    single = genome(signers=[A, B], by=[A], threshold=2)
    repeated = single.carrying(single.signatures * 2)
    given = policy(A, B, threshold=2)
    bad("CVE-2020-6174-repeated-signature", about, repeated, SCHEMA, given, at="/signatures/1/signer_key_id")
    about = "CVE-2020-15093: one valid signature, duplicated under the label of another signer, was counted twice"
    [item] = single.signatures
    relabelled = single.carrying([item, {**item, "signer_key_id": "ops-b"}])
    bad("CVE-2020-15093-duplicated-signature", about, relabelled, SIGNATURE, given, B.fingerprint, at="/signatures/1")
    about = "CVE-2020-15093: the duplicate under a label that nobody knows"
    relabelled = genome(signers=[A, B], by=[A, A.named("ops-c")])
    bad("CVE-2020-15093-duplicated-signature-under-an-unknown-label", about, relabelled, UNTRUSTED, given, B.fingerprint)


# --- Keys and names that do not belong together ---


def swapped():
    about = "the policy's key under another name: it counts, and is named"
    renamed = genome(signers=[A.named("ops-2027")])
    good("swapped-key-id-of-a-policy-key", about, renamed, policy(A), [("ops-a", "ops-2027", A.fingerprint)])
    about = "the attacker's key under the name of the policy's key, both shown"
    usurped = genome(signers=[MALLORY.named("ops-a")])
    bad("swapped-key-under-a-policy-key-id", about, usurped, UNTRUSTED, policy(A), (A, MALLORY.fingerprint))
    about = "another key under a name of the policy, in a genome that is pinned all the same"
    half = genome(signers=[A, MALLORY.named("ops-b")], by=[A])
    warns = [("ops-b", B.fingerprint, MALLORY.fingerprint)]
    good("swapped-key-of-a-signer-who-is-not-needed", about, half, policy(A, B), warns)
    about = "two signers have changed names: each key still counts, and each is named"
    crossed = genome(signers=[A.named("ops-b"), B.named("ops-a")], threshold=2)
    warns = [("ops-a", A.fingerprint, B.fingerprint), ("ops-b", A.fingerprint, B.fingerprint)]
    good("swapped-key-ids-of-two-signers", about, crossed, policy(A, B, threshold=2), warns)
    about = "names that differ in case are different names"
    other_case = genome(signers=[MALLORY.named("OPS-A")])
    bad("swapped-key-id-in-other-case", about, other_case, UNTRUSTED, policy(A), A.fingerprint)


# --- Nobody whom the policy names ---


def untrusted():
    about = "without a policy only its own authority vouches for it"
    good("self-declared", about, genome(), None, trust=SELF_DECLARED)
    about = "the attacker put his own key into the authority and signed with it"
    bad("untrusted-own-authority", about, genome(signers=[MALLORY]), UNTRUSTED, policy(A), A.fingerprint)
    about = "the hint names every key that would do"
    three = [A.fingerprint, B.fingerprint, C.fingerprint]
    bad("untrusted-own-authority-three-would-do", about, genome(signers=[MALLORY]), UNTRUSTED, policy(A, B, C, threshold=2), three)
    about = "the attacker names the policy's signer beside himself, and signs alone"
    bad(
        "untrusted-policy-signer-named-only", about, genome(signers=[A, MALLORY], by=[MALLORY]), UNTRUSTED, policy(A), A.fingerprint
    )
    about = "the same with all signers of the policy"
    named = genome(signers=[A, B, C, MALLORY], by=[MALLORY])
    bad("untrusted-policy-signers-named-only", about, named, UNTRUSTED, policy(A, B, C, threshold=2), three)
    about = "one of two whom the policy asks for, and the attacker as the second"
    one = genome(signers=[A, MALLORY], threshold=2)
    bad("untrusted-1-of-2-and-a-stranger", about, one, UNTRUSTED, policy(A, B, threshold=2), B.fingerprint)
    about = "enough for the genome's own threshold, which the attacker chose, and not for the policy's"
    bad(
        "untrusted-threshold-lowered",
        about,
        genome(signers=[A, B, C], by=[A]),
        UNTRUSTED,
        policy(A, B, C, threshold=2),
        B.fingerprint,
    )
    about = "the signature of the policy's signer does not verify: nothing else matters"
    bad("untrusted-forged", about, genome().forged(A), SIGNATURE, policy(A), A.fingerprint, at="/signature")
    about = "the attacker's genome is pinned by an id that differs in its last digit"
    near = genome(signers=[MALLORY])
    other = near.id[:-1] + ("0" if near.id[-1] != "0" else "1")
    bad("untrusted-genome-id-of-another-digit", about, near, UNTRUSTED, {"schema_version": "trust.v0.1", "genome_ids": [other]})

    about = "outside production a key that anybody has counts, and is warned of"
    good("test-key-in-the-authority", about, genome(signers=[TEST]), None, [(TEST_KEY, TEST.fingerprint)], trust=SELF_DECLARED)
    about = "the key is known by its bytes, not by its name"
    warns = [(TEST_KEY, TEST.fingerprint)]
    good("test-key-under-another-name", about, genome(signers=[A, TEST.named("ops-z")], by=[A]), policy(A), warns)
    good("test-key-in-the-policy", "outside production a policy may name it, and is warned of", genome(), policy(A, TEST), warns)


# --- Revoked keys ---


def revoked():
    def needed(name, about, genome, given, key=B, expect=REVOKED):
        bad(f"revoked-{name}", about, genome, expect, given, key.fingerprint if expect == REVOKED else ())

    warns = [("GENOME_REVOKED_KEY", B.fingerprint)]
    both = genome(signers=[A, B], threshold=2)
    needed("key-needed-by-the-own-quorum", "two must sign, and one of them is revoked", both, policy(A, revoked=[B]))
    about = "the signatures without the revoked key are enough"
    three = genome(signers=[A, B, C], threshold=2)
    good("revoked-key-not-needed", about, three, policy(A, revoked=[B]), warns)
    about = "the authority names the revoked key, which has not signed"
    good("revoked-key-did-not-sign", about, genome(signers=[A, B], by=[A]), policy(A, revoked=[B]), warns)
    good("revoked-key-elsewhere", "no key of this genome is revoked", genome(), policy(A, revoked=[B, MALLORY]))
    about = "a key is revoked by its fingerprint, whatever it is called"
    needed("key-under-another-name", about, genome(signers=[A, B.named("ops-new")], threshold=2), policy(A, revoked=[B]))
    about = "even with the revoked key there are not enough: the others must sign"
    short = genome(signers=[A, B, C], by=[A, B], threshold=3)
    needed("key-would-not-suffice", about, short, policy(A, revoked=[B]), expect=INSUFFICIENT)
    about = "the signature of a revoked key must verify all the same"
    needed("key-forged", about, three.forged(B), policy(A, revoked=[B]), expect=SIGNATURE)

    about = "the policy's own quorum needs a key that it revokes"
    given = policy(A, B, C, threshold=2, revoked=[B])
    needed("policy-signer-needed", about, genome(signers=[A, B, D], threshold=2), given)
    about = "the policy's own quorum is met without the key that it revokes"
    good("revoked-policy-signer-not-needed", about, three, given, warns)
    about = "with the revoked signer the policy's quorum would not be met either: that is not why it is untrusted"
    needed(
        "policy-signer-would-not-suffice",
        about,
        genome(signers=[B, D]),
        policy(A, B, C, threshold=3, revoked=[B]),
        expect=UNTRUSTED,
    )
    about = "the policy's signer is revoked, and signs under a label that only the policy knows"
    needed("policy-signer-under-its-label", about, genome(signers=[D], by=[D, B]), policy(B, revoked=[B]))
    about = "pinned by its content, but signed by nobody who counts"
    alone = genome(signers=[B])
    needed("key-alone-in-a-genome-pinned-by-id", about, alone, policy(ids=[alone], revoked=[B]))
    about = "pinned by its content, and signed by another too"
    other = genome(signers=[A, B])
    good("revoked-key-in-a-genome-pinned-by-id", about, other, policy(ids=[other], revoked=[B]), warns)
    about = "all keys of the authority are revoked"
    given = policy(ids=[both], revoked=[A, B])
    bad("revoked-keys-all", about, both, REVOKED, given, (A.fingerprint, B.fingerprint))
    about = "the revoked key of a genome that is not trusted in the first place: its quorum comes first"
    needed("key-of-a-stranger", about, genome(signers=[MALLORY]), policy(A, revoked=[MALLORY]), MALLORY)


# --- Versions ---


def minimum_versions():
    def version(name, about, text, least, expect="accepted"):
        given = policy(A, minimum={NAME: least, "VECTOR_OTHER": "99.0.0"})
        if expect == "accepted":
            good(f"minimum-version-{name}", about, genome(text), given)
        else:
            bad(f"minimum-version-{name}", about, genome(text), expect, given, (text, least))

    version("below", "an older version than the least", "1.2.0", "1.2.1", ROLLBACK)
    version("equal", "the least itself", "1.2.1", "1.2.1")
    version("above", "a newer version", "1.3.0", "1.2.1")
    version("below-in-each-place", "numbers are compared as numbers", "1.9.0", "1.10.0", ROLLBACK)
    version("above-in-each-place", "numbers are compared as numbers", "1.10.0", "1.9.0")
    version("pre-release-below-its-release", "Semantic Versioning 2.0.0 section 11", "1.2.0-rc.9", "1.2.0", ROLLBACK)
    version("release-above-its-pre-release", "Semantic Versioning 2.0.0 section 11", "1.2.0", "1.2.0-rc.9")
    version("pre-release-below-by-number", "numbers are compared as numbers", "1.2.0-rc.9", "1.2.0-rc.10", ROLLBACK)
    version("pre-release-number-below-text", "numbers come before words", "1.2.0-1", "1.2.0-alpha", ROLLBACK)
    version("pre-release-with-fewer-fields", "fewer fields come first", "1.2.0-alpha", "1.2.0-alpha.1", ROLLBACK)
    about = "build metadata has no rank: whoever compares it refuses what is allowed"
    version("build-metadata-lower", about, "1.2.0+1", "1.2.0+9")
    version("build-metadata-none", about, "1.2.0", "1.2.0+9")
    version("build-metadata-does-not-help", "nor allows what is refused", "1.2.0-rc.1+9", "1.2.0", ROLLBACK)
    version("largest-number", "nothing overflows", "18446744073709551614.0.0", "18446744073709551615.0.0", ROLLBACK)
    about = "the least version of another name"
    good("minimum-version-of-another-name", about, genome(), policy(A, minimum={"VECTOR_OTHER": "2.0.0"}))
    about = "names differ by case"
    good("minimum-version-of-a-name-in-other-case", about, genome(), policy(A, minimum={NAME.lower(): "2.0.0"}))
    about = "a limit is reported beside the trust that is missing"
    given = policy(A, minimum={NAME: "2.0.0"})
    bad(
        "minimum-version-of-an-untrusted-genome", about, genome(signers=[MALLORY]), UNTRUSTED, given, A.fingerprint, also=[ROLLBACK]
    )
    about = "what does not verify says nothing: its version is nobody's word"
    bad("minimum-version-of-a-forged-genome", about, genome().forged(A), SIGNATURE, given)
    about = "a genome pinned by its content is held to the least version too"
    bad(
        "minimum-version-of-a-genome-pinned-by-id",
        about,
        genome(),
        ROLLBACK,
        policy(ids=[genome()], minimum={NAME: "2.0.0"}),
        ("1.0.0", "2.0.0"),
    )
    about = "CVE-2026-44544: an older genome, validly signed and still within its time, is shown again"
    bad(
        "CVE-2026-44544-older-genome-shown-again",
        about,
        genome("1.1.0"),
        ROLLBACK,
        policy(A, minimum={NAME: "1.2.0"}),
        ("1.1.0", "1.2.0"),
    )


# --- Time ---


def before_now(**duration):
    """A time so long before the clock of the vectors."""
    clock = datetime.datetime.fromisoformat(NOW)
    return (clock - datetime.timedelta(**duration)).strftime("%Y-%m-%dT%H:%M:%SZ")


def ages():
    def age(name, about, created, days, expect="accepted", **header):
        given = policy(A, days=days)
        if expect == "accepted":
            good(f"age-{name}", about, genome(created=created), given, **header)
        else:
            bad(f"age-{name}", about, genome(created=created), expect, given, str(days), **header)

    limit = before_now(days=365)
    assert limit == "2025-11-23T12:00:00Z"
    age("at-the-limit", "365 days to the second", limit, 365)
    age("one-second-above", "a second more", before_now(days=365, seconds=1), 365, STALE)
    age("a-fraction-above", "instants are compared, not seconds", "2025-11-23T11:59:59.999Z", 365, STALE)
    about = "each digit of a fraction counts"
    age("a-fraction-of-12-digits-above", about, "2025-11-23T11:59:59.999999999999Z", 365, STALE)
    age("a-fraction-of-12-digits-below", about, "2025-11-23T12:00:00.000000000001Z", 365)
    age("one-day", "the shortest age", before_now(days=1), 1)
    age("one-day-and-one-second", "the shortest age and a second", before_now(days=1, seconds=1), 1, STALE)
    about = "13:59:59 two hours east is 11:59:59 in Greenwich, and the text alone looks younger"
    age("above-with-offset", about, "2025-11-23T13:59:59+02:00", 365, STALE)
    about = "10:00 two hours west is 12:00 in Greenwich, and the text alone looks older"
    age("at-the-limit-with-offset", about, "2025-11-23T10:00:00-02:00", 365)
    age("not-limited", "no limit, no age", "2001-01-01T00:00:00Z", None)
    age("before-1970", "a time before the epoch is a time", "1969-12-31T23:59:59Z", 365, STALE)
    age("year-0", "the first instant of RFC 3339", "0000-01-01T00:00:00Z", 365, STALE)
    age("year-0-with-the-largest-limit", "no sum overflows", "0000-01-01T00:00:00Z", 2**53 - 1)
    about = "made a moment ago by a clock that is ahead: no age, and none that wraps"
    age("negative", about, before_now(seconds=-60), 1)
    about = "a limit is reported beside the trust that is missing"
    old = genome(signers=[MALLORY], created="2020-01-01T00:00:00Z")
    bad("age-of-an-untrusted-genome", about, old, UNTRUSTED, policy(A, days=365), A.fingerprint, also=[STALE])
    about = "two limits at once: both are reported"
    old = genome(created="2020-01-01T00:00:00Z")
    bad("age-and-version", about, old, STALE, policy(A, days=365, minimum={NAME: "1.0.1"}), "365", also=[ROLLBACK])


def future():
    """Outside production; production.py has the same limits there."""

    def ahead(name, about, created, warned, given=policy(A), trust=PINNED):  # noqa: B008
        good(f"future-{name}", about, genome(created=created), given, [NOT_YET_VALID] if warned else NOTHING, trust)

    ahead("now", "made this very second", NOW, False)
    ahead("at-the-limit", "five minutes of grace", before_now(seconds=-300), False)
    ahead("one-second-above", "a second more", before_now(seconds=-301), True)
    ahead("a-fraction-above", "instants are compared, not seconds", "2026-11-23T12:05:00.001Z", True)
    about = "each digit of a fraction counts"
    ahead("a-fraction-of-12-digits-above", about, "2026-11-23T12:05:00.000000000001Z", True)
    ahead("a-fraction-of-12-digits-below", about, "2026-11-23T12:04:59.999999999999Z", False)
    ahead("at-the-limit-with-offset", "14:05 two hours east is 12:05 in Greenwich", "2026-11-23T14:05:00+02:00", False)
    ahead("above-with-offset", "10:05:01 two hours west is 12:05:01 in Greenwich", "2026-11-23T10:05:01-02:00", True)
    ahead("year-9999", "the last second of RFC 3339", "9999-12-31T23:59:59Z", True)
    ahead("without-policy", "a policy is not asked", before_now(seconds=-301), True, None, SELF_DECLARED)
    about = "dated in the future so that it never grows old: both limits are looked at, and only one is crossed"
    ahead("with-a-limit-of-age", about, "2030-01-01T00:00:00Z", True, policy(A, days=1))
