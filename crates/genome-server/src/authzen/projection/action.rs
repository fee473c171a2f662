//! The projection `action`: the action is the name that was sent. The resource and all properties are not looked at.

use super::Action;
use genome::mcp::ActionName;

pub(super) fn project(action: Action<'_>) -> ActionName<'_> {
    ActionName::verbatim(action.name)
}
