# Where the pages with Alice and Bob start: `genome.json`, signed by both, in the new directory `example`.
umask 022
# Where it is there already, it stays as it is.
mkdir example || return
cd example || return
genome keygen --secret-file alice-secret.txt --public-file alice.json alice
genome keygen --secret-file bob-secret.txt --public-file bob.json bob
cat > draft.json <<DRAFT
{
  "schema_version": "genome.v0.1",
  "name": "EXAMPLE",
  "version": "1.0.0",
  "parents": [],
  "created_at": "2026-01-31T00:00:00Z",
  "authority": { "signers": [ $(cat alice.json), $(cat bob.json) ], "threshold": 2 },
  "invariants": [
    {
      "id": "INV-001",
      "severity": "CRITICAL",
      "testable_claim": "when it is uncertain whether an action is permitted, it does not happen",
      "enforcement_hook": "gate.check"
    }
  ],
  "capabilities": [
    { "cap_id": "CAP-MEMORY", "risk_class": "B", "allow_actions": ["memory_search"], "deny_actions": ["memory_erase"] }
  ],
  "build_manifest": { "files": [] }
}
DRAFT
genome sign --key file:alice-secret.txt draft.json genome.json alice
genome sign --key file:bob-secret.txt draft.json genome.json bob
