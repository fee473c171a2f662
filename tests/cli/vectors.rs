//! The vectors: files that carry their verdict. tests/vectors/generate.py writes them, with nothing of ours.

#![expect(clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use genome::key::SignatureFault;
use genome::{Document, PrivateKey, PublicKey};
use genome_test_support::refusal::{keeps_secrets, place, seeds, texts};
use genome_test_support::vector::{Vector, run, same, unhex};

fn refused(vector: &Vector) -> Result<(), String> {
    let Err(refusal) = genome::dangerous::verify_self_declared(&vector.body) else { return Err("accepted".to_owned()) };
    same("the code", &refusal.code().as_str(), &vector.value("expect"))?;
    if let Some(at) = vector.optional("at") {
        same("the place", &place(&refusal).as_str(), &at)?;
    }
    if let Some(says) = vector.optional("says")
        && !texts(&refusal).iter().any(|text| text.contains(says))
    {
        return Err(format!("`{says}` is not in {:?}", texts(&refusal)));
    }
    keeps_secrets(&vector.body, &refusal)
}

#[test]
fn hostile_genomes_are_refused() {
    run("hostile", 444, refused);
}

#[test]
fn private_keys_are_found_in_the_vectors() {
    // The check that no refusal shows a private key would be empty if it found none.
    run("hostile", 444, |vector| {
        let holds_key = vector.name.starts_with("private-key-") && !vector.name.contains("openssh");
        same("whether a private key is found", &!seeds(&vector.body).is_empty(), &holds_key)
    });
}

#[test]
fn good_genomes_are_accepted() {
    run("accepted", 31, |vector| {
        same("the verdict", &"accepted", &vector.value("expect"))?;
        let verified = genome::dangerous::verify_self_declared(&vector.body)
            .map_err(|refusal| format!("{} at {}: {refusal}", refusal.code(), place(&refusal)))?;
        same("the id", &verified.id().to_string().as_str(), &vector.value("id"))?;
        let document = Document::read(&vector.body).map_err(|refusal| refusal.to_string())?;
        same("the id of the document", &document.id(), &verified.id())?;
        let written = genome::dangerous::verify_self_declared(document.to_json().as_bytes())
            .map_err(|refusal| format!("written again: {refusal}"))?;
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
        match (genome_json::canonicalize(&vector.body), vector.value("expect")) {
            (Ok(output), "accepted") => {
                same("the output", &output, &String::from_utf8(unhex(vector.value("output"))).unwrap())?;
                same("the output of the output", &genome_json::canonicalize(output.as_bytes()), &Ok(output))
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
    assert_eq!(genome_json::canonicalize(&document).as_deref(), Ok("1"), "16 MiB are read");
    document.push(b' ');
    assert_eq!(genome::dangerous::verify_self_declared(&document).unwrap_err().code(), genome::Code::InvalidJson);
    assert_eq!(genome_json::canonicalize(&document).unwrap_err().fault, genome::json::JsonFault::TooLarge);
}
