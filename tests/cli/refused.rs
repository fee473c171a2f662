//! What is refused, for whatever reason, is neither remembered nor called accepted.

use genome_test_support::refusal::{REFUSALS, status};
use genome_test_support::{Draft, Release, assert_ran, file, names};
use serde_json::Value;

/// CVE-2020-15163: what is persisted before it is verified is trusted the next time. CVE-2022-35929: what is printed before every
/// check has passed is taken for a yes.
#[test]
fn what_is_refused_is_neither_remembered_nor_called_accepted() {
    for (code, arguments, spoil) in REFUSALS {
        for has_state in [false, true] {
            let release = Release::deployed();
            if has_state {
                release.deploy("old.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
                assert_ran(&release.verify(&["--state", "state.json", "old.json"]), 0, "there was no state");
            }
            spoil(&release);
            let before = (file(release.path(), "state.json"), names(release.path()));
            for shown in
                [["--format", "human"], ["--format", "json"], ["--format", "github"], ["--print", "id"], ["--print", "canonical"]]
            {
                let all = [&["--trust", "trust.json", "--state", "state.json", "etc/genome.json"], arguments, &shown[..]].concat();
                let ran = release.verify(&all);
                let status = status(code);
                assert_eq!(ran.status, Some(status), "{code} {shown:?}: {ran:?}");
                assert!(ran.stdout.contains(code) || ran.stderr.contains(code), "{code} {shown:?}: {ran:?}");
                assert_eq!((file(release.path(), "state.json"), names(release.path())), before, "{code} {shown:?}");
                let says_yes =
                    |line: &str| line.starts_with("accepted") || line.contains("accepted:") || line.contains("genome id ");
                assert_eq!(ran.stdout.lines().find(|line| says_yes(line)), None, "{code} {shown:?}");
                match shown {
                    ["--print", _] => assert_eq!(ran.stdout, "", "{code}"),
                    [_, "json"] => {
                        let report = ran.report();
                        let verdict = if status == 1 { "refused" } else { "undecided" };
                        assert_eq!((&report["verdict"], &report["genome"]), (&verdict.into(), &Value::Null), "{code}");
                    }
                    _ => {}
                }
            }
        }
    }
}
