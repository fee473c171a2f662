//! Every private key that others write is read, in every envelope that they accept: made by the real programs, held against what they say is its public half.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test stop where it fails")]

use base64ct::{Base64, Encoding as _};
use genome::{PrivateKey, PublicKey};
use genome_test_support::{has, program, run, say, shell};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse";

/// A key that a program has made.
struct Made {
    maker: String,
    form: String,
    /// The file as the program left it.
    file: Vec<u8>,
    public: PublicKey,
}

/// What a program is to make: a script leaves the file `key` and prints the public half, as base64 of its DER, PEM or OpenSSH's line.
struct Maker {
    name: &'static str,
    /// Without them nothing is made.
    needs: &'static [&'static str],
    /// Whether the gate installs them.
    is_required: bool,
    /// What is done once, before each of the forms.
    before: &'static str,
    forms: &'static [(&'static str, &'static str)],
}

const PUBLIC: &str = "openssl pkey -in plain -pubout -outform DER | openssl base64 -A";

const MAKERS: [Maker; 8] = [
    Maker {
        name: "openssl",
        needs: &["openssl"],
        is_required: true,
        before: "openssl genpkey -algorithm ed25519 -out plain; PUBLIC",
        forms: &[
            ("genpkey, PEM", "cp plain key"),
            ("pkey -outform DER", "openssl pkey -in plain -outform DER -out key"),
            ("pkey -text, the key before it", "openssl pkey -in plain -text > key"),
            ("pkey -text, the key behind it", "(openssl pkey -in plain -text -noout; cat plain) > key"),
            ("pkey -aes256", "openssl pkey -in plain -aes256 -passout file:right -out key"),
            ("pkcs8 -v2 aes-128-cbc", "openssl pkcs8 -topk8 -v2 aes-128-cbc -passout file:right -in plain -out key"),
            ("pkcs8 -v2 aes-192-cbc", "openssl pkcs8 -topk8 -v2 aes-192-cbc -passout file:right -in plain -out key"),
            ("pkcs8 -v2 aes-256-cbc", "openssl pkcs8 -topk8 -v2 aes-256-cbc -passout file:right -in plain -out key"),
            ("pkcs8 -v2 des3", "openssl pkcs8 -topk8 -v2 des3 -passout file:right -in plain -out key"),
            ("pkcs8 -v2prf hmacWithSHA1", "openssl pkcs8 -topk8 -v2prf hmacWithSHA1 -passout file:right -in plain -out key"),
            ("pkcs8 -v2prf hmacWithSHA224", "openssl pkcs8 -topk8 -v2prf hmacWithSHA224 -passout file:right -in plain -out key"),
            ("pkcs8 -v2prf hmacWithSHA256", "openssl pkcs8 -topk8 -v2prf hmacWithSHA256 -passout file:right -in plain -out key"),
            ("pkcs8 -v2prf hmacWithSHA384", "openssl pkcs8 -topk8 -v2prf hmacWithSHA384 -passout file:right -in plain -out key"),
            ("pkcs8 -v2prf hmacWithSHA512", "openssl pkcs8 -topk8 -v2prf hmacWithSHA512 -passout file:right -in plain -out key"),
            (
                "pkcs8 -v2 des3 -v2prf hmacWithSHA1",
                "openssl pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1 -passout file:right -in plain -out key",
            ),
            ("pkcs8 -iter 20000", "openssl pkcs8 -topk8 -iter 20000 -passout file:right -in plain -out key"),
            ("pkcs8 -scrypt", "openssl pkcs8 -topk8 -scrypt -passout file:right -in plain -out key"),
            (
                "pkcs8 -scrypt_N 1024 -scrypt_p 2",
                "openssl pkcs8 -topk8 -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2 -passout file:right -in plain -out key",
            ),
            ("pkcs8 -outform DER, encrypted", "openssl pkcs8 -topk8 -outform DER -passout file:right -in plain -out key"),
            ("pkcs12 -nodes: bag attributes and certificate", "P12; openssl pkcs12 -in p12 -passin file:right -nodes -out key"),
            ("pkcs12: bag attributes, encrypted", "P12; openssl pkcs12 -in p12 -passin file:right -passout file:again -out key"),
        ],
    },
    Maker {
        name: "ssh-keygen",
        needs: &["ssh-keygen"],
        is_required: true,
        before: "ssh-keygen -q -t ed25519 -N '' -C 'alice@example.org' -f key; cat key.pub",
        forms: &[
            ("plain", ":"),
            ("without a comment", "ssh-keygen -q -c -C '' -f key"),
            ("a comment of 4000 characters", "ssh-keygen -q -c -C \"$(printf '%04000d' 0)\" -f key"),
            ("a comment that is not UTF-8", "ssh-keygen -q -c -C \"$(printf 'caf\\351')\" -f key"),
            ("-Z aes128-ctr", "ssh-keygen -q -p -a 1 -Z aes128-ctr -N 'PASS' -f key"),
            ("-Z aes192-ctr", "ssh-keygen -q -p -a 1 -Z aes192-ctr -N 'PASS' -f key"),
            ("-Z aes256-ctr, of 16 rounds", "ssh-keygen -q -p -a 16 -Z aes256-ctr -N 'PASS' -f key"),
            ("-Z aes128-cbc", "ssh-keygen -q -p -a 1 -Z aes128-cbc -N 'PASS' -f key"),
            ("-Z aes192-cbc", "ssh-keygen -q -p -a 1 -Z aes192-cbc -N 'PASS' -f key"),
            ("-Z aes256-cbc", "ssh-keygen -q -p -a 1 -Z aes256-cbc -N 'PASS' -f key"),
            ("-Z 3des-cbc", "ssh-keygen -q -p -a 1 -Z 3des-cbc -N 'PASS' -f key"),
            ("-Z aes128-gcm@openssh.com", "ssh-keygen -q -p -a 1 -Z aes128-gcm@openssh.com -N 'PASS' -f key"),
            ("-Z aes256-gcm@openssh.com", "ssh-keygen -q -p -a 1 -Z aes256-gcm@openssh.com -N 'PASS' -f key"),
            ("-Z chacha20-poly1305@openssh.com", "ssh-keygen -q -p -a 1 -Z chacha20-poly1305@openssh.com -N 'PASS' -f key"),
        ],
    },
    Maker {
        name: "node",
        needs: &["node"],
        is_required: true,
        before: "",
        forms: &[
            ("crypto, PEM", "node --no-warnings -e \"NODE w(k.export({format: 'pem', type: 'pkcs8'}))\""),
            ("crypto, DER", "node --no-warnings -e \"NODE w(k.export({format: 'der', type: 'pkcs8'}))\""),
            (
                "crypto, aes-256-cbc",
                "node --no-warnings -e \"NODE w(k.export({format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'PASS'}))\"",
            ),
            (
                "crypto, des-ede3-cbc",
                "node --no-warnings -e \"NODE w(k.export({format: 'pem', type: 'pkcs8', cipher: 'des-ede3-cbc', passphrase: 'PASS'}))\"",
            ),
            ("crypto, JWK", "node --no-warnings -e \"NODE w(JSON.stringify(k.export({format: 'jwk'})))\""),
            (
                "WebCrypto, pkcs8 in base64",
                "node --no-warnings -e \"WEB(async k => w(Buffer.from(await s.exportKey('pkcs8', k)).toString('base64')))\"",
            ),
            ("WebCrypto, JWK", "node --no-warnings -e \"WEB(async k => w(JSON.stringify(await s.exportKey('jwk', k), null, 2)))\""),
        ],
    },
    Maker {
        name: "python cryptography",
        needs: &["python3", "python3-cryptography"],
        is_required: true,
        before: "",
        forms: &[
            ("PKCS8, PEM", "python3 -c \"PYTHONw(E.PEM, F.PKCS8, s.NoEncryption())\""),
            ("PKCS8, DER", "python3 -c \"PYTHONw(E.DER, F.PKCS8, s.NoEncryption())\""),
            ("PKCS8, BestAvailableEncryption", "python3 -c \"PYTHONw(E.PEM, F.PKCS8, s.BestAvailableEncryption(b'PASS'))\""),
            ("OpenSSH, 76 columns", "python3 -c \"PYTHONw(E.PEM, F.OpenSSH, s.NoEncryption())\""),
            // Its encrypted form takes another package (bcrypt), and is ssh-keygen's at 76 columns.
        ],
    },
    Maker {
        name: "puttygen",
        needs: &["puttygen", "ssh-keygen"],
        is_required: true,
        before: "printf '' > none; puttygen -q -t ed25519 -C 'a comment' --new-passphrase none -o ppk; puttygen ppk -O public-openssh",
        forms: &[
            ("private-openssh", "puttygen ppk -O private-openssh -o key"),
            ("private-openssh-new", "puttygen ppk -O private-openssh-new -o key"),
            ("private-openssh-new, encrypted", "puttygen ppk -O private-openssh-new --new-passphrase right -P -o key"),
        ],
    },
    Maker {
        name: "java",
        needs: &["java", "openssl"],
        is_required: false,
        before: "JAVA",
        forms: &[
            ("getEncoded, MIME encoder (76 columns, CR LF)", "mv java.mime key"),
            ("getEncoded, DER", "mv java.der key"),
            ("EncryptedPrivateKeyInfo, PBEWithHmacSHA256AndAES_256", "mv java.encrypted key"),
        ],
    },
    Maker {
        name: "go",
        needs: &["go", "ssh-keygen"],
        is_required: false,
        before: "ssh-keygen -q -t ed25519 -N '' -f ssh; GO; cat ssh.pub",
        forms: &[
            ("pem.Encode of an OpenSSH key (64 columns), as Terraform", "mv go.ssh key"),
            ("x509.MarshalPKCS8PrivateKey", "mv go.pkcs8 key"),
        ],
    },
    Maker {
        name: "terraform's form, without it",
        needs: &["ssh-keygen"],
        is_required: true,
        before: "ssh-keygen -q -t ed25519 -N '' -C '' -f ssh; cat ssh.pub",
        forms: &[(
            "OpenSSH, 64 columns",
            "(sed -n 1p ssh; sed '1d;$d' ssh | tr -d '\\n' | fold -w 64; echo; sed -n '$p' ssh) > key",
        )],
    },
];

/// What the scripts abbreviate.
const SHORT: [(&str, &str); 8] = [
    ("PASS", PASSPHRASE),
    ("PUBLIC", PUBLIC),
    (
        "P12",
        "openssl req -x509 -key plain -subj /CN=alice -days 1 -out cert; openssl pkcs12 -export -inkey plain -in cert -name alice -passout file:right -out p12",
    ),
    (
        "NODE",
        "const c = require('crypto'), {privateKey: k, publicKey: p} = c.generateKeyPairSync('ed25519'), w = t => require('fs').writeFileSync('key', t);\
         console.log(p.export({format: 'der', type: 'spki'}).toString('base64'));",
    ),
    (
        "WEB",
        "const s = require('crypto').webcrypto.subtle, w = t => require('fs').writeFileSync('key', t), WEB = async f => {\
         const k = await s.generateKey('Ed25519', true, ['sign', 'verify']);\
         console.log(Buffer.from(await s.exportKey('spki', k.publicKey)).toString('base64')); await f(k.privateKey); }; WEB",
    ),
    (
        "PYTHON",
        "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K
from cryptography.hazmat.primitives import serialization as s
E, F, k = s.Encoding, s.PrivateFormat, K.generate()
print(k.public_key().public_bytes(E.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode())
def w(*how): open('key', 'wb').write(k.private_bytes(*how))
",
    ),
    (
        "JAVA",
        "printf %s 'import java.nio.file.*; import java.security.*; import java.util.*; import javax.crypto.*; import javax.crypto.spec.*;
class Make { public static void main(String[] a) throws Exception {
  KeyPair k = KeyPairGenerator.getInstance(\"Ed25519\").generateKeyPair(); byte[] der = k.getPrivate().getEncoded();
  Files.write(Path.of(\"java.der\"), der); Files.writeString(Path.of(\"java.mime\"), Base64.getMimeEncoder().encodeToString(der));
  String name = \"PBEWithHmacSHA256AndAES_256\"; Cipher c = Cipher.getInstance(name);
  c.init(Cipher.ENCRYPT_MODE, SecretKeyFactory.getInstance(name).generateSecret(new PBEKeySpec(\"PASS\".toCharArray())));
  byte[] out = c.doFinal(der);
  AlgorithmParameters p = AlgorithmParameters.getInstance(\"PBES2\"); p.init(c.getParameters().getEncoded());
  Files.write(Path.of(\"java.encrypted\"), new EncryptedPrivateKeyInfo(p, out).getEncoded());
  System.out.println(Base64.getEncoder().encodeToString(k.getPublic().getEncoded())); } }' > Make.java; java Make.java",
    ),
    (
        "GO",
        "printf %s 'package main
import (\"crypto/ed25519\"; \"crypto/x509\"; \"encoding/pem\"; \"os\")
func main() { text, _ := os.ReadFile(\"ssh\"); block, _ := pem.Decode(text); os.WriteFile(\"go.ssh\", pem.EncodeToMemory(block), 0600)
  // The seed stands before the public key, which ends the private part but for comment and padding.
  var public [32]byte; copy(public[:], block.Bytes[62:94]); at := -1
  for i := 98; i+32 <= len(block.Bytes); i++ { if [32]byte(*(*[32]byte)(block.Bytes[i:i+32])) == public { at = i } }
  der, _ := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(block.Bytes[at-32:at]))
  os.WriteFile(\"go.pkcs8\", pem.EncodeToMemory(&pem.Block{Type: \"PRIVATE KEY\", Bytes: der}), 0600) }' > make.go; go run make.go",
    ),
];

fn written_out(script: &str) -> String {
    // The longer first: what one stands for may hold another.
    let all = ["JAVA", "GO", "PYTHON", "NODE", "WEB", "P12", "PUBLIC", "PASS"];
    all.iter().fold(script.to_owned(), |script, name| {
        let (_, long) = SHORT.iter().find(|(short, _)| short == name).unwrap();
        if *name == "WEB" && !script.contains("WEB(async") { script } else { script.replacen(name, long, 1) }
    })
}

/// Whether a program is there. The gate has those that it installs; the others are heavy.
fn is_there(maker: &Maker, program: &str) -> bool {
    match program {
        "python3-cryptography" => {
            let found = std::process::Command::new("python3")
                .args(["-c", "import cryptography"])
                .output()
                .is_ok_and(|ran| ran.status.success());
            let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(found || !ci, "python3-cryptography is not installed, and CI must run every test");
            found
        }
        _ if maker.is_required => has(program),
        _ => std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|directory| directory.join(program).is_file()),
    }
}

fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, passphrase) in [("right", PASSPHRASE), ("again", PASSPHRASE)] {
        let path = directory.path().join(name);
        fs::write(&path, format!("{passphrase}\n")).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
    directory
}

/// A public key as any of the programs writes it.
fn public_key(printed: &str) -> PublicKey {
    let word = printed.split_whitespace().find(|word| word.starts_with("MCow") || word.starts_with("AAAAC3Nza"));
    let word = word.unwrap_or_else(|| panic!("no public key: {printed}"));
    let bytes = Base64::decode_vec(word).unwrap();
    PublicKey::from_bytes(bytes.last_chunk().unwrap()).unwrap()
}

/// The key of a file, read by genome-keygen.
fn read_by_program(directory: &Path) -> Result<PublicKey, String> {
    fs::set_permissions(directory.join("key"), Permissions::from_mode(0o600)).unwrap();
    let mut keygen = program("genome-keygen", directory);
    let ran = run(keygen.args(["--public-from", "file:key", "--passphrase-file", "right"]));
    if ran.status == Some(0) { Ok(public_key(&ran.stdout.replace('"', " "))) } else { Err(ran.stderr) }
}

/// Each key of each program, and what genome-keygen says of it.
fn make_all() -> Vec<Made> {
    let mut all = Vec::new();
    for maker in &MAKERS {
        if !maker.needs.iter().all(|program| is_there(maker, program)) {
            say(&format!("| {} | - | - | not installed |\n", maker.name));
            continue;
        }
        for (form, script) in maker.forms {
            let directory = directory();
            let script = written_out(&format!("umask 077; {}\n{script}", maker.before));
            let public = public_key(&shell(directory.path(), &script));
            let file = fs::read(directory.path().join("key")).unwrap();
            assert_eq!(read_by_program(directory.path()).as_ref(), Ok(&public), "{}: {form}", maker.name);
            all.push(Made { maker: maker.name.to_owned(), form: (*form).to_owned(), file, public });
        }
    }
    all
}

/// The PEM in a text: its label, and its base64.
fn pem(text: &str) -> Option<(String, String)> {
    let (_, after) = text.split_once("-----BEGIN ").filter(|_| text.matches("-----BEGIN ").count() == 1)?;
    let (label, after) = after.split_once("-----")?;
    let (body, _) = after.split_once("-----END ")?;
    Some((label.to_owned(), body.split_whitespace().collect()))
}

fn wrapped(base64: &str, width: usize, line_end: &str) -> String {
    let lines: Vec<&str> = base64.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(line_end)
}

fn indented(text: &str, indent: &str) -> String {
    text.lines().flat_map(|line| [indent, line, "\n"]).collect()
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";

/// A file in the envelopes in which people keep it.
fn envelopes(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(text) = std::str::from_utf8(file) else {
        let base64 = Base64::encode_string(file);
        return vec![
            ("as made".to_owned(), file.to_vec()),
            ("base64, one line".to_owned(), format!("{base64}\n").into_bytes()),
            ("base64, 76 columns, CR LF".to_owned(), wrapped(&base64, 76, "\r\n").into_bytes()),
        ];
    };
    let mut all: Vec<(&str, String)> = vec![
        ("as made", text.to_owned()),
        ("CR LF", text.replace("\r\n", "\n").replace('\n', "\r\n")),
        ("CR", text.replace("\r\n", "\n").replace('\n', "\r")),
        ("byte order mark", format!("\u{feff}{text}")),
        ("blanks around it", format!("\n \t{text}\n\n \u{a0}")),
        ("blanks at the end of lines", text.replace('\n', " \t\n")),
        ("indented", indented(text, "    ")),
        ("empty lines", text.replace('\n', "\n\n")),
        ("blanks for line feeds", text.replace('\n', " ")),
        ("without its last line feed", text.trim_end().to_owned()),
    ];
    if let Some((label, base64)) = pem(text) {
        let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} {label}-----"));
        let body =
            |width, line_end: &str| format!("{begin}{line_end}{}{line_end}{end}{line_end}", wrapped(&base64, width, line_end));
        all.extend([
            ("48 columns", body(48, "\n")),
            ("64 columns", body(64, "\n")),
            ("70 columns", body(70, "\n")),
            ("76 columns", body(76, "\n")),
            ("one line of base64", body(base64.len(), "\n")),
            ("61 columns, CR LF", body(61, "\r\n")),
            ("line breaks vanished", body(base64.len(), "")),
            ("a blank after each four", body(4, " ")),
            (
                "text in front and behind",
                format!("Bag Attributes\n    friendlyName: caf\u{e9}\nKey Attributes: <No Attributes>\n{text}the end\n"),
            ),
            ("certificate, then key", format!("{CERTIFICATE}{text}")),
            ("key, then certificates", format!("{text}{CERTIFICATE}{CERTIFICATE}")),
            ("the same key twice", format!("{text}\n{text}")),
            ("one of a YAML block", format!("key: |\n{}", indented(text, "  "))),
        ]);
    }
    let mut all: Vec<(String, Vec<u8>)> = all.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    if text.contains("-----BEGIN") {
        all.push(("text in front that is not UTF-8".to_owned(), [b"friendlyName: caf\xe9\n", file].concat()));
    }
    all
}

#[test]
fn every_key_is_read_in_every_envelope() {
    let (mut sets, mut table) = (Vec::new(), vec!["| made by | form | envelopes | read |\n|---|---|---|---|\n".to_owned()]);
    let (mut combinations, mut faults) = (0, Vec::new());
    for Made { maker, form, file, public } in make_all() {
        let mut envelopes = envelopes(&file);
        if form.contains("16 rounds") || maker == "puttygen" && form.contains("encrypted") {
            // To try each takes a second.
            envelopes.retain(|(name, _)| matches!(name.as_str(), "as made" | "48 columns" | "CR LF" | "blanks for line feeds"));
        }
        let mut read = 0;
        for (envelope, bytes) in &envelopes {
            match PrivateKey::from_bytes(bytes, Some(PASSPHRASE.as_bytes())) {
                Ok(key) if key.public_key() == public => read += 1,
                Ok(_) => faults.push(format!("{maker}, {form}, {envelope}: another key")),
                Err(error) => faults.push(format!("{maker}, {form}, {envelope}: {error}")),
            }
        }
        combinations += envelopes.len();
        let names = envelopes.iter().map(|(name, _)| name.as_str()).collect::<Vec<&str>>().join("; ");
        let set = sets.iter().position(|set| *set == names).unwrap_or_else(|| {
            sets.push(names);
            sets.len() - 1
        });
        table.push(format!("| {maker} | {form} | set {} | {read} of {} |\n", set + 1, envelopes.len()));
    }
    let sets: Vec<String> = sets.iter().zip(1..).map(|(names, number)| format!("set {number}: {names}\n")).collect();
    say(&format!("{}\n{}{combinations} combinations\n", sets.concat(), table.concat()));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
