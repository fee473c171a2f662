//! Tokens of pages: where the next page begins, and a digest of everything that it depends on. Nothing is kept for them.

use super::PreparedAuthzen;
use super::request::member;
use crate::limits::MOST_ACTIONS;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use genome::Digest;
use genome::mcp::ServerName;
use genome_json::{Member, canonical};

/// The first of its bytes, by which a later version may know it.
const VERSION: u8 = 1;

/// A version, two numbers and a digest.
const BYTES: usize = 1 + 4 + 4 + 32;

/// The length of its text.
const LENGTH: usize = (BYTES * 4).div_ceil(3);

/// Where a page begins, and how many names it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageToken {
    offset: u32,
    limit: u32,
}

impl PageToken {
    pub(super) fn of(offset: usize, limit: usize) -> Self {
        let number = |number: usize| number.try_into().unwrap_or(u32::MAX);
        Self { offset: number(offset), limit: number(limit) }
    }

    pub(super) fn offset(self) -> usize {
        self.offset as usize
    }

    pub(super) fn limit(self) -> usize {
        self.limit as usize
    }

    /// The digest of a search: of the genome, of how it is asked, and of the canonical form (RFC 8785) of what it depends on.
    pub(super) fn digest(authzen: &PreparedAuthzen, members: &[Member<'_>], page: Option<&[Member<'_>]>) -> Digest {
        let (settings, names) = (&authzen.settings, &authzen.names);
        let server = names.server().map_or("", ServerName::as_str);
        // None of these holds a line feed, and the canonical form of a text has none.
        let mut text = format!("genome page {VERSION}\n{}\n{}\n{server}\n", authzen.genome_id, settings.projection);
        let values = ["subject", "resource", "context"].map(|name| member(members, name));
        for value in values.into_iter().chain([page.and_then(|page| member(page, "properties"))]) {
            if let Some(value) = value {
                canonical::write(&mut text, value);
            }
            text.push('\n');
        }
        Digest::of(text.as_bytes())
    }

    /// The token as a text that goes with this digest.
    pub(super) fn to_text(self, search: &Digest) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.offset.to_be_bytes());
        bytes.extend(self.limit.to_be_bytes());
        bytes.extend(self.seal(search).as_bytes());
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Reads a token that goes with this digest, is as it was written, and asks for no more than a page may have.
    pub(super) fn read(text: &str, search: &Digest) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (number, rest) = bytes.get(1..)?.split_first_chunk()?;
        let (other, _) = rest.split_first_chunk()?;
        let token = Self { offset: u32::from_be_bytes(*number), limit: u32::from_be_bytes(*other) };
        (token.limit() <= MOST_ACTIONS && token.to_text(search) == text).then_some(token)
    }

    /// A digest of the search and of both numbers, so that a token of other ones is not read. It is no secret: a client that makes a token
    /// itself learns nothing that it could not ask for.
    fn seal(self, search: &Digest) -> Digest {
        let mut bytes = search.as_bytes().to_vec();
        bytes.extend(self.offset.to_be_bytes());
        bytes.extend(self.limit.to_be_bytes());
        Digest::of(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_in_no_other_way() {
        let (search, other) = (Digest::of(b"a"), Digest::of(b"b"));
        let token = PageToken::of(10_000, 7);
        let text = token.to_text(&search);
        assert_eq!((text.len(), PageToken::read(&text, &search)), (LENGTH, Some(token)));
        assert_eq!(PageToken::read(&text, &other), None);
        // The seal is no secret: anybody can make one that asks for more than a page has.
        assert_eq!(PageToken::read(&PageToken::of(0, MOST_ACTIONS + 1).to_text(&search), &search), None);
        for at in 0..text.len() {
            for with in ["A", "B", "_", "=", "é"] {
                let mut altered = text.clone();
                altered.replace_range(at..=at, with);
                assert!(altered == text || PageToken::read(&altered, &search).is_none(), "{altered}");
            }
        }
        for altered in ["", "A", &text[1..], &format!("{text}A"), &format!("{text}="), &"A".repeat(100_000)] {
            assert_eq!(PageToken::read(altered, &search), None);
        }
    }
}
