//! One message of JSON-RPC, as MCP sends it on one line of a stream.
//!
//! A line is read strictly: whatever two readers could understand differently is refused. That is a name that stands twice in one object, anywhere in the
//! message and after unescaping; a name with U+0000 in it, where readers in C end it; bytes that are not UTF-8; a byte order mark; a batch; ids other than texts
//! and integers up to 2^53 - 1; members that JSON-RPC does not know; a method beside a result; a name that some reader takes for one that is decided on, as `Name`
//! and `name`. One exception: where a name stands twice, or has U+0000 in it, within the definition of a tool that a server lists, only that tool is lost. Numbers
//! pass as they were written, and so do lone surrogates in texts that nobody decides on.
//!
//! What is sent on is the tokens of the line, byte for byte, without white space between them. Several servers take a carriage return for the end of a line
//! (1.4 of the facts on MCP), and would run what stands behind one as a message of its own.

mod fault;
mod id;
mod json;
mod passing;
mod scan;
mod similar;

pub use fault::{Fault, Unreadable};
use genome_json::text::shortened;
pub use id::Id;
pub(crate) use json::Json;
pub use passing::Passing;
pub(crate) use similar::{is_taken_for, read_as};
use std::borrow::Cow;
use std::ops::Range;

/// How deeply arrays and objects may be nested in a message.
pub const MOST_LEVELS: usize = 256;

/// How many members a message and the objects right in it may have: each is remembered while it is decided on.
pub const MOST_MEMBERS: usize = 65_536;

/// What JSON-RPC knows at the top of a message.
const MEMBERS: [&str; 6] = ["error", "id", "jsonrpc", "method", "params", "result"];

/// A message that was read strictly.
#[derive(Debug)]
pub struct Message<'l> {
    text: Cow<'l, str>,
    members: Vec<Member>,
    flaws: Vec<Flaw>,
    kind: Kind<'l>,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind<'l> {
    /// It asks for an answer.
    Request {
        /// Its id.
        id: Id,
        /// Its method.
        method: Cow<'l, str>,
    },
    /// It asks for none.
    Notification {
        /// Its method.
        method: Cow<'l, str>,
    },
    /// The answer to a request: a result.
    Result(Id),
    /// The answer to a request: an error.
    Error(Id),
}

/// A member of the message, or of an object right in it.
#[derive(Debug)]
struct Member {
    /// 1 for the message itself.
    depth: usize,
    /// With its quotes.
    name: Range<usize>,
    value: Range<usize>,
}

/// What two readers could understand differently, at a place where it may not matter.
#[derive(Debug, Clone, Copy)]
struct Flaw {
    /// Where the object or the string begins.
    at: usize,
    kind: FlawKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FlawKind {
    DuplicateName,
    /// With U+0000 in it.
    CutName,
    LoneSurrogate,
}

impl Flaw {
    fn fault_of_name(&self) -> Option<Fault> {
        match self.kind {
            FlawKind::DuplicateName => Some(Fault::DuplicateName),
            FlawKind::CutName => Some(Fault::CutName),
            FlawKind::LoneSurrogate => None,
        }
    }
}

/// Reads a line, with or without what ends it. `None` for a blank one, which means nothing.
///
/// # Errors
/// It is not a message.
pub fn read(line: &[u8]) -> Result<Option<Message<'_>>, Unreadable> {
    if line.starts_with(b"\xef\xbb\xbf") {
        return Err(Unreadable::hinted(Fault::ByteOrderMark, line));
    }
    let text =
        std::str::from_utf8(line).map_err(|_| Unreadable::hinted(Fault::NotUtf8, line))?.trim_matches([' ', '\t', '\r', '\n']);
    if text.is_empty() {
        return Ok(None);
    }
    let scan::Scanned { text, members, mut flaws } = scan::scan(text).map_err(|fault| Unreadable::hinted(fault, line))?;
    flaws.sort_unstable_by_key(|flaw| flaw.at);
    let mut message = Message { text, members, flaws, kind: Kind::Notification { method: Cow::Borrowed("") } };
    match message.classify() {
        Ok(kind) => message.kind = kind,
        Err(fault) => return Err(message.unreadable(fault)),
    }
    if let Some(fault) = message.stray_name() {
        return Err(message.unreadable(fault));
    }
    if let Some(name) = message.similar_name() {
        let fault = Fault::SimilarName(name);
        return Err(message.unreadable(fault));
    }
    Ok(Some(message))
}

impl<'l> Message<'l> {
    /// The tokens of the line, byte for byte, without white space between them: what may be sent on.
    #[must_use]
    pub fn compact(&self) -> &str {
        &self.text
    }

    /// The same, without a copy.
    #[must_use]
    pub fn into_compact(self) -> Cow<'l, str> {
        self.text
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &Kind<'l> {
        &self.kind
    }

    /// A member of the message.
    pub(crate) fn top(&self, name: &str) -> Option<Json<'_>> {
        self.find(1, 0..self.text.len(), name)
    }

    /// A member of `params`.
    pub(crate) fn param(&self, name: &str) -> Option<Json<'_>> {
        self.find(2, self.top("params")?.range(), name)
    }

    /// A member of the result.
    pub(crate) fn in_result(&self, name: &str) -> Option<Json<'_>> {
        self.find(2, self.top("result")?.range(), name)
    }

    /// Where a member of the result stands, with its name.
    pub(crate) fn member_of_result(&self, name: &str) -> Option<Range<usize>> {
        let member = self.find_member(2, self.top("result")?.range(), name)?;
        Some(member.name.start..member.value.end)
    }

    /// A member of the error.
    pub(crate) fn in_error(&self, name: &str) -> Option<Json<'_>> {
        self.find(2, self.top("error")?.range(), name)
    }

    /// Whether two readers could understand a value differently.
    pub(crate) fn is_flawed(&self, value: &Json<'_>) -> bool {
        let range = value.range();
        let next = self.flaws.partition_point(|flaw| flaw.at < range.start);
        self.flaws.get(next).is_some_and(|flaw| flaw.at < range.end)
    }

    /// Why names in the message are not read alike by every reader, if they are not.
    pub(crate) fn fault_of_names(&self) -> Option<Fault> {
        self.flaws.iter().find_map(Flaw::fault_of_name)
    }

    fn find(&self, depth: usize, within: Range<usize>, name: &str) -> Option<Json<'_>> {
        self.find_member(depth, within, name).map(|member| self.json(member.value.clone()))
    }

    fn find_member(&self, depth: usize, within: Range<usize>, name: &str) -> Option<&Member> {
        let is_there = |member: &&Member| member.depth == depth && within.contains(&member.name.start);
        let named = |member: &&Member| self.json(member.name.clone()).as_text().is_some_and(|found| found == name);
        self.members.iter().filter(is_there).find(named)
    }

    fn json(&self, range: Range<usize>) -> Json<'_> {
        Json::new(&self.text, range)
    }

    /// A fault of names anywhere but in the definition of a tool, which alone is lost by it.
    fn stray_name(&self) -> Option<Fault> {
        self.fault_of_names()?;
        let tools = self.in_result("tools").filter(Json::is_array).map(|tools| tools.range());
        let is_stray = |flaw: &&Flaw| !tools.as_ref().is_some_and(|tools| tools.contains(&flaw.at));
        self.flaws.iter().filter(is_stray).find_map(Flaw::fault_of_name)
    }

    /// The first name, among those beside what is decided on, that some reader takes for what is decided on.
    fn similar_name(&self) -> Option<String> {
        let of = |part: &str, known: &[&str]| {
            let range = self.top(part)?.range();
            let inside = self.members.iter().filter(|member| member.depth == 2 && range.contains(&member.name.start));
            let mut names = inside.filter_map(|member| self.json(member.name.clone()).as_text());
            names.find(|name| is_taken_for(name, known)).map(|name| shortened(&name, 80).into_owned())
        };
        of("params", &similar::PARAMS).or_else(|| of("result", &similar::RESULT)).or_else(|| of("error", &similar::ERROR))
    }

    fn classify(&self) -> Result<Kind<'l>, Fault> {
        // The flaw of an object is where it begins, and this one begins at the start.
        if let Some(fault) = self.flaws.iter().filter(|flaw| flaw.at == 0).find_map(Flaw::fault_of_name) {
            return Err(fault);
        }
        for member in self.members.iter().filter(|member| member.depth == 1) {
            let name = self.json(member.name.clone()).as_text().unwrap_or_default();
            if !MEMBERS.contains(&&*name) {
                return Err(Fault::UnknownMember(shortened(&name, 80).into_owned()));
            }
        }
        if self.top("jsonrpc").and_then(|version| version.as_text()).as_deref() != Some("2.0") {
            return Err(Fault::Version);
        }
        for name in ["params", "result", "error"] {
            if self.top(name).is_some_and(|value| !value.is_object()) {
                return Err(Fault::NotAnObject(name));
            }
        }
        let id = self.top("id").map(|id| Id::read(&id).ok_or(Fault::BadId)).transpose()?;
        let has = |name: &str| self.top(name).is_some();
        match (self.top("method"), has("params"), has("result"), has("error")) {
            (Some(method), _, false, false) => {
                let method = Cow::Owned(method.as_text().ok_or(Fault::BadMethod)?.into_owned());
                Ok(match id {
                    Some(id) => Kind::Request { id, method },
                    None => Kind::Notification { method },
                })
            }
            (None, false, true, false) => id.map(Kind::Result).ok_or(Fault::BadId),
            (None, false, false, true) => id.map(Kind::Error).ok_or(Fault::BadId),
            _ => Err(Fault::Ambiguous),
        }
    }

    /// The line as one that is no message, with its id where that can be nothing else.
    fn unreadable(&self, fault: Fault) -> Unreadable {
        let is_one = |name: &str| {
            let named =
                |member: &&Member| member.depth == 1 && self.json(member.name.clone()).as_text().is_some_and(|found| found == name);
            self.members.iter().filter(named).count() == 1
        };
        let has = |name: &str| self.top(name).is_some();
        let id = self.top("id").filter(|_| is_one("id")).and_then(|id| Id::read(&id));
        let is_answer = has("result") || has("error");
        match (has("method"), is_answer) {
            (true, false) => Unreadable { fault, id, answers: None },
            (false, true) => Unreadable { fault, id: None, answers: id },
            _ => fault.into(),
        }
    }
}

#[cfg(test)]
mod tests;
