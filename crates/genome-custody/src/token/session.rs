//! A session with a token: its slot, and the login.

use super::feature::{Candidate, check_library};
use super::module::load;
use super::pin::{obtain, tries_left};
use super::{TokenFault, TokenUri};
use crate::{Ask, CustodyError};
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::{Session, UserType};

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
        check_library(&token.module, uri)?;
        let chosen = token.choose(uri)?;
        let session = token.module.open_ro_session(chosen.slot).map_err(|error| TokenFault::of(&error))?;
        token.session = Some(session);
        if chosen.token.login_required() {
            token.log_in(uri, &chosen, ask)?;
        }
        Ok(token)
    }

    /// The one token that the URI names.
    fn choose(&self, uri: &TokenUri) -> Result<Candidate, TokenFault> {
        let slots = self.module.get_slots_with_token().map_err(|error| TokenFault::of(&error))?;
        let (mut all, mut silent) = (Vec::new(), Vec::new());
        for slot in slots {
            match self.module.get_token_info(slot) {
                Ok(info) if info.token_initialized() => {
                    all.push(Candidate::new(slot, info, self.module.get_slot_info(slot).ok()));
                }
                // SoftHSM always has one more.
                Ok(_) => {}
                Err(error) => silent.push(format!("one in slot {slot} that does not answer ({})", TokenFault::of(&error))),
            }
        }
        let meant: Vec<&Candidate> = all.iter().filter(|candidate| candidate.is_meant(uri)).collect();
        match meant.as_slice() {
            [only] => Ok((*only).clone()),
            [] => Err(TokenFault::NoToken { present: all.iter().map(|token| token.shown(uri, &all)).chain(silent).collect() }),
            several => Err(TokenFault::SeveralTokens { present: several.iter().map(|token| token.shown(uri, &all)).collect() }),
        }
    }

    fn log_in(&self, uri: &TokenUri, chosen: &Candidate, ask: &mut Ask<'_>) -> Result<(), CustodyError> {
        let token = chosen.label().to_owned();
        let pin = obtain(&token, uri, &chosen.token, ask)?;
        match self.session()?.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(RvError::PinIncorrect, _)) => {
                // It says so in its flags, if anywhere.
                let left = tries_left(self.module.get_token_info(chosen.slot).ok().as_ref());
                Err(TokenFault::WrongPin { token, left }.into())
            }
            Err(Error::Pkcs11(error @ (RvError::PinInvalid | RvError::PinLenRange), _)) => {
                Err(TokenFault::PinNotTaken { token, reason: format!("{error:?}") }.into())
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
