//! The AuthZEN endpoints of the real server: what its options do, and which of them do not fit together.

use genome_test_support::server::{Reply, Server, post};
use genome_test_support::{Release, run};
use serde_json::{Value, json};

/// The answer to a question for this host.
fn evaluate(server: &Server, host: &str, action: &str, resource: &Value) -> Reply {
    let body = json!({"subject": {"type": "agent", "id": "a"}, "action": {"name": action}, "resource": resource});
    let caller = ("Authorization", "Bearer secret-of-the-caller");
    let headers = [("Host", host), ("X-Request-ID", "q-1"), caller, ("Connection", "close")];
    Reply::read(server.connect(&post("/access/v1/evaluation", &headers, &body)))
}

fn tool(id: &str) -> Value {
    json!({"type": "tool", "id": id})
}

/// The release with a genome that allows these actions.
pub(crate) fn allowing(actions: &[&str]) -> Release {
    let release = Release::deployed();
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": actions, "deny_actions": []});
    let genome = Release::draft().with("capabilities", vec![capability]);
    release.deploy("etc/genome.json", &genome.signed(&[1]));
    release
}

#[test]
fn it_is_there_without_any_option() {
    let release = Release::deployed();
    let mut server = Server::start(&mut release.serving(&[]));
    let reply = evaluate(&server, "localhost", "memory_search", &tool("x"));
    assert_eq!((reply.status, reply.header("x-request-id")), (200, Some("q-1")));
    let answer = reply.json();
    assert_eq!((&answer["decision"], &answer["context"]["projection"]), (&json!(true), &json!("action")));
    assert_eq!(answer["context"]["genome_id"], Release::draft().id());
    assert_eq!(server.get("/.well-known/authzen-configuration").status, 404);
    assert_eq!(evaluate(&server, "pdp.example", "memory_search", &tool("x")).status, 421);
    assert_eq!(evaluate(&server, "localhost", "x", &tool("x")).json()["decision"], false);
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("\ngenome_decisions_total{cap_id=\"CAP\",outcome=\"allow\"} 1\n"), "{metrics}");
    assert!(metrics.contains("route=\"/access/v1/evaluation\",status=\"200\"} 2\n"), "{metrics}");
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let logged = format!("{:?}", server.log);
    assert!(!logged.contains("secret-of-the-caller") && !metrics.contains("secret-of-the-caller"), "{logged}");
}

#[test]
fn options_choose_the_projection_the_names_and_the_address() {
    let release = allowing(&["files/memory_search", "memory_search", "Upper"]);
    let url = ["--public-url", "https://pdp.example"];
    for (arguments, action, resource, decided) in [
        (
            &["--authzen-projection", "coaz", "--mcp-server", "files"][..],
            "tools/call",
            tool("memory_search"),
            "files/memory_search",
        ),
        (&["--authzen-projection", "coaz", "--plain-names"], "tools/call", tool("memory_search"), "memory_search"),
        (&["--authzen-projection=coaz"], "tools/call", tool("memory_search"), "memory_search"),
        (&["--authzen-projection=apparitor"], "tool_call.execute", tool("memory_search"), "memory_search"),
        (&["--authzen-projection=action", "--plain-names"], "memory_search", tool("x"), "memory_search"),
    ] {
        let server = Server::start(&mut release.serving(&[arguments, &url].concat()));
        let answer = evaluate(&server, "pdp.example", action, &resource).json();
        assert_eq!((&answer["decision"], &answer["context"]["action"]), (&json!(true), &json!(decided)), "{arguments:?}");
        let shown = server.get("/genome").json()["authzen"].clone();
        assert_eq!((&shown["projection"], &shown["public_url"]), (&answer["context"]["projection"], &json!(url[1])));
        assert_eq!(server.get("/.well-known/authzen-configuration").json()["policy_decision_point"], url[1]);
        let warned =
            server.log.iter().filter(|line| line["level"] == "WARN" && line["message"].as_str().unwrap().contains("`Upper`"));
        assert_eq!(warned.count(), usize::from(arguments[0].ends_with("apparitor")), "{:?}", server.log);
        server.stop();
    }
}

#[test]
fn what_does_not_fit_together_is_refused_before_anything_listens() {
    let release = Release::deployed();
    for (arguments, said) in [
        (&["--authzen-projection", "opa"][..], "authzen-policy-backend"),
        (&["--authzen-projection", "Action"], "authzen-policy-backend"),
        (&["--authzen-projection", "coaz", "--mcp-server", "Files"], "a-z, 0-9"),
        (&["--authzen-projection", "coaz", "--mcp-server", "files", "--plain-names"], "--plain-names"),
        (&["--mcp-server", "files"], "changes no name"),
        (&["--authzen-projection", "authzen-policy-backend", "--mcp-server", "files"], "changes no name"),
        (&["--public-url", "http://pdp.example"], "https://"),
        (&["--public-url", "https://pdp.example/"], "no path"),
        (&["--public-url", "https://PDP.example"], "lower case"),
        (&["--public-url", ""], "https://"),
    ] {
        let ran = run(release.serving(arguments).args(["--listen", "127.0.0.1:0"]));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn production_does_not_guess_how_actions_of_mcp_are_named() {
    let release = Release::deployed();
    let production = |arguments: &[&str]| {
        let mut command = release.serving(&[&["--state", "state.json"], arguments].concat());
        command.env("MATHISON_ENV", "production");
        command
    };
    for projection in ["coaz", "apparitor"] {
        let ran = run(production(&["--authzen-projection", projection]).args(["--listen", "127.0.0.1:0"]));
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("--mcp-server NAME") && ran.stderr.contains("--plain-names"), "{ran:?}");
        // Nothing was decided about the genome.
        assert!(!release.path().join("state.json").exists());
    }
    let ran = run(production(&["--authorize-mcp"]).args(["--listen", "127.0.0.1:0"]));
    assert!(ran.status == Some(2) && !release.path().join("state.json").exists(), "{ran:?}");
    for said in ["how --authorize-mcp names", "--mcp-server NAME", "--plain-names"] {
        assert!(ran.stderr.contains(said), "{said}: {ran:?}");
    }
    for arguments in [
        &["--authzen-projection=coaz", "--plain-names"][..],
        &["--authzen-projection=apparitor", "--mcp-server=files"],
        &["--authzen-projection=authzen-policy-backend"],
        &["--authorize-mcp", "--plain-names"],
        &["--authorize-mcp", "--mcp-server=files"],
        // The proxy names the action itself.
        &["--authorize-action"],
        &[],
    ] {
        Server::start(&mut production(arguments)).stop();
    }
}
