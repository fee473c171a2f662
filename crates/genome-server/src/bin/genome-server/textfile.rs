//! The counts of boots, in a file for the textfile collector of `node_exporter`.

use crate::log::warn_of_file;
use genome_files::{MetricsOf, Textfile, place_hint};
use genome_server::Boots;
use std::io;
use std::path::Path;
use std::time::SystemTime;
use tracing::warn;

/// Counts a boot in a file for the textfile collector of `node_exporter`, which can be read when no server runs. A failure
/// to write it is logged, and changes nothing else. Returns the counts so far, with this boot.
///
/// `prometheus` 0.14.0 writes the text of metrics and reads none; `prometheus-parse` 0.2.5 was tried, and passes over a line that is damaged,
/// where the counts must start anew. So [`Boots`] reads the three metrics that it wrote itself.
pub(crate) fn count(path: Option<&Path>, succeeded: bool, happened: impl FnOnce(&mut Boots)) -> Boots {
    let Some(path) = path else { return with(Boots::default(), happened) };
    let waiting = || warn!("waiting for another program that writes metrics in the same directory");
    let file = match Textfile::take(path, MetricsOf::Server, waiting) {
        Ok(file) => file,
        Err(error) => {
            unwritten(path, &error);
            return with(Boots::default(), happened);
        }
    };
    let boots = with(file.before().map(|text| read(path, text)).unwrap_or_default(), happened);
    let text = boots.to_text(succeeded, SystemTime::now()).map_err(io::Error::other);
    if let Err(error) = text.and_then(|text| file.replace(&text)) {
        unwritten(path, &error);
    }
    boots
}

fn with(mut boots: Boots, happened: impl FnOnce(&mut Boots)) -> Boots {
    happened(&mut boots);
    boots
}

/// The counts in a text. Those that are damaged count from the start.
fn read(path: &Path, text: &str) -> Boots {
    Boots::read(text).unwrap_or_else(|| {
        let message = "the metrics of earlier boots are damaged, and are counted from the start";
        warn_of_file(path, message, "see what else writes this file");
        Boots::default()
    })
}

fn unwritten(path: &Path, error: &io::Error) {
    let message = format!("the metrics of this boot cannot be written: {error}");
    let hint = place_hint(error).unwrap_or("name a file in a directory that is there and that this user may write");
    warn_of_file(path, &message, hint);
}
