//! What `azike up` is to do: the user's files, opened; the password; the options, checked.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use azike_control::{Attached, Code, Failure, ProfileSource, Request, UpOptions, UpRequest};
use zeroize::Zeroizing;

use super::arguments::Up;
use super::console::{Console, Ending};
use super::files::{Opened, open_file, profile, public_file};
use super::password;

/// How often a password is asked for.
const QUESTIONS: u32 = 3;

/// What an attempt is made from.
pub(super) struct Wish {
    profile: ProfileSource,
    package: Option<OwnedFd>,
    identity: OwnedFd,
    /// The identity file, as the user named it.
    pub identity_path: PathBuf,
    /// The password, once it is known.
    pub password: Option<Zeroizing<String>>,
    /// How often the user may still be asked for the password.
    pub questions: u32,
    options: UpOptions,
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
        let identity = open_file(&arguments.identity)?;
        if identity.is_public {
            console.warn(&public_file(&arguments.identity))?;
        }
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
        let again =
            identity.is_regular && package.as_ref().is_none_or(|package| package.is_regular);
        let can_ask = password.is_none() && again && console.can_ask();
        Ok(Self {
            profile,
            package: package.map(|opened: Opened| opened.descriptor),
            identity: identity.descriptor,
            identity_path: arguments.identity.clone(),
            password,
            questions: if can_ask { QUESTIONS } else { 0 },
            options,
        })
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
        attached.push(Attached::Identity);
        descriptors.push(copy(&self.identity)?);
        if let Some(password) = &self.password {
            attached.push(Attached::Password);
            descriptors.push(password::in_a_pipe(password)?);
        }
        let request = UpRequest {
            profile: self.profile.clone(),
            attached,
            options: self.options.clone(),
        };
        Ok((Request::Up(Box::new(request)), descriptors))
    }
}
