"""Policies with required approvals: a step that gives more away needs more of the parent's signers than their threshold."""

from situation import (
    BROKEN,
    LINEAGE,
    MALLORY,
    NOTHING,
    PINNED,
    UNTRUSTED,
    A,
    B,
    C,
    D,
    genome,
    policy,
    vector,
)

ALL = {"widening": "all", "weakening": "all", "narrowing": 1}
ABC = (A, B, C)
ROOT = genome(signers=ABC, by=[A, B], threshold=2, allowed=["read"], denied=["erase"])
SAME = {"allowed": ["read"], "denied": ["erase"]}
WIDER = {"allowed": ["read", "write"], "denied": ["erase"]}
# Two of three may sign for the policy as for the genome, and the root is pinned by its content.
TWO = policy(ids=[ROOT], quorum=ALL)
EUROPE = "VECTOR_EU"


def prices():
    classes()
    counts()
    definitions()
    pins()
    ways_round()
    several_parents()


def next_one(by, after=ROOT, version="1.1.0", signers=ABC, threshold=2, **says):
    """The next version, signed by these."""
    return genome(version, signers, by, threshold=threshold, parents=[after], **{**SAME, **says})


def good(name, about, genome, ancestors=(ROOT,), given=TWO, trust=LINEAGE, warns=NOTHING, **header):
    vector(f"price-{name}", about, genome, policy=given, lineage=ancestors, trust=trust, warns=warns, **header)


def bad(name, about, genome, says=(ROOT.id, C), ancestors=(ROOT,), given=TWO, expect=BROKEN, **header):
    vector(f"price-{name}", about, genome, expect, policy=given, lineage=ancestors, says=says, **header)


# --- What requires how many ---


def classes():
    steps = [
        ("widening", "widening", "an action more is allowed", WIDER),
        ("widening-of-a-denial", "widening", "an action that was denied is allowed", {"allowed": ["read", "erase"], "denied": []}),
        ("weakening-of-a-denial", "weakening", "an action is denied by nobody any more", {"denied": []}),
        ("weakening-of-the-threshold", "weakening", "the child asks for fewer than its parent", {"threshold": 1}),
        ("weakening-of-a-risk-class", "weakening", "what is allowed is said to be less of a risk", {"risk": "A"}),
        ("weakening-by-another-name", "weakening", "versions are remembered by name, and the name is new", {"name": EUROPE}),
    ]
    for name, reason, about, says in steps:
        bad(f"{name}-by-the-threshold", f"{about}: all must sign", next_one([A, B], **says), (ROOT.id, C, reason))
        good(f"{name}-by-all", f"{about}, and all have signed", next_one(ABC, **says))
    good("neutral-by-the-threshold", "nothing is given away", next_one([A, B]))
    good("narrowing-by-the-threshold", "less is allowed", next_one([A, B], allowed=[]))
    good("strengthening-by-the-threshold", "more is denied", next_one([A, B], denied=["erase", "write"]))
    good("signer-renamed-by-the-threshold", "the same keys", next_one([A, B], signers=[A, B, C.named("ops-z")]))
    about = "a narrowing beside a widening makes it no cheaper"
    bad("widening-beside-a-narrowing", about, next_one([A, B], allowed=["write"]))
    about = "without `quorum` a threshold is enough for a widening"
    good("not-given", about, next_one([A, B], **WIDER), given=policy(ids=[ROOT]))
    good("of-nothing", "a `quorum` without a class says nothing", next_one([A, B], **WIDER), given=policy(ids=[ROOT], quorum={}))
    about = "every step has neutral changes: its version and its parents"
    given = policy(ids=[ROOT], quorum={"neutral": "all"})
    bad("neutral-at-all", about, next_one([A, B]), (ROOT.id, C, "neutral"), given=given)
    good("neutral-at-all-by-all", about, next_one(ABC), given=given)


def counts():
    def given(**quorum):
        return policy(ids=[ROOT], quorum=quorum)

    wider = next_one([A, B], **WIDER)
    bad("of-3", "three of three", wider, (ROOT.id, C, "widening"), given=given(widening=3))
    good("of-2", "as many as the threshold", wider, given=given(widening=2))
    good("of-another-class", "what changes costs nothing", wider, given=given(weakening="all", strengthening=3))
    about = "of two classes the stricter one decides"
    weaker = next_one([A, B], allowed=["read", "write"], denied=[])
    bad("of-two-classes", about, weaker, (ROOT.id, C, "weakening"), given=given(widening=2, weakening=3))
    about = "more than the parent has: no step of this class is trusted, whoever signs it"
    bad("above-the-signers", about, next_one(ABC, **WIDER), (ROOT.id, "4", "widening"), given=given(widening=4))
    bad("of-the-largest-count", about, next_one(ABC, **WIDER), ROOT.id, given=given(widening=2**53 - 1))
    about = "a number below the threshold lowers nothing: one of the two whom the parent asks for has signed"
    narrower = next_one([A, D], signers=[D], threshold=1, allowed=[])
    bad("below-the-threshold", about, narrower, (ROOT.id, B, C), given=given(narrowing=1))

    about = "all is everybody whom the policy does not revoke"
    revoked = policy(ids=[ROOT], revoked=[C], quorum=ALL)
    good("of-all-but-the-revoked", about, wider, given=revoked, warns=[("GENOME_REVOKED_KEY", C.fingerprint)])
    about = "a revoked key counts nowhere: with it there would be three"
    given_three = policy(ids=[ROOT], revoked=[C], quorum={"widening": 3})
    bad("of-3-with-a-revoked-key", about, next_one(ABC, **WIDER), (ROOT.id, C, "widening"), given=given_three)


# --- Which definitions of tools are good ---


def definitions():
    tools = {"allowed": ["files/a", "files/b", "read"], "denied": []}
    pinned = genome(signers=ABC, by=[A, B], threshold=2, pins=[("files/a", "1"), ("read", "1")], **tools)
    unpinned = genome(signers=ABC, by=[A, B], threshold=2, **tools)
    two = genome(signers=ABC, by=[A, B], threshold=2, pins=[("read", "1"), ("read", "2")], **tools)
    text = genome(signers=ABC, by=[A, B], threshold=2, pins=[("files:instructions", "1")], **tools)
    steps = [
        ("definition-replaced", pinned, [("files/a", "2"), ("read", "1")], "another definition is good"),
        ("definition-added", pinned, [("files/a", "1"), ("read", "1"), ("read", "2")], "one more definition is good"),
        ("tool-unpinned", pinned, [("files/a", "1")], "any definition is good"),
        ("tools-all-unpinned", pinned, [], "no definition is checked, and the document is of the older version"),
        ("tool-pinned-beside-others", pinned, [("files/a", "1"), ("files/b", "1"), ("read", "1")], "it was good for nothing before"),
        ("instructions-replaced", text, [("files:instructions", "2")], "a model reads another text"),
        ("plain-tool-pinned-beside-others", text, [("files:instructions", "1"), ("read", "1")], "a plain name may be of any server, and was good for nothing"),
        ("instructions-pinned-beside-tools", pinned, [("files/a", "1"), ("read", "1"), ("files:instructions", "1")], "the text was dropped"),
    ]
    for name, root, after, about in steps:
        given = policy(ids=[root], quorum=ALL)
        says = (root.id, C, "weakening")
        cheap, dear = (next_one(by, root, pins=after, **tools) for by in ([A, B], ABC))
        bad(f"{name}-by-the-threshold", f"{about}: all must sign", cheap, says, [root], given)
        good(f"{name}-by-all", f"{about}, and all have signed", dear, [root], given)
    fewer = {"allowed": ["files/b", "read"], "denied": []}
    for name, root, after, says, about in [
        ("tool-pinned", unpinned, [("files/a", "1")], tools, "the first pin: only one definition is good"),
        ("definition-removed", two, [("read", "2")], tools, "one definition less is good"),
        ("pins-in-another-order", two, [("read", "2"), ("read", "1")], tools, "it means the same"),
    ]:
        good(f"{name}-by-the-threshold", about, next_one([A, B], root, pins=after, **says), [root], policy(ids=[root], quorum=ALL))
    about = "the last pin of a server goes with its action, and then its other tools are good whatever they say"
    given = policy(ids=[pinned], quorum=ALL)
    child = next_one([A, B], pinned, pins=[("read", "1")], **fewer)
    bad("pin-gone-that-shut-the-rest-of-its-server", about, child, (pinned.id, C, "weakening"), [pinned], given)
    none = {"allowed": ["read"], "denied": []}
    about = "the last pin of a server goes with all that is allowed of it, and then its instructions are good whatever they say"
    child = next_one([A, B], pinned, pins=[("read", "1")], **none)
    bad("pin-gone-with-its-server", about, child, (pinned.id, C, "weakening"), [pinned], given)
    about = "instructions are pinned no more: a gate passes them on whatever is allowed"
    child = next_one([A, B], text, **none)
    bad("instructions-unpinned-with-their-server", about, child, (text.id, C, "weakening"), [text], policy(ids=[text], quorum=ALL))
    several = genome(signers=ABC, by=[A, B], threshold=2, pins=[("files/a", "1"), ("files/b", "1")], **tools)
    about = "the action is allowed no more, and its server is still pinned"
    child = next_one([A, B], several, pins=[("files/b", "1")], **fewer)
    good("pin-gone-with-its-action-by-the-threshold", about, child, [several], policy(ids=[several], quorum=ALL))
    about = "from a genome without pins to one with pins, and back"
    there = next_one([A, B], unpinned, pins=[("files/a", "1")], **tools)
    back = next_one([A, B], there, "1.2.0", **tools)
    good("there-and-back-without-a-quorum", about, back, [unpinned, there], policy(ids=[unpinned]))
    given = policy(ids=[unpinned], quorum=ALL)
    bad("there-and-back", f"{about}, where all must sign the step back", back, (there.id, C, "weakening"), [unpinned, there], given)


# --- What is pinned ---


def pins():
    about = "the policy's threshold has signed, and nobody looks at what a genome without parents changes"
    mine = policy(*ABC, threshold=2, quorum=ALL)
    bad("root-by-the-threshold", about, ROOT, (C, "genome_ids"), (), mine, UNTRUSTED)
    about = "all of the policy's keys have signed, which is as much as any change costs"
    all_signed = ROOT.signed(*ABC)
    good("root-by-all", about, all_signed, (), mine, PINNED)
    good("root-by-genome-id", "the policy names it", ROOT, (), policy(*ABC, threshold=2, ids=[ROOT], quorum=ALL), PINNED)
    about = "no class requires more than the threshold"
    good("root-where-nothing-is-dearer", about, ROOT, (), policy(*ABC, threshold=2, quorum={"narrowing": 1}), PINNED)
    about = "all is everybody whom the policy does not revoke, of its own signers as well"
    given = policy(*ABC, threshold=2, revoked=[C], quorum=ALL)
    good("root-by-all-but-the-revoked", about, ROOT, (), given, PINNED, [("GENOME_REVOKED_KEY", C.fingerprint)])
    about = "more than the policy has: it pins what it names, and nothing else"
    given = policy(*ABC, threshold=2, quorum={"narrowing": 4})
    bad("root-above-the-signers", about, all_signed, ("4", "genome_ids"), (), given, UNTRUSTED)
    about = "the widening has the policy's threshold, which does not make its steps unnecessary"
    bad("widening-by-the-policys-threshold", about, next_one([A, B], **WIDER), ancestors=[all_signed], given=mine)
    about = "the widening has all of the policy's keys: it is pinned"
    good("widening-by-all-of-the-policy", about, next_one(ABC, **WIDER), [all_signed], mine, PINNED)
    about = "a step by the threshold from a root that all have signed"
    good("neutral-from-a-root-by-all", about, next_one([A, B]), [all_signed], mine)
    about = "pinned by its content, and asked for: its step must be paid all the same"
    wider = next_one([A, B], **WIDER)
    bad("asked-of-a-pinned-widening", about, wider, given=policy(ids=[wider, ROOT], quorum=ALL), asked=True, pinned=True)
    given = policy(ids=[wider], quorum=ALL)
    good("not-asked-of-a-pinned-widening", "pinned by its content: nobody looks", wider, given=given, trust=PINNED)


# --- Ways round it ---


def ways_round():
    wider = next_one([A, B], **WIDER)
    about = "two sign a widening, and then a neutral child of it: every step on the way is checked"
    child = next_one([A, B], wider, "1.2.0", **WIDER)
    bad("neutral-child-of-a-widening", about, child, ancestors=[ROOT, wider])
    about = "the same, where the policy's own threshold has signed each of them"
    all_signed, mine = ROOT.signed(*ABC), policy(*ABC, threshold=2, quorum=ALL)
    bad("neutral-child-of-a-widening-by-the-policys-threshold", about, child, ancestors=[all_signed, wider], given=mine)
    about = "two sign a new root that allows more"
    root = genome("2.0.0", ABC, [A, B], threshold=2, **WIDER)
    bad("neutral-child-of-a-new-root", about, next_one([A, B], root, "2.1.0", **WIDER), C, [root], mine, UNTRUSTED)
    about = "two turn out the third, and then all who are left widen: a change of the signers requires as much as the strictest class"
    without = next_one([A, B], signers=[A, B])
    after = next_one([A, B], without, "1.2.0", [A, B], **WIDER)
    given = policy(ids=[ROOT], quorum={"widening": "all"})
    bad("signer-turned-out-before-a-widening", about, after, (ROOT.id, C, "signers"), [ROOT, without], given)
    bad("signer-turned-out-by-the-threshold", "the first of these steps alone", without, (ROOT.id, C, "signers"))
    good("signer-turned-out-by-all", "all agree, also who goes", next_one(ABC, signers=[A, B]))
    about = "a revoked key is turned out by all others"
    good("revoked-signer-turned-out", about, without, given=policy(ids=[ROOT], revoked=[C], quorum=ALL))
    about = "two add a key of their own to be three, where only a widening requires more"
    three = policy(ids=[ROOT], quorum={"widening": 3})
    four = (*ABC, MALLORY)
    more = next_one([A, B], signers=four)
    after = next_one([A, B, MALLORY], more, "1.2.0", four, **WIDER)
    bad("signer-added-before-a-widening", about, after, (ROOT.id, C, "signers"), [ROOT, more], three)
    about = "two put a key of their own in the third's place, under his key id"
    swapped = next_one([A, B], signers=[A, B, MALLORY.named("ops-c")])
    bad("signer-replaced-before-a-widening", about, swapped, (ROOT.id, C.fingerprint), given=three)
    about = "what was allowed once is taken away by two, and given back by two"
    narrower = next_one([A, B], allowed=[])
    bad("narrowed-and-widened-again", about, next_one([A, B], narrower, "1.2.0"), (narrower.id, C), [ROOT, narrower])
    about = "not prevented: from an ancestor that allows more, which is trusted, a branch that allows as much is no widening"
    good("branch-from-an-ancestor-that-allows-more", about, next_one([A, B], version="1.2.0"), [ROOT, narrower])
    about = "where the policy names the genome that allows less, such a branch comes from nobody who is trusted"
    branch = next_one([A, B], version="1.2.0")
    bad("branch-from-above-the-pinned-genome", about, branch, (), [ROOT, narrower], policy(ids=[narrower], quorum=ALL), UNTRUSTED)


def several_parents():
    wide = genome("2.0.0", [D], name=EUROPE, **WIDER)
    given = policy(ids=[ROOT, wide], quorum=ALL)

    def both(by):
        return genome("2.1.0", ABC, by, threshold=2, parents=[ROOT, wide], **WIDER)

    about = "no widening beside one parent, and one beside the other, all of whose signers must sign"
    bad("two-parents-one-wider", about, both([A, B, D]), (ROOT.id, C, "widening"), [ROOT, wide], given)
    good("two-parents-one-wider-by-all", about, both([*ABC, D]), [ROOT, wide], given)
