//! From files to everything a connection needs: the profile, the identity, whom to trust.

use std::sync::Arc;
use std::time::Duration;

use azike_control::{AuthChoice, CertificateStatus, Code, Failure, UpOptions, UtcTime, Warning};
use azike_crypto::SignatureScheme;
use azike_ike::trust::GatewayTrust;
use azike_ike::{Authentication, ClientIdentity, Offer, Strength};
use azike_profile::{Identity, IdentityProblem, LocalId, Profile, Selector, Severity};
use azike_wire::IdType;
use rustls_pki_types::UnixTime;

use super::engine_face::{IdentityInput, PackageInput};
use super::keychain::Keychain;
use super::profiles::Profiles;
use crate::failing;

/// Everything a connection needs, checked.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The name of the profile.
    pub(crate) name: String,
    /// The package, to keep once it worked; `None` if it is kept already.
    pub(crate) package: Option<Vec<u8>>,
    /// What the package says.
    pub(crate) profile: Profile,
    /// Who we are.
    pub(crate) identity: ClientIdentity,
    /// The certificate, for the status.
    pub(crate) certificate: CertificateStatus,
    /// Whom to trust.
    pub(crate) trust: Arc<GatewayTrust>,
    /// What to offer.
    pub(crate) offer: Offer,
    /// How to log in, in this order.
    pub(crate) ways: Vec<Authentication>,
    /// The rest of the wishes.
    pub(crate) options: UpOptions,
    /// What a person should look at.
    pub(crate) warnings: Vec<Warning>,
}

/// A profile that was read, and its package where it is new.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) octets: Option<Vec<u8>>,
    pub(crate) profile: Profile,
}

impl Package {
    /// In one line, for the stage.
    pub(crate) fn summary(&self) -> String {
        let profile = &self.profile;
        let count = |number: usize, what: &str| match number {
            1 => format!("1 {what}"),
            _ => format!("{number} {what}s"),
        };
        let (roots, routes) = (profile.roots.len(), profile.routes.len());
        format!(
            "{} — {}, {}",
            self.name,
            count(roots, "root"),
            count(routes, "route")
        )
    }
}

impl Setup {
    /// In one line, for the stage.
    pub(crate) fn identity_summary(&self, identity: &Identity) -> String {
        let days = self.certificate.days_left;
        format!(
            "{}, issuer {}, valid {days} days",
            identity.subject(),
            identity.issuer()
        )
    }
}

/// Reads the package.
pub(crate) fn package(input: PackageInput, profiles: &Profiles) -> Result<Package, Failure> {
    let (name, octets, new) = match input {
        PackageInput::Octets { name, octets } => (name, octets, true),
        PackageInput::Stored { name } => {
            let octets = profiles.read(&name)?;
            (name, octets, false)
        }
    };
    let profile = azike_profile::read_package(&octets).map_err(|error| failing::package(&error))?;
    Ok(Package {
        name,
        octets: new.then_some(octets),
        profile,
    })
}

/// Reads the identity, as of `now` since 1970. Takes long where the password is stretched well,
/// or where the Keychain asks its user.
pub(crate) fn identity(input: &IdentityInput, now: Duration) -> Result<Identity, Failure> {
    match input {
        IdentityInput::File { octets, password } => {
            let password = password.as_ref().map(|password| password.as_str());
            let identity = azike_profile::read_identity(octets, password);
            identity.map_err(|error| failing::identity(&error))
        }
        IdentityInput::Keychain { selector } => {
            let selector = selector.parse::<Selector>().map_err(failing::selector)?;
            Keychain::open()?.identity(&selector, UnixTime::since_unix_epoch(now))
        }
    }
}

/// Puts everything together, as of `now` since 1970.
pub(crate) fn assemble(
    package: Package,
    identity: &Identity,
    options: UpOptions,
    now: Duration,
) -> Result<Setup, Failure> {
    let unix = UnixTime::since_unix_epoch(now);
    let profile = package.profile;
    let mut warnings: Vec<Warning> = profile
        .warnings_at(unix)
        .iter()
        .map(failing::profile_warning)
        .collect();
    for problem in identity.check(unix, &profile) {
        let named = matches!(problem, IdentityProblem::NoName { .. });
        if named && options.local_id.is_some() {
            continue;
        }
        match problem.severity() {
            Severity::Fatal => return Err(failing::identity_problem(&problem)),
            Severity::Warning => warnings.push(failing::identity_warning(&problem)),
        }
    }
    let local_id = local_id(identity, options.local_id.as_deref())?;
    let trust = trust(&profile, options.server_name.as_deref())?;
    if options.allow_weak {
        let text = "group 2 (MODP-1024) is offered, because --allow-weak was given";
        warnings.push(Warning::new(Code::WEAK_ALGORITHM, text));
    }
    let offer = offer(&options)?;
    Ok(Setup {
        name: package.name,
        package: package.octets,
        identity: client_identity(identity, &local_id),
        certificate: certificate(identity, now),
        trust: Arc::new(trust),
        offer,
        ways: ways(options.auth),
        profile,
        options,
        warnings,
    })
}

fn ways(choice: AuthChoice) -> Vec<Authentication> {
    match choice {
        AuthChoice::Auto => vec![Authentication::Signature, Authentication::EapTls],
        AuthChoice::Signature => vec![Authentication::Signature],
        AuthChoice::EapTls => vec![Authentication::EapTls],
    }
}

fn offer(options: &UpOptions) -> Result<Offer, Failure> {
    let strength = if options.allow_weak {
        Strength::AllowWeak
    } else {
        Strength::Strong
    };
    let mut offer = Offer::azure(strength);
    if let Some(text) = &options.ike_proposals {
        offer = offer
            .with_ike(text)
            .map_err(|fault| unusable("--ike", &fault))?;
    }
    if let Some(text) = &options.esp_proposals {
        offer = offer
            .with_child(text)
            .map_err(|fault| unusable("--esp", &fault))?;
    }
    Ok(offer)
}

fn unusable(option: &str, fault: &dyn std::error::Error) -> Failure {
    Failure::new(Code::OPTION_INVALID, format!("{option}: {fault}"))
}

fn local_id(identity: &Identity, wish: Option<&str>) -> Result<LocalId, Failure> {
    match wish {
        Some(text) => identity
            .local_id_from(text)
            .map_err(|fault| unusable("--local-id", &fault)),
        None => identity.local_id().ok_or_else(|| {
            let what = "the client certificate has no name that can be an identity";
            Failure::new(Code::OPTION_INVALID, what).advise("Give one with --local-id NAME.")
        }),
    }
}

fn trust(profile: &Profile, server_name: Option<&str>) -> Result<GatewayTrust, Failure> {
    let names = match server_name {
        Some(name) => vec![name.to_owned()],
        None => profile.accepted_names.clone(),
    };
    GatewayTrust::new(profile.root_certificates(), &names, &[])
        .map_err(|error| failing::trust_config(&error))
}

fn client_identity(identity: &Identity, local_id: &LocalId) -> ClientIdentity {
    let issuers = identity.intermediates().iter().chain(identity.root());
    ClientIdentity {
        id_type: IdType(local_id.id_type()),
        id: local_id.data(),
        eap_identity: identity
            .eap_identity()
            .unwrap_or_else(|| local_id.to_string()),
        certificates: identity.certificates(),
        issuers: issuers.map(|issuer| issuer.der().clone()).collect(),
        signer: identity.signer(),
        schemes: vec![
            SignatureScheme::EcdsaP256Sha256,
            SignatureScheme::EcdsaP384Sha384,
            SignatureScheme::RsaPkcs1Sha256,
            SignatureScheme::RsaPkcs1Sha384,
            SignatureScheme::RsaPkcs1Sha512,
            SignatureScheme::RsaPssSha256,
            SignatureScheme::RsaPssSha384,
            SignatureScheme::RsaPssSha512,
        ],
    }
}

fn certificate(identity: &Identity, now: Duration) -> CertificateStatus {
    let not_after = identity.leaf().not_after.0;
    let left = not_after - i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    CertificateStatus {
        subject: identity.subject().to_owned(),
        not_after: UtcTime::from_unix(Duration::from_secs(u64::try_from(not_after).unwrap_or(0))),
        days_left: left.div_euclid(86_400),
    }
}
