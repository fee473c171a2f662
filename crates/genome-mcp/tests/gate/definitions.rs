//! A definition that differs in any member from what was signed: found.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::pinned::{Session, digest, genome_with, pin};
use super::sides::{request, result};
use genome_mcp::{Reason, Side};
use serde_json::{Value, json};

/// A definition with each member that the revisions know, and more.
fn whole() -> Value {
    json!({
        "name": "ok",
        "title": "T",
        "description": "does it",
        "inputSchema": {
            "type": "object",
            "properties": {"path": {"type": "string", "description": "p", "default": null, "enum": ["a", "b"]}},
            "required": ["path"],
            "additionalProperties": false
        },
        "outputSchema": {"type": "object", "properties": {"n": {"type": "integer", "maximum": 7}}},
        "annotations": {"title": "A", "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false},
        "icons": [{"src": "data:,", "mimeType": "image/png", "sizes": ["48x48"], "theme": "dark"}],
        "execution": {"taskSupport": "forbidden"},
        "_meta": {"ui/resourceUri": "ui://a", "x": [1, {"y": "z"}]},
        "x-unknown": {"later": "revision"}
    })
}

/// The places of all values in a value, but for the name of the tool.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.replace('/', "~1"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let place = format!("{at}/{name}");
        if place != "/name" {
            found.push(place.clone());
        }
        places(value, &place, found);
    }
}

/// Another value of the same kind.
fn flipped(value: &Value) -> Value {
    match value {
        Value::Null => json!(0),
        Value::Bool(is_true) => json!(!is_true),
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::String(text) => json!(format!("{text}\u{200b}")),
        Value::Array(items) => json!([&items[..], &[json!(1)]].concat()),
        Value::Object(members) => {
            let mut members = members.clone();
            members.insert("zzz".to_owned(), json!(null));
            json!(members)
        }
    }
}

/// Each definition that differs from this one in one value, or has no such member.
fn drifted(whole: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    places(whole, "", &mut found);
    let mut drifted = Vec::new();
    for place in found {
        let mut changed = whole.clone();
        let value = changed.pointer_mut(&place).unwrap();
        *value = flipped(value);
        drifted.push((place.clone(), changed));
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut without = whole.clone();
        match without.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.remove(&name.replace("~1", "/"))),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => unreachable!("only these have values in them"),
        }
        drifted.push((place, without));
    }
    let mut more = whole.clone();
    more["more"] = json!(null);
    drifted.push(("/more".to_owned(), more));
    drifted
}

#[test]
fn every_change_of_a_definition_is_found() {
    let genome = genome_with(&["s/ok", "s/two"], &[pin("s/ok", &whole()), pin("s/two", &json!({"name": "two"}))]);
    let drifted = drifted(&whole());
    assert!(drifted.len() > 80, "{}", drifted.len());
    for (place, changed) in drifted {
        let mut session = Session::of(&genome);
        session.shake_hands();
        // In the list of the client.
        session.client(request(1, "tools/list", json!({})));
        session.got();
        session.server(result(1, json!({"tools": [changed, {"name": "two"}], "nextCursor": "n"})));
        assert_eq!(session.heard()[0]["result"], json!({"tools": [{"name": "two"}], "nextCursor": "n"}), "{place}");
        let [event] = &session.events[..] else { panic!("{place}") };
        assert_eq!(
            (event.from, event.reason, event.action.as_deref()),
            (Side::Server, Reason::ToolChanged, Some("s/ok")),
            "{place}"
        );
        let (seen, pinned) = (event.seen.unwrap().to_string(), event.pinned[0].to_string());
        assert_eq!((seen, pinned), (digest(&changed), digest(&whole())), "{place}");
        let line: Value = serde_json::from_str(&event.to_json(Vec::new())).unwrap();
        assert_eq!((&line["seen"], &line["pinned"]), (&json!(digest(&changed)), &json!(digest(&whole()))));
        session.reasons();
        // And where it is called.
        session.call(2, "ok");
        session.list(&[changed.clone(), json!({"name": "two"})]);
        assert_eq!((session.called(), session.reasons()), (vec![], vec![Reason::ToolChanged, Reason::ToolChanged]), "{place}");
        let denied = session.denied();
        for digest in [digest(&changed), digest(&whole())] {
            assert!(denied[0].1.contains(&digest[..16]), "{denied:?}");
        }
        // Others go on.
        session.call(3, "two");
        assert_eq!(session.called(), [3]);
    }
}

#[test]
fn what_is_written_otherwise_and_means_the_same_is_the_same() {
    let genome =
        genome_with(&["s/ok"], &[pin("s/ok", &json!({"name": "ok", "inputSchema": {"minimum": 1}, "description": "\u{e9}"}))]);
    for written in [
        r#"{"name":"ok","inputSchema":{"minimum":1},"description":"é"}"#,
        r#"{ "description" : "\u00e9" , "inputSchema" : { "minimum" : 1.0 } , "n\u0061me" : "\u006fk" }"#,
        r#"{"inputSchema":{"minimum":10e-1},"name":"ok","description":"é"}"#,
    ] {
        let mut session = Session::of(&genome);
        session.shake_hands();
        session.call(1, "ok");
        let id = session.asked();
        session.server(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[{written}]}}}}"#));
        assert_eq!((session.called(), session.reasons()), (vec![json!(1)], vec![]), "{written}");
    }
}

#[test]
fn what_two_readers_could_understand_differently_is_not_what_is_pinned() {
    let deep = format!(r#"{{"name":"ok","a":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    for written in [
        r#"{"name":"ok","description":"does ok","inputSchema":{"type":"object"},"inputSchema":{"type":"object"}}"#,
        r#"{"name":"ok","description":"\ud800"}"#,
        r#"{"name":"ok","description":1e999}"#,
        r#"{"name":"ok","a":{"b\u0000":1}}"#,
        &deep,
    ] {
        let mut session = Session::begun();
        session.call(1, "ok");
        let id = session.asked();
        session.server(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[{written}]}}}}"#));
        let denied = session.denied();
        assert!(denied[0].1.contains("it can be understood in two ways"), "{denied:?}");
        assert_eq!((session.called(), session.reasons()), (vec![], vec![Reason::ToolChanged, Reason::ToolChanged]), "{written}");
    }
    // Of one whose name is not certain, nothing more can be said.
    let mut session = Session::begun();
    session.call(1, "ok");
    session.list(&[json!({"name": "ok", "Name": "two"}), json!({"title": "ok"}), json!("ok")]);
    assert_eq!((session.called(), session.reasons()), (vec![], vec![Reason::Malformed, Reason::ToolUnseen]));
}
