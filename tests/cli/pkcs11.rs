//! `genome-sign` with a key on a real PKCS#11 token, that of SoftHSM2.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test stop where it fails"
)]

use genome_test_support::{PIN, Ran, Release, SoftToken, assert_ran, has, openssl_key, run};
use std::fs;
use std::path::PathBuf;

/// A token with the key `ops-1` of id 01, and a release whose one signer has it.
fn token_and_release() -> Option<(SoftToken, Release)> {
    let token = SoftToken::make()?;
    let release = Release::of(&token.make_key("ops-1", "01"));
    Some((token, release))
}

/// As the token `release` does, with the PIN from its file.
fn pin_source(token: &SoftToken, attributes: &str) -> String {
    format!("pkcs11:{attributes}?pin-source={}/pin", token.path().display())
}

#[test]
fn a_key_of_the_token_signs_by_each_of_its_names() {
    let Some((token, release)) = token_and_release() else { return };
    let _ = token.make_key("another", "02");
    for attributes in ["token=release;object=ops-1", "token=release;id=%01", "object=ops-1;id=%01;type=private", "object=%6f%70s-1"]
    {
        assert_ran(&token.signs(&release, attributes), 0, "signed by `signer-1`");
        release.assert_signed();
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
    // The module in the URI outweighs the variable.
    let uri = format!("{}&module-path={}", pin_source(&token, "object=ops-1"), token.module().display());
    assert_ran(&run(token.signing(&release, &uri).env("PKCS11_PROVIDER_MODULE", "/no/such/module.so")), 0, "signed by");
    fs::remove_file(release.path().join("genome.json")).unwrap();
    // The PIN instead from where passphrases come from.
    release.write("pin", PIN);
    release.set_mode("pin", 0o600);
    assert_ran(&run(token.signing(&release, "pkcs11:object=ops-1").args(["--passphrase-file", "pin"])), 0, "signed by");
    release.assert_signed();
}

#[test]
fn a_key_that_was_imported_makes_the_signature_that_openssl_makes() {
    let Some(token) = SoftToken::make().filter(|_| has("openssl")) else { return };
    let release = Release::of(&openssl_key(token.path(), "key.pem"));
    token.does(&format!(
        "openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8; softhsm2-util --import pkcs8 --token release --label imported --id 0A --pin {PIN}"
    ));
    assert_ran(&token.signs(&release, "id=%0a"), 0, "signed by `signer-1`");
    release.assert_signed();
    let by_token = release.read("genome.json");
    let file = format!("file:{}/key.pem", token.path().display());
    assert_ran(&run(release.signing_by(&file).arg("--force")), 0, "nothing to do");
    fs::remove_file(release.path().join("genome.json")).unwrap();
    assert_ran(&run(&mut release.signing_by(&file)), 0, "signed by");
    assert_eq!(release.read("genome.json"), by_token);
}

#[test]
fn a_wrong_pin_is_tried_once() {
    let Some((token, release)) = token_and_release() else { return };
    let refused = |ran: &Ran, said: &str| {
        assert_ran(ran, 2, said);
        assert!(!ran.stderr.contains("pin-9418"), "the PIN is shown");
        release.assert_unsigned();
    };
    release.write("pin", "pin-9418");
    release.set_mode("pin", 0o600);
    let ran = run(token.signing(&release, "pkcs11:object=ops-1").args(["--passphrase-file", "pin"]));
    refused(&ran, "the PIN of the token `release` is wrong; it was tried once");
    fs::write(token.path().join("pin"), "pin-9418\n").unwrap();
    refused(&token.signs(&release, "object=ops-1"), "the PIN of the token `release` is wrong; it was tried once");
    let calls = token.calls(&mut token.signing(&release, &pin_source(&token, "object=ops-1")));
    assert_eq!(calls.iter().filter(|call| *call == "Login").count(), 1, "{calls:?}");
    assert_eq!(calls.last().map(String::as_str), Some("Finalize"), "{calls:?}");
    assert!(!calls.contains(&"SignInit".to_owned()), "{calls:?}");
    fs::write(token.path().join("pin"), "\n").unwrap();
    refused(&token.signs(&release, "object=ops-1"), "the PIN given for the token `release` is empty, so it was not tried");
    token.does("chmod 644 pin");
    refused(&token.signs(&release, "object=ops-1"), "others than its owner can get at ");
    token.does("rm pin");
    refused(&token.signs(&release, "object=ops-1"), "there is no such file");
}

/// SoftHSM2 never locks a PIN. This sets the flags that it would set if it did, in the file where it keeps them: the attribute
/// `CKA_OS_TOKENFLAGS`, its kind (a number), and its value, each in eight bytes.
fn set_flags(token: &SoftToken, flags: u64) {
    const NAME_AND_KIND: [u8; 16] = [0, 0, 0, 0, 0x80, 0, 0x53, 0x4b, 0, 0, 0, 0, 0, 0, 0, 2];
    let directories = fs::read_dir(token.path().join("tokens")).unwrap();
    let files: Vec<PathBuf> = directories.map(|entry| entry.unwrap().path().join("token.object")).collect();
    let [file] = files.as_slice() else { panic!("not one token: {files:?}") };
    let mut bytes = fs::read(file).unwrap();
    let at = bytes.windows(16).position(|window| window == NAME_AND_KIND).expect("the flags") + 16;
    let value = u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap()) | flags;
    bytes[at..at + 8].copy_from_slice(&value.to_be_bytes());
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_locked_pin_is_not_tried_and_the_last_try_is_left_to_a_person() {
    const USER_PIN_FINAL_TRY: u64 = 0x2_0000;
    const USER_PIN_LOCKED: u64 = 0x4_0000;
    let Some((token, release)) = token_and_release() else { return };
    set_flags(&token, USER_PIN_FINAL_TRY);
    assert_ran(&token.signs(&release, "object=ops-1"), 2, "the token `release` locks itself after one more wrong PIN");
    set_flags(&token, USER_PIN_LOCKED);
    assert_ran(&token.signs(&release, "object=ops-1"), 2, "the PIN of the token `release` is locked, after too many wrong ones");
    // Nobody is asked for it either.
    let ran = run(token.signing(&release, "pkcs11:object=ops-1").args(["--passphrase-file", "none"]));
    assert_ran(&ran, 2, "the PIN of the token `release` is locked");
    release.assert_unsigned();
}

#[test]
fn the_token_and_the_key_must_be_the_only_ones_that_are_meant() {
    let Some((token, release)) = token_and_release() else { return };
    assert_ran(&token.signs(&release, "token=none"), 2, "the module shows no such token; it shows `token=release;serial=");
    assert_ran(
        &token.signs(&release, "token=release;object=none"),
        2,
        "no such Ed25519 private key; it holds `object=ops-1;id=%01`",
    );
    assert_ran(&token.signs(&release, "token=release;id=%07"), 2, "no such Ed25519 private key");
    let _ = token.make_key("ops-1", "02");
    let ran = token.signs(&release, "object=ops-1");
    assert_ran(&ran, 2, "several private keys of the token are meant: `object=ops-1;id=%0");
    token.does(&format!(
        "pkcs11-tool --module \"$M\" --token-label release --login --pin {PIN} --keypairgen --key-type EC:prime256v1 --label old --id 03"
    ));
    assert_ran(&token.signs(&release, "object=old"), 2, "`object=old;id=%03`, not an Edwards curve");
    token.add_token("second one");
    let ran = token.signs(&release, "object=ops-1;id=%01");
    assert_ran(&ran, 2, "several tokens are meant: `token=");
    assert!(ran.stderr.contains("`token=second%20one;serial="), "{}", ran.stderr);
    release.assert_unsigned();
    assert_ran(&token.signs(&release, "token=second%20one;id=%01"), 2, "no such Ed25519 private key; it holds none");
    assert_ran(&token.signs(&release, "token=release;id=%01"), 0, "signed by");
}

#[test]
fn the_key_of_another_signs_nothing() {
    let Some((token, release)) = token_and_release() else { return };
    let _ = token.make_key("another", "02");
    assert_ran(&token.signs(&release, "id=%02"), 1, "the private key does not belong to `signer-1`");
    // Also where the token does not show the public half.
    let without_public = |id: &str| {
        token.does(&format!(
            "pkcs11-tool --module \"$M\" --token-label release --login --pin {PIN} --delete-object --type pubkey --id {id}"
        ))
    };
    let _ = without_public("02");
    assert_ran(
        &token.signs(&release, "id=%02"),
        1,
        "the signature that was made is not one over this genome by the key of `signer-1`",
    );
    release.assert_unsigned();
    // Whereas the right one needs it not.
    let _ = without_public("01");
    assert_ran(&token.signs(&release, "id=%01"), 0, "signed by");
    release.assert_signed();
}

#[test]
fn a_module_that_is_none_says_so() {
    let Some((token, release)) = token_and_release() else { return };
    let mut none = token.signing(&release, "pkcs11:object=ops-1");
    assert_ran(&run(none.env_remove("PKCS11_PROVIDER_MODULE")), 2, "neither `module-path` of the URI nor PKCS11_PROVIDER_MODULE");
    release.write("not-a-library.so", "text");
    for module in ["/no/such/module.so", "./not-a-library.so"] {
        let ran = run(token.signing(&release, "pkcs11:object=ops-1").env("PKCS11_PROVIDER_MODULE", module));
        assert_ran(&ran, 2, &format!("the PKCS#11 module {module} cannot be loaded: "));
    }
    // A library that is there, and another.
    let ran = run(token.signing(&release, "pkcs11:object=ops-1").env("PKCS11_PROVIDER_MODULE", "libc.so.6"));
    assert_ran(&ran, 2, "it is a library, but not a PKCS#11 module");
    release.assert_unsigned();
}
