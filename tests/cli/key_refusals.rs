//! What is no usable private key is called what it is, with a next step; where that is a command, the command does what it says.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Ran, assert_ran, has, program, run, shell};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, passphrase) in [("right", "correct horse"), ("again", "correct horse")] {
        let path = directory.path().join(name);
        fs::write(&path, format!("{passphrase}\n")).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    directory
}

fn read(directory: &Path, name: &str, passphrase: &str) -> Ran {
    run(program("genome-keygen", directory).args(["--public-from", &format!("file:{name}"), "--passphrase-file", passphrase]))
}

/// A script that makes `key`, what is said of it, and a part of the hint.
type Case = (&'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (script, said, hint) in cases {
        let directory = directory();
        shell(directory.path(), &format!("umask 077\n{script}\nchmod 600 key"));
        let ran = read(directory.path(), "key", "right");
        assert_ran(&ran, 2, &format!("key holds no usable key: {said}"));
        assert!(ran.stderr.contains(hint), "{script}\n{}", ran.stderr);
        // What stands there is not repeated, but for its name.
        let text = fs::read(directory.path().join("key")).unwrap();
        let text = String::from_utf8_lossy(&text);
        for line in text.lines().filter(|line| line.len() > 30 && !line.contains("KEY")) {
            assert!(!ran.stderr.contains(line), "{script}: {line}");
        }
    }
}

const MAKE: &str = "make a key with genome-keygen";

#[test]
fn another_algorithm_is_named() {
    if !has("openssl") || !has("ssh-keygen") {
        return;
    }
    check(&[
        ("openssl genpkey -algorithm RSA -out key 2> log", "it is a private key for RSA, and not an Ed25519 one", MAKE),
        ("openssl genrsa -traditional -out key 2> log", "it is a private key for RSA, and", MAKE),
        ("openssl genrsa -traditional -aes128 -passout file:right -out key 2> log", "it is a private key for RSA, and", MAKE),
        (
            "openssl genrsa -traditional 2> log | openssl rsa -traditional -outform DER -out key 2> log",
            "it is a private key for RSA, and",
            MAKE,
        ),
        (
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key",
            "it is a private key for ECDSA P-256, and",
            MAKE,
        ),
        (
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -aes256 -pass file:right -out key",
            "it is a private key for ECDSA secp256k1, and",
            MAKE,
        ),
        ("openssl ecparam -name secp384r1 -genkey -out key", "it is a private key for ECDSA P-384, and", MAKE),
        (
            "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -aes128 -passout file:right -out key 2> log",
            "it is a private key for ECDSA, and",
            MAKE,
        ),
        ("openssl genpkey -algorithm X25519 -out key", "it is a private key for X25519, and", MAKE),
        ("openssl genpkey -algorithm X448 -out key", "it is a private key for X448, and", MAKE),
        ("openssl genpkey -algorithm ED448 -out key", "it is a private key for Ed448, and", MAKE),
        ("openssl genpkey -algorithm ED448 | openssl pkey -outform DER -out key", "it is a private key for Ed448, and", MAKE),
        ("openssl dsaparam -genkey -noout 1024 2> log | openssl pkey -out key", "it is a private key for DSA, and", MAKE),
        (
            "openssl dsaparam -genkey -noout 1024 2> log | openssl dsa -outform DER -out key 2> log",
            "it is a private key for DSA, and",
            MAKE,
        ),
        ("ssh-keygen -q -t rsa -N '' -f key", "it is a private key for RSA, and", MAKE),
        ("ssh-keygen -q -t ecdsa -N words -f key", "it is a private key for ECDSA P-256, and", MAKE),
        (r#"printf '{"kty":"EC","crv":"P-256","x":"","y":"","d":"AAAA"}' > key"#, "it is a private key for ECDSA P-256, and", MAKE),
        (r#"printf '{"kty":"OKP","crv":"X25519","x":"","d":"AAAA"}' > key"#, "it is a private key for X25519, and", MAKE),
    ]);
}

#[test]
fn what_is_no_private_key_is_named() {
    const HALF: &str = "give the private key that belongs to it: that of `ssh-keygen` is in the file whose name has no `.pub`";
    const MADE: &str = "give the private key with which it was made";
    const PLAIN: &str = "openssl genpkey -algorithm ed25519 -out plain; ";
    if !has("openssl") || !has("ssh-keygen") || !has("python3") {
        return;
    }
    let after_plain = |script: &str| -> &'static str { Box::leak(format!("{PLAIN}{script}").into_boxed_str()) };
    check(&[
        (after_plain("openssl pkey -in plain -pubout -out key"), "it is a public key", HALF),
        (after_plain("openssl pkey -in plain -pubout -outform DER -out key"), "it is a public key", HALF),
        ("ssh-keygen -q -t ed25519 -N '' -f k; mv k.pub key", "it is a public key", HALF),
        ("ssh-keygen -q -t ecdsa -N '' -f k; mv k.pub key", "it is a public key", HALF),
        ("ssh-keygen -q -t ed25519 -N '' -f k; ssh-keygen -e -f k.pub > key", "it is a public key", HALF),
        ("genome-keygen --secret-file k > key 2> log", "it is a public key", HALF),
        (r#"printf '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}' > key"#, "it is a public key", HALF),
        (after_plain("openssl req -x509 -key plain -subj /CN=x -out key"), "it is a certificate", MADE),
        (after_plain("openssl req -x509 -key plain -subj /CN=x -outform DER -out key"), "it is a certificate", MADE),
        (after_plain("openssl req -new -key plain -subj /CN=x -out key"), "it is a certificate request", MADE),
        (after_plain("openssl req -new -key plain -subj /CN=x -outform DER -out key"), "it is a certificate request", MADE),
        (
            "ssh-keygen -q -t ed25519 -N '' -f ca; ssh-keygen -q -t ed25519 -N '' -f k; ssh-keygen -q -s ca -I x k.pub; mv k-cert.pub key",
            "it is a certificate",
            MADE,
        ),
        (SK, "it is an `sk-` key file of OpenSSH", "use a key on a token"),
        (
            "printf -- '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgE\n=AAAA\n-----END PGP PRIVATE KEY BLOCK-----\n' > key",
            "it is OpenPGP",
            MAKE,
        ),
        ("printf -- '-----BEGIN PGP MESSAGE-----\n\nlFgE\n=AAAA\n-----END PGP MESSAGE-----\n' > key", "it is OpenPGP", MAKE),
        ("printf 'age-encryption.org/v1\n-> X25519 AAAA\n\\377\\0' > key", "it is encrypted by age", "age --decrypt"),
        (
            "printf -- '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n' > key",
            "it is encrypted by age",
            "age --decrypt",
        ),
        (
            "printf '# created: 2026-01-01T00:00:00Z\n# public key: age1x\nAGE-SECRET-KEY-1X\n' > key",
            "it is an identity of age",
            MAKE,
        ),
        ("printf 'AGE-SECRET-KEY-1X\n' > key", "it is an identity of age", MAKE),
        (
            "printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 399\n' > key",
            "it is a git-lfs pointer",
            "git lfs pull",
        ),
        ("printf '/run/secrets/key\n' > key", "it is a path or a key reference", "name the file that holds the key itself"),
        ("printf 'ssh-agent:\n' > key", "it is a path or a key reference", "name the file"),
        (
            r#"printf '{"schema_version": "genome.v0.1"}' > key"#,
            "it is one of the JSON documents about genomes",
            "give the private half",
        ),
        (r#"printf '{"a": 1}' > key"#, "it is JSON, and not a JWK", "name a file with an Ed25519 private key"),
        (after_plain("head -n 2 plain > key"), "it begins as PEM, and its END line is missing", "give the whole of it"),
        (
            after_plain("openssl pkey -in plain -outform DER | openssl base64 -A | sed 's/.*/\"&\"/' > key"),
            "there are quotation marks around it",
            "take them away",
        ),
        (
            after_plain("cp plain key; openssl genpkey -algorithm ed25519 >> key"),
            "there are several private keys in it",
            "a file of its own",
        ),
        (
            after_plain("cp plain key; openssl genpkey -algorithm X25519 >> key"),
            "there are several private keys in it",
            "a file of its own",
        ),
        (after_plain("sed '2s/^..../AAAA/' plain > key"), "it is neither a PKCS#8", "name a file with an Ed25519 private key"),
        (
            after_plain("sed '2s/^./!/' plain > key"),
            "it is neither a PKCS#8 (RFC 8410 section 7) nor an OpenSSH private key: what stands between its labels is not base64",
            "",
        ),
    ]);
}

/// What anybody may read is not called a secret, and nobody is told to protect it; but a secret beside it is one.
#[test]
fn what_is_public_is_named_before_its_mode() {
    if !has("ssh-keygen") {
        return;
    }
    let directory = directory();
    shell(
        directory.path(),
        "ssh-keygen -q -t ed25519 -N '' -C x -f 'id ed'; cp 'id ed.pub' alone.pub
        ssh-keygen -q -s 'id ed' -I x -n x alone.pub
        printf '{\"schema_version\": \"genome.v0.1\"}' > genome.json
        cat 'id ed.pub' 'id ed' > both; cp 'id ed' shared
        chmod 644 *.pub genome.json both shared",
    );
    for (name, said, hint) in [
        ("id ed.pub", "holds no usable key: it is a public key", "belongs to it: did you mean file:id\\ ed?"),
        ("alone.pub", "holds no usable key: it is a public key", "give the private key that belongs to it: that of `ssh-keygen`"),
        ("alone-cert.pub", "holds no usable key: it is a certificate", "give the private key with which it was made"),
        ("genome.json", "holds no usable key: it is one of the JSON documents about genomes", "give the private half"),
        ("both", "holds a secret and is not private", "chmod 600 both"),
        ("shared", "holds a secret and is not private", "chmod 600 shared"),
    ] {
        let ran = read(directory.path(), name, "right");
        assert_ran(&ran, 2, said);
        assert!(
            ran.stderr.contains(name) && ran.stderr.contains(hint) && ran.stderr.contains("chmod") == hint.contains("chmod"),
            "{name}\n{}",
            ran.stderr
        );
    }
    // It is the same once its owner alone can read it.
    shell(directory.path(), "chmod 600 'id ed.pub'");
    assert_ran(&read(directory.path(), "id ed.pub", "right"), 2, "did you mean file:id\\ ed?");
}

/// What `ssh-keygen -t ed25519-sk` leaves, which takes a device to make: PROTOCOL.u2f of OpenSSH.
const SK: &str = r"python3 - <<'END'
import base64, struct
s = lambda b: struct.pack('>I', len(b)) + b
kind = s(b'sk-ssh-ed25519@openssh.com') + s(b'P' * 32) + s(b'ssh:')
private = b'abcdabcd' + kind + b'\1' + s(b'handle') + s(b'') + s(b'a comment')
private += bytes(range(1, 9))[:-len(private) % 8]
whole = b'openssh-key-v1\0' + s(b'none') + s(b'none') + s(b'') + struct.pack('>I', 1) + s(kind) + s(private)
open('key', 'w').write('-----BEGIN OPENSSH PRIVATE KEY-----\n' + base64.encodebytes(whole).decode() + '-----END OPENSSH PRIVATE KEY-----\n')
END
";

/// The command in a hint, with the names for what it makes.
fn command_of(ran: &Ran) -> String {
    let hint = ran.stderr.split("  help: ").nth(1).unwrap();
    let command =
        hint.split('`').find(|part| ["openssl", "ssh-keygen", "puttygen", "(umask"].iter().any(|start| part.starts_with(start)));
    command.unwrap_or_else(|| unreachable!("{}", ran.stderr)).replace("NEW", "new").replace("COPY", "new")
}

#[test]
fn the_command_in_the_hint_makes_a_key_that_is_read() {
    if !["openssl", "ssh-keygen", "puttygen", "iconv", "base64"].iter().all(|program| has(program)) {
        return;
    }
    let openssl = "openssl genpkey -algorithm ed25519 -out plain; cp plain right.pem";
    let again = "-passin file:right -passout file:again";
    for (script, said, more) in [
        (
            "openssl pkcs8 -topk8 -v2 camellia-256-cbc -passout file:right -in plain -out key",
            "it is PKCS#8, encrypted with camellia-256-cbc, which is not supported",
            again,
        ),
        (
            "openssl pkcs8 -topk8 -v2 aria-128-cbc -passout file:right -in plain -out key",
            "encrypted with aria-128-cbc, which",
            again,
        ),
        ("openssl pkcs8 -topk8 -v2 aes-256-ofb -passout file:right -in plain -out key", "encrypted with aes-256-ofb, which", again),
        (
            "openssl pkcs8 -topk8 -v2prf hmacWithSHA512-256 -passout file:right -in plain -out key",
            "encrypted with hmacWithSHA512-256, which",
            again,
        ),
        (
            "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout file:right -in plain -out key",
            "encrypted with PBE-SHA1-3DES, which",
            again,
        ),
        (
            "openssl pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default -passout file:right -in plain -out key",
            "encrypted with PBE-MD5-DES, which",
            "-passin file:right -passout file:again -provider legacy -provider default",
        ),
        (
            "openssl req -x509 -key plain -subj /CN=x -out cert; openssl pkcs12 -export -inkey plain -in cert -passout file:right -out key",
            "it is a PKCS#12 file (.p12, .pfx)",
            again,
        ),
        (
            "printf '' > none; puttygen -q -t ed25519 --new-passphrase none -o key; puttygen key -O private-openssh-new -o plain",
            "it is a private key in the format of PuTTY (.ppk)",
            "",
        ),
        ("iconv -f UTF-8 -t UTF-16 plain > key", "it is UTF-16, and not UTF-8", ""),
        ("iconv -f UTF-8 -t UTF-16LE plain > key", "it is UTF-16, and not UTF-8", ""),
        ("base64 plain > key", "it is the base64 of a PEM", ""),
        (r#"awk '{printf "%s\\n", $0}' plain > key"#, "its line breaks are written as `\\n`, a backslash and a letter", ""),
        (r#"printf '"%s"\n' "$(awk '{printf "%s\\n", $0}' plain)" > key"#, "its line breaks are written as `\\n`", ""),
    ] {
        let directory = directory();
        shell(directory.path(), &format!("umask 077; {openssl}; {script}; chmod 600 key"));
        let ran = read(directory.path(), "key", "right");
        assert_ran(&ran, 2, said);
        // It is all that one types after `genome-keygen` has refused the key.
        let command = command_of(&ran);
        shell(directory.path(), &format!("cp -p key new.copy; {command} {more} 2> log"));
        let theirs = read(directory.path(), "new", "right");
        assert_eq!(
            (theirs.status, &theirs.stdout),
            (Some(0), &read(directory.path(), "plain", "right").stdout),
            "{command}\n{}",
            theirs.stderr
        );
    }
}

#[test]
fn a_cipher_of_openssh_that_is_not_supported_is_named_with_the_way_to_another() {
    if !has("ssh-keygen") {
        return;
    }
    let directory = directory();
    // No ssh-keygen writes another cipher any more: the name is that of an old one.
    let script = r"umask 077; ssh-keygen -q -t ed25519 -N words -Z aes256-cbc -f old; python3 - <<'END'
import base64
body = base64.b64decode(''.join(open('old').read().splitlines()[1:-1])).replace(b'aes256-cbc', b'arcfour256')
open('key', 'w').write('-----BEGIN OPENSSH PRIVATE KEY-----\n' + base64.encodebytes(body).decode() + '-----END OPENSSH PRIVATE KEY-----\n')
END";
    if !has("python3") {
        return;
    }
    shell(directory.path(), script);
    let ran = read(directory.path(), "key", "right");
    assert_ran(&ran, 2, "it is an OpenSSH key, encrypted with `arcfour256`, which is not supported");
    assert!(ran.stderr.contains("ssh-keygen -p -Z aes256-ctr -f COPY"), "{}", ran.stderr);
    shell(directory.path(), "cp -p old COPY; ssh-keygen -q -p -Z aes256-ctr -P words -N 'correct horse' -f COPY");
    assert_eq!(read(directory.path(), "COPY", "right").status, Some(0));
}

#[test]
fn what_a_variable_holds_is_mended_by_the_command_in_the_hint() {
    if !has("openssl") || !has("base64") {
        return;
    }
    let directory = directory();
    shell(directory.path(), "umask 077; openssl genpkey -algorithm ed25519 -out plain");
    let public = read(directory.path(), "plain", "right").stdout;
    for (value, said) in [
        (r#"$(awk '{printf "%s\\n", $0}' plain)"#, "SOME_KEY holds no usable key: its line breaks are written as `\\n`"),
        ("$(base64 -w 0 plain)", "SOME_KEY holds no usable key: it is the base64 of a PEM"),
    ] {
        let keygen = "genome-keygen --public-from env:SOME_KEY";
        let script = format!("export SOME_KEY=\"{value}\"; {keygen} 2> said && exit 1; cat said >&2");
        let path = format!("{}:{}", genome_test_support::programs().display(), std::env::var("PATH").unwrap());
        let ran = run(std::process::Command::new("sh").args(["-uc", &script]).current_dir(directory.path()).env("PATH", path));
        assert_ran(&ran, 0, said);
        let hint = ran.stderr.split("  help: ").nth(1).unwrap();
        let (_, command) = hint.split_once("`export").unwrap();
        let (command, _) = command.split_once('`').unwrap();
        let mended = shell(directory.path(), &format!("export SOME_KEY=\"{value}\"; export{command}; {keygen}"));
        assert_eq!(mended, public);
    }
    // Blanks in the place of line feeds are as good as line feeds.
    assert_eq!(
        shell(directory.path(), "export SOME_KEY=\"$(tr '\\n' ' ' < plain)\"; genome-keygen --public-from env:SOME_KEY"),
        public
    );
    for (value, said) in
        [("/run/secrets/key", "it is a path or a key reference"), ("file:plain", "it is a path or a key reference")]
    {
        let ran = run(program("genome-keygen", directory.path()).args(["--public-from", "env:SOME_KEY"]).env("SOME_KEY", value));
        assert_ran(&ran, 2, said);
        assert!(ran.stderr.contains("put the key itself there; or "), "{}", ran.stderr);
    }
}
