//! What is counted, as Prometheus reads it.

use crate::service::{HOSTILE, Service};
use genome::dangerous::accept_self_declared;
use genome::{Code, GenomeId};
use genome_server::{Active, Boots, DecisionPoint, router};
use std::sync::Arc;
use std::time::SystemTime;

/// The value of a series, if it is there.
fn value(text: &str, series: &str) -> Option<f64> {
    let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.map(|value| value.parse().unwrap())
}

#[tokio::test]
async fn decisions_are_counted_by_capability_and_outcome() {
    let service = Service::new();
    let counted = async |cap_id: &str, outcome: &str| {
        let text = service.get("/metrics").await.text;
        value(&text, &format!("genome_decisions_total{{cap_id=\"{cap_id}\",outcome=\"{outcome}\"}}"))
    };
    // They are there before the first, so that the first is an increase.
    for (cap_id, outcome) in [("CAP-MEMORY", "allow"), ("CAP-MEMORY", "deny"), ("", "deny")] {
        assert_eq!(counted(cap_id, outcome).await, Some(0.0), "{cap_id} {outcome}");
    }
    assert_eq!(counted("", "allow").await, None);
    service.post(r#"[{"action": "memory_search"}, {"action": "memory_search"}, {"action": "memory_erase"}]"#).await;
    service.post(r#"{"action": "strange_1"}"#).await;
    service.post(r#"{"action": "strange_2"}"#).await;
    service.point.decide(HOSTILE);
    assert_eq!(counted("CAP-MEMORY", "allow").await, Some(2.0));
    assert_eq!(counted("CAP-MEMORY", "deny").await, Some(1.0));
    assert_eq!(counted("", "deny").await, Some(2.0));
    assert_eq!(counted(&HOSTILE.replace('\\', "\\\\").replace('"', "\\\""), "allow").await, Some(1.0));
    assert!(!service.get("/metrics").await.text.contains("strange"), "actions that nobody knows are no labels");
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status() {
    let service = Service::new();
    service.get("/genome").await;
    service.get("/genome?x=1").await;
    service.ask("HEAD", "/genome", &[], "").await;
    service.get("/stranger/1").await;
    service.get("/stranger/2").await;
    service.ask("BREW", "/stranger", &[], "").await;
    service.post("{").await;
    let text = service.get("/metrics").await.text;
    for (route, method, status, count) in [
        ("/genome", "GET", 200, 2.0),
        ("/genome", "HEAD", 200, 1.0),
        ("", "GET", 404, 2.0),
        ("", "other", 404, 1.0),
        ("/decisions", "POST", 400, 1.0),
    ] {
        let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        let series = format!("genome_http_request_duration_seconds_count{labels}");
        assert_eq!(value(&text, &series), Some(count), "{series}: {text}");
    }
    assert!(!text.contains("stranger") && !text.contains("BREW"), "what strangers ask for is no label");
}

#[tokio::test]
async fn the_genome_and_its_age_are_told() {
    let service = Service::new();
    let text = service.get("/metrics").await.text;
    let info = format!("genome_info{{genome_id=\"{}\",name=\"EXAMPLE\",trust=\"self-declared\",version=\"1.0.0\"}}", service.id);
    assert_eq!(value(&text, &info), Some(1.0), "{text}");
    assert_eq!(value(&text, "genome_created_timestamp_seconds"), Some(1_769_817_600.0));
    assert_eq!(value(&text, "genome_loaded_timestamp_seconds"), Some(1_769_817_600.0));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    let age = value(&text, "genome_age_seconds").unwrap();
    assert!((now - 1_769_817_600.0 - age).abs() < 60.0, "{age}");
    let uptime = value(&text, "genome_uptime_seconds").unwrap();
    assert!((0.0..60.0).contains(&uptime), "{uptime}");
}

#[tokio::test]
async fn boots_are_told() {
    let service = Service::new();
    let mut boots = Boots::default();
    boots.fail(Some(Code::Rollback));
    boots.accept(GenomeId::of_canonical_form(b"the one after"), true);
    let genome = accept_self_declared(SystemTime::now()).verify(service.document.as_bytes()).unwrap();
    let active = Active::new(genome, service.document.clone().into(), SystemTime::now());
    let point = DecisionPoint::new(active).unwrap().with_boots(&boots).unwrap();
    let text = service.asking(router(Arc::new(point))).get("/metrics").await.text;
    assert_eq!(value(&text, "genome_boot_failures_total{code=\"GENOME_ROLLBACK\"}"), Some(1.0));
    assert_eq!(value(&text, "genome_boot_failures_total{code=\"GENOME_STALE\"}"), Some(0.0));
    assert_eq!(value(&text, "genome_mutations_total"), Some(1.0));
}
