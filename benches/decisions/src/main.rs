//! The same question to the ceiling of the root genome, to a hashbrown map, to `cedar-policy` and to `regorus`, in turn: may this
//! action be taken? What can be made ready before is. Prints the time of a decision, and how many times that of the ceiling it is.
//! Fails where that is below the target.
//!
//! `cargo run --release --locked --manifest-path benches/decisions/Cargo.toml`; the ratios are what counts.

use cedar_policy::{Authorizer, Context, Entities, EntityId, EntityTypeName, EntityUid, PolicySet, Request};
use genome::dangerous::accept_self_declared;
use genome::model::Capability;
use genome::{Genome, Verified};
use hashbrown::HashMap;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

const ROOT: &[u8] = include_bytes!("../../../genomes/TOTK_ROOT_v1.0.0/genome.json");

/// Whatever lies between two rounds of one contender, the others had it too.
const ROUNDS: usize = 3001;

/// How long a round of each takes, about: so short that few of them are interrupted where the machine has other things to do.
const ROUND: Duration = Duration::from_micros(200);

struct Contender<'a> {
    name: &'static str,
    /// How many times as long as the ceiling it is to take, at least.
    target: f64,
    /// Answers for each action, in the order in which all of them are asked.
    answers: Vec<bool>,
    /// Asks about every action, and counts what is allowed.
    ask: Box<dyn FnMut() -> usize + 'a>,
    repetitions: u32,
    /// The time of a decision in each round, in nanoseconds.
    times: Vec<f64>,
}

impl<'a> Contender<'a> {
    /// Asks about the same queries, in the same order, each time. `decide` is compiled into the loop.
    fn new<Q>(name: &'static str, target: f64, queries: &'a [Q], mut decide: impl FnMut(&Q) -> bool + 'a) -> Self {
        let answers = queries.iter().map(&mut decide).collect();
        let ask = Box::new(move || queries.iter().filter(|query| decide(black_box(query))).count());
        let mut contender = Self { name, target, answers, ask, repetitions: 1, times: Vec::new() };
        while contender.round() < ROUND {
            contender.repetitions *= 2;
        }
        contender.times.clear();
        contender
    }

    fn round(&mut self) -> Duration {
        // What the others pushed out of the caches comes back.
        black_box((self.ask)());
        let start = Instant::now();
        for _ in 0..self.repetitions {
            black_box((self.ask)());
        }
        let took = start.elapsed();
        let decisions = f64::from(self.repetitions) * self.answers.len() as f64;
        self.times.push(took.as_secs_f64() * 1e9 / decisions);
        took
    }
}

fn main() -> ExitCode {
    let genome = accept_self_declared(SystemTime::now()).verify(ROOT).unwrap();
    let actions = actions(&genome);
    let texts: Vec<&str> = actions.iter().map(String::as_str).collect();
    let requests: Vec<Request> = actions.iter().map(|action| request(action)).collect();
    let inputs: Vec<Value> = actions.iter().map(|action| Value::from(json!({ "action": action }))).collect();

    let ceiling = genome.to_ceiling();
    let map = map(&genome);
    let (authorizer, policies, entities) = (Authorizer::new(), policies(&genome), Entities::empty());
    let mut engine = engine(&genome);
    let mut machine = machine(&genome);

    let mut contenders = [
        Contender::new("genome", 1.0, &texts, |action| ceiling.decide(action).is_allowed()),
        Contender::new("hashbrown with foldhash", 1.0, &texts, |action| map.get(*action).is_some_and(|&(_, allowed)| allowed)),
        Contender::new("cedar-policy", 50.0, &requests, |request| {
            authorizer.is_authorized(request, &policies, &entities).decision() == cedar_policy::Decision::Allow
        }),
        Contender::new("regorus, interpreted", 50.0, &inputs, |input| {
            engine.set_input(input.clone());
            engine.eval_rule(RULE.to_owned()).unwrap() == Value::from(true)
        }),
        Contender::new("regorus, compiled", 50.0, &inputs, |input| {
            machine.set_input(input.clone());
            machine.execute().unwrap() == Value::from(true)
        }),
    ];
    let allowed = contenders[0].answers.iter().filter(|allowed| **allowed).count();
    assert_eq!((allowed, actions.len()), (ceiling.allowed(), 2 * (ceiling.allowed() + ceiling.denied())));
    for contender in &contenders {
        assert_eq!(contender.answers, contenders[0].answers, "{} decides otherwise", contender.name);
    }

    for _ in 0..ROUNDS {
        for contender in &mut contenders {
            contender.round();
        }
    }
    println!("{} actions, {allowed} of them allowed; the median of {ROUNDS} rounds", actions.len());
    let ours = contenders[0].times.clone();
    let mut is_met = true;
    for Contender { name, target, times, .. } in contenders {
        // Round by round, so that a slow moment of the machine is one of both.
        let ratio = median(times.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect());
        println!("{name:24} {:>9.1} ns {ratio:>9.3} times, target {target}", median(times));
        is_met &= ratio >= target;
    }
    if is_met {
        return ExitCode::SUCCESS;
    }
    println!("a target is missed");
    ExitCode::FAILURE
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Every action that the genome names, and as many that it does not, neither in its order nor that of a table.
fn actions(genome: &Genome) -> Vec<String> {
    let named = listed(genome, |capability| &capability.allow_actions).chain(listed(genome, |capability| &capability.deny_actions));
    let mut actions: Vec<String> = named.flat_map(|action| [action.to_owned(), format!("{action}?")]).collect();
    actions.sort_by_key(|action| genome::Digest::of(action.as_bytes()));
    actions.dedup();
    actions
}

fn listed<'g>(genome: &'g Genome, list: impl Fn(&'g Capability) -> &'g Vec<String>) -> impl Iterator<Item = &'g str> {
    genome.capabilities.iter().flat_map(list).map(String::as_str)
}

fn map(genome: &Verified<Genome>) -> HashMap<String, (usize, bool), foldhash::fast::RandomState> {
    let mut map = HashMap::default();
    for (index, capability) in genome.capabilities.iter().enumerate() {
        map.extend(capability.allow_actions.iter().map(|action| (action.clone(), (index, true))));
    }
    // Deny wins.
    for (index, capability) in genome.capabilities.iter().enumerate() {
        map.extend(capability.deny_actions.iter().map(|action| (action.clone(), (index, false))));
    }
    map
}

/// An entity of Cedar.
fn entity(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse::<EntityTypeName>().unwrap(), EntityId::new(id))
}

fn request(action: &str) -> Request {
    Request::new(entity("System", "one"), entity("Action", action), entity("World", "one"), Context::empty(), None).unwrap()
}

/// A `permit` for what a capability allows, a `forbid` for what it denies.
fn policies(genome: &Genome) -> PolicySet {
    let mut text = String::new();
    for capability in &genome.capabilities {
        for (effect, list) in [("permit", &capability.allow_actions), ("forbid", &capability.deny_actions)] {
            if !list.is_empty() {
                let actions: Vec<String> = list.iter().map(|action| entity("Action", action).to_string()).collect();
                writeln!(text, "{effect}(principal, action in [{}], resource);", actions.join(", ")).unwrap();
            }
        }
    }
    text.parse().unwrap()
}

const RULE: &str = "data.genome.allow";

/// Members of an object are looked up; a set in the policy's text would be made anew for each query.
const REGO: &str = "\
package genome
default allow := false
allow if {
    data.allowed[input.action]
    not data.denied[input.action]
}
";

fn data(genome: &Genome) -> Value {
    let members = |list: BTreeMap<&str, bool>| json!(list);
    let allowed = listed(genome, |capability| &capability.allow_actions).map(|action| (action, true)).collect();
    let denied = listed(genome, |capability| &capability.deny_actions).map(|action| (action, true)).collect();
    Value::from(json!({ "allowed": members(allowed), "denied": members(denied) }))
}

fn engine(genome: &Genome) -> Engine {
    let mut engine = Engine::new();
    engine.add_policy("genome.rego".to_owned(), REGO.to_owned()).unwrap();
    engine.add_data(data(genome)).unwrap();
    engine
}

/// The same for the virtual machine of regorus.
fn machine(genome: &Genome) -> RegoVM {
    let policy = engine(genome).compile_with_entrypoint(&RULE.into()).unwrap();
    let mut machine = RegoVM::new();
    machine.load_program(Compiler::compile_from_policy(&policy, &[RULE]).unwrap());
    machine.set_data(data(genome)).unwrap();
    machine
}
