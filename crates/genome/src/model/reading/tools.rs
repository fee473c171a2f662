//! The pins of a genome.

use crate::model::ToolPin;
use crate::schema::{Distinct, Place, Problem, Reading};
use genome_json::Value;

/// A gate keeps all of them at hand. Large servers list some hundreds of tools.
const MOST_PINS: usize = 16_384;

/// The field.
pub(crate) const TOOLS: &str = "tools";

/// Reads the pins. `is_pinnable` says whether there is something to pin for an action.
pub(crate) fn tools(
    reading: &mut Reading,
    place: &Place<'_>,
    value: &Value<'_>,
    is_pinnable: impl Fn(&str) -> bool,
) -> Option<Vec<ToolPin>> {
    let items = if let Value::Array(items) = value { items.as_slice() } else { &[] };
    let mut pins = Distinct::among("pin", Some(items));
    let tools = reading.list(place, value, |reading, place, value| {
        let fields = reading.object(place, value, &["action", "sha256"], &[])?;
        let action = reading.field(&fields, "action", |reading, place, value| {
            let action = reading.label(place, value)?;
            // A pin for nothing is a mistake: of the action, or of the ceiling.
            if is_pinnable(&action) { Some(action) } else { reading.refuse(place, Problem::NothingToPin) }
        });
        let sha256 = reading.field(&fields, "sha256", Reading::parsed);
        let pin = ToolPin { action: action?, sha256: sha256? };
        pins.insert(reading, place, pin.clone()).then_some(pin)
    })?;
    match tools.len() {
        0 => reading.refuse(place, Problem::NoPins),
        1..=MOST_PINS => Some(tools),
        _ => reading.refuse(place, Problem::TooManyPins(MOST_PINS)),
    }
}
