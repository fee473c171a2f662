use crate::active::{Active, summary};
use crate::body::BodyBudget;
use crate::boots::Boots;
use crate::denials::Denials;
use crate::disk::{Disk, Standing};
use crate::metrics::{Metrics, MetricsError};
use crate::page::Page;
use crate::verdicts::{Verdict, Verdicts};
use axum::body::Bytes;
use genome::Decision;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where it is decided what may be done: the active genome, what was decided so far, and what is to be seen of it from outside.
#[derive(Debug)]
pub struct DecisionPoint {
    pub(crate) active: Active,
    /// The answer of `GET /genome`.
    pub(crate) summary: Bytes,
    pub(crate) metrics: Metrics,
    pub(crate) denials: Denials,
    disk: Option<Disk>,
    pub(crate) page: Page,
    pub(crate) bodies: BodyBudget,
    pub(crate) is_for_loopback: bool,
    verdicts: Verdicts,
    leaving: AtomicBool,
}

impl DecisionPoint {
    /// Decides by this genome.
    ///
    /// # Errors
    /// There can be no metrics of it, which is a fault of this program.
    pub fn new(active: Active) -> Result<Self, MetricsError> {
        let metrics = Metrics::of(&active)?;
        let verdicts = Verdicts::of(&active, &metrics)?;
        let (summary, page) = (summary(&active), Page::of(&active));
        let (denials, bodies, leaving) = (Denials::default(), BodyBudget::default(), AtomicBool::new(false));
        Ok(Self { active, summary, metrics, denials, disk: None, page, bodies, is_for_loopback: false, verdicts, leaving })
    }

    /// The same, and requests are answered only whose host is `localhost` or an address of the loopback: for a server that listens there,
    /// and that no page of another site should reach by way of a browser (DNS rebinding).
    #[must_use]
    pub fn for_loopback(self) -> Self {
        Self { is_for_loopback: true, ..self }
    }

    /// The same, and `/health`, the page and the metrics say whether this file is still what was loaded. Nothing is ever loaded from it.
    #[must_use]
    pub fn watching(self, path: PathBuf) -> Self {
        let disk = Some(Disk::new(path, self.active.document().clone()));
        Self { disk, ..self }
    }

    /// The same, and the metrics show what happened at boots.
    ///
    /// # Errors
    /// They cannot, which is a fault of this program.
    pub fn with_boots(self, boots: &Boots) -> Result<Self, MetricsError> {
        self.metrics.take(boots)?;
        Ok(self)
    }

    /// How the file on the disk stands to what was loaded, if one is watched.
    pub(crate) async fn standing(&self) -> Option<Standing> {
        match &self.disk {
            Some(disk) => Some(disk.standing().await),
            None => None,
        }
    }

    /// The genome that decides.
    #[must_use]
    pub fn active(&self) -> &Active {
        &self.active
    }

    /// Whether an action may be taken. It is counted, and a denial is shown to people for a while.
    pub fn decide(&self, action: &str) -> Decision<'_> {
        self.rule(action).0
    }

    /// Decides, and gives the answer in words too.
    pub(crate) fn rule(&self, action: &str) -> (Decision<'_>, &Verdict) {
        let (decision, verdict) = self.look_up(action);
        verdict.count.inc();
        if !decision.is_allowed() {
            self.denials.keep(action, &verdict.reason);
        }
        (decision, verdict)
    }

    /// The same for a person who only wants to know: nobody is about to act, so nothing is counted.
    pub(crate) fn look_up(&self, action: &str) -> (Decision<'_>, &Verdict) {
        let decision = self.active.ceiling().decide(action);
        (decision, self.verdicts.get(&decision))
    }

    /// Says that the server is about to end: `/ready` says no from now on, and each answer ends its connection.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}
