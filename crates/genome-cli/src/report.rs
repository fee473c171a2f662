//! Reports: findings as text, as JSON, as annotations on GitHub, as SARIF and as JUnit, and the parts that reports of several programs share.

mod changes;
#[cfg(feature = "custody")]
pub(crate) mod contents;
pub(crate) mod differences;
mod display;
mod finding;
mod github;
mod ids;
mod junit;
mod place;
mod places;
mod progress;
mod sarif;
mod shapes;
mod stream;
pub(crate) mod width;
mod wrap;

pub(crate) use changes::changes_with_notes;
pub use changes::{class_style, count_classes, counted_changes, counted_classes, listed_changes};
pub use differences::lines_of_differences;
pub use display::DisplayArguments;
pub(crate) use display::settle_for;
pub use finding::{Detail, Finding, Level};
pub use github::annotations;
pub use ids::ShownIds;
pub(crate) use junit::{Case, junit};
pub use place::{Place, file};
pub use progress::with_bar;
pub(crate) use sarif::sarif;
pub use shapes::{FaultShape, FindingShape, RefusalShape};
pub use stream::{Paint, json_line, json_text, note, print, say, show, tell, tell_waiting, unbuffered};
pub(crate) use stream::{point_to_page, waiting_for};
#[cfg(all(test, feature = "front"))]
pub(crate) use wrap::COMMANDS;
