//! The two requests of the protocol of ssh-agent (draft-ietf-sshm-ssh-agent) that are needed.
//!
//! By hand, as two libraries were tried: `ssh-agent-client-rs` 1.1.4 and `ssh-agent-lib` 0.6.0 refuse the whole list for one key of a kind
//! that they do not know, or with a comment that is not UTF-8. The latter reserves as much memory as an answer announces, up to 4 GiB.

use super::fault::{AgentFault, Held};
use base64ct::{Base64Unpadded, Encoding as _};
use genome::{Digest, PublicKey};
use genome_files::path_in_variable;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

const SSH_AGENT_FAILURE: u8 = 5;
const SSH_AGENTC_REQUEST_IDENTITIES: u8 = 11;
const SSH_AGENT_IDENTITIES_ANSWER: u8 = 12;
const SSH_AGENTC_SIGN_REQUEST: u8 = 13;
const SSH_AGENT_SIGN_RESPONSE: u8 = 14;

/// RFC 8709 section 4.
const ED25519: &[u8] = b"ssh-ed25519";

/// The longest answer that is read, four times the longest of OpenSSH's agent.
const MOST_BYTES: u32 = 1024 * 1024;

/// The longest message that OpenSSH's agent takes (`AGENT_MAX_LEN`).
const OPENSSH_TAKES: usize = 256 * 1024;

/// A key that the agent says it holds.
pub(super) struct Identity {
    pub(super) blob: Vec<u8>,
    pub(super) held: Held,
    /// The key, if it is an Ed25519 key that signs the bytes alone.
    pub(super) key: Option<PublicKey>,
}

impl Identity {
    /// Whether a security key (FIDO) holds it.
    pub(super) fn is_on_security_key(&self) -> bool {
        self.held.algorithm.starts_with("sk-")
    }
}

/// An agent that listens at a socket.
pub(super) struct Agent {
    socket: PathBuf,
    timeout: Duration,
}

impl Agent {
    pub(super) fn from_environment(timeout: Duration) -> Result<Self, AgentFault> {
        match path_in_variable("SSH_AUTH_SOCK").map_err(AgentFault::Variable)? {
            Some(socket) if !socket.as_os_str().is_empty() => Ok(Self { socket, timeout }),
            _ => Err(AgentFault::Unset),
        }
    }

    /// What the agent holds.
    pub(super) fn identities(&self) -> Result<Vec<Identity>, AgentFault> {
        let answer = self.exchange(&[SSH_AGENTC_REQUEST_IDENTITIES])?;
        let mut answer = Reader(&answer);
        match answer.byte() {
            Some(SSH_AGENT_IDENTITIES_ANSWER) => {}
            Some(SSH_AGENT_FAILURE) => return Err(AgentFault::ListRefused),
            _ => return Err(AgentFault::Garbled),
        }
        let identities: Option<Vec<Identity>> = answer.number().and_then(|count| {
            // The count may be any number: what ends the loop is that the answer has no more.
            (0..count).map(|_| Some(identity(answer.string()?, answer.string()?))).collect()
        });
        identities.filter(|_| answer.0.is_empty()).ok_or(AgentFault::Garbled)
    }

    /// Lets the agent sign with the key of this blob.
    pub(super) fn sign(&self, blob: &[u8], message: &[u8]) -> Result<[u8; 64], AgentFault> {
        let mut request = vec![SSH_AGENTC_SIGN_REQUEST];
        for part in [blob, message] {
            write_string(&mut request, part)?;
        }
        // No flags: they choose the digest of an RSA signature.
        request.extend([0; 4]);
        let large = message.len() > OPENSSH_TAKES - 1024;
        let answer = self.exchange(&request).map_err(|fault| match fault {
            AgentFault::HungUp { .. } if large => AgentFault::HungUp { message: Some(message.len()) },
            fault => fault,
        })?;
        let mut answer = Reader(&answer);
        match answer.byte() {
            Some(SSH_AGENT_SIGN_RESPONSE) => {}
            Some(SSH_AGENT_FAILURE) => return Err(AgentFault::SignRefused),
            _ => return Err(AgentFault::Garbled),
        }
        let mut signature = answer.string().map(Reader).filter(|_| answer.0.is_empty()).ok_or(AgentFault::Garbled)?;
        // RFC 8709 section 6: the name of the algorithm, then the 64 bytes.
        match (signature.string(), signature.string().map(<[u8; 64]>::try_from)) {
            (Some(ED25519), Some(Ok(bytes))) if signature.0.is_empty() => Ok(bytes),
            _ => Err(AgentFault::Garbled),
        }
    }

    /// One question and its answer, without the lengths before them.
    fn exchange(&self, request: &[u8]) -> Result<Vec<u8>, AgentFault> {
        let mut framed = Vec::with_capacity(4 + request.len());
        write_string(&mut framed, request)?;
        let (sender, answer) = channel();
        let socket = self.socket.clone();
        // Each step may take for ever: to be let in, too, where nobody takes what waits before us. A thread that waits ends with us.
        let talking = move || {
            // The receiver may be gone.
            let _ = sender.send(talk(&socket, &framed));
        };
        thread::Builder::new().spawn(talking).map_err(|error| gone(&self.socket, &error))?;
        answer.recv_timeout(self.timeout).unwrap_or(Err(AgentFault::Slow(self.timeout.as_secs())))
    }
}

fn talk(socket: &Path, question: &[u8]) -> Result<Vec<u8>, AgentFault> {
    let hung_up = |_: io::Error| AgentFault::HungUp { message: None };
    let mut stream = UnixStream::connect(socket).map_err(|error| gone(socket, &error))?;
    stream.write_all(question).map_err(hung_up)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).map_err(hung_up)?;
    let length = u32::from_be_bytes(length);
    if length > MOST_BYTES {
        return Err(AgentFault::Garbled);
    }
    let mut answer = vec![0; length as usize];
    stream.read_exact(&mut answer).map_err(hung_up)?;
    Ok(answer)
}

fn gone(socket: &Path, error: &io::Error) -> AgentFault {
    AgentFault::Gone { socket: socket.to_owned(), reason: error.to_string() }
}

fn identity(blob: &[u8], comment: &[u8]) -> Identity {
    let mut parts = Reader(blob);
    let algorithm = parts.string().unwrap_or_default();
    let point = parts.string().and_then(|point| <[u8; 32]>::try_from(point).ok());
    let key = point.filter(|_| algorithm == ED25519 && parts.0.is_empty()).and_then(|point| PublicKey::from_bytes(&point).ok());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let fingerprint = format!("SHA256:{}", Base64Unpadded::encode_string(Digest::of(blob).as_bytes()));
    let held = Held { algorithm: text(algorithm), fingerprint, comment: text(comment) };
    Identity { blob: blob.to_owned(), held, key }
}

/// RFC 4251 section 5: a string is its length as a 32-bit big-endian number, and its bytes.
fn write_string(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), AgentFault> {
    // Nothing is lost: the length is said.
    let length = u32::try_from(bytes.len()).map_err(|_| AgentFault::HungUp { message: Some(bytes.len()) })?;
    out.extend(length.to_be_bytes());
    out.extend(bytes);
    Ok(())
}

/// Reads the types of RFC 4251 section 5 from the front of a text.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (string, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(string)
    }
}
