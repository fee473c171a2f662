//! The JSON Schemas of the answers are made of their types, and stand in `schemas/`: `SNAPSHOTS=overwrite cargo test --package
//! genome-server schemas` writes them again.

use crate::answer::decision::DecisionAnswer;
use crate::answer::evaluation::{ActionSearchAnswer, ConfigurationAnswer, EvaluationAnswer, EvaluationsAnswer};
use crate::answer::genome::GenomeAnswer;
use crate::answer::health::{HealthAnswer, ReadyAnswer};
use crate::decision_log::DecisionRecord;
use crate::problem::ProblemAnswer;
use genome_test_support::printed::assert_committed;

#[test]
fn the_schemas_that_are_committed_are_those_of_the_types() {
    assert_committed::<ActionSearchAnswer<'_>>("server-action-search");
    assert_committed::<ConfigurationAnswer<'_>>("server-authzen-configuration");
    assert_committed::<DecisionAnswer<'_>>("server-decision");
    assert_committed::<DecisionRecord>("server-decision-log");
    assert_committed::<EvaluationAnswer<'_>>("server-evaluation");
    assert_committed::<EvaluationsAnswer<'_>>("server-evaluations");
    assert_committed::<GenomeAnswer<'_>>("server-genome");
    assert_committed::<HealthAnswer>("server-health");
    assert_committed::<ProblemAnswer<'_>>("server-problem");
    assert_committed::<ReadyAnswer>("server-ready");
}
