//! `genome-sign` with a key on a real PKCS#11 token, that of SoftHSM2.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test stop where it fails"
)]

use genome_test_support::terminal::Typist;
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

/// The flags of the token `release`, as `pkcs11-tool` shows them.
fn flags(token: &SoftToken) -> String {
    let slots = token.does("pkcs11-tool --module \"$M\" --list-slots 2>/dev/null");
    slots.lines().find(|line| line.contains("token flags")).expect("a token").to_owned()
}

/// What cannot be right is known before it is tried: SoftHSM2 remembers each wrong one.
#[test]
fn a_pin_that_cannot_be_right_costs_no_try() {
    const COUNT_LOW: &str = "user PIN count low";
    let Some((token, release)) = token_and_release() else { return };
    let by_option = |pin: &[u8]| {
        fs::write(release.path().join("pin"), pin).unwrap();
        release.set_mode("pin", 0o600);
        run(token.signing(&release, "pkcs11:object=ops-1").args(["--passphrase-file", "pin"]))
    };
    let by_source = |pin: &[u8]| {
        fs::write(token.path().join("pin"), pin).unwrap();
        token.signs(&release, "object=ops-1")
    };
    let utf16: Vec<u8> = format!("{PIN}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let line = |rest: &str| format!("{PIN}{rest}").into_bytes();
    for (pin, said) in [
        (Vec::new(), "is empty"),
        (b"\r\n".to_vec(), "is empty"),
        (line("\nanother\n"), "has more than one line"),
        (line("\r"), "holds a control character"),
        (line("\t\n"), "holds a control character"),
        (line("\0\n"), "holds a NUL character"),
        ([b"\xef\xbb\xbf", line("\n").as_slice()].concat(), "begins with a byte order mark"),
        (utf16, "is UTF-16 text"),
        (b"123\n".to_vec(), "is shorter than the 4 bytes that it takes at least"),
        ([&[b'9'; 256][..], b"\n"].concat(), "is longer than the 255 bytes that it takes at most"),
        ([b'9'; 2000].to_vec(), "is longer than 1024 bytes"),
        (b"pin\xe9-9417\n".to_vec(), "is not UTF-8 text"),
    ] {
        for ran in [by_option(&pin), by_source(&pin)] {
            assert_ran(&ran, 2, said);
            assert!(!ran.stderr.contains(PIN) && !ran.stderr.contains("was tried once"), "{}", ran.stderr);
        }
    }
    let calls = token.calls(&mut token.signing(&release, &pin_source(&token, "object=ops-1")));
    assert!(calls.contains(&"GetTokenInfo".to_owned()) && !calls.contains(&"Login".to_owned()), "{calls:?}");
    assert!(!flags(&token).contains(COUNT_LOW), "{}", flags(&token));
    // A wrong one is seen, so that the others would have been.
    assert_ran(&by_source(b"pin-9418\n"), 2, "is wrong; it was tried once\n");
    assert!(flags(&token).contains(COUNT_LOW), "{}", flags(&token));
    release.assert_unsigned();
    // Both take the line of Windows, and its end is no part of the PIN.
    assert_ran(&by_option(&line("\r\n")), 0, "signed by");
    fs::remove_file(release.path().join("genome.json")).unwrap();
    assert_ran(&by_source(&line("\r\n")), 0, "signed by");
    assert!(!flags(&token).contains(COUNT_LOW), "{}", flags(&token));
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
    // Wherever else it is stored, it is the same each time; what a person types is tried.
    release.write("pin", PIN);
    release.set_mode("pin", 0o600);
    let ran = run(token.signing(&release, "pkcs11:object=ops-1").args(["--passphrase-file", "pin"]));
    assert_ran(&ran, 2, "the token `release` locks itself after one more wrong PIN, so only a PIN that is typed is tried");
    if has("python3") {
        let asked = "the PIN of the token `release` (if it is wrong, the token locks itself): ";
        let typist =
            |pin: &str| Typist { steps: &[(asked, pin)], ..Typist::default() }.run(&token.signing(&release, "pkcs11:object=ops-1"));
        // SoftHSM2 leaves the flag as it is.
        assert_ran(&typist("pin-9418\n").ran, 2, "is wrong; it was tried once, and one more wrong one locks the token");
        assert_ran(&typist(&format!("{PIN}\n")).ran, 0, "signed by");
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
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

/// The URIs that a program prints, from its lines `URL: pkcs11:...` or `uri: pkcs11:...`, or the lines alone.
fn printed_uris(output: &str) -> Vec<String> {
    output.split_whitespace().filter(|word| word.starts_with("pkcs11:")).map(str::to_owned).collect()
}

#[test]
fn the_uris_that_other_programs_print_work() {
    if !has("p11tool") {
        return;
    }
    let Some(token) = SoftToken::make() else { return };
    let release = Release::of(&token.make_key("a key; of 100%", "01ff"));
    let lists = |command: &str| printed_uris(&token.does(&format!("GNUTLS_PIN={PIN} {command} 2>/dev/null")));
    let signs = |uri: &str| {
        let ran = run(&mut token.signing(&release, &format!("{uri}?pin-source={}/pin", token.path().display())));
        let _ = fs::remove_file(release.path().join("genome.json"));
        ran
    };
    let tokens = lists("p11tool --provider \"$M\" --list-token-urls");
    let objects = lists("p11tool --provider \"$M\" --login --list-all \"$(p11tool --provider \"$M\" --list-token-urls)\"");
    let [private] = objects.iter().filter(|uri| uri.ends_with("type=private")).collect::<Vec<_>>()[..] else {
        panic!("not one private key: {objects:?}")
    };
    assert!(private.contains(";id=%01%FF;") || private.contains(";id=%01%ff;"), "{private}");
    // Newer ones of OpenSC print them as well.
    let others = lists(&format!("pkcs11-tool --module \"$M\" --login --pin {PIN} --list-slots --list-objects --type privkey"));
    for uri in tokens.iter().chain([private]).chain(&others) {
        assert_ran(&signs(uri), 0, "signed by `signer-1`");
    }
    // Without a login only the public half is shown.
    let shown = lists("p11tool --provider \"$M\" --list-all \"$(p11tool --provider \"$M\" --list-token-urls)\"");
    let [public] = shown.as_slice() else { panic!("not the public key alone: {shown:?}") };
    let ran = signs(public);
    assert_ran(&ran, 2, "`type` of the PKCS#11 URI names the public half of the key, and the private key signs");
    assert!(ran.stderr.contains("help: write type=private, or leave it away"), "{}", ran.stderr);
    assert_ran(&signs(&public.replace("type=public", "type=private")), 0, "signed by `signer-1`");
}

#[test]
fn each_attribute_of_the_module_the_slot_and_the_token_counts() {
    let Some((token, release)) = token_and_release() else { return };
    let slots = token.does("pkcs11-tool --module \"$M\" --list-slots 2>/dev/null");
    // `Slot 0 (0x3929c0e4): SoftHSM slot ID 0x3929c0e4`
    let slot =
        slots.split(&['(', ')'][..]).nth(1).and_then(|id| u64::from_str_radix(id.trim_start_matches("0x"), 16).ok()).unwrap();
    let serial = slots.lines().find(|line| line.contains("serial num")).and_then(|line| line.split(':').nth(1)).unwrap().trim();
    let description = format!("SoftHSM%20slot%20ID%200x{slot:x}");
    let version = token.does("pkcs11-tool --module \"$M\" --show-info");
    let version = version.split("(ver ").nth(1).and_then(|rest| rest.split(')').next()).unwrap().to_owned();
    for (attribute, right, said) in [
        ("token", "release", "no such token; it shows `token=release;serial="),
        ("token", "release%20%20", "no such token"),
        ("token", "release%00%00", "no such token"),
        ("serial", serial, "no such token"),
        ("model", "SoftHSM%20v2", ";model=SoftHSM%20v2`\n"),
        ("manufacturer", "SoftHSM%20project", ";manufacturer=SoftHSM%20project`\n"),
        ("slot-id", &slot.to_string(), &format!(";slot-id={slot}`\n")),
        ("slot-description", &description, &format!(";slot-description={description}`\n")),
        ("slot-manufacturer", "SoftHSM%20project", ";slot-manufacturer=SoftHSM%20project`\n"),
        ("library-description", "Implementation%20of%20PKCS11", "its `library-description` is `Implementation of PKCS11`"),
        ("library-manufacturer", "SoftHSM", "its `library-manufacturer` is `SoftHSM`"),
        ("library-version", &version, &format!("its `library-version` is `{version}`")),
    ] {
        assert_ran(&token.signs(&release, &format!("{attribute}={right};id=%01")), 0, "signed by");
        fs::remove_file(release.path().join("genome.json")).unwrap();
        let wrong = if right.bytes().all(|byte| byte.is_ascii_digit()) { "1" } else { "99.7" };
        assert_ran(&token.signs(&release, &format!("{attribute}={wrong};id=%01")), 2, said);
        release.assert_unsigned();
    }
    // The name of the module, in the query.
    let uri = pin_source(&token, "id=%01");
    assert_ran(&run(&mut token.signing(&release, &format!("{uri}&module-name=SOFTHSM2"))), 0, "signed by");
    fs::remove_file(release.path().join("genome.json")).unwrap();
    let ran = run(&mut token.signing(&release, &format!("{uri}&module-name=opensc-pkcs11")));
    assert_ran(&ran, 2, "the PKCS#11 module is another than the URI names: its `module-name` is `softhsm2`");
    let directory = token.module().parent().unwrap().display();
    let ran = run(token
        .signing(&release, &format!("{uri}&module-path={directory}&module-name=softhsm2"))
        .env_remove("PKCS11_PROVIDER_MODULE"));
    assert_ran(&ran, 0, "signed by");
    fs::remove_file(release.path().join("genome.json")).unwrap();
    // What is not known is named, and its value is not.
    let ran = run(&mut token.signing(&release, &pin_source(&token, "id=%01;x-vendor=hunter2")));
    assert_ran(&ran, 2, "the attribute `x-vendor` of the PKCS#11 URI is not known here\n");
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    release.assert_unsigned();
}

/// Some programs end a label with a zero byte, or fill it up (Pkcs11Interop#39).
#[test]
fn a_label_that_is_filled_up_matches() {
    let Some(token) = SoftToken::make().filter(|_| has("openssl")) else { return };
    let release = Release::of(&openssl_key(token.path(), "key.pem"));
    token.does(&format!(
        "openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8; softhsm2-util --import pkcs8 --token release --label 'padded   ' --id 0A --pin {PIN}"
    ));
    for label in ["padded", "padded%20%20%20", "padded%00"] {
        assert_ran(&token.signs(&release, &format!("object={label}")), 0, "signed by `signer-1`");
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
    assert_ran(&token.signs(&release, "object=pad"), 2, "it holds `object=padded%20%20%20;id=%0a`");
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
