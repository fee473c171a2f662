//! `genome-keygen`, as operators and their scripts run it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test stop where it fails")]

use genome::{PrivateKey, PublicKey};
use genome_test_support::{Ran, has, program, run};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The public key in a signer object.
fn public_key(object: &str) -> PublicKey {
    let value = genome::json::parse(object.as_bytes()).unwrap();
    let genome::json::Value::Object(members) = value else { panic!("an object") };
    let member = members.iter().find(|member| &*member.name == "public_key").unwrap();
    member.value.as_str().unwrap().parse().unwrap()
}

/// Runs a shell script in a directory, with the programs on its path.
fn shell(directory: &Path, script: &str) -> Ran {
    let path = format!("{}:{}", genome_test_support::programs().display(), std::env::var("PATH").unwrap());
    run(Command::new("sh").args(["-c", script]).current_dir(directory).env("PATH", path))
}

#[test]
fn the_signer_object_is_on_stdout_and_the_key_alone_on_stderr() {
    let ran = run(program("genome-keygen", Path::new("/")).arg("production-key-001"));
    assert_eq!(ran.status, Some(0));
    let key = PrivateKey::from_text(&ran.stderr, None).unwrap();
    assert_eq!(ran.stderr.trim_end_matches('\n').len(), 64);
    assert_eq!(ran.stderr.lines().count(), 1);
    let expected = format!(
        "{{\n  \"key_id\": \"production-key-001\",\n  \"alg\": \"ed25519\",\n  \"public_key\": \"{}\"\n}}\n",
        key.public_key()
    );
    assert_eq!(ran.stdout, expected);
}

#[test]
fn the_key_id_has_a_default_and_keys_differ() {
    let [one, two] = [(); 2].map(|()| run(&mut program("genome-keygen", Path::new("/"))));
    assert!(one.stdout.contains("\"dev-key-001\""), "{}", one.stdout);
    assert_ne!(public_key(&one.stdout), public_key(&two.stdout));
}

#[test]
fn the_secret_file_is_private_before_the_key_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret.txt");
    File::create(&secret).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o666)).unwrap();
    let ran =
        shell(directory.path(), "umask 000; genome-keygen k > key.json 2> secret.txt && genome-keygen k > key2.json 2> new.txt");
    assert_eq!(ran.status, Some(0));
    assert_eq!((mode(&secret), mode(&directory.path().join("new.txt"))), (0o600, 0o600));
    let key = PrivateKey::from_text(&fs::read_to_string(secret).unwrap(), None).unwrap();
    assert_eq!(key.public_key(), public_key(&fs::read_to_string(directory.path().join("key.json")).unwrap()));
}

#[test]
fn one_place_for_both_streams_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let refused = "standard output and standard error go to the same place";
    for script in [
        "genome-keygen k 2>&1 | cat",
        "genome-keygen k > both.txt 2>&1; cat both.txt",
        "touch a; ln a b; genome-keygen k >a 2>b; cat a",
    ] {
        let ran = shell(directory.path(), script);
        assert!(ran.stdout.contains(refused) && ran.stdout.contains("--secret-file key-secret.txt"), "{script}: {ran:?}");
        assert!(!genome_json::holds_private_key(&ran.stdout) && !ran.stdout.contains("public_key"), "{script}");
    }
    let both = File::create(directory.path().join("log")).unwrap();
    let status = program("genome-keygen", directory.path()).stdout(both.try_clone().unwrap()).stderr(both).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn what_cannot_be_written_is_no_success() {
    let directory = tempfile::tempdir().unwrap();
    let broken = || std::io::pipe().unwrap().1;
    let secret = directory.path().join("secret.txt");
    let to_secret = Stdio::from(File::create(&secret).unwrap());
    let status = program("genome-keygen", directory.path()).stdout(broken()).stderr(to_secret).status().unwrap();
    assert_eq!(status.code(), Some(2));
    // The public half can be made of the private one, which is on a line of its own.
    let kept = fs::read_to_string(secret).unwrap();
    let (key, said) = kept.split_once('\n').unwrap();
    assert!(
        PrivateKey::from_text(key, None).is_ok() && said.contains("genome-keygen --public-from file:FILE dev-key-001"),
        "{said}"
    );
    // Nobody takes a public half for that of a key that somebody has.
    let output = program("genome-keygen", directory.path()).stdout(Stdio::piped()).stderr(broken()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let start = "error: the private key could not be written to standard error: ";
    assert!(said.starts_with(start) && said.contains("\n  help: ") && !said.contains("public_key"), "{said}");
}

/// A disk fails after the key got there, and before it did.
#[test]
fn what_a_failing_disk_kept_is_not_denied() {
    if !has("strace") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    let ran = shell(directory.path(), "strace -f -o /dev/null -e inject=fsync:error=EIO genome-keygen k 2>secret >public");
    let said = "error: the private key could not be written to standard error: Input/output error (os error 5)\n  help: remove what is there, which may be the key";
    assert!(ran.status == Some(2) && read("public").starts_with(said), "{}", read("public"));
    assert!(PrivateKey::from_text(&read("secret"), None).is_ok(), "the whole key is there");
    let full = "strace -f -o /dev/null -P full -e inject=write:error=ENOSPC genome-keygen k 2>said >full";
    assert_eq!(shell(directory.path(), full).status, Some(2));
    let said =
        "error: cannot write to standard output: No space left on device (os error 28); the private key is on standard error\n";
    assert!(read("said").contains(said));
    // The public half is there, but nothing says that its name will stay: that is no reason for another pair.
    fs::create_dir(directory.path().join("public.d")).unwrap();
    let failing = |keygen: &str| {
        let traced = "strace -f -o /dev/null -P public.d -e inject=fsync:error=EIO genome-keygen --public-file public.d/key.json";
        shell(directory.path(), &format!("{traced} {keygen}"))
    };
    let ran = failing("--secret-file key k");
    let written = "error: the public half was written, but may not survive a power cut: Input/output error (os error 5)";
    assert!(ran.status == Some(2) && ran.stderr.contains(&format!("{written}; the private key is in its file\n")), "{ran:?}");
    assert!(
        ran.stderr.contains("check the disk, then see whether it is still there; if not, genome-keygen --public-from"),
        "{ran:?}"
    );
    assert!(!ran.stderr.contains("another pair") && read("public.d/key.json").contains("public_key"), "{ran:?}");
    let ran = failing("--public-from file:key k");
    assert!(ran.status == Some(2) && ran.stderr.contains(&format!("{written}\n")), "{ran:?}");
}

#[test]
fn a_stream_that_cannot_be_written_loses_no_half() {
    let directory = tempfile::tempdir().unwrap();
    let not_open = "is not open for writing, and the ";
    let device = "is a device that keeps nothing, and the ";
    for (script, said) in [
        (": > ro; genome-keygen k 2<ro", not_open),
        (": > ro; genome-keygen k 1<ro", not_open),
        ("genome-keygen k 2</dev/null", not_open),
        ("genome-keygen k 2>/dev/zero", device),
        ("genome-keygen k 2>/dev/full", device),
        ("genome-keygen k >/dev/zero", device),
        ("genome-keygen k >/dev/full", device),
    ] {
        let ran = shell(directory.path(), script);
        assert_eq!(ran.status, Some(2), "{script}");
        let printed = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!genome_json::holds_private_key(&printed) && !printed.contains("public_key"), "{script}");
        assert!(
            printed.starts_with("error: standard ") && printed.contains(said) && printed.contains("\n  help: "),
            "{script}: {ran:?}"
        );
    }
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = program("genome-keygen", directory.path()).stdout(Stdio::null()).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_bad_key_id_is_refused_and_a_private_key_is_not_repeated() {
    for bad in ["-x", "a b", "\"},{\"", "é", ""] {
        let ran = run(program("genome-keygen", Path::new("/")).args(["--", bad]));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{bad}");
        assert!(ran.stderr.contains("A-Z a-z 0-9"), "{}", ran.stderr);
    }
    for arguments in [vec![genome_test_support::test_key()], vec!["k".into(), genome_test_support::test_key()]] {
        let ran = run(program("genome-keygen", Path::new("/")).args(arguments));
        assert_eq!(ran.status, Some(2));
        assert!(ran.stderr.contains("a private key stands on the command line"), "{}", ran.stderr);
        assert!(!genome_json::holds_private_key(&ran.stderr));
    }
}

#[test]
fn a_terminal_gets_guidance() {
    if !has("script") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = format!("{}:{}", genome_test_support::programs().display(), std::env::var("PATH").unwrap());
    let ran =
        run(Command::new("script").args(["-qec", "genome-keygen k", "typescript"]).env("PATH", path).current_dir(directory.path()));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("stored nowhere") && ran.stdout.contains("secret manager"), "no guidance");
    assert!(ran.stdout.lines().any(|line| PrivateKey::from_text(line, None).is_ok()), "no key on a line of its own");
}

#[test]
fn a_failing_random_source_aborts() {
    if !has("strace") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let keygen = genome_test_support::programs().join("genome-keygen");
    let inject = "inject=getrandom:error=EIO";
    let ran = run(Command::new("strace")
        .args(["-f", "-o", "trace", "-e", "trace=getrandom", "-e", inject])
        .arg(keygen)
        .current_dir(directory.path()));
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("random source fails"), "{}", ran.stderr);
    assert!(!genome_json::holds_private_key(&ran.stderr));
}

/// A shell would have emptied the file before there is a key.
#[test]
fn the_public_file_is_replaced_only_when_there_is_a_key() {
    let directory = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    shell(directory.path(), "genome-keygen before --secret-file old --public-file key.json");
    let before = read("key.json");
    for (script, status) in [
        ("touch taken; genome-keygen k --secret-file taken --public-file key.json", 1),
        ("genome-keygen k --secret-file no/key --public-file key.json", 2),
        ("genome-keygen 'a b' --secret-file key --public-file key.json", 2),
        ("genome-keygen k --public-from file:none --public-file key.json", 2),
        ("genome-keygen k --public-file key.json 2>/dev/full", 2),
    ] {
        let ran = shell(directory.path(), script);
        assert_eq!((ran.status, read("key.json")), (Some(status), before.clone()), "{script}: {ran:?}");
        assert!(!ran.stdout.contains("public_key"), "{script}: {ran:?}");
    }
    let ran = shell(directory.path(), "genome-keygen k --secret-file key --public-file key.json");
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    let public = PrivateKey::from_text(&read("key"), None).unwrap().public_key();
    assert_eq!(public_key(&read("key.json")), public);
    // As it is printed, and of a key that is there.
    let printed = shell(directory.path(), "genome-keygen k --public-from file:key --public-file -").stdout;
    assert_eq!(printed, read("key.json"));
    assert_eq!(shell(directory.path(), "genome-keygen k --public-from file:key --public-file again.json").status, Some(0));
    assert_eq!(read("again.json"), printed);
    // The private key alone is on standard error, and standard output may be closed.
    let ran = shell(directory.path(), "genome-keygen k --public-file two.json >&-");
    assert_eq!(public_key(&read("two.json")), PrivateKey::from_text(&ran.stderr, None).unwrap().public_key());
    assert_eq!(shell(directory.path(), "genome-keygen k --secret-file third --public-file no/key.json").status, Some(2));
    assert!(!directory.path().join("third").exists());
}

/// A name that was mistyped, or a private key of another run.
#[test]
fn a_public_half_replaces_nothing_but_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("there");
    shell(directory.path(), "genome-keygen k --secret-file secret --public-file public");
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    let genome = fs::read_to_string(genome_test_support::repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json")).unwrap();
    let ways = ["--secret-file new", "--public-from file:secret", "2>new"];
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n";
    for (text, said) in [
        (genome.as_str(), "this is a genome"),
        (&read("secret"), "private key"),
        (openssh, "private key"),
        (&format!("{}{openssh}", read("public")), "private key"),
        ("notes\n", "is not the public half of one key"),
        ("\n", "is not the public half of one key"),
    ] {
        for way in ways {
            fs::write(&path, text).unwrap();
            let ran = shell(directory.path(), &format!("genome-keygen k --public-file there {way}; s=$?; cat new >&2; exit $s"));
            assert_eq!((ran.status, fs::read_to_string(&path).unwrap().as_str()), (Some(1), text), "{way}: {ran:?}");
            assert!(ran.stderr.contains(said) && ran.stderr.contains("no key was made"), "{way}: {ran:?}");
            assert!(!directory.path().join("new").exists() || way == "2>new", "{way}");
            let _ = fs::remove_file(directory.path().join("new"));
        }
    }
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh ada\n";
    for text in ["", &read("public"), line] {
        for way in ways {
            fs::write(&path, text).unwrap();
            let ran = shell(directory.path(), &format!("genome-keygen k --public-file there {way}"));
            assert!(ran.status == Some(0) && read("there").contains("public_key"), "{way}: {ran:?}");
            let _ = fs::remove_file(directory.path().join("new"));
        }
    }
}

#[test]
fn no_public_half_takes_the_place_of_its_private_key() {
    let directory = tempfile::tempdir().unwrap();
    shell(directory.path(), "genome-keygen k --secret-file key --public-file key.json; mkdir d; ln -s ../new d/link; ln key hard");
    let before = fs::read_to_string(directory.path().join("key")).unwrap();
    for script in [
        "genome-keygen k --secret-file new --public-file new",
        "genome-keygen k --secret-file new --public-file ./d/../new",
        "genome-keygen k --public-file new 2> new",
        "genome-keygen k --public-from file:key --public-file key",
        "genome-keygen k --public-from file:key --public-file hard",
    ] {
        let ran = shell(directory.path(), &format!("{script}; status=$?; cat new 2>/dev/null; exit $status"));
        assert_eq!(ran.status, Some(2), "{script}: {ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains("would take the place of the private key"), "{script}: {ran:?}");
        let _ = fs::remove_file(directory.path().join("new"));
    }
    assert_eq!(fs::read_to_string(directory.path().join("key")).unwrap(), before);
}
