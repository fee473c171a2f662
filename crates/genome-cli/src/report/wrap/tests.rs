//! Wrapped lines are joined again, and are not broken where somebody copies them.

use super::*;
use crate::report::width::width;
use genome_json::text::{BarePath, Quoted, shell_word};
use genome_test_support::terminal::joined;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::Range;
use std::path::Path;

#[test]
fn lines_go_on_under_what_they_say() {
    for (columns, line, rows) in [
        (24, "  trust  1 2 3 4 5 6 7 8 9", "  trust  1 2 3 4 5 6 7 8\n         9"),
        (30, "  help: make a new one and keep it", "  help: make a new one and\n        keep it"),
        (40, "  ok  the signatures that the genome has are good", "  ok  the signatures that the genome has\n        are good"),
        // A label is never alone.
        (24, "  label   abcdefghijklmnopqrstuvwxyz", "  label   abcdefghijklmnopqrstuvwxyz"),
        (24, "    C  `A b`  allows `c d`, `e f`", "    C  `A b`  allows\n        `c d`, `e f`"),
        (24, "  \u{1b}[31mlabel  \u{1b}[0m  1 2 3 4 5 6 7 8 9", "  \u{1b}[31mlabel  \u{1b}[0m  1 2 3 4 5 6 7\n           8 9"),
        // In quotes only what is too wide.
        (24, "say `a b c d e f g h i j k l m n`", "say `a b c d e f g h i j\n        k l m n`"),
        (24, "say `a b c d e f g h i j  k l m n`", "say `a b c d e f g h i\n        j  k l m n`"),
        (24, "say that it is `a b c d`", "say that it is `a b c d`"),
        (24, "say that it is `a b c d e`", "say that it is\n        `a b c d e`"),
        (24, "say `a b c d e f g ::error::h i j k`", "say `a b c d e f\n        g ::error::h i j\n        k`"),
        // By force, where there is no blank, or there are several.
        (24, "say `abcdefghijklmnopqrstuvwxyz`", "say `abcdefghijklmnopqr\\\n        \\stuvwxyz`"),
        (24, "say that `abcdefghijklm::nopqrstuvwxyz`", "say that\n        `abcdefghijklm:\\\n        \\:nopqrstuvwxyz`"),
        (24, "`a                              b`", "`a                     \\\n        \\         b`"),
        (24, "`ab  accepted, not trusted  b`", "`ab  accepted, not\n        trusted  b`"),
        (24, "say `いろはにほへとちりぬるを`", "say `いろはにほへとちり\\\n        \\ぬるを`"),
        // An escape is whole.
        (24, "say `abcdefghijklmnop\\u{a0}opqr`", "say `abcdefghijklmnop\\\n        \\\\u{a0}opqr`"),
        (24, "say `abcdefghijklmnopq\\\\opqrst`", "say `abcdefghijklmnopq\\\n        \\\\\\opqrst`"),
        (24, "say `abcdefghijklmnop\\\\opqrstu`", "say `abcdefghijklmnop\\\\\\\n        \\opqrstu`"),
        // No mark joins the backslash.
        (24, "say `abcdefghijklmnopqro\u{301}\u{302}pqr`", "say `abcdefghijklmnopqr\\\n        \\o\u{301}\u{302}pqr`"),
        // What is copied.
        (30, "  help: copy: chmod go-w '/srv/a b' /srv", "  help: copy:\n        chmod go-w '/srv/a b' /srv"),
        (30, "  help: do chmod go-w '/a/it'\\''s b'; or not", "  help: do\n        chmod go-w '/a/it'\\''s b';\n        or not"),
        (
            30,
            "  help: it is in `git checkout --ours the file`",
            "  help: it is in\n        `git checkout --ours \\\n        \\the file`",
        ),
        (30, "  genome-sign draft.json genome.json somebody", "  genome-sign draft.json genome.json somebody"),
        (30, "  genome sign genomes/one --key REF", "  genome sign genomes/one --key REF"),
        (
            30,
            "  (set -a && . /srv/agent/genome.env && exec genome server)",
            "  (set -a && . /srv/agent/genome.env && exec genome server)",
        ),
        (30, "  help: a b: genome trust add agent alice KEY", "  help: a b:\n        genome trust add agent alice KEY"),
        (
            30,
            "  help: genome sign . agent 'a  b' me; or a longer one",
            "  help: genome sign . agent 'a  b' me;\n        or a longer one",
        ),
        (
            30,
            "  help: with genome-draft --from the old; then on",
            "  help: with\n        genome-draft --from the old;\n        then on",
        ),
        // Names of ours that are no command.
        (30, "  genome      `EXAMPLE` 1.0.0 and more", "  genome      `EXAMPLE`\n              1.0.0 and more"),
        (30, "  genome id   0123456789abcdef and more", "  genome id   0123456789abcdef\n              and more"),
        (30, "the genome that somebody signed and no other", "the genome that somebody\n        signed and no other"),
        (
            30,
            "say `genome sign, which is no command of ours, too long`",
            "say `genome sign, which is \\\n        \\no command of ours, \\\n        \\too long`",
        ),
        (40, "name the policy with --trust FILE or A_B: what then", "name the policy with --trust FILE\n        or A_B: what then"),
        (20, "too narrow to wrap anything at all here", "too narrow to wrap anything at all here"),
    ] {
        assert_eq!(wrapped(line, columns), rows, "{line}");
        assert_eq!(joined(rows), format!("{line}\n"));
    }
}

/// Text of strangers, with what would break it at a wrong place, or make two texts look alike.
fn strange() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(vec![" ", " ", "  ", "        ", "`", "'", "\"", "\n", "\\", "::", "##[", "error:", "help:", "-", "a", "accepted", "\u{301}", "あ", "\u{a0}", "\u{3000}", "                                        ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "…", "\u{1f600}", "genome", "sign", "genome-sign", "git", "/"])
            .prop_map(str::to_owned),
        2 => "[a-z]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A line of a report, in which strangers' texts are shown as the programs do, and where those in backticks are.
fn line() -> impl Strategy<Value = (String, Vec<Range<usize>>)> {
    let ours = select(vec![
        "the",
        "genome",
        "signed",
        "by,",
        "label",
        "->",
        "1.0.0",
        "--trust",
        "FILE",
        "error[CODE]:",
        "chmod",
        "(x)",
        "it's",
        "\u{1b}[31m",
        "\u{1b}[0m",
    ]);
    let word = prop_oneof![
        4 => ours.prop_map(|word| (word.to_owned(), false)),
        3 => strange().prop_map(|text| (Quoted(&text).to_string(), true)),
        1 => strange().prop_map(|text| (BarePath(Path::new(&text)).to_string(), true)),
        1 => strange().prop_map(|text| (shell_word(text.as_ref()), false)),
        1 => "[0-9a-f]{64}".prop_map(|id| (id, false)),
    ];
    let blanks = select(vec![" ", " ", " ", "  ", "     "]);
    let words = proptest::collection::vec((word, blanks), 0..24);
    (0..7_usize, words).prop_map(|(indent, words)| {
        let (mut text, mut quoted) = (" ".repeat(indent), Vec::new());
        for ((word, is_quoted), blanks) in words {
            if is_quoted && word.starts_with('`') {
                quoted.push(text.len() + 1..text.len() + word.len() - 1);
            }
            text.push_str(&word);
            text.push_str(blanks);
        }
        (text, quoted)
    })
}

/// The offsets in a line of the characters with which a terminal of this width begins a row by itself, when it shows what was made of the line.
fn begun_by_the_terminal(line: &str, shown: &str, columns: usize) -> Vec<usize> {
    let (mut begun, mut start, mut is_forced) = (Vec::new(), 0, false);
    for (index, row) in shown.lines().enumerate() {
        let text = if index > 0 { row.trim_start_matches(' ') } else { row };
        let text = if is_forced { text.strip_prefix('\\').unwrap() } else { text };
        start += usize::from(index > 0 && !is_forced);
        let mut column = row.len() - text.len();
        // The last row of a line ends with nothing that goes on.
        is_forced = index + 1 < shown.lines().count() && forced::is_escape_open(text);
        let text = if is_forced { text.strip_suffix('\\').unwrap() } else { text };
        assert_eq!(&line[start..start + text.len()], text);
        for (at, character) in visible(text) {
            if column + width(character) > columns {
                begun.push(start + at);
                column = 0;
            }
            column += width(character);
        }
        assert!(!is_forced || column < columns, "the backslash begins a row: {row}");
        start += text.len();
    }
    begun
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_wrapped_is_joined_again(lines in proptest::collection::vec(line(), 0..4), columns in 1..130_usize) {
        let text: String = lines.iter().flat_map(|(line, _)| [line.as_str(), "\n"]).collect();
        let shown = wrapped(&text, columns);
        prop_assert_eq!(joined(&shown), text);
        for row in shown.lines() {
            // Nothing that a CI system takes for a command.
            let start = row.trim_start_matches(' ');
            prop_assert!(!row.starts_with("        ") || !start.starts_with("::") && !start.starts_with("##"), "{:?}", row);
        }
    }

    /// A row that is a part of it could be run alone.
    #[test]
    fn a_command_to_be_copied_is_not_broken(
        command in select(vec!["chmod go-w", "chown -h root", "cp", "genome draft", "genome-keygen --public-from"]),
        paths in proptest::collection::vec(strange(), 1..4),
        columns in FEWEST_COLUMNS..130,
    ) {
        let paths: Vec<String> = paths.iter().map(|path| shell_word(path.as_ref())).collect();
        let command = format!("{command} {}", paths.join(" "));
        let shown = wrapped(&format!("  help: find out whether somebody did, then: {command}; put the state into a directory"), columns);
        prop_assert!(shown.lines().any(|row| row.contains(&command)), "{}", shown);
    }

    /// A terminal goes on with them in its first column.
    #[test]
    fn no_word_has_blanks_alone(text in strange()) {
        let word = shell_word(text.as_ref());
        prop_assert!(!word.replacen("printf '", "", 1).replace(r"\ ", "").contains(' '), "{}", word);
    }

    /// In its first column it would look like a line of ours.
    #[test]
    fn no_row_begins_with_a_text_of_somebody_else((line, quoted) in line(), columns in FEWEST_COLUMNS..130) {
        let shown = wrapped(&line, columns);
        for at in begun_by_the_terminal(&line, &shown, columns) {
            // What is ours and very long, and not to be broken, takes the first character of a text with it.
            let is_theirs = |range: &Range<usize>| (range.start + 1..range.end).contains(&at) && !line[range.start..at].starts_with('\\');
            prop_assert!(!quoted.iter().any(is_theirs), "{} of {:?}: {:?}", at, columns, shown);
        }
    }

    /// Where it fits, a text of somebody else stands on one row as a whole.
    #[test]
    fn a_quoted_text_is_whole_where_it_can_be(text in strange(), columns in 40..130_usize) {
        let quoted = Quoted(&text).to_string();
        let shown = wrapped(&format!("  label         it says {quoted} and no more than that, in so many words"), columns);
        let is_whole = shown.lines().any(|row| row.contains(&quoted));
        prop_assert!(is_whole || width_of(&quoted) + 16 > columns, "{}", shown);
    }
}
