//! What a URI says of a module, a slot and a token, and what they say of themselves.

use super::uri::encode;
use super::{TokenFault, TokenUri};
use cryptoki::context::{Info, Pkcs11};
use cryptoki::slot::{Slot, SlotInfo, TokenInfo};

/// An attribute of RFC 7512 section 2.3 that names no object: what is known of a module, a slot or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    Token,
    Serial,
    Model,
    Manufacturer,
    SlotId,
    SlotDescription,
    SlotManufacturer,
    LibraryDescription,
    LibraryManufacturer,
    LibraryVersion,
}

impl Feature {
    const ALL: [Self; 10] = [
        Self::Token,
        Self::Serial,
        Self::Model,
        Self::Manufacturer,
        Self::SlotId,
        Self::SlotDescription,
        Self::SlotManufacturer,
        Self::LibraryDescription,
        Self::LibraryManufacturer,
        Self::LibraryVersion,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Serial => "serial",
            Self::Model => "model",
            Self::Manufacturer => "manufacturer",
            Self::SlotId => "slot-id",
            Self::SlotDescription => "slot-description",
            Self::SlotManufacturer => "slot-manufacturer",
            Self::LibraryDescription => "library-description",
            Self::LibraryManufacturer => "library-manufacturer",
            Self::LibraryVersion => "library-version",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// A value in the form in which it is compared. `None` where it must be a number and is none.
    pub(super) fn normalized(self, value: &str) -> Option<String> {
        fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
        }
        match self {
            Self::SlotId => number::<u64>(value).map(|id| id.to_string()),
            // RFC 7512 section 2.3: `M.N`, both of one byte.
            Self::LibraryVersion => {
                let (major, minor) = value.split_once('.').unwrap_or((value, "0"));
                Some(format!("{}.{}", number::<u8>(major)?, number::<u8>(minor)?))
            }
            _ => Some(plain(value).to_owned()),
        }
    }

    /// What a module says of itself, if this is about the module.
    fn of_library(self, info: &Info) -> Option<String> {
        match self {
            Self::LibraryDescription => Some(plain(info.library_description()).to_owned()),
            Self::LibraryManufacturer => Some(plain(info.manufacturer_id()).to_owned()),
            Self::LibraryVersion => Some(format!("{}.{}", info.library_version().major(), info.library_version().minor())),
            _ => None,
        }
    }

    fn is_of_library(self) -> bool {
        matches!(self, Self::LibraryDescription | Self::LibraryManufacturer | Self::LibraryVersion)
    }
}

/// A text of fixed length without what fills it up: blanks by the standard, and zero bytes by some modules.
pub(super) fn plain(text: &str) -> &str {
    text.trim_end_matches([' ', '\0'])
}

/// Refuses a module that is another than the URI says.
pub(super) fn check_library(module: &Pkcs11, uri: &TokenUri) -> Result<(), TokenFault> {
    let mut asked = uri.features.iter().filter(|(feature, _)| feature.is_of_library()).peekable();
    if asked.peek().is_none() {
        return Ok(());
    }
    let info = module.get_library_info().map_err(|error| TokenFault::of(&error))?;
    for (feature, value) in asked {
        let is = feature.of_library(&info).unwrap_or_default();
        if is != *value {
            return Err(TokenFault::OtherModule { attribute: feature.name(), is });
        }
    }
    Ok(())
}

/// A token in its slot.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) slot: Slot,
    pub(super) token: TokenInfo,
    /// `None` where the module does not tell.
    slot_info: Option<SlotInfo>,
}

impl Candidate {
    pub(super) fn new(slot: Slot, token: TokenInfo, slot_info: Option<SlotInfo>) -> Self {
        Self { slot, token, slot_info }
    }

    /// The label of the token.
    pub(super) fn label(&self) -> &str {
        plain(self.token.label())
    }

    fn value(&self, feature: Feature) -> Option<String> {
        let text = |text: &str| Some(plain(text).to_owned());
        match feature {
            Feature::Token => text(self.token.label()),
            Feature::Serial => text(self.token.serial_number()),
            Feature::Model => text(self.token.model()),
            Feature::Manufacturer => text(self.token.manufacturer_id()),
            Feature::SlotId => Some(self.slot.id().to_string()),
            Feature::SlotDescription => text(self.slot_info.as_ref()?.slot_description()),
            Feature::SlotManufacturer => text(self.slot_info.as_ref()?.manufacturer_id()),
            Feature::LibraryDescription | Feature::LibraryManufacturer | Feature::LibraryVersion => None,
        }
    }

    /// Whether it is as the URI says.
    pub(super) fn is_meant(&self, uri: &TokenUri) -> bool {
        let mut asked = uri.features.iter().filter(|(feature, _)| !feature.is_of_library());
        asked.all(|(feature, value)| self.value(*feature).as_ref() == Some(value))
    }

    /// The attributes that tell it from others, and those that the URI has, with its own values.
    pub(super) fn shown(&self, uri: &TokenUri, others: &[Self]) -> String {
        let same = |other: &Self| [Feature::Token, Feature::Serial].into_iter().all(|of| other.value(of) == self.value(of));
        let is_one_of_several = others.iter().filter(|other| same(other)).count() > 1;
        let is_shown = |feature: Feature| match feature {
            Feature::Token | Feature::Serial => true,
            Feature::SlotId if is_one_of_several => true,
            other => uri.features.iter().any(|(feature, _)| *feature == other),
        };
        let shown = Feature::ALL.into_iter().filter(|feature| is_shown(*feature));
        let attributes =
            shown.filter_map(|feature| Some(format!("{}={}", feature.name(), encode(self.value(feature)?.as_bytes()))));
        format!("`{}`", attributes.collect::<Vec<_>>().join(";"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_has_a_name_of_its_own() {
        for feature in Feature::ALL {
            assert_eq!(Feature::of_name(feature.name()), Some(feature));
        }
    }

    /// Pkcs11Interop#39: modules fill up with zero bytes what the standard fills up with blanks.
    #[test]
    fn what_fills_up_a_text_is_no_part_of_it() {
        for text in ["a b", "a b ", "a b\0\0\0", "a b  \0"] {
            assert_eq!(plain(text), "a b");
            assert_eq!(Feature::Token.normalized(text).as_deref(), Some("a b"));
        }
        assert_eq!(plain(" a"), " a");
    }
}
