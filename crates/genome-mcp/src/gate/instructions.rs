//! What a server says of itself when a session begins, and a model may read: the instructions, and its titles and description.

use super::Gate;
use super::edits::{Edits, Fate, rebuilt_object};
use super::event::{Event, Side};
use super::server::Unfit;
use crate::message::{Json, Message, read_as};
use genome::definition::digest_of_instructions;

/// Where a server says which it is, in `_meta` after the name of the protocol.
const SERVER_INFO: &str = "serverInfo";

impl Gate {
    /// Takes the instructions out of the answer to `initialize` or `server/discover` if they are not those that are pinned, where the server is held to pins.
    /// What else the server says of itself, beside its name and version, goes with them: nothing can pin it. Returns what is logged.
    pub(super) fn hold_instructions(&self, message: &Message<'_>, edits: &mut Edits) -> Result<Option<Event>, Unfit> {
        if !self.actions.are_pinned() {
            return Ok(None);
        }
        if let Some(why) = ambiguity(message) {
            return Err(Unfit::bad(why));
        }
        if let Some(info) = message.in_result(SERVER_INFO)
            && let Fate::Replaced(rest) = identity(&info)
        {
            edits.replace(&info, rest);
        }
        if let Some(meta) = message.in_result("_meta")
            && let Some(rest) = rebuilt_object(&meta, |name, value| {
                let is_info = name.rsplit('/').next().is_some_and(|name| read_as(name, &[SERVER_INFO]).is_some());
                if is_info { identity(value) } else { Fate::Kept }
            })
        {
            edits.replace(&meta, rest);
        }
        // Some servers write what is not there as null.
        let Some(member) = message.member_of_result("instructions") else { return Ok(None) };
        let Some(instructions) = message.in_result("instructions").filter(|value| value.raw() != "null") else { return Ok(None) };
        let seen = instructions.as_text().map(|text| digest_of_instructions(&text));
        let Err(denial) = self.actions.instructions(seen) else { return Ok(None) };
        edits.take_out(message.compact(), member);
        Ok(Some(Event::denied(Side::Server, &denial)))
    }
}

/// Why readers could understand differently what a server says of itself, if they could.
pub(crate) fn ambiguity(message: &Message<'_>) -> Option<&'static str> {
    if message.top("result").is_some_and(|result| result.has_similar(&["instructions", SERVER_INFO])) {
        return Some("some readers take a member of it for another one");
    }
    message.in_result(SERVER_INFO).is_some_and(|info| !info.is_object()).then_some("its `serverInfo` is no object")
}

/// What a server says it is, without more than its name and version.
fn identity(info: &Json<'_>) -> Fate {
    if !info.is_object() {
        return Fate::TakenOut;
    }
    let is_kept = |name: &str, value: &Json<'_>| ["name", "version"].contains(&name) && value.as_text().is_some();
    rebuilt_object(info, |name, value| Fate::kept_if(is_kept(name, value))).map_or(Fate::Kept, Fate::Replaced)
}
