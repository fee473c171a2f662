//! What a refusal shows, and what it must not show.

use genome::Refusal;

/// Where a refusal is: `line:column` of a fault of JSON, otherwise a JSON Pointer.
#[must_use]
pub fn place(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Json(error) => format!("{}:{}", error.line, error.column),
        other => other.pointer().to_owned(),
    }
}

/// Everything that a report could show of a refusal.
#[must_use]
pub fn texts(refusal: &Refusal) -> Vec<String> {
    let mut texts = vec![refusal.to_string(), refusal.hint(), refusal.pointer().to_owned()];
    if let Refusal::SecretExposed { pointers, .. } = refusal {
        texts.extend(pointers.iter().cloned());
    }
    for fault in refusal.faults().into_iter().flatten() {
        texts.extend([fault.pointer.clone(), fault.problem.to_string(), fault.problem.hint()]);
    }
    texts
}

/// A refusal must quote nothing of a private key that stands in the document.
///
/// # Errors
/// It does.
pub fn keeps_secrets(document: &[u8], refusal: &Refusal) -> Result<(), String> {
    const WINDOW: usize = 12;
    for seed in seeds(document) {
        for text in texts(refusal) {
            let shown = |window: &[u8]| text.as_bytes().windows(WINDOW).any(|other| other == window);
            if genome::holds_private_key(&text) || seed.as_bytes().windows(WINDOW).any(shown) {
                return Err("the refusal shows a private key".to_owned());
            }
        }
    }
    Ok(())
}

/// The private keys of a document, without the start that is the same for all: base64 of PKCS#8 with a 32-byte seed.
#[must_use]
pub fn seeds(document: &[u8]) -> Vec<String> {
    const STARTS: [&str; 2] = ["MC4CAQAwBQYDK2VwBCIEI", "MFECAQEwBQYDK2VwBCIEI"];
    // The rest of the seed, from the last digit of the start on.
    const REST: usize = 43;
    let text = String::from_utf8_lossy(document);
    let plain = unescape(&text);
    let found = STARTS.iter().flat_map(|start| plain.match_indices(start).map(|(at, start)| at + start.len()));
    found.filter_map(|at| plain.get(at..at + REST)).map(str::to_owned).collect()
}

/// Replaces `\uXXXX` of ASCII characters; enough to find a key that is written in escapes.
fn unescape(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..4).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            Some(byte) if byte.is_ascii() => {
                plain.push(char::from(byte));
                plain.push_str(&part[4..]);
            }
            _ => plain.push_str(part),
        }
    }
    plain
}
