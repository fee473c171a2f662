//! A genome that pins what the tools of a server say they are: until pins are enforced, no gate stands on it.

use super::sides::signed;
use genome_mcp::{Gate, Names, PinsNotEnforced};
use genome_test_support::Draft;
use serde_json::json;

#[test]
fn a_pin_is_not_passed_over() {
    let names = |server: &str| Names::of_server(server.parse().unwrap());
    let plain = || Names::with_plain_tools("s".parse().unwrap());
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": ["s/ok", "ok", "other/ok"], "deny_actions": []});
    let pinned = |action: &str| {
        let tools = json!([{"action": action, "sha256": "0".repeat(64)}]);
        signed(
            Draft::new("1.0.0", &[1], 1)
                .with("schema_version", "genome.v0.2")
                .with("capabilities", json!([capability]))
                .with("tools", tools),
        )
    };
    for (action, names, is_refused) in [
        ("s/ok", names("s"), true),
        ("s:instructions", names("s"), true),
        ("s/ok", names("other"), false),
        ("other/ok", names("s"), false),
        // Its tools have no server in their names.
        ("ok", names("s"), false),
        ("ok", plain(), true),
        ("other/ok", plain(), true),
    ] {
        let refused = Gate::new(&pinned(action), names.clone()).err();
        assert_eq!(refused, is_refused.then_some(PinsNotEnforced), "{action} {names:?}");
    }
}
