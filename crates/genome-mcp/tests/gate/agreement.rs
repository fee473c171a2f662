//! The gate and `genome-mcp check` read a list by the same rules: what the one takes for the tool that is pinned, the other does.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test stop where it fails")]

use super::pinned::{PREFIX, tool, waiting};
use genome::definition::ToolDefinition;
use genome_mcp::listing::{Listing, Step};
use serde_json::{Value, json};

/// What the server says when it is asked for a page: whole lines, in which `ID` stands for the id of the request.
type Lines = Vec<String>;

fn page(tools: &[Value], cursor: Option<&str>) -> String {
    let result = cursor.map_or_else(|| json!({"tools": tools}), |cursor| json!({"tools": tools, "nextCursor": cursor}));
    of_result(&result.to_string())
}

fn of_result(result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":ID,"result":{result}}}"#)
}

/// Whether the gate lets a call of the tool `ok` through, if the server lists this.
fn gate_lets_through(pages: &[Lines]) -> bool {
    let (mut session, mut id) = waiting();
    for lines in pages {
        for line in lines {
            session.server(line.replace("ID", &id.to_string()));
        }
        for message in session.got() {
            match message["id"].as_str() {
                Some(own) if own.starts_with(PREFIX) => id = json!(own),
                _ if message["method"] == "tools/call" => return true,
                _ => {}
            }
        }
        if session.heard().iter().any(|message| message["result"]["isError"] == true) {
            return false;
        }
    }
    panic!("the gate waits for more: {pages:?}");
}

/// Whether a client that only lists finds the tool `ok` as it is pinned.
fn listing_finds(pages: &[Lines]) -> bool {
    let (mut listing, _) = Listing::begin();
    listing.take(br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":""}}"#).unwrap();
    listing.take(br#"{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}}}}"#).unwrap();
    let mut id = 3;
    for lines in pages {
        let asked = id;
        for line in lines {
            match listing.take(line.replace("ID", &asked.to_string()).as_bytes()) {
                Err(_) => return false,
                Ok(Step::Say(_)) => id += 1,
                Ok(Step::Wait) => {}
                Ok(Step::Done) => {
                    let pinned = ToolDefinition::read(tool("ok").to_string().as_bytes()).unwrap();
                    return listing.finish().tools.contains(&pinned);
                }
            }
        }
    }
    panic!("the client waits for more: {pages:?}");
}

#[test]
fn the_gate_and_a_client_that_lists_agree_on_each_list() {
    let (ok, other) = (tool("ok"), tool("two"));
    let (one, another) = ([ok.clone()], [other.clone()]);
    let text = ok.to_string();
    let with = |members: &str| text.replacen('{', &format!("{{{members},"), 1);
    let of_texts = |texts: &[&str]| vec![vec![of_result(&format!(r#"{{"tools":[{}]}}"#, texts.join(",")))]];
    let pages = |pages: Vec<String>| pages.into_iter().map(|page| vec![page]).collect::<Vec<Lines>>();
    let many = |number: usize| {
        let mut all: Vec<String> = (1..number).map(|at| page(&[], Some(&at.to_string()))).collect();
        all.push(page(&one, None));
        pages(all)
    };
    let tools = |number: usize| {
        let mut all = vec![json!({"name": "x"}); number - 1];
        all.push(ok.clone());
        pages(vec![page(&all, None)])
    };
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#.to_owned();
    let cases: Vec<(&str, Vec<Lines>, bool)> = vec![
        ("one page", pages(vec![page(&[ok.clone(), other.clone()], None)]), true),
        (
            "a cursor that is null",
            of_texts(&[&text])
                .into_iter()
                .map(|lines| lines.into_iter().map(|line| line.replace("]}", r#"],"nextCursor":null}"#)).collect())
                .collect(),
            true,
        ),
        ("two pages", pages(vec![page(&[], Some("")), page(&one, None)]), true),
        ("it is not there", pages(vec![page(&another, None)]), false),
        ("another definition", pages(vec![page(&[json!({"name": "ok"})], None)]), false),
        ("a twin", pages(vec![page(&[ok.clone(), ok.clone()], None)]), false),
        ("a twin on another page", pages(vec![page(&one, Some("a")), page(&[json!({"name": "ok"})], None)]), false),
        ("a twin that cannot be read", of_texts(&[&text, r#"{"name":"ok","x":1,"x":2}"#]), false),
        ("a second one with two names", of_texts(&[&text, r#"{"name":"ok","Name":"b"}"#]), true),
        ("two names", of_texts(&[&with(r#""Name":"ok""#)]), false),
        ("a name that resembles no other", of_texts(&[&with(r#""a":1,"a":1"#)]), false),
        ("a name that is cut", of_texts(&[&with(r#""a\u0000b":1"#)]), false),
        ("a text that is none", of_texts(&[&with(r#""x":"\ud800""#)]), false),
        ("no list", pages(vec![of_result("{}")]), false),
        ("a list that is none", pages(vec![of_result(r#"{"tools":{}}"#)]), false),
        (
            "a result of another kind",
            pages(vec![of_result(&format!(r#"{{"tools":[{text}],"resultType":"input_required"}}"#))]),
            false,
        ),
        ("a whole result", pages(vec![of_result(&format!(r#"{{"tools":[{text}],"resultType":"complete"}}"#))]), true),
        ("a cursor that is no text", pages(vec![of_result(&format!(r#"{{"tools":[{text}],"nextCursor":1}}"#))]), false),
        ("a cursor that comes again", pages(vec![page(&one, Some("a")), page(&[], Some("a"))]), false),
        ("a long cursor", pages(vec![page(&one, Some(&"c".repeat(64 * 1024 - 2))), page(&[], None)]), true),
        ("a cursor that is too long", pages(vec![page(&one, Some(&"c".repeat(64 * 1024 - 1)))]), false),
        ("as many pages as there may be", many(256), true),
        ("a page too many", many(257), false),
        ("as many tools as there may be", tools(65_536), true),
        ("a tool too many", tools(65_537), false),
        (
            "a list that changes once",
            vec![vec![page(&[json!({"name": "ok"})], Some("a"))], vec![changed.clone(), page(&[], None)], vec![page(&one, None)]],
            true,
        ),
        (
            "a list that changes four times",
            [vec![vec![changed.clone(), page(&one, None)]; 4], vec![vec![page(&one, None)]]].concat(),
            true,
        ),
        ("a list that changes five times", vec![vec![changed, page(&one, None)]; 5], false),
        ("no message", vec![vec![r#"{"jsonrpc":"2.0","id":ID,"result":{"tools":[],"tools":[]}}"#.to_owned()]], false),
        ("an error", vec![vec![r#"{"jsonrpc":"2.0","id":ID,"error":{"code":-32603,"message":""}}"#.to_owned()]], false),
    ];
    for (case, pages, is_good) in cases {
        assert_eq!((gate_lets_through(&pages), listing_finds(&pages)), (is_good, is_good), "{case}");
    }
}
