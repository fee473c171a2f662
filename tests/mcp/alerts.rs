//! The rules for alerts about the gate: what Prometheus accepts, what fires, and what the gate shows.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Setting};
use genome_test_support::{has, repository, run};
use std::fs;
use std::process::Command;

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}

/// What follows each of these words in a text, as far as it is made of `a-z` and `_`.
fn words<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
    let end =
        |rest: &'t str| rest.find(|character: char| !character.is_ascii_lowercase() && character != '_').unwrap_or(rest.len());
    text.split(before).skip(1).map(|rest| rest.get(..end(rest)).unwrap()).collect()
}

#[test]
fn prometheus_accepts_the_alerts_and_each_fires_and_is_quiet() {
    let (rules, tests) = (read("deploy/mcp_alerts.yml"), read("deploy/mcp_alerts_test.yml"));
    let (page, metrics) = (read("docs/src/monitor/alerts.md"), read("docs/src/reference/metrics.md"));
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(alerts, ["GenomeMcpDrift", "GenomeMcpDenied", "GenomeMcpMalformed"]);
    for alert in alerts {
        assert!(tests.contains(&format!("- {{alertname: {alert}, eval_time: ")), "{alert} is never quiet");
        assert!(tests.contains(&format!("- alertname: {alert}\n")), "{alert} never fires");
        assert!(page.contains(&format!("`{alert}`")) && metrics.contains("mcp_alerts.yml"), "the page does not name {alert}");
    }
    for runbook in rules.lines().filter_map(|line| line.trim().strip_prefix("runbook: ")) {
        assert!(repository().join(runbook).is_file(), "there is no page {runbook}");
    }
    if has("promtool") {
        for arguments in [["check", "rules", "mcp_alerts.yml"], ["test", "rules", "mcp_alerts_test.yml"]] {
            let ran = run(Command::new("promtool").args(arguments).current_dir(repository().join("deploy")));
            assert_eq!(ran.status, Some(0), "{ran:?}");
        }
    }
}

#[test]
fn the_alerts_are_about_what_the_gate_shows() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&["--metrics-textfile", "gate.prom"], ""));
    client.shake_hands();
    client.end();
    let shown = fs::read_to_string(setting.path().join("gate.prom")).unwrap();
    let rules = read("deploy/mcp_alerts.yml");
    let metrics = words(&rules, "genome_mcp_");
    assert!(metrics.len() >= 5, "{metrics:?}");
    for metric in metrics {
        assert!(shown.contains(&format!("# TYPE genome_mcp_{metric} ")), "no {metric} in {shown}");
    }
    let reasons = rules.split("reason=").skip(1).map(|rest| rest.trim_start_matches(['~', '"']).split('"').next().unwrap());
    for reason in reasons.flat_map(|reasons| reasons.split('|')) {
        assert!(shown.contains(&format!("reason=\"{reason}\"")), "no {reason} in {shown}");
    }
}
