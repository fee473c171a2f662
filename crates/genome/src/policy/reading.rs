//! The schema `trust.v0.1`, and the two smaller forms of a trust policy: an authority, and one signer as `genome-keygen` prints it.

use crate::change::Class;
use crate::exposure::Origin;
use crate::model::Authority;
use crate::model::reading::{AUTHORITY_FIELDS, SIGNER_FIELDS, authority, authority_of, signer};
use crate::policy::TrustPolicy;
use crate::policy::approvals::{Approvals, ClassApprovals};
use crate::schema::{Distinct, Faults, Place, Problem, Reading};
use genome_json::Value;
use genome_json::text::excerpt;

pub(super) const VERSION: &str = "trust.v0.1";

/// Reads a trust policy of any of the three forms.
pub(crate) fn read(document: &Value<'_>) -> Result<TrustPolicy, Faults> {
    let mut reading = Reading::default();
    let root = Place::ROOT;
    let has = |names: &[&str]| match document {
        Value::Object(members) => members.iter().any(|member| names.contains(&&*member.name)),
        _ => false,
    };
    let policy = if has(&["schema_version"]) {
        whole(&mut reading, document)
    } else if has(&AUTHORITY_FIELDS) {
        authority(&mut reading, &root, document).map(TrustPolicy::of_authority)
    } else if has(&SIGNER_FIELDS) {
        let signer = signer(&mut reading, &root, document, &mut Distinct::new("key_id"), &mut Distinct::new("public_key"));
        signer.map(|signer| TrustPolicy::of_authority(Authority { signers: vec![signer], threshold: 1 }))
    } else {
        whole(&mut reading, document)
    };
    reading.finish(policy)
}

fn whole(reading: &mut Reading, document: &Value<'_>) -> Option<TrustPolicy> {
    const OPTIONAL: [&str; 7] = ["signers", "threshold", "genome_ids", "revoked", "minimum_versions", "maximum_age_days", "quorum"];
    let root = Place::ROOT;
    let fields = reading.object(&root, document, &["schema_version"], &OPTIONAL)?;
    let schema_version = reading.schema_version(&fields, &[VERSION]);
    // They may be absent together where genomes are pinned by their ids.
    let names_signers = AUTHORITY_FIELDS.iter().any(|name| fields.has(name));
    let authority = if names_signers || fields.items("genome_ids").is_none_or(<[_]>::is_empty) {
        reading.require(&fields, &AUTHORITY_FIELDS);
        authority_of(reading, &fields).map(Some)
    } else {
        Some(None)
    };
    let genome_ids = reading.optional(&fields, "genome_ids", |reading, place, value| {
        let mut seen = Distinct::new("genome id");
        reading.list(place, value, |reading, place, value| {
            let id = reading.parsed(place, value)?;
            seen.insert(reading, place, id).then_some(id)
        })
    });
    let revoked = reading.optional(&fields, "revoked", |reading, place, value| {
        let mut seen = Distinct::new("fingerprint");
        reading.list(place, value, |reading, place, value| {
            let fingerprint = reading.parsed(place, value)?;
            seen.insert(reading, place, fingerprint).then_some(fingerprint)
        })
    });
    let minimum_versions =
        reading.optional(&fields, "minimum_versions", |reading, place, value| reading.members(place, value, Reading::parsed));
    let maximum_age_days = reading.optional(&fields, "maximum_age_days", |reading, place, value| {
        let days: u64 = reading.integer(place, value)?;
        if days == 0 { reading.refuse(place, Problem::NoDays) } else { Some(Some(days)) }
    });
    let by_class = reading.optional(&fields, "quorum", by_class);
    schema_version?;
    Some(TrustPolicy {
        origin: Origin::default(),
        authority: authority?,
        genome_ids: genome_ids?.into_iter().collect(),
        revoked: revoked?.into_iter().collect(),
        minimum_versions: minimum_versions?.into_iter().collect(),
        maximum_age_days: maximum_age_days?,
        by_class: by_class?,
        is_of_keys: false,
    })
}

fn by_class(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<ClassApprovals> {
    let names: Vec<&'static str> = Class::ALL.iter().map(|class| class.as_str()).collect();
    let fields = reading.object(place, value, &[], &names)?;
    let given = || Class::ALL.iter().copied().filter(|class| fields.has(class.as_str()));
    let by_class: ClassApprovals =
        given().filter_map(|class| Some((class, reading.field(&fields, class.as_str(), approvals)?))).collect();
    (by_class.len() == given().count()).then_some(by_class)
}

fn approvals(reading: &mut Reading, place: &Place<'_>, value: &Value<'_>) -> Option<Approvals> {
    match value {
        Value::String(text) if &**text == "all" => Some(Approvals::All),
        Value::String(text) => reading.refuse(place, Problem::NotApprovals(excerpt(text))),
        Value::Number(_) => match reading.integer(place, value)? {
            0 => reading.refuse(place, Problem::NotApprovals("0".to_owned())),
            count => Some(Approvals::Count(count)),
        },
        _ => reading.wrong_kind(place, "`all` or an integer", value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome_json as json;

    fn faults(text: &str) -> Vec<String> {
        let Err(faults) = read(&json::parse(text.as_bytes()).unwrap()) else { return Vec::new() };
        faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.problem)).collect()
    }

    #[test]
    fn a_policy_trusts_somebody() {
        let id = "0".repeat(64);
        assert_eq!(faults(&format!(r#"{{"schema_version": "trust.v0.1", "genome_ids": ["{id}"]}}"#)), [""; 0]);
        for nobody in [r#"{"schema_version": "trust.v0.1"}"#, r#"{"schema_version": "trust.v0.1", "genome_ids": []}"#] {
            assert_eq!(faults(nobody), [": the field `signers` is missing", ": the field `threshold` is missing"]);
        }
        assert_eq!(faults("{}").len(), 3);
        assert_eq!(faults("[]"), [": expected an object, found an array"]);
    }

    #[test]
    fn what_a_class_needs_is_a_number_or_all() {
        let whole = |by_class: &str| {
            format!(r#"{{"schema_version": "trust.v0.1", "genome_ids": ["{}"], "quorum": {by_class}}}"#, "0".repeat(64))
        };
        assert_eq!(faults(&whole(r#"{"widening": "all", "neutral": 9007199254740991}"#)), [""; 0]);
        assert_eq!(faults(&whole("[]")), ["/quorum: expected an object, found an array"]);
        let bad = whole(r#"{"widning": 1, "neutral": "2", "narrowing": 0, "weakening": null, "widening": 1.0}"#);
        let expected = [
            "/quorum/widning: the schema has no field `widning`",
            "/quorum/widening: `1.0` is not written as a plain integer",
            "/quorum/weakening: expected `all` or an integer, found null",
            "/quorum/narrowing: `0` is not a number of approvals",
            "/quorum/neutral: `2` is not a number of approvals",
        ];
        assert_eq!(faults(&bad), expected);
        let Err(faults) = read(&json::parse(bad.as_bytes()).unwrap()) else { panic!("it is read") };
        assert_eq!(faults.iter().next().unwrap().problem.hint().to_string(), "did you mean `widening`?");
    }

    #[test]
    fn every_fault_is_kept() {
        let text = r#"{"schema_version": "trust.v0.2", "threshold": 0, "revoked": ["x"], "minimum_versions": {"": "1", "a": "v1"},
            "maximum_age_days": 0, "keys": []}"#;
        let found = faults(text);
        let pointers: Vec<&str> = found.iter().filter_map(|fault| fault.split_once(": ")).map(|(pointer, _)| pointer).collect();
        let expected = [
            "/keys",
            "/schema_version",
            "",
            "/threshold",
            "/revoked/0",
            "/minimum_versions/",
            "/minimum_versions/",
            "/minimum_versions/a",
            "/maximum_age_days",
        ];
        assert_eq!(pointers, expected, "{found:?}");
    }
}
