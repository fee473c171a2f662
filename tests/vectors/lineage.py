"""Lineages: each step from a pinned ancestor carries the quorum of the parent and its own."""

from signing import legacy, pretty
from situation import (
    BROKEN,
    CREATED,
    INSUFFICIENT,
    LINEAGE,
    MALLORY,
    NOTHING,
    PINNED,
    REVOKED,
    ROLLBACK,
    SELF_DECLARED,
    SIGNATURE,
    STALE,
    UNTRUSTED,
    A,
    B,
    C,
    D,
    E,
    genome,
    policy,
    vector,
)

ROOT = genome(signers=[A])
# The policies of most vectors here: the root is pinned by its content, or by keys of which its children carry fewer.
BY_ID = policy(ids=[ROOT])


def lineages():
    rotation()
    missing_quorum()
    missing_ancestor()
    copies()
    order()
    names_that_come_back()
    several_parents()
    chains()
    where_it_ends()
    revoked()
    taken_back()
    attackers()
    asked_for()
    recovery()


def good(name, about, genome, ancestors=(ROOT,), given=BY_ID, trust=LINEAGE, warns=NOTHING, **header):
    vector(
        name if name[0].isupper() else f"lineage-{name}",
        about,
        genome,
        policy=given,
        lineage=ancestors,
        trust=trust,
        warns=warns,
        **header,
    )


def bad(name, about, genome, says=(), ancestors=(ROOT,), given=BY_ID, expect=BROKEN, **header):
    vector(
        name if name[0].isupper() else f"lineage-{name}",
        about,
        genome,
        expect,
        policy=given,
        lineage=ancestors,
        says=says,
        **header,
    )


# --- A step and its two quorums ---


def rotation():
    child = genome("1.1.0", [B], [A, B], parents=[ROOT])
    good("same-signers", "the same signer signs the next version", genome("1.1.0", [A], parents=[ROOT]))
    good("rotation", "the old key, which the child does not name any more, and the new one have signed", child)
    about = "the signatures in another order, and in a list of the authority's own making"
    good("rotation-in-another-order", about, child.carrying(child.signatures[::-1]))
    after = genome("1.2.0", [B], parents=[child])
    about = "the child is pinned by the old key's signature on it; what follows needs the new key only"
    good("after-a-rotation", about, after, [ROOT, child], policy(A))
    good("after-a-rotation-from-the-root", "the same, where only the root is pinned", after, [ROOT, child])
    three = genome(signers=[A, B, C], by=[A, B], threshold=2)
    one = genome("1.1.0", [A, B, D], [B, C, D], threshold=2, parents=[three])
    about = "one of three keys is replaced; the quorum of the parent is another two than the policy's"
    good("rotation-of-1-of-3", about, one, [three], policy(A, B, threshold=2))
    all_new = genome("1.1.0", [D, E], [A, C, D, E], threshold=2, parents=[three])
    good("rotation-of-all", "all keys are replaced at once", all_new, [three], policy(ids=[three]))
    renamed = genome("1.1.0", [A.named("ops-a-2027"), B], [A.named("ops-a-2027"), B], threshold=2, parents=[ROOT])
    good("key-renamed", "the child names the parent's key otherwise: keys are counted, not names", renamed)
    lower = genome("1.1.0", [A, B, C], [A, B], threshold=1, parents=[three])
    good("threshold-lowered", "the parent's threshold decides whether it may be lowered", lower, [three], policy(ids=[three]))
    raised = genome("1.1.0", [A, B, C], [A, B, C], threshold=3, parents=[three])
    good("threshold-raised", "the child asks for more than its parent", raised, [three], policy(ids=[three]))

    old = B.named("ops-a")
    reused = genome("1.1.0", [old], [old], parents=[ROOT])
    about = "a new key under the id of the old one: the old key has no label left to sign under"
    bad("rotation-under-the-same-key-id", about, reused, (ROOT.id, "ops-a"))
    renewed = genome("1.1.0", [B], [A, B], parents=[ROOT])
    about = "the policy names the new key by the old one's id, as an operator may: the old key's signature under it is no forgery"
    good("rotation-to-a-key-that-the-policy-calls-as-the-old-one", about, renewed, given=policy(old), trust=PINNED, warns=[old])
    after = genome("1.2.0", [B], parents=[renewed])
    about = "the same one generation later, where the ancestor is pinned"
    good("rotation-to-a-key-that-the-policy-calls-as-the-old-one-later", about, after, [ROOT, renewed], policy(old, C, ids=[renewed]), PINNED, [old])
    reused = genome("1.1.0", [old], [old, A.named("boss")], parents=[ROOT])
    about = "the same, but the policy knows the old key under another label, and it has signed under that"
    given = policy(A.named("boss"), C, threshold=2, ids=[ROOT])
    good("rotation-under-the-same-key-id-and-a-label-of-the-policy", about, reused, given=given)


def missing_quorum():
    says = (ROOT.id, "ops-a")
    about = "the new key alone: whoever has it made himself the heir"
    bad("rotation-without-the-parents-quorum", about, genome("1.1.0", [B], [B], parents=[ROOT]), says)
    about = "the old key alone: nobody shows that the new one is in anybody's hands"
    bad("rotation-without-its-own-quorum", about, genome("1.1.0", [B], [A], parents=[ROOT]), "ops-b", expect=INSUFFICIENT)
    about = "the old key's signature does not verify: a label that the parent knows refuses"
    forged = genome("1.1.0", [B], [B, A], parents=[ROOT]).forged(A)
    bad("rotation-with-a-forged-signature", about, forged, A.fingerprint, expect=SIGNATURE, at="/signatures/1")
    about = "the old key's signature over the parent, copied to the child"
    copied = genome("1.1.0", [B], parents=[ROOT])
    copied = copied.carrying([*copied.signatures, *ROOT.signatures])
    bad("rotation-with-the-parents-own-signature", about, copied, A.fingerprint, expect=SIGNATURE, at="/signatures/1")
    about = "the old key signs under a label that nobody knows"
    unknown = genome("1.1.0", [B], [B, A.named("boss")], parents=[ROOT])
    bad("rotation-under-an-unknown-label", about, unknown, says)

    three = genome(signers=[A, B, C], by=[A, B], threshold=2)
    given = policy(ids=[three])
    about = "one of the two whom the parent asks for"
    bad(
        "rotation-with-half-of-the-quorum",
        about,
        genome("1.1.0", [D], [A, D], parents=[three]),
        (three.id, "ops-b", "ops-c"),
        [three],
        given,
    )
    about = "the child has lowered its own threshold, and is held to that of its parent"
    bad("threshold-lowered-by-one-of-two", about, genome("1.1.0", [A, B, C], [A], parents=[three]), three.id, [three], given)
    about = "GHSA-3633-5h82-39pq: one key signs under the parent's name for it and the child's, to be counted twice for the parent"
    twice = genome("1.1.0", [A.named("ops-new")], [A, A.named("ops-new")], parents=[three])
    bad("GHSA-3633-5h82-39pq-one-key-under-two-ids-in-a-step", about, twice, (three.id, "ops-b", "ops-c"), [three], given)

    middle = genome("1.1.0", [B], [A, B], parents=[ROOT])
    about = "CVE-2025-2885: a step is skipped; the root's quorum has signed, and that of the parent has not"
    bad("CVE-2025-2885-skipped-link", about, genome("1.2.0", [C], [A, C], parents=[middle]), (middle.id, "ops-b"), [ROOT, middle])
    about = "CVE-2025-2885: a step is skipped; the root's key stands in the authority, and that of the parent has not signed"
    named = genome("1.2.0", [A, C], threshold=2, parents=[middle])
    bad("CVE-2025-2885-skipped-link-by-an-old-signer", about, named, (middle.id, "ops-b"), [ROOT, middle])
    about = "the root's key signs beside the parent's quorum: of the grandparents' labels none is known, and none is needed"
    beside = genome("1.2.0", [C], [A, B, C], parents=[middle])
    good("signature-under-a-label-of-a-grandparent", about, beside, [ROOT, middle], warns=["ops-a"])
    about = "the same, but the signature does not verify: under a label that nobody knows it refuses nothing"
    good("signature-under-a-label-of-a-grandparent-forged", about, beside.forged(A), [ROOT, middle], warns=["ops-a"])
    about = "a second child of the root beside the first: the root's keys may, as long as they are not revoked"
    good("fork", about, genome("1.2.0", [C], [A, C], parents=[ROOT]), [ROOT, middle])


# --- Ancestors that are not there, or are not what they should be ---


def missing_ancestor():
    child = genome("1.1.0", [B], [A, B], parents=[ROOT])
    junk = ROOT.forged(A)
    copies = {"a-forged-copy": junk, "root.json": ROOT, "z-forged-copy": junk, "z-draft": ROOT.unsigned()}
    about = "copies with a wrong signature do not spoil the one with the right one, and are named"
    warns = [(SIGNATURE, "/a-forged-copy"), (SIGNATURE, "/z-forged-copy")]
    good("forged-copies-beside-the-parent", about, child, copies, warns=warns)
    junk = ROOT.carrying([*ROOT.signatures, MALLORY.named("ops-e").sign(b"anything"), MALLORY.named("ops-d").sign(b"else")])
    good("copy-with-more-signatures-beside-the-parent", "signatures by strangers make no copy better", child, {"a": junk, "b": ROOT})
    two = genome(signers=[A, B], by=[A], threshold=2)
    halves = {"by-a.json": two, "by-b.json": two.signed(B)}
    after = genome("1.1.0", [A, B], threshold=2, parents=[two])
    good("parent-signed-in-two-copies", "its quorum stands in two copies that nobody has merged", after, halves, policy(ids=[two]))
    child = genome("1.1.0", [A], parents=[ROOT])
    bad("parent-missing", "no ancestor is there", child, ROOT.id, [])
    middle = genome("1.1.0", [B], [A, B], parents=[ROOT])
    last = genome("1.2.0", [B], parents=[middle])
    bad("grandparent-missing", "the parent is there, and what it comes from is not", last, ROOT.id, [middle])
    bad("parent-missing-grandparent-there", "the root is there, and what leads to it is not", last, middle.id, [ROOT])
    about = "a genome of the same name and version is there, and it is another"
    bad("parent-of-another-id", about, child, ROOT.id, [genome(signers=[A, B])])
    bad("parent-unsigned", "the draft of the parent: nobody has signed it", child, ROOT.id, [ROOT.unsigned()])
    both = {"a-draft.json": ROOT.unsigned(), "b-signed.json": ROOT}
    good("parent-as-draft-and-signed", "two copies: the one that is signed counts", child, both)
    about = "two copies: the order of the files decides nothing"
    good("parent-signed-and-as-draft", about, child, {"a-signed.json": ROOT, "b-draft.json": ROOT.unsigned()})
    two = genome(signers=[A, B], threshold=2)
    half = {"a.json": two.signed(A), "b.json": two, "c.json": two.signed(B)}
    about = "three copies: the one with most signatures counts"
    good("parent-with-fewer-signatures-too", about, genome("1.1.0", [A], [A, B], parents=[two]), half, policy(ids=[two]))
    about = "changed after it was signed, it is another genome"
    bad("parent-tampered", about, child, ROOT.id, [ROOT.tampered("authority/signers/0/public_key", MALLORY.key.public)])
    bad("parent-forged", "its contents are as they were, its signature is not", child, ROOT.id, [ROOT.forged(A)])
    about = "a parent that its own signers have not signed enough"
    half = genome(signers=[A, B], by=[A], threshold=2)
    bad(
        "parent-without-its-own-quorum",
        about,
        genome("1.1.0", [A, B], threshold=2, parents=[half]),
        (half.id, "ops-b"),
        [half],
        policy(ids=[half]),
    )
    about = "a parent that the replaced scripts signed: it says nothing of what is nested"
    old = ROOT.carrying([A.sign(legacy(ROOT.unsigned().document))])
    bad("parent-with-a-legacy-signature", about, child, ROOT.id, [old])
    about = "a parent that is not strict JSON is not there"
    double = pretty(ROOT.document).replace(b'  "name"', b'  "name": "OTHER",\n  "name"')
    bad("parent-with-a-name-twice", about, child, ROOT.id, {"parent.json": double})
    about = "a parent that the schema refuses, whoever signed it"
    unknown = ROOT.tampered("note", "x").signed(A)
    bad(
        "parent-with-an-unknown-member",
        about,
        genome("1.1.0", [A], parents=[unknown]),
        unknown.id,
        [unknown],
        policy(ids=[unknown]),
    )
    others = {
        "README.md": b"# Not a genome\n",
        "broken.json": b'{"schema_version": "genome.v0.1", ',
        "policy.json": BY_ID,
        "the genome itself": child,
        "a stranger.txt": genome(signers=[MALLORY]),
        "1.0.0": ROOT,
    }
    good("among-other-files", "a file's name says nothing, and what is not a genome is passed over", child, others)
    minified = {"parent.json": pretty(ROOT.document).replace(b"\n", b"").replace(b"  ", b"")}
    good("parent-written-in-another-way", "the id is that of the canonical form", child, minified)


# --- Copies of one ancestor ---


def copies():
    """Each copy is settled by itself: a bad one is named and counts for nothing, and what the good ones carry counts together."""

    def stained(genome, *signers):
        """The same, and signatures under these names that are over something else."""
        return genome.carrying([*genome.signatures, *(signer.sign(b"another genome") for signer in signers)])

    def bad_copy(name):
        return [(SIGNATURE, name)]

    child = genome("1.1.0", [A], parents=[ROOT])
    given = policy(C, ids=[ROOT])
    forged = stained(ROOT, C)
    about = "a copy is forged under a name that only the policy knows: the good copy is as good as before"
    good("copy-forged-in-the-policys-name", about, child, {"a-forged": forged, "b": ROOT}, given, warns=bad_copy("/a-forged"))
    about = "the same, found after the good copy: the order decides nothing"
    good("copy-forged-in-the-policys-name-after", about, child, {"a": ROOT, "b-forged": forged}, given, warns=bad_copy("/b-forged"))
    about = "no copy is good: the fault is that of a bad one"
    bad("parent-forged-in-the-policys-name", about, child, ("/forged", C.fingerprint), {"forged": forged}, given)
    about = "no copy is good enough: the draft beside the forged one says nothing"
    bad("parent-forged-in-the-policys-name-beside-its-draft", about, child, ("/b", C.fingerprint), {"a": ROOT.unsigned(), "b": forged}, given)
    about = "no copy is good enough: the draft beside the one that its own signer has not signed says nothing"
    bad("parent-forged-beside-its-draft", about, child, ("/b", A.fingerprint), {"a": ROOT.unsigned(), "b": ROOT.forged(A)})

    mine = genome(signers=[A], by=[A, C])
    given = policy(C, D)
    both = {"a": mine, "b-forged": stained(ROOT, D)}
    about = "an ancestor is pinned by the keys of the policy; a copy is forged under another name of the policy"
    good("copy-forged-of-an-ancestor-that-keys-pin", about, genome("1.1.0", [A], parents=[mine]), both, given, warns=bad_copy("/b-forged"))
    both = {"a": ROOT, "b-forged": stained(mine, D)}
    about = "the key of the policy signed only the copy that is forged: it pins nothing"
    bad("copy-forged-carries-the-pin", about, child, C.fingerprint, both, given, expect=UNTRUSTED)

    root = genome(signers=[A, D])
    middle = genome("1.1.0", [B], [A, B], parents=[root])
    tip = genome("1.2.0", [B], parents=[middle])
    given = policy(ids=[root])
    about = "a copy is forged under a name that only its parent knows"
    good("copy-forged-in-its-parents-name", about, tip, {"0": root, "1-forged": stained(middle, D), "2": middle}, given, warns=bad_copy("/1-forged"))
    good("copy-forged-in-its-parents-name-after", about, tip, {"0": root, "1": middle, "2-forged": stained(middle, D)}, given, warns=bad_copy("/2-forged"))
    about = "no copy is good: each carries a signature that the parent's signer did not make"
    bad("ancestor-forged-in-its-parents-name", about, tip, (middle.id, D.fingerprint), {"0": root, "1": stained(middle, D)}, given)
    halves = {"0": root, "1-by-a": middle.signed(A), "2-by-b": middle.signed(B), "3-forged": stained(middle, D)}
    about = "what two good copies carry counts together, and a third is forged"
    good("copy-forged-beside-two-halves", about, tip, halves, given, warns=bad_copy("/3-forged"))
    halves = {"0": root, "1-by-b": middle.signed(B), "2-forged": stained(middle, D)}
    about = "the parent's signature stands only on the copy that is forged"
    bad("copy-forged-carries-the-parents-quorum", about, tip, (root.id, "ops-a"), halves, given)
    halves = {"0": root, "1-by-a": middle.signed(A), "2-forged": stained(middle, D)}
    about = "its own signature stands only on the copy that is forged"
    bad("copy-forged-carries-its-own-quorum", about, tip, (middle.id, D.fingerprint), halves, given)
    namesake = C.named("ops-d")
    about = "the policy and a parent give a name to different keys: each copy is by one of them, and both are good"
    either = {"0": root, "1": middle.signed(A, B, D), "2": middle.signed(A, B, namesake)}
    good("copies-signed-by-two-of-one-name", about, tip, either, policy(namesake, E, threshold=2, ids=[root]))


# --- Version and time ---


def order():
    def step(label, about, version, broken, parent="1.0.0", **members):
        root = genome(parent)
        child = genome(version, [A], parents=[root], **members)
        if broken:
            bad(label, about, child, (version, parent), [root], policy(ids=[root]))
        else:
            good(label, about, child, [root], policy(ids=[root]))

    step("version-equal", "the same version again", "1.0.0", True)
    step("version-lower", "a lower version", "0.9.9", True)
    step("version-lower-by-number", "numbers are compared as numbers", "1.9.0", True, "1.10.0")
    step("version-higher-by-number", "numbers are compared as numbers", "1.10.0", False, "1.9.0")
    step("version-of-other-build-metadata", "build metadata has no rank: this is the same version", "1.0.0+2", True, "1.0.0+1")
    step("version-higher-with-build-metadata", "build metadata has no rank", "1.0.1+1", False, "1.0.0+2")
    step("version-is-a-pre-release-of-the-parents", "a pre-release comes before its release", "1.0.0-rc.1", True)
    step("version-is-the-release-of-a-pre-release", "a release comes after its pre-release", "1.0.0", False, "1.0.0-rc.1")
    step("version-is-a-pre-release-of-the-next", "1.0.1-rc.1 comes after 1.0.0", "1.0.1-rc.1", False)
    step("version-of-another-name", "a genome of another name counts its own versions", "0.1.0", False, name="VECTOR_EU")
    step("version-of-a-name-in-other-case", "names differ by case", "1.0.0", False, name="Vector_Prod")

    def time(name, about, created, broken):
        child = genome("1.1.0", [A], parents=[ROOT], created=created)
        if broken:
            bad(name, about, child, ROOT.id)
        else:
            good(name, about, child)

    assert CREATED == "2026-10-01T00:00:00Z"
    time("created-with-its-parent", "the same instant", CREATED, False)
    time("created-with-its-parent-elsewhere", "the same instant in another offset", "2026-10-01T02:00:00+02:00", False)
    time("created-before-its-parent", "a second before its parent", "2026-09-30T23:59:59Z", True)
    time("created-a-fraction-before-its-parent", "instants are compared, not seconds", "2026-09-30T23:59:59.999Z", True)
    about = "a fraction may have any number of digits, and each counts"
    time("created-10-digits-before-its-parent", about, "2026-09-30T23:59:59.9999999999Z", True)
    time("created-5000-digits-before-its-parent", about, "2026-09-30T23:59:59." + "9" * 5000 + "Z", True)
    time("created-with-its-parent-in-20-digits", "zeros at the end mean nothing", "2026-10-01T00:00:00." + "0" * 20 + "Z", False)
    time("created-10-digits-after-its-parent", about, "2026-10-01T00:00:00.0000000001Z", False)
    about = "a leap second comes before the midnight that follows it"
    time("created-in-the-leap-second-before-its-parent", about, "2026-09-30T23:59:60.9Z", True)
    about = "01:59:59 two hours east is 23:59:59 of the day before, and the text alone looks younger"
    time("created-before-its-parent-by-offset", about, "2026-10-01T01:59:59+02:00", True)
    about = "23:00 two hours west is 01:00 of the day after, and the text alone looks older"
    time("created-after-its-parent-by-offset", about, "2026-09-30T23:00:00-02:00", False)


def names_that_come_back():
    """On every way upwards, up to where it ends, the versions under one name rise."""

    def one(name, version, *parents):
        return genome(version, name=f"VECTOR_{name}", parents=parents)

    old = one("PROD", "2.0.0")
    away = one("EU", "1.0.0", old)
    given = policy(ids=[old])
    for label, about, version in [
        ("lower", "the name comes back below the version that it had", "1.5.0"),
        ("equal", "the name comes back at the version that it had", "2.0.0"),
        ("equal-but-for-build-metadata", "build metadata has no rank", "2.0.0+1"),
        ("at-a-pre-release", "a pre-release comes before its release", "2.0.0-rc.1"),
    ]:
        bad(f"name-comes-back-{label}", about, one("PROD", version, away), (version, old.id, "2.0.0"), [old, away], given)
    about = "the name comes back above the version that it had"
    good("name-comes-back-higher", about, one("PROD", "2.0.1", away), [old, away], given)
    about = "names differ by case: this one is new"
    good("name-comes-back-in-another-case", about, one("prod", "1.0.0", away), [old, away], given)
    farther = one("US", "1.0.0", one_more := one("EU", "1.1.0", away))
    about = "the name was away for three generations"
    bad("name-comes-back-after-three-generations", about, one("PROD", "1.9.9", farther), (old.id, "2.0.0"), [old, away, one_more, farther], given)
    back = one("PROD", "1.5.0", away)
    about = "an ancestor came back below: what follows is above both, and comes from there all the same"
    bad("name-came-back-in-an-ancestor", about, one("PROD", "3.0.0", back), (back.id, old.id), [old, away, back], given)
    about = "nobody looks above an ancestor that is pinned"
    good("name-came-back-above-a-pinned-ancestor", about, one("PROD", "3.0.0", back), [old, away, back], policy(ids=[back]))
    about = "the pinned ancestor itself is looked at"
    bad("name-comes-back-below-a-pinned-ancestor", about, back, (old.id, "2.0.0"), [old, away], policy(ids=[old]))
    about = "without a policy too, where the lineage is asked for"
    bad("name-comes-back-without-a-policy", about, back, (old.id, "2.0.0"), [old, away], None, asked=True)

    root = one("PROD", "1.0.0")
    left, right = one("PROD", "1.4.0", root), one("EU", "1.0.0", root)
    given = policy(ids=[root])
    about = "one way keeps the name and the other leaves it: on both it rises"
    good("name-comes-back-by-one-of-two-ways", about, one("PROD", "1.5.0", left, right), [root, left, right], given)
    high = one("PROD", "3.0.0", root)
    right = one("EU", "1.0.0", high)
    about = "its parent of the name is lower, and by the other way comes a higher one"
    bad("name-comes-back-below-by-the-other-way", about, one("PROD", "1.5.0", left, right), (high.id, "3.0.0"), [root, left, high, right], given)
    one_side, other_side = one("EU", "1.0.0", root), one("US", "1.0.0", root)
    twice = [one("PROD", "1.5.0", one_side), one("PROD", "1.5.0", other_side)]
    about = "two ways that do not meet have the name at one version"
    good("name-comes-back-on-two-ways", about, one("EU", "2.0.0", *twice), [root, one_side, other_side, *twice], given)


# --- More than one parent ---


def several_parents():
    other = genome("2.0.0", [B], name="VECTOR_EU")
    both = policy(ids=[ROOT, other])
    child = genome("2.1.0", [C], [A, B, C], parents=[ROOT, other])
    good("two-parents", "both quorums have signed", child, [ROOT, other], both)
    for name, by, absent, parent in [("first", [B, C], A, ROOT), ("second", [A, C], B, other)]:
        half = genome("2.1.0", [C], by, parents=[ROOT, other])
        about = f"the quorum of the {name} of two parents has not signed"
        bad(f"two-parents-without-the-{name}", about, half, (parent.id, absent.key_id), [ROOT, other], both)
    about = "each parent of the same name must be of a lower version"
    newer = genome("3.0.0", [B])
    given = policy(ids=[ROOT, newer])
    bad(
        "two-parents-one-newer",
        about,
        genome("2.1.0", [C], [A, B, C], parents=[ROOT, newer]),
        (newer.id, "3.0.0"),
        [ROOT, newer],
        given,
    )
    bad("two-parents-one-missing", "each parent must be there", child, other.id, [ROOT], both)
    about = "two roots, one of them not pinned: nobody answers for what came from there"
    bad("two-parents-one-not-pinned", about, child, (), [ROOT, other], expect=UNTRUSTED)
    about = "two parents know the label with different keys, and one signature cannot be by both"
    namesake = genome("2.0.0", [B.named("ops-a")], name="VECTOR_EU")
    mixed = genome("2.1.0", [C], [A, C], parents=[ROOT, namesake])
    bad("two-parents-one-label-two-keys", about, mixed, (namesake.id, "ops-a"), [ROOT, namesake], policy(ids=[ROOT, namesake]))
    about = "two parents know the label with different keys: the signature may be by either"
    more = genome("2.0.0", [B.named("ops-a"), D], name="VECTOR_EU")
    mixed = genome("2.1.0", [C], [A, C, D], parents=[more, ROOT])
    good("two-parents-one-label-either-key", about, mixed, [ROOT, more], policy(ids=[ROOT, more]))
    same = genome("2.0.0", [A], name="VECTOR_EU")
    about = "one signature is enough for two parents with the same key"
    good(
        "two-parents-with-one-key",
        about,
        genome("2.1.0", [C], [A, C], parents=[ROOT, same]),
        [ROOT, same],
        policy(ids=[ROOT, same]),
    )

    left = genome("1.1.0", [B], [A, B], parents=[ROOT])
    right = genome("1.2.0", [C], [A, C], parents=[ROOT])
    tip = genome("1.3.0", [D], [B, C, D], parents=[left, right])
    good("diamond", "two ways to one root", tip, [ROOT, left, right])
    half = genome("1.3.0", [D], [B, D], parents=[left, right])
    bad("diamond-without-one-quorum", "one side has not signed", half, (right.id, "ops-c"), [ROOT, left, right])
    crooked = genome("1.2.0", [C], [C], parents=[ROOT])
    about = "one side comes from the root without the root's quorum"
    tip = genome("1.3.0", [D], [B, C, D], parents=[left, crooked])
    bad("diamond-with-a-broken-side", about, tip, (ROOT.id, "ops-a"), [ROOT, left, crooked])
    about = "the same sides in the other order"
    tip = genome("1.3.0", [D], [B, C, D], parents=[crooked, left])
    bad("diamond-with-a-broken-side-first", about, tip, (ROOT.id, "ops-a"), [ROOT, left, crooked])
    about = "the grandparent is a parent too, and its quorum is needed there as well"
    bad("grandparent-as-parent-too", about, genome("1.3.0", [D], [B, D], parents=[left, ROOT]), (ROOT.id, "ops-a"), [ROOT, left])
    good("grandparent-as-parent-too-signed", "both ways hold", genome("1.3.0", [D], [A, B, D], parents=[left, ROOT]), [ROOT, left])


# --- Chains ---


def chain(broken_at=None):
    """Four steps that each replace the key; the one that is broken lacks its parent's signature."""
    generations = [ROOT]
    for step, (old, new) in enumerate(zip([A, B, C, D], [B, C, D, E])):
        by = [new] if step == broken_at else [old, new]
        generations.append(genome(f"1.{step + 1}.0", [new], by, parents=[generations[-1]]))
    return generations


def chains():
    *ancestors, tip = chain()
    good("chain-of-4-steps", "each step replaces the key", tip, ancestors)
    for step, old in enumerate([A, B, C, D]):
        *broken, end = chain(step)
        about = f"step {step + 1} of 4 lacks its parent's quorum; all others hold"
        bad(f"chain-of-4-steps-broken-at-{step + 1}", about, end, (broken[step].id, old.key_id), broken)
        about = f"all steps hold, and ancestor {step + 1} of 4 is not there"
        bad(
            f"chain-of-4-steps-without-ancestor-{step + 1}",
            about,
            tip,
            ancestors[step].id,
            ancestors[:step] + ancestors[step + 1 :],
        )
        about = f"all steps hold, and the signatures of ancestor {step + 1} of 4 do not verify"
        forged = ancestors[step].forged((A, B, C, D)[step])
        bad(
            f"chain-of-4-steps-with-forged-ancestor-{step + 1}",
            about,
            tip,
            ancestors[step].id,
            [*ancestors[:step], forged, *ancestors[step + 1 :]],
        )


def where_it_ends():
    *ancestors, tip = chain()
    root, first, second, third = ancestors
    about = "the chain holds, and nobody pins its root"
    bad("root-not-pinned", about, tip, MALLORY.fingerprint, ancestors, policy(MALLORY), expect=UNTRUSTED)
    about = "an ancestor in the middle is pinned: what lies above it is not asked for"
    good("pinned-in-the-middle", about, tip, ancestors, policy(ids=[second]))
    good("pinned-in-the-middle-and-nothing-above", about, tip, [second, third], policy(ids=[second]))
    *broken, end = chain(0)
    about = "an ancestor in the middle is pinned: that a step above it is broken does not matter"
    good("pinned-in-the-middle-and-broken-above", about, end, broken, policy(ids=[broken[2]]))
    about = "an ancestor in the middle is pinned: that one above it is forged does not matter"
    good("pinned-in-the-middle-and-forged-above", about, tip, [root.forged(A), first, second, third], policy(ids=[second]))
    about = "the broken step lies below the pinned ancestor"
    *broken, end = chain(2)
    bad("pinned-in-the-middle-and-broken-below", about, end, (broken[2].id, "ops-c"), broken, policy(ids=[broken[1]]))
    about = "pinned by keys: the policy's signer is the key of a generation in the middle, and signed it and its child"
    good("pinned-in-the-middle-by-keys", about, tip, [third, second], policy(C))
    about = "pinned by its content, but its signature does not verify: a pinned ancestor must hold itself"
    bad("pinned-parent-forged", about, tip, third.id, [root, first, second, third.forged(D)], policy(ids=[third]))
    about = "pinned by its content, but the child lacks its quorum: a pin is no signature"
    alone = genome("1.4.0", [E], parents=[third])
    bad("pinned-parent-without-a-step", about, alone, (third.id, "ops-d"), ancestors, policy(ids=[third]))
    about = "one way ends at a pinned ancestor, the other at a root that is not: every way must"
    *_, last = chain()
    stray = genome("0.1.0", [B], name="VECTOR_EU")
    both = genome("1.5.0", [E], [E, B], parents=[last, stray])
    bad("one-of-two-roots-not-pinned", about, both, (), [*ancestors, last, stray], expect=UNTRUSTED)
    about = "ancestors are older than the least version: only the genome itself is held to it"
    good("ancestors-below-the-minimum-version", about, tip, ancestors, policy(ids=[root], minimum={"VECTOR_PROD": "1.4.0"}))
    about = "ancestors are older than the greatest age: only the genome itself is held to it"
    old = genome(created="2019-01-01T00:00:00Z")
    young = genome("1.1.0", [A], parents=[old])
    good("ancestors-above-the-maximum-age", about, young, [old], policy(ids=[old], days=365))
    about = "a lineage that does not hold, and limits that are crossed: all is reported"
    given = policy(ids=[ROOT], minimum={"VECTOR_PROD": "2.0.0"}, days=30)
    alone = genome("1.1.0", [B], parents=[ROOT])
    bad("broken-and-stale-and-rolled-back", about, alone, ROOT.id, given=given, also=[ROLLBACK, STALE])


# --- Revoked keys ---


def revoked():
    three = genome(signers=[A, B, C], by=[A, B], threshold=2)
    given = policy(ids=[three], revoked=[C])
    about = "the step would have the parent's quorum, were it not for a revoked key"
    child = genome("1.1.0", [D], [B, C, D], parents=[three])
    bad("step-with-a-revoked-key", about, child, (three.id, C.fingerprint), [three], given)
    about = "the step has the parent's quorum without the revoked key"
    child = genome("1.1.0", [D], [A, B, C, D], parents=[three])
    good("step-without-need-of-a-revoked-key", about, child, [three], given)
    about = "a step in the middle of the chain needs a revoked key: it counts at no step"
    *ancestors, tip = chain()
    bad("chain-through-a-revoked-key", about, tip, B.fingerprint, ancestors, policy(ids=[ROOT], revoked=[B]))
    about = "the revoked key signed above the pinned ancestor only"
    good("revoked-key-above-the-pinned-ancestor", about, tip, ancestors, policy(ids=[ancestors[2]], revoked=[A]))
    about = "the pinned parent itself was signed by nobody who counts"
    bad(
        "pinned-parent-by-a-revoked-key",
        about,
        genome("1.1.0", [B], [A, B], parents=[ROOT]),
        A.fingerprint,
        given=policy(ids=[ROOT], revoked=[A]),
    )
    about = "the last generation is signed by a revoked key alone"
    bad("revoked-own-key", about, tip, E.fingerprint, ancestors, policy(ids=[ROOT], revoked=[E]), expect=REVOKED)

    dropped = genome("1.1.0", [B], [A, B], parents=[three_a := genome(signers=[A, B], threshold=1)])
    given = policy(ids=[three_a], revoked=[A])
    about = "RUSTSEC-2026-0109: a descendant names the revoked key again, and it signs in its own right"
    back = genome("1.2.0", [A], [A, B], parents=[dropped])
    bad("RUSTSEC-2026-0109-revoked-key-comes-back", about, back, A.fingerprint, [three_a, dropped], given, expect=REVOKED)
    about = "RUSTSEC-2026-0109: the descendant that the revoked key signed is an ancestor by now"
    later = genome("1.3.0", [C], [A, C], parents=[back])
    bad("RUSTSEC-2026-0109-revoked-key-came-back-in-an-ancestor", about, later, A.fingerprint, [three_a, dropped, back], given)
    about = (
        "RUSTSEC-2026-0109: the descendant names the revoked key beside a good one that signs: it counts for nothing, and is named"
    )
    beside = genome("1.2.0", [A, B], [B], parents=[dropped])
    warns = [("GENOME_REVOKED_KEY", A.fingerprint)]
    good("RUSTSEC-2026-0109-revoked-key-named-again", about, beside, [three_a, dropped], given, warns=warns)


# --- Keys that come back ---


def taken_back():
    root = genome(signers=[A, B])
    dropped = genome("1.1.0", [B], parents=[root])
    given = policy(ids=[root])
    back = genome("1.2.0", [A, B], [B], parents=[dropped])
    about = "a key that one generation dropped and the next takes back: allowed, and named"
    good("key-taken-back", about, back, [root, dropped], given, warns=[A])
    renamed = genome("1.2.0", [A.named("ops-z"), B], [B], parents=[dropped])
    about = "the key comes back under another name: it is the same key"
    good("key-taken-back-under-another-name", about, renamed, [root, dropped], given, warns=[A.fingerprint])
    about = "the key came back two generations ago"
    later = genome("1.3.0", [A, B], [B], parents=[back])
    good("key-taken-back-by-an-ancestor", about, later, [root, dropped, back], given, warns=[A])
    about = "the key was away for two generations"
    away = genome("1.2.0", [B], parents=[dropped])
    late = genome("1.3.0", [A, B], [B], parents=[away])
    good("key-taken-back-after-two-generations", about, late, [root, dropped, away], given, warns=[A])
    about = "a new key under the name of one that was dropped: no key comes back"
    namesake = genome("1.2.0", [C.named("ops-a"), B], [B], parents=[dropped])
    good("key-id-taken-by-another-key", about, namesake, [root, dropped], given)
    about = "a key that is new comes from nowhere"
    good("key-added", about, genome("1.2.0", [B, C], [B], parents=[dropped]), [root, dropped], given)
    about = "a key that no generation dropped"
    kept = genome("1.1.0", [A, B], [B], parents=[root])
    good("key-kept", about, genome("1.2.0", [A, B], [B], parents=[kept]), [root, kept], given)


# --- Attackers ---


def attackers():
    child = genome("1.1.0", [MALLORY], parents=[ROOT])
    bad("attacker-claims-a-trusted-parent", "the parent is trusted, and has not signed", child, (ROOT.id, "ops-a"))
    about = "the attacker names the parent's key in his authority, and signs alone"
    named = genome("1.1.0", [MALLORY, A], [MALLORY], parents=[ROOT])
    bad("attacker-names-the-parents-key", about, named, (ROOT.id, "ops-a"))
    about = "the attacker's key under the name of the parent's"
    usurped = genome("1.1.0", [MALLORY.named("ops-a")], parents=[ROOT])
    bad("attacker-under-the-parents-key-id", about, usurped, ROOT.id)
    about = "the attacker's own lineage, which holds"
    fake = genome("1.0.0", [MALLORY])
    heir = genome("1.1.0", [MALLORY], parents=[fake])
    bad("attacker-with-his-own-root", about, heir, A.fingerprint, [fake], policy(A), expect=UNTRUSTED)
    about = "the attacker's own root beside the trusted one, whose quorum has not signed"
    two = genome("1.1.0", [MALLORY], parents=[fake, ROOT])
    bad("attacker-with-a-trusted-parent-beside-his-own", about, two, (ROOT.id, "ops-a"), [fake, ROOT])
    about = "the trusted parent is somebody else's genome with its id written down: what is there has another id"
    bad("attacker-swaps-the-parent", about, child, ROOT.id, {f"{ROOT.id}.json": genome("1.0.0", [MALLORY])})


# --- Where it is asked for ---


def asked_for():
    child = genome("1.1.0", [B], [A, B], parents=[ROOT])
    alone = genome("1.1.0", [B], parents=[ROOT])
    about = "without a policy a lineage that holds proves nothing but itself"
    good("asked-without-policy", about, child, given=None, trust=SELF_DECLARED, asked=True)
    good("asked-without-policy-of-a-root", "a root has nothing to follow", ROOT, (), None, SELF_DECLARED, asked=True)
    bad("asked-without-policy-broken", "the step lacks the parent's quorum", alone, (ROOT.id, "ops-a"), given=None, asked=True)
    bad("asked-without-policy-missing", "the parent is not there", child, ROOT.id, (), None, asked=True)
    about = "neither a policy nor asked for: the parents are not looked at, and the label of the parent's key is unknown"
    good("not-asked-without-policy", about, child, given=None, trust=SELF_DECLARED, warns=["ops-a"])
    about = "a policy: the parent is looked at for the label of its key, and no further"
    good("not-asked-with-policy", about, child, given=policy(B), trust=PINNED)
    good("not-asked-with-policy-without-parent", "the label of the parent's key is unknown", child, (), policy(B), PINNED, ["ops-a"])

    mine = policy(B)
    good("asked-of-a-pinned-genome", "pinned, and its steps hold", child, given=mine, trust=PINNED, asked=True)
    good("asked-of-a-pinned-root", "pinned, and nothing to follow", ROOT, (), trust=PINNED, asked=True)
    good("not-asked-of-a-pinned-genome", "pinned: the parents are not looked at", alone, (), mine, PINNED)
    good("not-asked-of-a-pinned-genome-broken", "pinned: the parents are not looked at", alone, given=mine, trust=PINNED)
    bad(
        "asked-of-a-pinned-genome-broken",
        "pinned, but asked for: its step must hold",
        alone,
        (ROOT.id, "ops-a"),
        given=mine,
        asked=True,
        pinned=True,
    )
    bad("asked-of-a-pinned-genome-missing", "pinned, but asked for: its parent must be there", alone, ROOT.id, (), mine, asked=True, pinned=True)
    about = "pinned: whoever the parent's label is, nobody looks"
    forged = genome("1.1.0", [B], [B, A], parents=[ROOT]).forged(A)
    good("not-asked-with-a-forged-signature", about, forged, given=mine, trust=PINNED, warns=["ops-a"])
    about = "pinned, but asked for: the parent knows the label, and the signature does not verify"
    bad("asked-with-a-forged-signature", about, forged, A.fingerprint, given=mine, expect=SIGNATURE, asked=True, at="/signatures/1")
    about = "pinned by its content, and asked for: its step must hold all the same"
    bad("asked-of-a-genome-pinned-by-id-broken", about, alone, (ROOT.id, "ops-a"), given=policy(ids=[alone]), asked=True, pinned=True)
    about = "asked for and pinned: the walk ends at the next ancestor that is pinned too"
    tip = genome("1.2.0", [B], parents=[child])
    good("asked-of-a-pinned-genome-with-a-pinned-parent", about, tip, [child], mine, PINNED, asked=True)


# --- Recovery ---


def recovery():
    """The key of the root has been stolen: the policy revokes it and names the new one."""
    after = genome("1.1.0", [B], parents=[ROOT])
    given = policy(B, revoked=[A])
    about = "the new key is named by the policy, which revokes the old one: the old genome stays the parent"
    good("recovery-by-the-policy", about, after, given=given, trust=PINNED)
    about = "what follows is signed by the new key"
    good("recovery-by-the-policy-next", about, genome("1.2.0", [B], parents=[after]), [ROOT, after], given, PINNED)
    about = "asked to follow the lineage to the revoked key, it says that the step does not hold"
    bad("recovery-with-lineage-asked", about, after, A.fingerprint, given=given, asked=True, pinned=True)
    about = "the lineage that is asked for ends at the first genome after the recovery, which is pinned"
    next_one = genome("1.2.0", [B], parents=[after])
    good("recovery-with-lineage-asked-next", about, next_one, [ROOT, after], given, PINNED, asked=True)
    about = "the thief's genome, validly signed with the old key, after it was revoked"
    bad("recovery-thief", about, genome("9.0.0", [A], parents=[ROOT]), A.fingerprint, given=given, expect=REVOKED)
    about = "the thief's rotation to his own key, validly signed with both, after the old one was revoked"
    stolen = genome("9.0.0", [MALLORY], [A, MALLORY], parents=[ROOT])
    bad("recovery-thief-with-his-own-key", about, stolen, A.fingerprint, given=given)
