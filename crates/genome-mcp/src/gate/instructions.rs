//! What a server says of itself when a session begins, and a model may read: the instructions, and its own description.

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
    /// The description of the server, which nothing can pin, goes with them. Returns what is logged.
    pub(super) fn hold_instructions(&self, message: &Message<'_>, edits: &mut Edits) -> Result<Option<Event>, Unfit> {
        if !self.actions.are_pinned() {
            return Ok(None);
        }
        if message.top("result").is_some_and(|result| result.has_similar(&["instructions", "serverInfo"])) {
            return Err(Unfit::bad("some readers take a member of it for another one"));
        }
        if let Some(info) = message.in_result("serverInfo")
            && let Some(rest) = without_description(&info)
        {
            edits.replace(&info, rest);
        }
        if let Some(meta) = message.in_result("_meta")
            && let Some(rest) = rebuilt_object(&meta, |name, value| {
                let rest = name
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| read_as(name, &[SERVER_INFO]).is_some())
                    .then(|| without_description(value))
                    .flatten();
                rest.map_or(Fate::Kept, Fate::Replaced)
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

fn without_description(info: &Json<'_>) -> Option<String> {
    rebuilt_object(info, |name, _| if read_as(name, &["description"]).is_some() { Fate::TakenOut } else { Fate::Kept })
}
