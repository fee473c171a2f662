//! The members of a policy's document. What is not changed stays as it was written, order and all.

use super::reading::VERSION;
use super::{PolicyForm, TrustPolicy};
use crate::model::Signer;
use crate::model::reading::AUTHORITY_FIELDS;
use genome_json::{self as json, Member, Value};

/// The members of the whole form.
#[derive(Debug, Clone)]
pub(super) struct Members<'a>(Vec<Member<'a>>);

impl<'a> Members<'a> {
    /// Those of a policy that says nothing yet.
    pub(super) fn empty() -> Self {
        Self(vec![Member { name: "schema_version".into(), value: Value::string(VERSION) }])
    }

    /// Those of the text that the policy was read from, and its form. A smaller form becomes the whole one.
    pub(super) fn of(bytes: &'a [u8], policy: &TrustPolicy) -> (PolicyForm, Self) {
        let has = |members: &[Member<'_>], names: &[&str]| members.iter().any(|member| names.contains(&&*member.name));
        match json::parse(bytes) {
            Ok(Value::Object(members)) if has(&members, &["schema_version"]) => (PolicyForm::Whole, Self(members)),
            Ok(Value::Object(members)) if has(&members, &AUTHORITY_FIELDS) => {
                let Self(mut whole) = Self::empty();
                whole.extend(members);
                (PolicyForm::Authority, Self(whole))
            }
            Ok(_) => (PolicyForm::Signer, Self::of_signers(policy.signers())),
            // Public keys are no JSON.
            Err(_) => (PolicyForm::PublicKeys, Self::of_signers(policy.signers())),
        }
    }

    /// Those of the two smallest forms, of which any signer may sign alone.
    fn of_signers(signers: &[Signer]) -> Self {
        let mut whole = Self::empty();
        whole.set("signers", Value::Array(signers.iter().map(Signer::to_value).collect()));
        whole.set("threshold", 1_usize.into());
        whole
    }

    /// Edits the items of a list, which is made where there is none.
    pub(super) fn edit_list(&mut self, name: &'static str, edit: impl FnOnce(&mut Vec<Value<'a>>)) {
        if let Some(Value::Array(items)) = self.place(name, Value::Array(Vec::new())) {
            edit(items);
        }
    }

    /// Sets a value.
    pub(super) fn set(&mut self, name: &'static str, value: Value<'a>) {
        if let Some(place) = self.place(name, Value::Null) {
            *place = value;
        }
    }

    /// Sets a value in an object, which is made where there is none.
    pub(super) fn set_in(&mut self, name: &'static str, key: &str, value: Value<'a>) {
        if let Some(Value::Object(members)) = self.place(name, Value::Object(Vec::new())) {
            match members.iter_mut().find(|member| &*member.name == key) {
                Some(member) => member.value = value,
                None => members.push(Member { name: key.to_owned().into(), value }),
            }
        }
    }

    /// Takes a value out of an object, and the object where it is empty then.
    pub(super) fn remove_in(&mut self, name: &'static str, key: &str) {
        let Some(Value::Object(members)) = self.place(name, Value::Object(Vec::new())) else { return };
        members.retain(|member| &*member.name != key);
        if members.is_empty() {
            self.remove(&[name]);
        }
    }

    /// Takes members away.
    pub(super) fn remove(&mut self, names: &[&str]) {
        self.0.retain(|member| !names.contains(&&*member.name));
    }

    /// The document.
    pub(super) fn into_value(self) -> Value<'a> {
        Value::Object(self.0)
    }

    /// The value of a member, which is put at the end where there is none.
    fn place(&mut self, name: &'static str, absent: Value<'a>) -> Option<&mut Value<'a>> {
        if !self.0.iter().any(|member| &*member.name == name) {
            self.0.push(Member { name: name.into(), value: absent });
        }
        self.0.iter_mut().find(|member| &*member.name == name).map(|member| &mut member.value)
    }
}
