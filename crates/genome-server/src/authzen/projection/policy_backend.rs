//! The projection `authzen-policy-backend`, for the client of that name (0.1.2): the tool stands in `operation_ref_id` of the action's properties.

use super::{Action, Uncovered};
use genome::mcp::ActionName;

const PREFIX: &str = "op:tool:";

/// What the client writes where nobody has named a tool.
const NOBODY: &str = "unknown";

const NO_OPERATION: Uncovered =
    "not covered: `operation_ref_id` in the properties of the action does not name a tool (`op:tool:NAME`)";
const OTHER_NAME: Uncovered = "not covered: the name of the action is not that of the tool in `operation_ref_id`";

pub(super) fn project(action: Action<'_>) -> Result<ActionName<'_>, Uncovered> {
    let tool = action.operation.and_then(|operation| operation.strip_prefix(PREFIX));
    let tool = tool.filter(|tool| !tool.is_empty() && *tool != NOBODY).ok_or(NO_OPERATION)?;
    if action.name == tool { Ok(ActionName::verbatim(tool)) } else { Err(OTHER_NAME) }
}
