use super::*;
use crate::message::{Kind, read};
use genome::definition::ToolDefinition;

/// What a client says to a server that answers with these lines, and what it lists in the end.
fn talk(lines: &[&str]) -> (Vec<String>, Result<Listed, ListingFault>) {
    let (mut listing, first) = Listing::begin();
    let mut said = vec![first];
    for line in lines {
        match listing.take(line.as_bytes()) {
            Ok(Step::Wait) => {}
            Ok(Step::Say(messages)) => said.extend(messages),
            Ok(Step::Done) => return (said, Ok(listing.finish())),
            Err(fault) => return (said, Err(fault)),
        }
    }
    panic!("it waits for more: {said:?}");
}

fn methods(said: &[String]) -> Vec<String> {
    let method = |message: &String| match read(message.as_bytes()).unwrap().unwrap().kind() {
        Kind::Request { method, .. } | Kind::Notification { method } => method.to_string(),
        Kind::Result(_) | Kind::Error(_) => message.clone(),
    };
    said.iter().map(method).collect()
}

const UNKNOWN: &str = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}"#;
const AGREED: &str =
    r#"{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"instructions":"Be kind"}}"#;
const DISCOVERED: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2025-11-25","2026-07-28"],"capabilities":{"tools":{}},"instructions":"Be brief"}}"#;

#[test]
fn all_pages_are_read_in_the_era_of_the_server() {
    let (said, listed) = talk(&[
        "a banner",
        UNKNOWN,
        AGREED,
        r#"{"jsonrpc":"2.0","id":"p","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#,
        r#"{"jsonrpc":"2.0","id":3,"result":{"tools":[],"nextCursor":""}}"#,
        r#"{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"a","x":1e2}],"nextCursor":"\u0032\ud800"}}"#,
        r#"{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"b"}],"nextCursor":null}}"#,
    ]);
    let expected = ["server/discover", "initialize", "notifications/initialized", "tools/list"];
    assert_eq!(methods(&said)[..4], expected);
    assert_eq!(said[4], r#"{"jsonrpc":"2.0","id":"p","result":{}}"#);
    assert!(said[5].contains(r#""id":7,"error":{"code":-32601"#), "{}", said[5]);
    // A cursor goes back as it came.
    assert!(said[6].ends_with(r#""params":{"cursor":""}}"#) && said[7].ends_with(r#""params":{"cursor":"\u0032\ud800"}}"#));
    let listed = listed.unwrap();
    assert_eq!((listed.revision, listed.instructions.text()), ("2025-06-18", Some("Be kind")));
    let canonical: Vec<&str> = listed.tools.iter().map(ToolDefinition::canonical).collect();
    assert_eq!(canonical, [r#"{"name":"a","x":100}"#, r#"{"name":"b"}"#]);

    let (said, listed) = talk(&[
        DISCOVERED,
        r#"{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","tools":[{"name":"a"}],"nextCursor":"n"}}"#,
        r#"{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","tools":[]}}"#,
    ]);
    assert_eq!(methods(&said), ["server/discover", "tools/list", "tools/list"]);
    for message in &said {
        // Each request says all.
        let message: serde_json::Value = serde_json::from_str(message).unwrap();
        let meta = &message["params"]["_meta"];
        assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
        assert!(meta["io.modelcontextprotocol/clientInfo"]["name"] == "genome-mcp", "{message}");
        assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], serde_json::json!({}));
    }
    let listed = listed.unwrap();
    assert_eq!((listed.revision, listed.instructions.text(), listed.tools.len()), ("2026-07-28", Some("Be brief"), 1));
}

#[test]
fn a_server_of_other_revisions_or_without_an_answer_is_asked_to_shake_hands() {
    for answer in [
        UNKNOWN,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":""}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"","data":{"supported":["2027-01-01"]}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2027-01-01"]}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ] {
        let (mut listing, _) = Listing::begin();
        assert!(matches!(listing.take(answer.as_bytes()), Ok(Step::Say(said)) if said[0].contains("initialize")), "{answer}");
        assert_eq!((listing.give_up_discovery(), listing.waits_for()), (None, "initialize"));
    }
    let (mut listing, _) = Listing::begin();
    assert!(listing.give_up_discovery().is_some_and(|said| said.contains(r#""id":2,"method":"initialize""#)));
    // It comes too late.
    assert_eq!(listing.take(DISCOVERED.as_bytes()), Ok(Step::Wait));
}

#[test]
fn a_list_that_changes_is_asked_for_again_but_not_for_ever() {
    const CHANGED: &str = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    let page = |id: usize, name: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[{{"name":"{name}"}}]}}}}"#);
    let first = r#"{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"a"}],"nextCursor":"2"}}"#;
    // One before the list was asked for is none. Answers to what was asked before a change mean nothing.
    let lines = [CHANGED, UNKNOWN, AGREED, first, CHANGED, CHANGED, &page(4, "b"), &page(5, "c"), &page(6, "d")];
    let (said, listed) = talk(&lines);
    assert_eq!(methods(&said)[3..], ["tools/list"; 4]);
    assert!(said[4].contains("cursor") && !said[5].contains("cursor") && !said[6].contains("cursor"));
    assert_eq!(listed.unwrap().tools.iter().map(|tool| tool.name().to_owned()).collect::<Vec<_>>(), ["d"]);

    let (said, listed) = talk(&[&[UNKNOWN, AGREED][..], &[CHANGED; 20]].concat());
    assert_eq!(listed, Err(ListFault::KeepsChanging.into()));
    assert_eq!(said.len(), 3 + 1 + MOST_CHANGES);
}

#[test]
fn what_is_endless_ends() {
    let (mut listing, _) = Listing::begin();
    let mut take = |line: &str| listing.take(line.as_bytes());
    take(DISCOVERED).unwrap();
    let page =
        |id: usize, cursor: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[],"nextCursor":"{cursor}"}}}}"#);
    for id in 2..=256 {
        assert!(matches!(take(&page(id, &id.to_string())), Ok(Step::Say(_))), "{id}");
    }
    let fault = take(&page(257, "257")).unwrap_err();
    assert_eq!(fault, ListFault::TooManyPages.into());
    assert_eq!(fault.to_string(), "the list of tools of the server has too many pages (at most 256)");
    assert_eq!(talk(&[DISCOVERED, &page(2, "same"), &page(3, "same")]).1, Err(ListFault::RepeatedCursor.into()));
    assert_eq!(talk(&[DISCOVERED, &page(2, &"x".repeat(65_537))]).1, Err(ListFault::LongCursor.into()));

    let tools = vec![r#"{"name":"a"}"#; 65_537].join(",");
    let page = format!(r#"{{"jsonrpc":"2.0","id":2,"result":{{"tools":[{tools}]}}}}"#);
    assert_eq!(talk(&[DISCOVERED, &page]).1, Err(ListFault::TooManyTools.into()));
}

#[test]
fn what_is_no_list_is_refused() {
    let refused = |line: &str| talk(&[DISCOVERED, line]).1.unwrap_err();
    for result in [
        "{}",
        r#"{"tools":{}}"#,
        r#"{"tools":[],"nextCursor":1}"#,
        r#"{"resultType":"input_required","tools":[]}"#,
        r#"{"resultType":1,"tools":[]}"#,
    ] {
        assert_eq!(refused(&format!(r#"{{"jsonrpc":"2.0","id":2,"result":{result}}}"#)), ListFault::Malformed.into(), "{result}");
    }
    let error = refused("{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-1,\"message\":\"\\u001b[31m\\u202e\"}}");
    assert_eq!(error.to_string(), r"it answers `tools/list` with the error -1, `\u{1b}[31m\u{202e}`");
    assert!(matches!(refused(r#"{"jsonrpc":"2.0","id":2,"result":{"tools":[]},"x":1}"#), ListingFault::Unreadable { .. }));
    for version in ["2026-07-28", "2019-01-01", "\u{202e}"] {
        let agreed = format!(r#"{{"jsonrpc":"2.0","id":2,"result":{{"protocolVersion":"{version}"}}}}"#);
        assert_eq!(talk(&[UNKNOWN, &agreed]).1, Err(ListingFault::UnknownRevision(version.to_owned())));
    }
    // A server without tools says so twice.
    let none = r#"{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-03-26","capabilities":{}}}"#;
    let unknown = r#"{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"?"}}"#;
    assert_eq!(talk(&[UNKNOWN, none, unknown]).1.unwrap().tools, []);
    assert!(matches!(talk(&[UNKNOWN, AGREED, unknown]).1, Err(ListingFault::Error { .. })));
}

#[test]
fn what_cannot_be_pinned_is_named() {
    let tools = [
        r#"{"name":"a"}"#,
        r#"{"name":"b","description":"x"}"#,
        r#"{"name":"b","description":"y"}"#,
        r#"{"name":"c","x":1,"x":2}"#,
        r#"{"name":"d","x":"\ud800"}"#,
        r#"{"name":"e","Name":"f"}"#,
        r#"{"name":"g","a\u0000b":1}"#,
        r#"{"name":7}"#,
        r"{}",
        "7",
        r#"{"name":"h","x":1,"x":2}"#,
        r#"{"name":"h"}"#,
    ];
    let page = format!(r#"{{"jsonrpc":"2.0","id":2,"result":{{"tools":[{}]}}}}"#, tools.join(","));
    let listed = talk(&[DISCOVERED, &page]).1.unwrap();
    assert_eq!(listed.tools.iter().map(|tool| tool.name().to_owned()).collect::<Vec<_>>(), ["a"]);
    let unusable: Vec<(Option<&str>, bool)> =
        listed.unusable.iter().map(|tool| (tool.name.as_deref(), tool.flaw == Flaw::SeveralOfOneName)).collect();
    let of = |name, is_several| (Some(name), is_several);
    assert_eq!(
        unusable,
        [
            of("b", true),
            of("b", true),
            of("c", false),
            of("d", false),
            (None, false),
            of("g", false),
            (None, false),
            (None, false),
            (None, false),
            of("h", false),
            of("h", true)
        ]
    );
}
