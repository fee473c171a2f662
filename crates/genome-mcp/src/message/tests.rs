use super::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;

fn compact(line: &str) -> Result<String, Fault> {
    read(line.as_bytes()).map(|message| message.unwrap().compact().to_owned()).map_err(|unreadable| unreadable.fault)
}

#[test]
fn tokens_stay_as_they_are_and_white_space_between_them_goes() {
    let line = " {\t\"jsonrpc\" : \"2.0\",\r \"id\":1 , \"method\":\"a\\u0062 \\n\\/\" ,\n\"params\" :{ \"n\":[ -0, 1.50e+7 ,12345678901234567890 ] , \"s\": \"\\ud800 x\",\"e\" : { } , \"f\":[\r]}} \r\n";
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"a\u0062 \n\/","params":{"n":[-0,1.50e+7,12345678901234567890],"s":"\ud800 x","e":{},"f":[]}}"#;
    assert_eq!(compact(line).unwrap(), text);
    assert_eq!(compact(text).unwrap(), text);
    // Nothing is copied that need not be.
    assert!(
        matches!(read(format!(" {text}\r\n").as_bytes()).unwrap().unwrap().into_compact(), Cow::Borrowed(borrowed) if borrowed == text)
    );
}

#[test]
fn members_are_found_after_white_space_was_taken_out() {
    let line = br#" { "jsonrpc" :"2.0" , "params": { "a" : [ { "name" : 1 } ], "n\u0061me" : "x" }, "id" : 3 , "method":"m" }"#;
    let message = read(line).unwrap().unwrap();
    assert_eq!(message.param("name").unwrap().as_text().unwrap(), "x");
    assert_eq!(message.param("a").unwrap().raw(), r#"[{"name":1}]"#);
    assert_eq!(message.top("id").unwrap().raw(), "3");
    assert!(message.param("id").is_none() && message.in_result("name").is_none() && message.top("name").is_none());
}

#[test]
fn depth_is_bounded_without_recursion() {
    let nested = |levels: usize| {
        format!(r#"{{"jsonrpc":"2.0","method":"m","params":{{"a":{}{}}}}}"#, "[".repeat(levels), "]".repeat(levels))
    };
    assert!(compact(&nested(MOST_LEVELS - 2)).is_ok());
    assert_eq!(compact(&nested(MOST_LEVELS - 1)), Err(Fault::TooDeep));
    assert_eq!(compact(&format!("{{\"a\":{}", "[".repeat(5_000_000))), Err(Fault::TooDeep));
}

#[test]
fn members_are_bounded_where_they_are_remembered() {
    let members = |count: usize| (0..count).map(|number| format!("\"{number}\":0")).collect::<Vec<_>>().join(",");
    let of_params = |count| format!(r#"{{"jsonrpc":"2.0","method":"m","params":{{{}}}}}"#, members(count));
    assert!(compact(&of_params(MOST_MEMBERS - 3)).is_ok());
    assert_eq!(compact(&of_params(MOST_MEMBERS - 2)), Err(Fault::TooManyMembers));
    let within = format!(r#"{{"jsonrpc":"2.0","method":"m","params":{{"a":{{{}}}}}}}"#, members(2 * MOST_MEMBERS));
    assert!(compact(&within).is_ok());
}

#[test]
fn a_line_that_is_cut_off_anywhere_is_refused() {
    let whole = r#"{"jsonrpc":"2.0","id":"\u00e9","method":"m","params":{"a":[1.5e7,true,null,{}],"b":"\\\""}}"#;
    assert!(compact(whole).is_ok());
    for end in 1..whole.len() {
        assert!(compact(&whole[..end]).is_err(), "{}", &whole[..end]);
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for params in [
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1e}",
        "{\"a\":-}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":truee}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\"}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":[1 2]}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\ud800\\u12\"}",
        "{\"a\":1}/**/",
        "{\"a\":\u{a0}1}",
        "{\"a\":\u{b}1}",
        "{\"a\":1}}{",
    ] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":{params}}}"#);
        assert!(compact(&line).is_err(), "{line}");
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_err() || params.contains("\\x"), "{line}");
    }
}

#[test]
fn the_id_is_named_only_where_nothing_else_can_be_meant() {
    let id = |line: &str| {
        let unreadable = read(line.as_bytes()).unwrap_err();
        (unreadable.id, unreadable.answers)
    };
    let one = Some(Id::Number(1));
    assert_eq!(id(r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2}}"#), (one.clone(), None));
    assert_eq!(id(r#"{"jsonrpc":"2.0","id":1,"method":"m","more":1}"#), (one.clone(), None));
    // Who sent it would wait for ever.
    assert_eq!(id(r#"{"jsonrpc":"2.0","id":1,"method":"m""#), (one.clone(), None));
    assert_eq!(id(r#"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#), (None, one));
    for other in [
        r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"m"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"m","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#,
        r#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#,
    ] {
        assert_eq!(id(other), (None, None), "{other}");
    }
}

/// Any JSON, as somebody may write it.
fn json() -> impl Strategy<Value = String> {
    let blank = "[ \t\r\n]{0,2}";
    let text = r#""([a-c]|é|😀|\\u0061|\\n|\\"|\\ud83d\\ude00|\\\\|[{}:,]|\\u00){0,4}""#;
    let leaf = prop_oneof![
        text,
        r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        Just("true".to_owned()),
        Just("null".to_owned()),
        "[a-z{}\\[\\],:\"0-9]{1,3}",
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let member = (blank, r#""([a-z]|\\u0061|é){0,2}""#, blank, inner.clone(), blank)
            .prop_map(|(a, name, b, value, c)| format!("{a}{name}{b}:{value}{c}"));
        let item = (blank, inner, blank).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        prop_oneof![
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
            prop::collection::vec(item, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}

/// Another reader agrees on what is JSON and on what it says, and on whether names repeat.
#[test]
fn another_reader_understands_the_same() {
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    TestRunner::new(Config::with_cases(4000))
        .run(&json(), |value| {
            let line = format!(r#"{{"jsonrpc": "2.0", "id": 1, "method": "m", "params": {{"a": {value}}}}}"#);
            let theirs = serde_json::from_str::<serde_json::Value>(&line);
            match compact(&line) {
                Ok(text) => {
                    accepted.update(|count| count + 1);
                    prop_assert!(!text.contains(|character: char| character < ' '), "{text:?}");
                    prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), theirs.ok());
                    prop_assert_eq!(compact(&text).unwrap(), text);
                }
                // They take the last of two, and forget the others.
                Err(Fault::DuplicateName) => prop_assert!(theirs.is_ok()),
                Err(_) => {
                    refused.update(|count| count + 1);
                    prop_assert!(theirs.is_err(), "{line}");
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(accepted.get() > 400 && refused.get() > 400, "{accepted:?} {refused:?}");
}
