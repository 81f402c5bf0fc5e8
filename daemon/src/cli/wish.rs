//! What `azike up` is to do: the user's files, opened; the password; the options, checked.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use azike_control::{Attached, Code, Failure, ProfileSource, Request, UpOptions, UpRequest};
use azike_platform::HAS_KEYCHAIN;
use azike_profile::Selector;
use zeroize::Zeroizing;

use super::arguments::Up;
use super::console::{Console, Ending};
use super::files::{Opened, open_file, profile, public_file};
use super::password;
use crate::failing;

/// How often a password is asked for.
const QUESTIONS: u32 = 3;

/// What an attempt is made from.
pub(super) struct Wish {
    profile: ProfileSource,
    package: Option<OwnedFd>,
    identity: Source,
    /// The password, once it is known.
    pub password: Option<Zeroizing<String>>,
    /// How often the user may still be asked for the password.
    pub questions: u32,
    options: UpOptions,
}

/// Where the identity is.
enum Source {
    /// A file, open, and as the user named it.
    File(OwnedFd, PathBuf),
    /// The Keychain; as the user named it, checked.
    Keychain(String),
}

impl Wish {
    /// Opens the files, takes the password and checks the options.
    pub(super) fn of(arguments: &Up, console: &mut Console) -> Result<Self, Ending> {
        if arguments.password.is_some() {
            let failure = Failure::new(
                Code::USAGE,
                "a password on the command line could be seen by other users",
            );
            let next = "Leave --password out: azike asks for it. Scripts use --password-file or \
                    --password-fd.";
            return Err(failure.advise(next).into());
        }
        let options = arguments.options();
        options.check().map_err(Failure::from)?;
        let (profile, package) = profile(&arguments.profile)?;
        let (identity, identity_again) = identity(arguments, console)?;
        let password = match (&arguments.password_file, arguments.password_fd) {
            (Some(file), _) => {
                let (password, is_public) = password::from_file(file)?;
                if is_public {
                    console.warn(&public_file(file))?;
                }
                Some(password)
            }
            (None, Some(number)) => Some(password::from_descriptor(number)?),
            (None, None) => None,
        };
        // What can be read only once cannot be tried again with a password.
        let again = identity_again && package.as_ref().is_none_or(|package| package.is_regular);
        let can_ask = password.is_none() && again && console.can_ask();
        Ok(Self {
            profile,
            package: package.map(|opened: Opened| opened.descriptor),
            identity,
            password,
            questions: if can_ask { QUESTIONS } else { 0 },
            options,
        })
    }

    /// The identity file, where it is one, as the user named it.
    pub(super) fn identity_path(&self) -> Option<&Path> {
        match &self.identity {
            Source::File(_, path) => Some(path),
            Source::Keychain(_) => None,
        }
    }

    /// The identity in the Keychain, where it is there, as the user named it.
    pub(super) fn selector(&self) -> Option<&str> {
        match &self.identity {
            Source::File(..) => None,
            Source::Keychain(selector) => Some(selector),
        }
    }

    /// The request, and the descriptors in the order it announces.
    pub(super) fn request(&self) -> Result<(Request, Vec<OwnedFd>), Failure> {
        let copy = |descriptor: &OwnedFd| {
            descriptor.try_clone().map_err(|error| {
                Failure::new(Code::INTERNAL, "a file cannot be passed on").seen(error.to_string())
            })
        };
        let mut attached = Vec::new();
        let mut descriptors = Vec::new();
        if let Some(package) = &self.package {
            attached.push(Attached::Package);
            descriptors.push(copy(package)?);
        }
        if let Source::File(descriptor, _) = &self.identity {
            attached.push(Attached::Identity);
            descriptors.push(copy(descriptor)?);
        }
        if let Some(password) = &self.password {
            attached.push(Attached::Password);
            descriptors.push(password::in_a_pipe(password)?);
        }
        let request = UpRequest {
            profile: self.profile.clone(),
            attached,
            keychain: self.selector().map(str::to_owned),
            options: self.options.clone(),
        };
        Ok((Request::Up(Box::new(request)), descriptors))
    }
}

/// The identity that the user named, and whether it can be read more than once.
fn identity(arguments: &Up, console: &mut Console) -> Result<(Source, bool), Ending> {
    match (&arguments.identity, &arguments.keychain) {
        (Some(path), _) => {
            let opened = open_file(path)?;
            if opened.is_public {
                console.warn(&public_file(path))?;
            }
            let source = Source::File(opened.descriptor, path.clone());
            Ok((source, opened.is_regular))
        }
        (None, Some(_)) if !HAS_KEYCHAIN => Err(Failure::from(Code::KEYCHAIN_ABSENT).into()),
        (None, Some(text)) => {
            let selector: Selector = text.parse().map_err(failing::selector)?;
            tracing::debug!(%selector, "identity in the Keychain");
            // There is no password to ask for.
            Ok((Source::Keychain(text.clone()), false))
        }
        // The definition of the command line wants one of them.
        (None, None) => Err(Failure::from(Code::USAGE).into()),
    }
}
