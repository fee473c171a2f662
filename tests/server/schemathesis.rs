//! `openapi.json` against the running server, by schemathesis, which makes requests from the description and checks each answer with it.

use genome_test_support::server::Server;
use genome_test_support::{Release, run, tool};
use std::process::Command;

/// Checks of schemathesis that do not hold by design.
const OTHERWISE: [&str; 3] = [
    // What no JSON Schema says is refused too: names that stand twice, tokens of another search.
    "positive_data_acceptance",
    // AuthZEN wants members ignored that are not known, and an item that cannot be read is answered within 200.
    "negative_data_rejection",
    // `/authorize/` answers each method as GET: a proxy asks with that of its client.
    "unsupported_method",
];

#[test]
fn each_answer_is_one_that_the_description_has() {
    let Some(schemathesis) = tool("python/bin/schemathesis") else { return };
    let release = Release::deployed();
    let arguments = ["--authorize-mcp", "--authorize-action", "--plain-names", "--public-url", "https://pdp.example"];
    let server = Server::start(&mut release.serving(&arguments));
    let description = format!("http://{}/openapi.json", server.address);
    let mut command = Command::new(schemathesis);
    command.args(["run", &description, "--max-examples", "20", "--generation-deterministic", "--phases", "coverage,fuzzing"]);
    command.args(["--exclude-checks", &OTHERWISE.join(","), "--warnings", "off", "--no-color"]).current_dir(release.path());
    let ran = run(&mut command);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    // Every operation, but for that which serves the description: schemathesis leaves it out.
    let paths = server.get("/openapi.json").json()["paths"].as_object().unwrap().clone();
    let operations: usize = paths.values().map(|methods| methods.as_object().unwrap().len()).sum();
    assert!(ran.stdout.contains(&format!("Tested: {}\n", operations - 1)), "{}", ran.stdout);
    server.stop();
}
