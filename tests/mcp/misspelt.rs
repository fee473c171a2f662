//! A server that the genome does not name: `--server` may be misspelt, and nothing may then look as if all were well.

use super::listing::{Lister, WHOLE};
use super::setting::{Client, Setting};
use genome_test_support::{assert_ran, has};
use serde_json::json;

const NAMED: &str = "the genome says nothing of the MCP server `s`: it names `other` and `sh`";

#[test]
fn a_check_of_a_server_that_the_genome_does_not_name_is_undecided() {
    if !has("python3") {
        return;
    }
    let lister = Lister::new(&[WHOLE]);
    lister.sign(&["sh/read", "other:prompts/get", "plain"], |_| false);
    let asked = lister.asked().len();
    for format in ["human", "json", "github"] {
        let ran = lister.check(&["--format", format]);
        assert_ran(&ran, 2, NAMED);
        assert!(ran.stderr.contains("--server") && ran.stdout.is_empty(), "{ran:?}");
    }
    assert_eq!(lister.asked().len(), asked, "it was started");
}

#[test]
fn the_gate_warns_that_each_tool_is_denied_and_names_the_servers_of_the_genome() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["sh/echo", "other:prompts/get", "echo"]);
    let mut client = Client::start(setting.gate(&[], ""));
    assert_eq!(client.call(1, "echo", json!({}))["result"]["isError"], json!(true));
    let stderr = client.end().stderr;
    assert!(stderr.contains(NAMED) && stderr.contains("Each of its tools is denied"), "{stderr}");
    assert!(!stderr.contains("may say anything"), "{stderr}");
    // Where nothing is started, the client is told.
    let mut client = Client::start(setting.gate(&["--require-pins"], ""));
    let said = client.ask(1, "initialize", json!({}))["error"]["message"].to_string();
    assert!(said.contains(NAMED), "{said}");
    assert_eq!(client.end().status, Some(1));
    // Plain names are those of any server.
    let mut client = Client::start(setting.gate(&["--plain-names"], ""));
    assert_ne!(client.call(1, "echo", json!({}))["result"]["isError"], json!(true));
    let stderr = client.end().stderr;
    assert!(!stderr.contains("says nothing of"), "{stderr}");
}
