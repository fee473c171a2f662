//! What is shown can be parsed back, and no two texts are shown alike.

use super::*;
use crate::character::is_other_blank;
use proptest::prelude::*;
use std::ffi::OsStr;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// What stands behind a quoted text, and the bytes that it stands for: the inverse, after the grammar.
fn parse(shown: &str) -> Option<(Vec<u8>, &str)> {
    let (inside, rest) = shown.strip_prefix('`')?.split_once('`')?;
    let mut bytes = Vec::new();
    let mut left = inside;
    while let Some(character) = left.chars().next() {
        left = left.get(character.len_utf8()..)?;
        if character != '\\' {
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
        } else if let Some(after) = left.strip_prefix('\\') {
            bytes.push(b'\\');
            left = after;
        } else if let Some(after) = left.strip_prefix("u{") {
            let (digits, after) = after.split_once('}')?;
            let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            left = after;
        } else {
            let after = left.strip_prefix('x')?;
            bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
            left = after.get(2..)?;
        }
    }
    Some((bytes, rest))
}

#[test]
fn what_does_not_show_is_escaped() {
    assert_eq!(Printable("a\u{1b}[31m\u{202e}\u{200b}é\n").to_string(), "a\\u{1b}[31m\\u{202e}\\u{200b}é\\u{a}");
    assert_eq!(Quoted("a\u{1b}[31m\u{202e}\u{200b}é\n").to_string(), "`a\\u{1b}[31m\\u{202e}\\u{200b}é\\u{a}`");
}

#[test]
fn a_quoted_text_cannot_end_its_quotes() {
    for (text, shown) in [
        ("", "``"),
        ("memory_search", "`memory_search`"),
        ("a`, `b", r"`a\u{60}, \u{60}b`"),
        (r"a\u{60}", r"`a\\u{60}`"),
        ("\u{301}x\u{301}", "`\\u{301}x\u{301}`"),
        ("[a private key, not shown]", "`[a private key, not shown]`"),
        ("a  b\u{a0}c\u{3000}", "`a  b\\u{a0}c\\u{3000}`"),
    ] {
        assert_eq!(Quoted(text).to_string(), shown);
        assert_eq!(parse(shown), Some((text.as_bytes().to_vec(), "")));
    }
}

#[test]
fn no_text_is_a_command_to_a_ci_system() {
    for (text, shown) in [
        ("###[a]\n##[b]##", "##\\u{23}[a]\\u{a}#\\u{23}[b]##"),
        ("##vso[task.complete]", "#\\u{23}vso[task.complete]"),
        ("##VSO[", "#\\u{23}VSO["),
        ("## a heading, C# and #5", "## a heading, C# and #5"),
        ("##teamcity[x]", "#\\u{23}teamcity[x]"),
    ] {
        assert_eq!(Printable(text).to_string(), shown);
        assert_eq!(Quoted(text).to_string(), format!("`{shown}`"));
        assert_eq!(QuotedPath(Path::new(text)).to_string(), format!("`{shown}`"));
    }
}

#[test]
fn what_only_normalization_tells_apart_is_told_apart() {
    for (text, shown) in [
        ("\u{e9}", "`\u{e9}`"),
        ("e\u{301}", "`e\\u{301}`"),
        // In form C there is no such character, and another order means the same.
        ("x\u{323}\u{301}", "`x\u{323}\u{301}`"),
        ("x\u{301}\u{323}", "`x\u{301}\\u{323}`"),
        ("\u{ea}\u{323}", "`\u{ea}\\u{323}`"),
        // The ohm and kelvin signs, the Greek question mark and the Greek grave accent.
        ("\u{2126}\u{212a}\u{37e}\u{1fef}", "`\\u{2126}\\u{212a}\\u{37e}\\u{1fef}`"),
        // Hangul as letters.
        ("\u{1100}\u{1161}\u{11a8}", "`\u{1100}\\u{1161}\u{11a8}`"),
        // Vowel signs and tone marks of a text in form C stay as they are.
        ("\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}", "`\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947}`"),
        ("\u{bb5}\u{bbe}", "`\u{bb5}\u{bbe}`"),
        ("a\n\u{301}\u{301}", "`a\\u{a}\\u{301}\\u{301}`"),
    ] {
        assert_eq!(Quoted(text).to_string(), shown);
        assert_eq!(Field(text).to_string(), if shown.contains('\\') { shown } else { text });
    }
}

#[test]
fn what_is_plain_stays_bare() {
    for (text, shown) in [
        ("genomes/TOTK_ROOT_v1.0.0/genome.json", "genomes/TOTK_ROOT_v1.0.0/genome.json"),
        ("/a~1b/0", "/a~1b/0"),
        ("", "``"),
        ("a b", "`a b`"),
        ("a:1:2", "`a:1:2`"),
        ("standard input", "`standard input`"),
        ("é", "`é`"),
        ("a`", r"`a\u{60}`"),
    ] {
        assert_eq!(Bare(text).to_string(), shown);
        assert_eq!(BarePath(Path::new(text)).to_string(), shown);
    }
}

#[test]
fn bytes_of_a_path_that_are_no_text_are_escaped() {
    let path = Path::new(OsStr::from_bytes(b"a/\xc3\xa9\xff\xe2\x80\n\\xff"));
    let shown = QuotedPath(path).to_string();
    assert_eq!(shown, r"`a/é\xff\xe2\x80\u{a}\\xff`");
    assert_eq!(BarePath(path).to_string(), shown);
    assert_eq!(parse(&shown), Some((path.as_os_str().as_bytes().to_vec(), "")));
}

#[test]
fn a_private_key_is_not_shown_and_not_quoted() {
    // RFC 8410 section 10.3.
    let key = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    let path = Path::new(key);
    for shown in [
        Quoted(key).to_string(),
        Printable(key).to_string(),
        Bare(key).to_string(),
        QuotedPath(path).to_string(),
        BarePath(path).to_string(),
    ] {
        assert_eq!(shown, "[a private key, not shown]");
    }
    // The members of a JWK, with a byte between them that is not UTF-8.
    let path = Path::new(OsStr::from_bytes(b"\"kty\" \xff \"d\""));
    assert_eq!(QuotedPath(path).to_string(), "[a private key, not shown]");
}

#[test]
fn a_field_is_as_it_is_where_it_can_be() {
    for (text, shown) in [
        ("", ""),
        ("a `b` \\u{a} c", "a `b` \\u{a} c"),
        ("`a`", r"`\u{60}a\u{60}`"),
        ("a\n\\", r"`a\u{a}\\`"),
        ("##vso[", r"`#\u{23}vso[`"),
    ] {
        assert_eq!(Field(text).to_string(), shown);
    }
}

/// Letters and marks that are composed, decomposed and put in order, of several scripts, and whatever else there is.
fn composable() -> impl Strategy<Value = String> {
    let letters = "aedsxAEDS\u{e9}\u{ea}\u{1e0d}\u{1eb9}\u{1ec7}\u{212b}\u{2126}\u{1100}\u{1161}\u{11a8}\u{ac00}\u{915}\u{928}\u{958}\u{9c7}\u{9be}\u{bc6}\u{bbe}\u{1025}\u{102e}\u{30ab}\u{1f71}\u{3b1}\u{f900}";
    let marks = "\u{300}\u{301}\u{302}\u{307}\u{323}\u{327}\u{31b}\u{338}\u{345}\u{340}\u{344}\u{93c}\u{3099}\u{f71}\u{f72}\u{f73}\u{64b}\u{651}\u{653}";
    let one_of = |text: &str| proptest::sample::select(text.chars().collect::<Vec<char>>());
    let piece = prop_oneof![3 => one_of(letters), 4 => one_of(marks), 1 => one_of("=<>`\\#}\n"), 1 => any::<char>()];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.into_iter().collect())
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        composable(),
        proptest::sample::select(vec![
            "`",
            "\\",
            "\\u{60}",
            "\\\\",
            "\\x60",
            "#",
            "##",
            "##[",
            "##vso[",
            "vso[",
            "[",
            "\n",
            "\u{202e}",
            "\u{301}",
            "  ",
            " allows ",
            "`, `",
            "[a private key, not shown]",
            "\u{7f}",
            "\u{a0}",
            "\u{3000}",
            "…",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_two_texts_are_shown_alike_after_normalization(text in composable(), other in composable()) {
        let shown = [Quoted(&text).to_string(), Bare(&text).to_string(), Field(&text).to_string()];
        prop_assert!(shown.iter().all(|shown| is_nfc(shown)), "{:?}", shown);
        for other in [other, text.nfc().collect(), text.nfd().collect()] {
            let same = Quoted(&text).to_string().nfd().eq(Quoted(&other).to_string().nfd());
            prop_assert_eq!(text == other, same);
        }
    }

    #[test]
    fn every_quoted_text_is_parsed_back(text in hostile(), rest in hostile()) {
        let shown = Quoted(&text).to_string();
        let line = format!("{shown}{rest}");
        prop_assert_eq!(parse(&line), Some((text.into_bytes(), rest.as_str())));
        prop_assert!(!shown.chars().any(|character| Printable::escapes(character) || is_other_blank(character)));
        // The net below it has nothing to do.
        prop_assert_eq!(Printable(&shown).to_string(), shown);
    }

    #[test]
    fn every_path_is_parsed_back(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\\'), Just(b'`'), Just(b'x')], 0..20)) {
        let shown = QuotedPath(Path::new(OsStr::from_bytes(&bytes))).to_string();
        prop_assert_eq!(parse(&shown), Some((bytes, "")));
    }

    #[test]
    fn two_bare_texts_differ_where_the_texts_do(one in hostile(), other in hostile()) {
        let (shown, another) = (Bare(&one).to_string(), Bare(&other).to_string());
        prop_assert_eq!(one == other, shown == another);
        let is_quoted = shown.starts_with('`');
        prop_assert!(is_quoted || !shown.contains([' ', ':', '`', '\\', '#', ',']));
        prop_assert_eq!(one == other, Field(&one).to_string() == Field(&other).to_string());
        prop_assert!(!Field(&one).to_string().chars().any(Printable::escapes));
    }
}
