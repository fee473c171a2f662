//! A session with a token: its module, its slot, its PIN.

use super::{TokenFault, TokenUri};
use crate::file::read_private;
use crate::{Ask, CustodyError};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use genome_files::{OpenFile, path_in_variable};
use genome_json::text::Quoted;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The variable that names the module where the URI does not, as OpenSSL's and OpenSSH's PKCS#11 providers read it.
const MODULE: &str = "PKCS11_PROVIDER_MODULE";

/// A token, logged in.
pub(super) struct Token {
    /// `None` only while it is being dropped.
    session: Option<Session>,
    module: Pkcs11,
}

impl Token {
    /// Finds the one token that the URI names, and logs in. A PIN is tried once, as a token locks itself after a few wrong ones.
    pub(super) fn open(uri: &TokenUri, ask: &mut Ask<'_>) -> Result<Self, CustodyError> {
        let module = load(uri)?;
        let mut token = Self { session: None, module };
        let (slot, info) = token.choose(uri)?;
        let session = token.module.open_ro_session(slot).map_err(|error| TokenFault::of(&error))?;
        token.session = Some(session);
        if info.login_required() {
            token.log_in(uri, &info, ask)?;
        }
        Ok(token)
    }

    /// The one token that the URI names.
    fn choose(&self, uri: &TokenUri) -> Result<(Slot, TokenInfo), TokenFault> {
        let slots = self.module.get_slots_with_token().map_err(|error| TokenFault::of(&error))?;
        // A token that does not answer cannot be used.
        let infos = slots.into_iter().filter_map(|slot| Some((slot, self.module.get_token_info(slot).ok()?)));
        let all: Vec<(Slot, TokenInfo)> = infos.filter(|(_, info)| info.token_initialized()).collect();
        let is_meant = |info: &TokenInfo| {
            uri.token.as_ref().is_none_or(|label| label == info.label())
                && uri.serial.as_ref().is_none_or(|serial| serial == info.serial_number())
        };
        let meant: Vec<&(Slot, TokenInfo)> = all.iter().filter(|(_, info)| is_meant(info)).collect();
        let named = |(_, info): &(Slot, TokenInfo)| {
            format!(
                "`token={};serial={}`",
                super::uri::encode(info.label().as_bytes()),
                super::uri::encode(info.serial_number().as_bytes())
            )
        };
        match meant.as_slice() {
            [(slot, info)] => Ok((*slot, info.clone())),
            [] => Err(TokenFault::NoToken { present: all.iter().map(named).collect() }),
            several => Err(TokenFault::SeveralTokens { present: several.iter().map(|token| named(token)).collect() }),
        }
    }

    fn log_in(&self, uri: &TokenUri, info: &TokenInfo, ask: &mut Ask<'_>) -> Result<(), CustodyError> {
        let token = info.label().to_owned();
        if info.user_pin_locked() {
            return Err(TokenFault::PinLocked { token }.into());
        }
        let pin = if info.protected_authentication_path() {
            // The token asks by itself.
            None
        } else {
            let pin = match &uri.pin_source {
                Some(_) if info.user_pin_final_try() => return Err(TokenFault::LastTry { token }.into()),
                Some(path) => pin_in_file(path)?,
                None => {
                    let last = if info.user_pin_final_try() { " (if it is wrong, the token locks itself)" } else { "" };
                    ask(&format!("the PIN of the token {}{last}", Quoted(&token)))?
                }
            };
            if pin.is_empty() {
                return Err(TokenFault::EmptyPin { token }.into());
            }
            // A box of the exact size: nothing is copied and left behind.
            Some(AuthPin::new(pin.as_str().into()))
        };
        match self.session()?.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                Err(TokenFault::WrongPin { token }.into())
            }
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenFault::PinLocked { token }.into()),
            Err(Error::Pkcs11(RvError::PinExpired, _)) => Err(TokenFault::PinExpired { token }.into()),
            Err(Error::Pkcs11(RvError::UserPinNotInitialized, _)) => Err(TokenFault::PinNotSet { token }.into()),
            Err(error) => Err(TokenFault::of(&error).into()),
        }
    }

    pub(super) fn session(&self) -> Result<&Session, TokenFault> {
        self.session.as_ref().ok_or(TokenFault::Module("the session is closed".to_owned()))
    }

    pub(super) fn find(&self, template: &[Attribute]) -> Result<Vec<ObjectHandle>, TokenFault> {
        self.session()?.find_objects(template).map_err(|error| TokenFault::of(&error))
    }

    pub(super) fn attributes(&self, object: ObjectHandle, types: &[AttributeType]) -> Result<Vec<Attribute>, TokenFault> {
        self.session()?.get_attributes(object, types).map_err(|error| TokenFault::of(&error))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // The session ends before the module does. A module that does not want to end has nothing of ours any more.
        self.session = None;
        let _ = self.module.clone().finalize();
    }
}

fn load(uri: &TokenUri) -> Result<Pkcs11, TokenFault> {
    let path = if let Some(path) = &uri.module_path {
        path.clone()
    } else {
        let named = path_in_variable(MODULE).map_err(TokenFault::Variable)?;
        named.filter(|path| !path.as_os_str().is_empty()).ok_or(TokenFault::NoModule)?
    };
    // dlopen(3) waits for a FIFO. A name without a slash it looks for itself, where the system keeps its libraries.
    if path.as_os_str().as_bytes().contains(&b'/')
        && let Err(error) = OpenFile::open_regular(&path)
    {
        return Err(TokenFault::NotLoaded { path, reason: error.to_string() });
    }
    let module = Pkcs11::new(&path).map_err(|error| {
        let reason = match error {
            Error::LibraryLoading(error) => error.to_string(),
            Error::MissingSymbol(_) => "it is a library, but not a PKCS#11 module".to_owned(),
            error => TokenFault::of(&error).to_string(),
        };
        TokenFault::NotLoaded { path, reason }
    })?;
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(|error| TokenFault::of(&error))?;
    Ok(module)
}

/// The PIN in a file, without the line feed after it.
fn pin_in_file(path: &Path) -> Result<Zeroizing<String>, CustodyError> {
    let bytes = read_private(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| TokenFault::PinNotText(path.to_owned()))?;
    let pin = text.strip_suffix('\n').unwrap_or(text);
    let pin = pin.strip_suffix('\r').unwrap_or(pin);
    Ok(Zeroizing::new(pin.to_owned()))
}
