//! Calls of tools that are pinned.

use super::Request;
use crate::gate::edits::{Fate, rebuilt_object};
use crate::gate::revision::{CLIENT_CAPABILITIES, CLIENT_INFO, Era, VERSION};
use crate::gate::waiting::Call;
use crate::gate::{Gate, capabilities};

impl Gate {
    /// A call whose tool has to be what is pinned.
    pub(super) fn held_call(&self, request: &Request<'_, '_>) -> Option<Call> {
        if request.method != "tools/call" || !self.actions.are_pinned() {
            return None;
        }
        let tool = request.message.param("name")?.as_text()?.into();
        Some(Call { tool, era: request.era, meta: (request.era == Era::Modern).then(|| self.own_meta(request)) })
    }

    /// What a request of the gate's own says in `_meta`, as this one does.
    fn own_meta(&self, request: &Request<'_, '_>) -> String {
        let meta = request.message.param("_meta");
        let rest = meta.and_then(|meta| {
            rebuilt_object(&meta, |name, value| match name {
                VERSION | CLIENT_INFO => Fate::Kept,
                CLIENT_CAPABILITIES => capabilities::of_client(&self.actions, value).map_or(Fate::Kept, Fate::Replaced),
                _ => Fate::TakenOut,
            })
            .or_else(|| Some(meta.raw().to_owned()))
        });
        rest.unwrap_or_else(|| "{}".to_owned())
    }
}
