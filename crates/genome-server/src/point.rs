//! The decision point.

use crate::active::Active;
use crate::authorize::HeaderAuthorization;
use crate::authzen::AuthzenSettings;
use crate::body::BodyBudget;
use crate::boots::Boots;
use crate::collector::MetricsError;
use crate::decision_log::{Asker, DecisionLog, DecisionRecords, RecordedAction};
use crate::denials::{self, Denials};
use crate::disk::{Disk, DiskStatus};
use crate::host::AllowedHost;
use crate::metrics::Metrics;
use crate::prepared::{self, ByDecision, PreparedAnswer};
use genome::Decision;
use genome::mcp::{ActionName, ActionNames};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The decision point: the active genome, its metrics, and the recent denials.
#[derive(Debug)]
pub struct DecisionPoint {
    active: Active,
    pub(crate) metrics: Metrics,
    pub(crate) denials: Denials,
    disk: Option<Disk>,
    /// Whether a request has to name this machine, or one of `hosts`.
    pub(crate) asks_for_host: bool,
    pub(crate) hosts: Vec<AllowedHost>,
    answers: ByDecision<PreparedAnswer>,
    log: Option<DecisionLog>,
    pub(crate) authzen: AuthzenSettings,
    pub(crate) header_authorization: HeaderAuthorization,
    pub(crate) action_names: ActionNames,
    leaving: AtomicBool,
    /// One for all routers that answer for this point.
    pub(crate) bodies: BodyBudget,
}

impl DecisionPoint {
    /// Decides by this genome.
    ///
    /// # Errors
    /// There can be no metrics of it, which is a fault of this program.
    pub fn new(active: Active) -> Result<Self, MetricsError> {
        let metrics = Metrics::of(&active)?;
        let answers = prepared::answers(&active, &metrics)?;
        Ok(Self {
            active,
            metrics,
            denials: Denials::default(),
            disk: None,
            asks_for_host: false,
            answers,
            log: None,
            authzen: AuthzenSettings::default(),
            header_authorization: HeaderAuthorization::default(),
            action_names: ActionNames::default(),
            hosts: Vec::new(),
            leaving: AtomicBool::new(false),
            bodies: BodyBudget::default(),
        })
    }

    /// Answers only requests whose host is `localhost` or an address of the loopback: for a server that listens there,
    /// and that no page of another site should reach by way of a browser (DNS rebinding).
    #[must_use]
    pub fn for_loopback(self) -> Self {
        self.for_hosts([])
    }

    /// Answers only requests whose host is one of these, or a name of this machine as [`Self::for_loopback`] says. Whoever can give a page such
    /// a name can have a browser ask: allow only names that are yours.
    #[must_use]
    pub fn for_hosts(mut self, hosts: impl IntoIterator<Item = AllowedHost>) -> Self {
        self.hosts.extend(hosts);
        Self { asks_for_host: true, ..self }
    }

    /// Answers requests of AuthZEN in this way. The host of the public address counts as one of this server's own from now on, as a proxy may
    /// hand on what its clients send.
    #[must_use]
    pub fn with_authzen(mut self, authzen: AuthzenSettings) -> Self {
        self.hosts.extend(authzen.public_url.iter().map(|url| url.host().clone()));
        Self { authzen, ..self }
    }

    /// Lets a proxy ask by the headers of its requests, at these paths.
    #[must_use]
    pub fn with_header_authorization(self, header_authorization: HeaderAuthorization) -> Self {
        Self { header_authorization, ..self }
    }

    /// Names the actions of MCP in this way, for AuthZEN and for headers alike. Without it they have plain names.
    #[must_use]
    pub fn with_action_names(self, action_names: ActionNames) -> Self {
        Self { action_names, ..self }
    }

    /// Hands on a record of each decision that is made over HTTP, with its subject or without. Up to some thousand wait; what finds no room is
    /// dropped, and counted in the metrics.
    #[must_use]
    pub fn with_decision_log(self, has_subjects: bool) -> (Self, DecisionRecords) {
        let (log, records) = DecisionLog::of(self.metrics.dropped_records.clone(), has_subjects);
        (Self { log: Some(log), ..self }, records)
    }

    /// Watches this file: `/health`, the page and the metrics say whether it is still what was loaded. Nothing is ever loaded from it.
    #[must_use]
    pub fn watching(self, path: PathBuf) -> Self {
        let disk = Some(Disk::new(path, self.active.document().clone()));
        Self { disk, ..self }
    }

    /// Adds the counts of boots to the metrics.
    ///
    /// # Errors
    /// They cannot, which is a fault of this program.
    pub fn with_boots(self, boots: &Boots) -> Result<Self, MetricsError> {
        self.metrics.take(boots)?;
        Ok(self)
    }

    /// How the file on the disk stands to what was loaded, if one is watched.
    pub(crate) async fn disk_status(&self) -> Option<DiskStatus> {
        match &self.disk {
            Some(disk) => Some(disk.status().await),
            None => None,
        }
    }

    /// The genome that decides.
    #[must_use]
    pub fn active(&self) -> &Active {
        &self.active
    }

    /// Decides whether an action is allowed. The decision is counted, and a denial is shown to people for a while.
    pub fn decide(&self, action: &str) -> Decision<'_> {
        let (decision, _) = self.peek(action);
        self.count(RecordedAction::Named(ActionName::verbatim(action)), Some(&decision), None);
        decision
    }

    /// Decides for somebody who asks over HTTP, and records it. Returns the answer in words too.
    pub(crate) fn decide_for(&self, asker: &Asker<'_>, action: &str) -> (Decision<'_>, &PreparedAnswer) {
        let (decision, answer) = self.peek(action);
        self.record(asker, RecordedAction::Named(ActionName::verbatim(action)), Some(&decision), None);
        (decision, answer)
    }

    /// Records what was decided for somebody who asks over HTTP, or a denial that no capability has decided: it is counted, and logged where
    /// there is a log. A denial is shown to people for a while, with this reason or else that of the ceiling.
    pub(crate) fn record(
        &self,
        asker: &Asker<'_>,
        action: RecordedAction<'_>,
        decision: Option<&Decision<'_>>,
        reason: Option<&str>,
    ) {
        self.count(action, decision, reason);
        if let Some(log) = &self.log {
            log.keep(asker, action, decision, reason, self.active.genome().id());
        }
    }

    fn count(&self, action: RecordedAction<'_>, decision: Option<&Decision<'_>>, reason: Option<&str>) {
        let answer = decision.map_or(self.answers.unknown(), |decision| self.answers.get(decision));
        answer.count.inc();
        if !decision.is_some_and(Decision::is_allowed) {
            let reason = reason.map_or_else(|| Arc::clone(&answer.reason), Arc::from);
            self.denials.keep(&action.shown(denials::LONGEST), &reason);
        }
    }

    /// Returns the answer to a person who is not about to act. It is not counted.
    pub(crate) fn peek(&self, action: &str) -> (Decision<'_>, &PreparedAnswer) {
        let decision = self.active.ceiling().decide(action);
        (decision, self.answers.get(&decision))
    }

    /// Says that the server is about to end: `/ready` says no from now on, and each answer ends its connection.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}
