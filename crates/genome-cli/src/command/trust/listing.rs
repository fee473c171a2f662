//! Who is trusted by a policy, as text, and the warnings about it.

use crate::{Finding, Paint};
use anstyle::AnsiColor;
use genome::TrustPolicy;
use genome::model::Signer;
use genome::policy::PolicyError;
use genome::refusal::TestKey;
use genome_json::text::Quoted;
use std::fmt::Write as _;

/// Each statement of the policy on a line of its own, behind its name.
pub(super) fn listing(policy: &TrustPolicy, paint: Paint) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_listing(&mut out, policy, paint);
    out
}

fn write_listing(out: &mut String, policy: &TrustPolicy, paint: Paint) -> std::fmt::Result {
    let red = paint.style(AnsiColor::Red.on_default().bold());
    for Signer { key_id, public_key, .. } in policy.signers() {
        let revoked = if policy.revokes(public_key) { format!(", {red}revoked{red:#}") } else { String::new() };
        let test = if public_key.is_published_test_key() { format!(", {red}a published test key{red:#}") } else { String::new() };
        writeln!(out, "  signer         `{key_id}` ({}){revoked}{test}", public_key.fingerprint())?;
    }
    if let Some(authority) = policy.authority() {
        writeln!(out, "  threshold      {} of {} must sign", authority.threshold, authority.signers.len())?;
    }
    if let Some(required) = policy.approvals_to_pin()
        && let Some(because) = required.because
    {
        writeln!(out, "  required       {} must sign {because}", required.signatures)?;
    }
    for (class, approvals) in policy.approvals_by_class() {
        writeln!(out, "  quorum         {class} {approvals}")?;
    }
    for id in policy.genome_ids() {
        writeln!(out, "  genome id      {id}")?;
    }
    for (name, version) in policy.minimum_versions() {
        writeln!(out, "  lowest         {} {version}", Quoted(name))?;
    }
    if let Some(days) = policy.maximum_age_days() {
        writeln!(out, "  age            at most {days} day{}", if days == 1 { "" } else { "s" })?;
    }
    for fingerprint in policy.revoked_keys() {
        writeln!(out, "  revoked        {fingerprint}")?;
    }
    Ok(())
}

/// What is wrong with a policy that can be read.
pub(super) fn warnings(policy: &TrustPolicy) -> Vec<Finding> {
    let hint = "never use this policy in production: make a key with genome-keygen, and remove this one";
    let tests = TestKey::of_policy(policy.signers()).map(|key| Finding::of_test_key(key, hint));
    let unmet = policy.unmet().map(|unmet: PolicyError| {
        Finding::warning(
            unmet.to_string(),
            "add a signer, or lower what the policy asks for: so nothing is trusted for its signers",
        )
    });
    tests.chain(unmet).collect()
}
