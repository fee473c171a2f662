//! Reports: findings as text, as JSON and as annotations on GitHub, and the parts that reports of several programs share.

mod changes;
mod finding;
mod github;
mod place;
mod progress;
mod shapes;
mod stream;

pub use changes::{class_style, count_classes, counted_changes, counted_classes, listed_changes};
pub use finding::{Detail, Finding, Level};
pub use github::annotations;
pub use place::{Place, file};
pub use progress::with_bar;
pub use shapes::{FaultShape, FindingShape, RefusalShape};
pub(crate) use stream::point_to_page;
pub use stream::{Paint, json_line, json_text, note, print, say, unbuffered};
