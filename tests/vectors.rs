//! The vectors: files that carry their verdict. tests/vectors/generate.py writes them, with nothing of ours.

#![expect(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use genome::{Document, PrivateKey, PublicKey, Refusal, SignatureFault};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

/// A file: header lines `key: value`, an empty line, the bytes of the document.
struct Vector {
    name: String,
    header: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Vector {
    fn parse(name: String, bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or_else(|| panic!("{name}: no empty line"));
        let header = std::str::from_utf8(&bytes[..end]).unwrap();
        let header = header.lines().map(|line| {
            let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{name}: `{line}` is no header"));
            (key.to_owned(), value.trim().to_owned())
        });
        Self { header: header.collect(), name, body: bytes[end + 2..].to_vec() }
    }

    fn optional(&self, key: &str) -> Option<&str> {
        self.header.get(key).map(String::as_str)
    }

    fn value(&self, key: &str) -> &str {
        self.optional(key).unwrap_or_else(|| panic!("{}: no `{key}`", self.name))
    }

    fn bytes<const N: usize>(&self, key: &str) -> [u8; N] {
        unhex(self.value(key)).try_into().unwrap()
    }
}

/// Runs a check over every vector of a directory, and names all that fail.
fn run(directory: &str, least: usize, check: impl Fn(&Vector) -> Result<(), String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(directory);
    let files = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{directory}: {error}")).map(|entry| entry.unwrap());
    let mut vectors: Vec<Vector> =
        files.map(|file| Vector::parse(file.file_name().into_string().unwrap(), &std::fs::read(file.path()).unwrap())).collect();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(vectors.len() >= least, "{directory} holds {} vectors, and should hold {least}", vectors.len());
    let failures: Vec<String> =
        vectors.iter().filter_map(|vector| check(vector).err().map(|why| format!("{}: {why}", vector.name))).collect();
    assert!(failures.is_empty(), "{} of {} vectors fail:\n{}", failures.len(), vectors.len(), failures.join("\n"));
}

fn unhex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, expected {expected:?}")) }
}

/// Where a refusal is: `line:column` of a fault of JSON, otherwise a JSON Pointer.
fn place(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Json(error) => format!("{}:{}", error.line, error.column),
        other => other.pointer().to_owned(),
    }
}

/// Everything that a report could show of a refusal.
fn texts(refusal: &Refusal) -> Vec<String> {
    let mut texts = vec![refusal.to_string(), refusal.hint(), refusal.pointer().to_owned()];
    if let Refusal::SecretExposed { pointers, .. } = refusal {
        texts.extend(pointers.iter().cloned());
    }
    for fault in refusal.faults().into_iter().flatten() {
        texts.extend([fault.pointer.clone(), fault.problem.to_string(), fault.problem.hint()]);
    }
    texts
}

/// The private keys of a document, without the start that is the same for all: base64 of PKCS#8 with a 32-byte seed.
fn seeds(body: &[u8]) -> Vec<String> {
    const STARTS: [&str; 2] = ["MC4CAQAwBQYDK2VwBCIEI", "MFECAQEwBQYDK2VwBCIEI"];
    // The rest of the seed, from the last digit of the start on.
    const REST: usize = 43;
    let text = String::from_utf8_lossy(body);
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

/// A refusal must quote nothing of a private key that stands in the document.
fn keeps_secrets(vector: &Vector, refusal: &Refusal) -> Result<(), String> {
    const WINDOW: usize = 12;
    for seed in seeds(&vector.body) {
        for text in texts(refusal) {
            let shown = |window: &[u8]| text.as_bytes().windows(WINDOW).any(|other| other == window);
            if genome::holds_private_key(&text) || seed.as_bytes().windows(WINDOW).any(shown) {
                return Err("the refusal shows a private key".to_owned());
            }
        }
    }
    Ok(())
}

fn refused(vector: &Vector) -> Result<(), String> {
    let Err(refusal) = genome::verify(&vector.body) else { return Err("accepted".to_owned()) };
    same("the code", &refusal.code().as_str(), &vector.value("expect"))?;
    if let Some(at) = vector.optional("at") {
        same("the place", &place(&refusal).as_str(), &at)?;
    }
    if let Some(says) = vector.optional("says")
        && !texts(&refusal).iter().any(|text| text.contains(says))
    {
        return Err(format!("`{says}` is not in {:?}", texts(&refusal)));
    }
    keeps_secrets(vector, &refusal)
}

#[test]
fn hostile_genomes_are_refused() {
    run("hostile", 412, refused);
}

#[test]
fn private_keys_are_found_in_the_vectors() {
    // The check that no refusal shows a private key would be empty if it found none.
    run("hostile", 412, |vector| {
        let holds_key = vector.name.starts_with("private-key-") && !vector.name.contains("openssh");
        same("whether a private key is found", &!seeds(&vector.body).is_empty(), &holds_key)
    });
}

#[test]
fn good_genomes_are_accepted() {
    run("accepted", 26, |vector| {
        same("the verdict", &"accepted", &vector.value("expect"))?;
        let verified =
            genome::verify(&vector.body).map_err(|refusal| format!("{} at {}: {refusal}", refusal.code(), place(&refusal)))?;
        same("the id", &verified.id().to_string().as_str(), &vector.value("id"))?;
        let document = Document::read(&vector.body).map_err(|refusal| refusal.to_string())?;
        same("the id of the document", &document.id(), &verified.id())?;
        let written = genome::verify(document.to_json().as_bytes()).map_err(|refusal| format!("written again: {refusal}"))?;
        same("the id when written again", &written.id(), &verified.id())
    });
}

#[test]
fn canonical_forms_are_those_of_rfc_8785() {
    run("canonical", 46, |vector| {
        let literal = std::str::from_utf8(&vector.body).unwrap();
        if let (Some(bits), Ok(number)) = (vector.optional("bits"), literal.parse::<f64>())
            && !number.is_nan()
        {
            same("the double", &number.to_bits().to_be_bytes().to_vec(), &unhex(bits))?;
        }
        match (genome::canonicalize(&vector.body), vector.value("expect")) {
            (Ok(output), "accepted") => {
                same("the output", &output, &String::from_utf8(unhex(vector.value("output"))).unwrap())?;
                same("the output of the output", &genome::canonicalize(output.as_bytes()), &Ok(output))
            }
            (Err(error), "refused") => same("the place", &format!("{}:{}", error.line, error.column).as_str(), &vector.value("at")),
            (result, expected) => Err(format!("{result:?}, expected {expected}")),
        }
    });
}

#[test]
fn keys_and_signatures_are_those_of_the_rfcs() {
    run("ed25519", 8, |vector| match vector.value("kind") {
        "signature" => signature(vector),
        "private key" => {
            let key = PrivateKey::from_text(std::str::from_utf8(&vector.body).unwrap(), None).map_err(|error| error.to_string())?;
            same("the public key", &key.public_key().to_string().as_str(), &vector.value("public"))
        }
        "public key" => {
            let text = std::str::from_utf8(&vector.body).unwrap();
            let key: PublicKey = text.parse().map_err(|error| format!("{error}"))?;
            same("the public key", &key.to_string().as_str(), &text)?;
            same("whether it is known as published", &key.is_published_test_key(), &true)
        }
        kind => Err(format!("unknown kind `{kind}`")),
    });
}

/// RFC 8032 section 7.1: the key, the signature, and no bit of either may be another.
fn signature(vector: &Vector) -> Result<(), String> {
    let key = PrivateKey::from_seed(&vector.bytes("seed"));
    let public: [u8; 32] = vector.bytes("public");
    let signature: [u8; 64] = vector.bytes("signature");
    let public_key = key.public_key();
    same("the public key", public_key.as_bytes(), &public)?;
    same("the signature", &key.sign(&vector.body), &Ok(signature))?;
    same("the verdict", &public_key.verify(&vector.body, &signature), &Ok(()))?;
    same("whether it is known as published", &public_key.is_published_test_key(), &true)?;
    for bit in 0..512 {
        let verdict = public_key.verify(&vector.body, &flipped(&signature, bit));
        same(&format!("the verdict with bit {bit} of the signature flipped"), &verdict.is_err(), &true)?;
    }
    for bit in 0..8 * vector.body.len().min(64) {
        let verdict = public_key.verify(&flipped(&vector.body, bit), &signature);
        same(&format!("the verdict with bit {bit} of the message flipped"), &verdict, &Err(SignatureFault::Mismatch))?;
    }
    for bit in 0..256 {
        // About half of these are no point at all.
        if let Ok(other) = PublicKey::from_bytes(&flipped(&public, bit)) {
            let verdict = other.verify(&vector.body, &signature);
            same(&format!("the verdict with bit {bit} of the key flipped"), &verdict, &Err(SignatureFault::Mismatch))?;
        }
    }
    Ok(())
}

fn flipped<B: ToOwned<Owned: AsMut<[u8]>> + ?Sized>(bytes: &B, bit: usize) -> B::Owned {
    let mut copy = bytes.to_owned();
    copy.as_mut()[bit / 8] ^= 1 << (bit % 8);
    copy
}

#[test]
fn documents_that_are_too_large_are_refused() {
    // Too large for a file among the vectors.
    let mut document = vec![b' '; genome::json::MAX_BYTES];
    document[0] = b'1';
    assert_eq!(genome::canonicalize(&document).as_deref(), Ok("1"), "16 MiB are read");
    document.push(b' ');
    assert_eq!(genome::verify(&document).unwrap_err().code(), genome::Code::InvalidJson);
    assert_eq!(genome::canonicalize(&document).unwrap_err().fault, genome::json::JsonFault::TooLarge);
}
