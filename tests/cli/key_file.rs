//! `genome-sign` with a key in a file or in a variable.

use genome_test_support::{Release, assert_ran, has, openssh_key, openssl_key, program, programs, run, shell, test_key};
use std::fs;
use std::os::unix::fs::chown;

#[test]
fn each_form_of_key_signs_from_a_file() {
    let release = Release::new(1, 1);
    release.write("key", &format!("{}\n", release.keys[0]));
    release.write("a key's.pem", &format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", release.keys[0]));
    for name in ["key", "a key's.pem"] {
        release.set_mode(name, 0o600);
        assert_ran(&run(release.signing_by(&format!("file:{name}")).arg("--force")), 0, "signed by `signer-1`");
        release.assert_signed();
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
    // What the owner alone can do is nobody else's business.
    release.set_mode("key", 0o700);
    assert_ran(&run(&mut release.signing_by(&format!("file:{}/key", release.path().display()))), 0, "signed by");
    release.assert_signed();
}

#[test]
fn the_variable_names_the_key_and_the_option_outweighs_it() {
    let release = Release::new(2, 1);
    release.write("key", &release.keys[0]);
    release.set_mode("key", 0o600);
    let mut sign = program("genome-sign", release.path());
    sign.args(["draft.json", "genome.json", "signer-1"]).env("GENOME_SIGNING_KEY", "file:key");
    // It outweighs the variable that holds a key.
    assert_ran(&run(sign.env("GENOME_SIGNING_PRIVATE_KEY", "rubbish")), 0, "signed by `signer-1`");
    let mut sign = program("genome-sign", release.path());
    sign.args(["draft.json", "genome.json", "signer-2", "--key", "env:SECOND"]).env("GENOME_SIGNING_KEY", "file:none");
    assert_ran(&run(sign.env("SECOND", &release.keys[1])), 0, "signed by `signer-2`");
    release.assert_signed();
}

#[test]
fn a_variable_without_a_key_says_so() {
    let release = Release::new(1, 1);
    assert_ran(&run(&mut release.signing_by("env:NO_SUCH_KEY")), 2, "NO_SUCH_KEY is not set");
    assert_ran(&run(release.signing_by("env:SOME_KEY").env("SOME_KEY", "")), 2, "SOME_KEY holds no usable key: it is empty");
    release.assert_unsigned();
}

#[test]
fn encrypted_keys_of_openssl_and_openssh_sign_with_their_passphrase() {
    if !has("openssl") || !has("ssh-keygen") {
        return;
    }
    let release = Release::new(2, 2);
    release.name_key(1, &openssl_key(release.path(), "plain.pem"));
    shell(release.path(), "umask 077; openssl pkcs8 -topk8 -scrypt -passout 'pass:two words' -in plain.pem -out openssl");
    release.name_key(2, &openssh_key(release.path(), "openssh", "two words"));
    for (name, passphrase) in [("right", "two words\n"), ("wrong", "two  words\n")] {
        release.write(name, passphrase);
        release.set_mode(name, 0o600);
    }
    for (name, signer) in [("openssl", "signer-1"), ("openssh", "signer-2")] {
        let sign =
            |passphrase: &str| run(release.signing_by(&format!("file:{name}")).args([signer, "--passphrase-file", passphrase]));
        let ran = sign("wrong");
        assert_ran(&ran, 2, &format!("{name} holds no usable key: it does not decrypt with this passphrase"));
        assert!(!ran.stderr.contains("words"), "the passphrase is shown");
        if name == "openssl" {
            release.assert_unsigned();
        }
        assert_ran(&sign("right"), 0, &format!("signed by `{signer}`"));
    }
    release.assert_signed();
    // Without a terminal and without a file there is nobody to ask.
    let ran = run(std::process::Command::new("setsid")
        .arg(programs().join("genome-sign"))
        .args(["draft.json", "other.json", "--key", "file:openssl", "signer-1"])
        .current_dir(release.path()));
    assert_ran(&ran, 2, "the passphrase of `openssl`");
}

#[test]
fn a_file_that_others_can_read_is_refused_with_the_command_that_closes_it() {
    let release = Release::new(1, 1);
    let name = "a key's file";
    release.write(name, &release.keys[0]);
    for mode in [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o666] {
        release.set_mode(name, mode);
        let ran = run(&mut release.signing_by(&format!("file:{name}")));
        assert_ran(
            &ran,
            2,
            &format!(
                "`{name}` holds a secret and is not private: others than its owner can get at it, as its mode is {mode:04o}\n"
            ),
        );
        assert!(ran.stderr.contains("  help: chmod 600 a\\ key\\'s\\ file\n"), "{}", ran.stderr);
        release.assert_unsigned();
        // The hint does what it says.
        let hint = ran.stderr.split("  help: ").nth(1).unwrap();
        shell(release.path(), hint);
        assert_ran(&run(&mut release.signing_by(&format!("file:{name}"))), 0, "signed by");
        fs::remove_file(release.path().join("genome.json")).unwrap();
    }
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let release = Release::new(1, 1);
    release.write("key", &release.keys[0]);
    release.set_mode("key", 0o600);
    if chown(release.path().join("key"), Some(12345), None).is_err() {
        // Only root can give a file away.
        return;
    }
    assert_ran(
        &run(&mut release.signing_by("file:key")),
        2,
        "key holds a secret and is not private: it belongs to another user, number 12345",
    );
    release.assert_unsigned();
    if !has("ssh-keygen") {
        return;
    }
    // It is one rule for all that is secret.
    shell(
        release.path(),
        "mkdir -m 700 pem; ssh-keygen -q -t ed25519 -N words -f pem/key; printf words > pem/words; chmod 600 pem/words",
    );
    chown(release.path().join("pem/words"), Some(12345), None).unwrap();
    let reads_as = |what: &str, descriptor: &str| {
        let mut keygen = std::process::Command::new("sh");
        let script = format!("exec \"$0\" {what} {descriptor}");
        run(keygen.args(["-c", &script]).arg(programs().join("genome-keygen")).current_dir(release.path()))
    };
    let reads = |descriptor: &str| reads_as("--public-from file:pem/key", descriptor);
    let ran = reads("--passphrase-file pem/words x");
    let exposed =
        "is in a file that is not private: it belongs to another user, number 12345, who can read and change it\n  --> pem/words\n";
    assert_ran(&ran, 2, &format!("the passphrase of `pem/key` {exposed}"));
    // So it is for each program, and for a key that is made.
    let sign = run(release.signing_by("file:pem/key").args(["--passphrase-file", "pem/words"]));
    assert_ran(&sign, 2, &format!("the passphrase of `pem/key` {exposed}"));
    let made = reads_as("--encrypt --secret-file new", "--passphrase-file pem/words x");
    assert_ran(&made, 2, exposed);
    // The hint does what it says.
    let hint = ran.stderr.split("or open it yourself: ").nth(1).unwrap();
    assert_ran(&reads(&format!("x {hint}")), 0, "");
}

#[test]
fn what_is_no_key_file_is_refused_for_what_it_is() {
    let release = Release::new(1, 1);
    shell(
        release.path(),
        "mkfifo -m 600 fifo; mkdir -m 700 directory; umask 077; head -c 70000 /dev/zero > large; : > empty; printf '\\377' > bytes; echo rubbish > rubbish",
    );
    for (name, said) in [
        ("fifo", "fifo is a FIFO, not a regular file"),
        ("directory", "directory is a directory, not a regular file"),
        ("/dev/null", "/dev/null is a character device, not a regular file"),
        ("large", "large is larger than 64 KiB"),
        ("empty", "empty holds no usable key: it is empty"),
        ("bytes", "bytes holds no usable key: it is neither padded base64 nor PEM"),
        ("rubbish", "rubbish holds no usable key: it is neither padded base64 nor PEM"),
        ("none", "none cannot be read: there is no such file"),
        ("~/key", "write $HOME"),
        ("\u{1b}[2J", "`\\u{1b}[2J` cannot be read"),
    ] {
        assert_ran(&run(&mut release.signing_by(&format!("file:{name}"))), 2, said);
        release.assert_unsigned();
    }
}

#[test]
fn a_key_or_anything_else_in_place_of_a_reference_is_not_repeated() {
    let release = Release::new(1, 1);
    let key = test_key();
    for text in [key.as_str(), &format!("file:{key}"), &format!("env:{key}")] {
        assert_ran(&run(&mut release.signing_by(text)), 2, "a private key stands on the command line");
        let mut sign = program("genome-sign", release.path());
        sign.args(["draft.json", "genome.json"]).env("GENOME_SIGNING_KEY", text);
        assert_ran(&run(&mut sign), 2, "a private key stands where the name of one should");
    }
    for text in ["hunter2", "", "key:hunter2", "env:hunter2-x", "ssh-agent:SHA256:hunter2", "pkcs11:token=a?pin-value=hunter2"] {
        let ran = run(&mut release.signing_by(text));
        assert_ran(&ran, 2, "help: ");
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
    release.assert_unsigned();
}

#[test]
fn the_key_of_another_in_a_file_signs_nothing() {
    let release = Release::new(2, 1);
    release.write("key", &release.keys[1]);
    release.set_mode("key", 0o600);
    assert_ran(&run(release.signing_by("file:key").arg("signer-1")), 1, "the private key does not belong to `signer-1`");
    release.assert_unsigned();
}
