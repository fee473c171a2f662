//! Writes the canonical form (RFC 8785) of a JSON document: `canonicalize < document.json`.

use std::error::Error;
use std::io::{self, Read as _, Write as _};

fn main() -> Result<(), Box<dyn Error>> {
    let mut document = Vec::new();
    // One byte more than is read, so that a longer document is refused as too large.
    io::stdin().lock().take(genome_json::MAX_BYTES as u64 + 1).read_to_end(&mut document)?;
    let form = genome_json::canonicalize(&document)?;
    io::stdout().lock().write_all(form.as_bytes())?;
    Ok(())
}
