//! This computer: sockets, device, addresses, routes, names, profiles.

use azike_control::{Code, Failure, Warning};
use azike_platform::{
    BindError, HostError, JournalError, Left, Notice, PlanError, Setting, TunError,
};
use azike_profile::Warning as ProfileWarning;

/// What the user is told about a socket.
pub fn bind(error: &BindError) -> Failure {
    let code = match error {
        BindError::PortInUse(_) => Code::PORT_IN_USE,
        BindError::NoPermission(_) | BindError::NoSuchAddress(_) | BindError::Io(..) => {
            Code::SOCKET_FAILED
        }
    };
    told(code, error)
}

/// What the user is told about the tun device.
pub fn tun(error: &TunError) -> Failure {
    let code = match error {
        TunError::NoPermission => Code::NO_RIGHT_TUN,
        TunError::NoTunDevice => Code::NO_TUN_DEVICE,
        TunError::NameTaken(_) | TunError::BadName(_) | TunError::Io(_) => Code::ADDRESS_FAILED,
    };
    told(code, error)
}

/// What the user is told about settings of the host.
pub fn host(error: &HostError) -> Failure {
    let code = match error {
        _ if error.is_no_permission() => Code::NO_RIGHT_TUN,
        HostError::Journal(JournalError::Locked { .. }) => Code::DAEMON_ALREADY_RUNNING,
        HostError::Journal(JournalError::UnsafeDirectory(_) | JournalError::Io(..)) => {
            Code::JOURNAL_FAILED
        }
        HostError::Plan(PlanError::NoRoute(_)) => Code::NETWORK_UNREACHABLE,
        HostError::Look(_) => Code::ROUTE_FAILED,
        HostError::Change { setting, .. } => setting_code(setting),
        HostError::NotUndone(left) => {
            let settings: Vec<_> = left
                .iter()
                .map(|(setting, error)| format!("{setting}: {error}"))
                .collect();
            let what = "some settings could not be put back; azike tries again at its next start";
            return Failure::new(Code::RECOVERY_FAILED, what).seen(settings.join("; "));
        }
        HostError::OtherNetwork => Code::RECOVERY_FAILED,
    };
    told(code, error)
}

fn setting_code(setting: &Setting) -> Code {
    match setting {
        Setting::Mtu { .. } | Setting::Up { .. } | Setting::Address { .. } => Code::ADDRESS_FAILED,
        Setting::Outside { .. } | Setting::Route { .. } => Code::ROUTE_FAILED,
        Setting::LinkDns { .. } | Setting::StoreDns { .. } | Setting::ResolvConf { .. } => {
            Code::DNS_FAILED
        }
    }
}

/// The error in words, its cause as evidence.
fn told(code: Code, error: &dyn std::error::Error) -> Failure {
    let failure = Failure::new(code, error.to_string());
    match error.source() {
        Some(source) => failure.seen(source.to_string()),
        None => failure,
    }
}

/// Something that was done differently from what was asked.
pub fn notice(notice: &Notice) -> Warning {
    match notice {
        Notice::Existed(setting) => {
            let text = format!("{setting}: it was there before, and stays as it was");
            Warning::new(Code::ROUTE_EXISTS, text)
        }
        Notice::SharedResolvConf => {
            let text = "DNS was left alone: resolv.conf belongs to the whole machine";
            Warning::new(Code::DNS_NOT_SET, text)
        }
        Notice::ResolvedBypassed => {
            let text = "programs that read resolv.conf do not ask systemd-resolved";
            Warning::new(Code::DNS_NOT_SET, text)
        }
        Notice::BadDomain(domain) => {
            Warning::new(Code::DNS_NOT_SET, format!("'{domain}' is not a domain"))
        }
        Notice::ServersLeftOut(count) => {
            let text = format!("{count} DNS servers have no room in resolv.conf");
            Warning::new(Code::DNS_NOT_SET, text)
        }
    }
}

/// Something that was not put back because somebody else changed it.
pub fn left(left: &Left) -> Warning {
    match left {
        Left::ChangedMeanwhile(setting) => {
            let text = format!("{setting}: somebody else changed it, so it stays");
            Warning::new(Code::DNS_CHANGED_BY_OTHERS, text)
        }
        Left::Unreadable(lines) => {
            let text = format!("{lines} lines of the journal were not readable");
            Warning::new(Code::LEFTOVERS_REMOVED, text)
        }
    }
}

/// Something odd about the package.
pub fn profile_warning(warning: &ProfileWarning) -> Warning {
    let code = match warning {
        ProfileWarning::OnlyRetiringRoots(_) => Code::ROOT_RETIRING,
        ProfileWarning::RootExpired { .. }
        | ProfileWarning::RootExpiresSoon { .. }
        | ProfileWarning::RootNotYetValid { .. } => Code::ROOT_EXPIRED,
        ProfileWarning::HostBits { .. }
        | ProfileWarning::DefaultRoute(_)
        | ProfileWarning::ManyRoutes(_)
        | ProfileWarning::NoRoutes
        | ProfileWarning::AddressPool(_)
        | ProfileWarning::DnsServer(_)
        | ProfileWarning::VnetIdDiffers { .. }
        | ProfileWarning::VnetId(_)
        | ProfileWarning::RootIgnored { .. }
        | ProfileWarning::RootWithoutConstraints(_)
        | ProfileWarning::PrivateKeyInPackage(_)
        | ProfileWarning::ServerRootMissing(_)
        | ProfileWarning::AzureVpnConfig(_) => Code::PROFILE_SETTING_IGNORED,
    };
    Warning::new(code, warning.to_string())
}
