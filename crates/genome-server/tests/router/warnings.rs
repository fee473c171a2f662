//! What is known of a genome although it was accepted is said wherever the genome is shown.

use crate::service::Service;
use genome::dangerous::accept_self_declared;
use genome::{Code, TrustPolicy, Verifier};
use genome_server::{Active, DecisionPoint, GenomeWarning, router};
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;
use std::time::SystemTime;

/// The root genome, which is signed with a published test key.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../genomes/TOTK_ROOT_v1.0.0/genome.json");

/// The root genome, and what else is known of it.
fn root(warnings: Vec<GenomeWarning>) -> Service {
    let document = fs::read_to_string(ROOT).unwrap();
    let genome = accept_self_declared(SystemTime::now()).verify(document.as_bytes()).unwrap();
    Service::serving(genome, &document, warnings)
}

async fn codes(service: &Service) -> Vec<Value> {
    service.get("/genome").await.json()["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].clone()).collect()
}

/// The positions of these texts, each of which stands on the page once at the most.
fn positions(page: &str, texts: &[&str]) -> Vec<Option<usize>> {
    for text in texts {
        assert!(page.matches(text).count() <= 1, "{text}: {page}");
    }
    texts.iter().map(|text| page.find(text)).collect()
}

#[tokio::test]
async fn the_gravest_comes_first_and_none_is_left_out() {
    assert!(codes(&Service::trusted()).await.is_empty());
    assert_eq!(codes(&Service::new()).await, ["GENOME_UNTRUSTED"]);
    assert_eq!(codes(&root(Vec::new())).await, ["GENOME_TEST_KEY", "GENOME_UNTRUSTED"]);
    let more = vec![
        GenomeWarning::new("there was no state", "expect it").about_file("state.json"),
        GenomeWarning::new("it is dated in the future", "wait").with_code(Code::NotYetValid),
    ];
    let service = root(more);
    assert_eq!(codes(&service).await[..3], ["GENOME_TEST_KEY", "GENOME_UNTRUSTED", "GENOME_NOT_YET_VALID"]);
    let last = service.get("/genome").await.json()["warnings"][3].clone();
    let expected = json!({"code": null, "message": "there was no state", "file": "state.json", "pointer": "", "hint": "expect it"});
    assert_eq!(last, expected);
}

#[tokio::test]
async fn what_the_verifier_warned_of_is_not_said_twice() {
    let document = fs::read(ROOT).unwrap();
    let genome = accept_self_declared(SystemTime::now()).verify(&document).unwrap();
    // As a program reports it, which knows the name of the file.
    let reported = genome.warnings().iter().map(|warning| GenomeWarning::from(warning).about_file("genome.json")).collect();
    let warnings = root(reported).get("/genome").await.json()["warnings"].clone();
    assert_eq!(warnings.as_array().unwrap().len(), 2, "{warnings}");
    assert_eq!((&warnings[0]["pointer"], &warnings[0]["file"]), (&json!("/authority/signers/0"), &Value::Null));
    assert!(warnings[0]["message"].as_str().unwrap().contains("is a published test key"), "{warnings}");
}

/// The tag is the genome id, which is the same at a boot that warns and at one that does not.
#[tokio::test]
async fn who_has_the_genome_is_told_all_the_same_where_there_is_something_to_warn_of() {
    let (quiet, warning) = (Service::trusted(), Service::new());
    let tag = quiet.get("/genome").await.header("etag").to_owned();
    assert_eq!(warning.get("/genome").await.header("etag"), tag);
    let asked = [("if-none-match", tag.as_str())];
    assert_eq!(quiet.ask("GET", "/genome", &asked, "").await.status, 304);
    let answer = warning.ask("GET", "/genome", &asked, "").await;
    assert_eq!((answer.status, answer.header("etag")), (200, tag.as_str()));
}

#[tokio::test]
async fn each_code_is_counted_and_no_text_is_a_label() {
    let more = vec![GenomeWarning::new("first", "hint"), GenomeWarning::new("second", "hint")];
    let text = root(more).get("/metrics").await.text;
    for (code, count) in [("GENOME_TEST_KEY", 1), ("GENOME_UNTRUSTED", 1), ("GENOME_REVOKED_KEY", 0), ("none", 2)] {
        assert!(text.contains(&format!("\ngenome_warnings{{code=\"{code}\"}} {count}\n")), "{code}: {text}");
    }
    let quiet = Service::trusted().get("/metrics").await.text;
    let series: Vec<&str> = quiet.lines().filter(|line| line.starts_with("genome_warnings{")).collect();
    assert_eq!(series.len(), Code::ALL.len());
    assert!(series.iter().all(|line| line.ends_with(" 0")), "{series:?}");
    assert!(!quiet.contains("genome_disk_matches "), "no file is watched: {quiet}");
}

#[tokio::test]
async fn the_page_says_all_of_it_and_the_gravest_first() {
    const TEXTS: [&str; 5] = [
        "<strong>Published test key<",
        "<strong>Not trusted: it is self-declared<",
        "<strong>The file on disk is gone<",
        "<strong>2 warnings<",
        "pinned</strong><p>",
    ];
    let more = vec![GenomeWarning::new("first <b>", "hint"), GenomeWarning::new("second\u{202e}", "hint")];
    let service = root(more.clone());
    let page = service.get("/").await.text;
    let found = positions(&page, &TEXTS);
    assert!(found[0].is_some() && found[0] < found[1] && found[1] < found[3], "{found:?}: {page}");
    assert_eq!((found[2], found[4]), (None, None));
    assert!(page.contains("<p>First &lt;b&gt;</p>") && page.contains("<p>second\\u{202e}</p>"), "{page}");

    let (document, genome) =
        (service.document.clone(), accept_self_declared(SystemTime::now()).verify(service.document.as_bytes()).unwrap());
    let active = Active::new(genome, document.into(), SystemTime::now()).with_warnings(more);
    let directory = tempfile::tempdir().unwrap();
    let point = DecisionPoint::new(active).unwrap().watching(directory.path().join("genome.json"));
    let watching = service.asking(router(Arc::new(point)));
    let page = watching.get("/").await.text;
    let found = positions(&page, &TEXTS);
    assert!(found[1] < found[2] && found[2] < found[3], "{found:?}: {page}");
    assert!(watching.get("/metrics").await.text.contains("\ngenome_disk_matches 0\n"));
    // The file is there again.
    fs::write(directory.path().join("genome.json"), &watching.document).unwrap();
    assert_eq!(positions(&watching.get("/").await.text, &TEXTS)[2], None);
    assert!(watching.get("/metrics").await.text.contains("\ngenome_disk_matches 1\n"));

    // A policy can name a key that is published.
    let signer = serde_json::from_str::<Value>(&watching.document).unwrap()["authority"]["signers"][0].to_string();
    let policy = TrustPolicy::read(signer.as_bytes()).unwrap();
    let genome = Verifier::trusting(&policy, SystemTime::now()).verify(watching.document.as_bytes()).unwrap();
    let page = Service::serving(genome, &watching.document, Vec::new()).get("/").await.text;
    let found = positions(&page, &TEXTS);
    assert!(found[0].is_some() && found[1].is_none() && found[0] < found[4], "{found:?}: {page}");
    assert!(!page.contains("class=\"good\"") && page.contains("<title>Test key: "), "{page}");
    // Each key says by itself that it is published, and that the policy names it.
    assert!(page.contains("Published test key: anybody can sign</span></th>") && page.contains(">names it</td>"), "{page}");

    // What it allows is not simply allowed.
    assert_eq!(page.matches("Allowed</strong> <span class=\"badge danger\">by a genome that anybody can sign</span>").count(), 1);

    let page = Service::trusted().get("/").await.text;
    assert!(page.contains("Allowed</strong></template>"), "{page}");
    assert!(page.contains("class=\"good\""), "{page}");
    assert!(positions(&page, &TEXTS).iter().take(4).all(Option::is_none), "{page}");
    assert!(positions(&page, &TEXTS)[4].is_some(), "{page}");
}

#[tokio::test]
async fn of_very_many_the_page_shows_some_and_counts_the_others() {
    let more = (0..25).map(|number| GenomeWarning::new(format!("strange thing {number}"), "hint")).collect();
    let page = root(more).get("/").await.text;
    assert!(
        page.contains("<strong>25 warnings<") && page.contains("Strange thing 9<") && page.contains("15 more are in"),
        "{page}"
    );
    assert!(!page.contains("Strange thing 10<"), "{page}");
}
