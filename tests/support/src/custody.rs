//! Keys that others hold: OpenSSL's and OpenSSH's files, a real `ssh-agent`, a real PKCS#11 token.

use crate::{Ran, Release, has, inherited, names, program, programs, run};
use base64ct::{Base64, Encoding as _};
use genome::PublicKey;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Runs a shell script in a directory, with our programs on its path; every step must succeed. Gives what it prints.
///
/// # Panics
/// One does not.
#[expect(clippy::must_use_candidate, reason = "many scripts are run for what they do")]
pub fn shell(directory: &Path, script: &str) -> String {
    let path = format!("{}:{}", programs().display(), std::env::var("PATH").unwrap_or_default());
    let Ran { status, stdout, stderr } = run(Command::new("sh").args(["-euc", script]).current_dir(directory).env("PATH", path));
    assert_eq!(status, Some(0), "{script}\n{stdout}{stderr}");
    stdout
}

/// Has OpenSSL make the Ed25519 key `NAME`, in PEM. Gives its public half.
///
/// # Panics
/// It does not.
#[must_use]
pub fn openssl_key(directory: &Path, name: &str) -> PublicKey {
    let script = format!(
        "umask 077; openssl genpkey -algorithm ed25519 -out {name}; openssl pkey -in {name} -pubout -outform DER | openssl base64 -A"
    );
    let public = shell(directory, &script);
    public.trim().parse().unwrap_or_else(|error| panic!("{public}: {error}"))
}

/// Has `ssh-keygen` make the Ed25519 key `NAME` with this passphrase, and its name as comment. Gives its public half.
///
/// # Panics
/// It does not.
#[must_use]
pub fn openssh_key(directory: &Path, name: &str, passphrase: &str) -> PublicKey {
    let script = format!("ssh-keygen -q -t ed25519 -N '{passphrase}' -C {name} -f {name}; cat {name}.pub");
    openssh_public_key(&shell(directory, &script))
}

/// The key in a line of OpenSSH's `.pub` files.
///
/// # Panics
/// It is none.
#[must_use]
pub fn openssh_public_key(line: &str) -> PublicKey {
    let blob = line.split(' ').nth(1).and_then(|base64| Base64::decode_vec(base64).ok()).unwrap_or_default();
    let key = blob.last_chunk().and_then(|point| PublicKey::from_bytes(point).ok());
    key.unwrap_or_else(|| panic!("no key: {line}"))
}

/// The key as such a line, without a comment (RFC 8709 section 4).
#[must_use]
pub fn openssh_line(key: &PublicKey) -> String {
    let blob = [&b"\0\0\0\x0bssh-ed25519\0\0\0\x20"[..], key.as_bytes()].concat();
    format!("ssh-ed25519 {}", Base64::encode_string(&blob))
}

impl Release {
    /// A release whose `signer-1` has this key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        let release = Self::new(1, 1);
        release.name_key(1, key);
        release
    }

    /// Gives a signer of `draft.json` this key.
    ///
    /// # Panics
    /// The draft cannot be written.
    pub fn name_key(&self, signer: usize, key: &PublicKey) {
        let ours = genome::PrivateKey::from_text(&self.keys[signer - 1], None).map(|key| key.public_key().to_string());
        let ours = ours.unwrap_or_else(|error| panic!("{error}"));
        self.write("draft.json", &self.read("draft.json").replace(&ours, &key.to_string()));
    }

    /// `genome-sign draft.json genome.json --key REFERENCE`, ready to run.
    #[must_use]
    pub fn signing_by(&self, reference: &str) -> Command {
        let mut command = program("genome-sign", self.path());
        command.args(["draft.json", "genome.json", "--key", reference]);
        command
    }

    /// Checks that the genome is signed and verifies.
    ///
    /// # Panics
    /// It is not.
    pub fn assert_signed(&self) {
        assert_eq!(self.verify(&["genome.json"]).status, Some(0));
    }

    /// Checks that nothing was written.
    ///
    /// # Panics
    /// Something was.
    pub fn assert_unsigned(&self) {
        assert!(names(self.path()).iter().all(|name| !name.contains("genome.json")), "{:?}", names(self.path()));
    }
}

/// An `ssh-agent`, which ends with this value.
pub struct Agent {
    child: Child,
    /// Its socket is `agent` in this directory.
    directory: tempfile::TempDir,
}

impl Agent {
    /// Starts an agent. `None` where there is none to start, which is said.
    ///
    /// # Panics
    /// It does not come up.
    #[must_use]
    pub fn start() -> Option<Self> {
        if !["ssh-agent", "ssh-add", "ssh-keygen"].into_iter().all(has) {
            return None;
        }
        let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-a", "agent"]).current_dir(directory.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = inherited::isolate(&mut command).spawn().unwrap_or_else(|error| panic!("ssh-agent: {error}"));
        let agent = Self { child, directory };
        for _ in 0..500 {
            if agent.socket().exists() {
                return Some(agent);
            }
            sleep(Duration::from_millis(10));
        }
        panic!("ssh-agent does not come up")
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("agent")
    }

    /// Ends it, and leaves its socket behind, as a crash does.
    pub fn end(&mut self) {
        // A test that has ended it already has nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Runs a script of `ssh-add` and the like, in the directory of the release.
    pub fn does(&self, release: &Release, script: &str) {
        let socket = self.socket();
        shell(release.path(), &format!("export SSH_AUTH_SOCK='{}'; {script}", socket.display()));
    }

    /// Runs `genome-sign` of that release with this key.
    #[must_use]
    pub fn signs(&self, release: &Release, reference: &str) -> Ran {
        run(release.signing_by(reference).env("SSH_AUTH_SOCK", self.socket()))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.end();
    }
}

/// A directory of SoftHSM2 with the token `release`, whose PIN is in the file `pin`.
pub struct SoftToken {
    directory: tempfile::TempDir,
    module: PathBuf,
}

/// The PIN of the token. A number alone could stand in a digest by chance.
pub const PIN: &str = "pin-9417";

impl SoftToken {
    /// Makes the token. `None` where there is no SoftHSM2, which is said.
    ///
    /// # Panics
    /// It cannot be made.
    #[must_use]
    pub fn make() -> Option<Self> {
        if !["softhsm2-util", "pkcs11-tool"].into_iter().all(has) {
            return None;
        }
        let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no scratch directory: {error}"));
        let tokens = directory.path().join("tokens");
        let made = fs::create_dir(&tokens)
            .and_then(|()| fs::write(directory.path().join("pin"), format!("{PIN}\n")))
            .and_then(|()| fs::write(directory.path().join("conf"), format!("directories.tokendir = {}\n", tokens.display())));
        made.unwrap_or_else(|error| panic!("{error}"));
        let token = Self { directory, module: module() };
        token.does("chmod 600 pin");
        token.add_token("release");
        Some(token)
    }

    /// Makes another token.
    pub fn add_token(&self, label: &str) {
        self.does(&format!("softhsm2-util --init-token --free --label '{label}' --pin {PIN} --so-pin 770077"));
    }

    /// Has the token `release` make a key. Gives its public half.
    ///
    /// # Panics
    /// It does not.
    #[must_use]
    pub fn make_key(&self, label: &str, id: &str) -> PublicKey {
        let made = self.does(&format!(
            "pkcs11-tool --module \"$M\" --token-label release --login --pin {PIN} --keypairgen --key-type EC:edwards25519 --label '{label}' --id {id}"
        ));
        let hex = made.split("EC_POINT:").last().unwrap_or_default().split_whitespace().next().unwrap_or_default();
        let bytes: Vec<u8> =
            (0..hex.len() / 2).filter_map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()).collect();
        let key = bytes.last_chunk().and_then(|point| PublicKey::from_bytes(point).ok());
        key.unwrap_or_else(|| panic!("no key: {made}"))
    }

    /// Runs a script in the directory of the token; `$M` is the module. Gives what it prints.
    #[expect(clippy::must_use_candidate, reason = "many scripts are run for what they do")]
    pub fn does(&self, script: &str) -> String {
        let path = self.path();
        shell(path, &format!("export SOFTHSM2_CONF='{}/conf' M='{}'; {script}", path.display(), self.module.display()))
    }

    /// The directory, where the tokens, the configuration and the PIN are.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The module that reaches the token.
    #[must_use]
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// `genome-sign` of that release with this key, ready to run.
    #[must_use]
    pub fn signing(&self, release: &Release, reference: &str) -> Command {
        let mut command = release.signing_by(reference);
        command.env("SOFTHSM2_CONF", self.path().join("conf")).env("PKCS11_PROVIDER_MODULE", &self.module);
        command
    }

    /// The functions of the module that this command calls, in their order. OpenSC's spy writes them down.
    ///
    /// # Panics
    /// There is no spy.
    #[must_use]
    pub fn calls(&self, command: &mut Command) -> Vec<String> {
        let spy = find("pkcs11-spy.so").unwrap_or_else(|| panic!("pkcs11-tool is there, pkcs11-spy.so is not found"));
        let log = self.path().join("calls");
        command.env("PKCS11_PROVIDER_MODULE", spy).env("PKCS11SPY", &self.module).env("PKCS11SPY_OUTPUT", &log);
        let _ = run(command);
        // `12: C_Login`
        let log = fs::read_to_string(log).unwrap_or_default();
        log.lines().filter_map(|line| line.split_once(": C_")).map(|(_, name)| name.to_owned()).collect()
    }

    /// Runs that with the PIN from its file.
    #[must_use]
    pub fn signs(&self, release: &Release, attributes: &str) -> Ran {
        run(&mut self.signing(release, &format!("pkcs11:{attributes}?pin-source={}/pin", self.path().display())))
    }
}

/// The module of SoftHSM2, where its distribution puts it.
fn module() -> PathBuf {
    find("libsofthsm2.so").unwrap_or_else(|| panic!("softhsm2-util is there, its module is not found"))
}

/// A PKCS#11 module by the name of its file.
fn find(name: &str) -> Option<PathBuf> {
    const DIRECTORIES: [&str; 5] =
        ["/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib"];
    let places = DIRECTORIES.iter().flat_map(|directory| ["softhsm", "pkcs11", "."].map(|below| Path::new(directory).join(below)));
    places.map(|place| place.join(name)).find(|path| path.is_file())
}
