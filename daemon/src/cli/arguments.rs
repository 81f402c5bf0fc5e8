//! The command line: which words there are, and what their values become.

mod values;

use std::path::PathBuf;

use azike_control::{
    AuthChoice, Code, DnsChoice, DscpChoice, OffloadChoice, PortChoice, UpOptions,
};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use self::values::{dscp, milliseconds, ports};
use crate::daemon::server::DEFAULT_SOCKET;

/// Connects this computer to an Azure point-to-site VPN gateway.
#[derive(Debug, Parser)]
#[command(
    name = "azike",
    bin_name = "azike",
    version,
    about,
    max_term_width = 100
)]
#[command(disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
pub(super) struct Global {
    /// Where the daemon listens
    #[arg(long, global = true, value_name = "PATH", default_value = DEFAULT_SOCKET)]
    pub socket: PathBuf,
    /// Print JSON, one document on each line
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more; twice for every packet of the negotiation
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Say errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: ColorChoice,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless the user wants none (`NO_COLOR`, `TERM=dumb`)
    #[default]
    #[value(help = "On a terminal, unless NO_COLOR is set")]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Connect, with the package from Azure and a client certificate
    #[command(alias = "connect")]
    Up(Box<Up>),
    /// Disconnect and put everything back as it was
    #[command(alias = "disconnect")]
    Down(Down),
    /// Say whether a tunnel is up, and how it does
    Status,
    /// Run in the background for other users' commands (what service managers start)
    Daemon,
    /// Undo whatever an earlier azike left on this computer
    Reset,
    /// Have azike run in the background, started with the computer (systemd, launchd)
    Service {
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Look at packages
    Profile {
        #[command(subcommand)]
        command: ProfileCommand,
    },
    /// Look at client certificates
    Cert {
        #[command(subcommand)]
        command: CertCommand,
    },
    /// Say what an error code means and what to do; without a code, list all
    Explain {
        /// The code, for example AZK-0401
        code: Option<Code>,
        /// Print the whole catalogue as Markdown
        #[arg(long, hide = true, conflicts_with = "code")]
        markdown: bool,
    },
    /// Print what a shell needs to complete azike's words
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder (for who makes packages)
    #[command(hide = true)]
    Man {
        /// The folder; it exists
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// Say what a package from Azure holds and whether azike can use it
    Show {
        /// The VPN client package
        #[arg(value_name = "FILE.zip")]
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CertCommand {
    /// Say which identities there are, and whether each can log in; without a file, those of the
    /// Keychain
    List {
        /// Identity files (.pfx, .p12 or .pem)
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Read the password of the files from the first line of this file
        #[arg(long, value_name = "FILE", requires = "files", alias = "pass-file")]
        password_file: Option<PathBuf>,
    },
}

/// `azike service`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum ServiceCommand {
    /// Install the service, or bring it up to this version, and start it
    Install,
    /// Stop the service and remove everything of it
    Uninstall {
        /// Keep the profiles of azike up NAME
        #[arg(long)]
        keep_profiles: bool,
    },
    /// Start the service
    Start,
    /// Stop the service until the computer, or service start, starts it
    Stop,
    /// Say whether the service is installed, by whom, and whether it runs
    Status,
}

#[derive(Args, Debug)]
pub(super) struct Down {
    /// Exit with 12 when there was nothing to take down
    #[arg(long)]
    pub strict: bool,
}

/// `azike up`.
#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(super) struct Up {
    /// The VPN client package from Azure, or the name of a profile used before
    #[arg(value_name = "FILE.zip|NAME")]
    pub profile: PathBuf,
    /// The client certificate with its private key (.pfx, .p12 or .pem)
    #[arg(
        long,
        short,
        value_name = "FILE",
        alias = "cert",
        required_unless_present = "keychain"
    )]
    pub identity: Option<PathBuf>,
    /// The client certificate in the Keychain of a Mac: cn:NAME, issuer:NAME, sha256:DIGITS or a
    /// common name. The daemon sees the System Keychain only
    #[arg(
        long,
        value_name = "SELECTOR",
        conflicts_with_all = ["identity", "password_file", "password_fd"]
    )]
    pub keychain: Option<String>,
    /// Read the password of the identity file from the first line of this file
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "password_fd",
        alias = "pass-file"
    )]
    pub password_file: Option<PathBuf>,
    /// Read the password of the identity file from this open descriptor
    #[arg(long, value_name = "N", alias = "pass-fd")]
    pub password_fd: Option<u32>,
    /// Refused: others could see it
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub password: Option<String>,
    /// Run the tunnel in this process, until Ctrl-C
    #[arg(long)]
    pub foreground: bool,
    /// Log in and out again: say whether it would work, and change nothing on this computer. Needs
    /// neither the daemon nor root
    #[arg(long, conflicts_with_all = ["foreground", "strict"])]
    pub dry_run: bool,
    /// How to log in; auto tries the signature first, then EAP-TLS
    #[arg(long, value_enum, value_name = "METHOD", default_value_t)]
    pub auth: Auth,
    /// The name that the gateway's certificate must have, in place of the package's names
    #[arg(long, value_name = "NAME")]
    pub server_name: Option<String>,
    /// Connect to this address, in place of resolving the gateway's name
    #[arg(long, value_name = "HOST")]
    pub address: Option<String>,
    /// The identity to send, in place of the certificate's name
    #[arg(long, value_name = "ID")]
    pub local_id: Option<String>,
    /// Allow algorithms that are too weak (Diffie-Hellman group 2)
    #[arg(long)]
    pub allow_weak: bool,
    /// Begin with UDP port 4500, for networks that block port 500
    #[arg(long)]
    pub port_4500: bool,
    /// Give up after this time, for example 30s or 2m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = milliseconds)]
    pub timeout: u32,
    /// Whose names the gateway's DNS servers answer
    #[arg(long, value_enum, value_name = "WHICH", default_value_t)]
    pub dns: Dns,
    /// Ask the gateway's DNS servers for names in this domain; may be repeated
    #[arg(long = "match", value_name = "DOMAIN")]
    pub match_domains: Vec<String>,
    /// The MTU of the tunnel, in place of the computed one
    #[arg(long, value_name = "OCTETS")]
    pub mtu: Option<u16>,
    /// The DSCP of the packets to the gateway: zero, copy (that of the packet inside) or 0 to 63
    #[arg(long, value_name = "zero|copy|N", default_value = "zero", value_parser = dscp)]
    pub dscp: DscpChoice,
    /// Exit with 12 when the tunnel was up already
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub expert: Expert,
}

/// For experts and tests.
#[derive(Args, Debug)]
pub(super) struct Expert {
    /// The only IKE proposals to offer
    #[arg(long = "ike", value_name = "PROPOSALS", hide_short_help = true)]
    pub ike_proposals: Option<String>,
    /// The only ESP proposals to offer
    #[arg(long = "esp", value_name = "PROPOSALS", hide_short_help = true)]
    pub esp_proposals: Option<String>,
    /// The longest IKE message before it is sent in fragments
    #[arg(long, value_name = "OCTETS", hide_short_help = true)]
    pub fragment_size: Option<u16>,
    /// How long the keys of the tunnel are used
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    pub child_lifetime: Option<u32>,
    /// How long the keys of the IKE SA are used
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    pub ike_lifetime: Option<u32>,
    /// How many octets the keys of the tunnel are used for, in one direction
    #[arg(long, value_name = "OCTETS", hide_short_help = true)]
    pub child_octets: Option<u64>,
    /// How many packets the keys of the tunnel are used for, in one direction
    #[arg(long, value_name = "PACKETS", hide_short_help = true)]
    pub child_packets: Option<u64>,
    /// Segmentation offload of the tun device and the socket, for troubleshooting
    #[arg(
        long,
        value_enum,
        value_name = "WHICH",
        default_value_t,
        hide_short_help = true
    )]
    pub offload: Offload,
    /// The local UDP port
    #[arg(long, value_name = "PORT", hide_short_help = true)]
    pub local_port: Option<u16>,
    /// The UDP ports of the gateway, where something forwards them to its 500 and 4500
    #[arg(long, value_name = "PORT,PORT", hide_short_help = true, value_parser = ports)]
    pub gateway_ports: Option<(u16, u16)>,
}

/// How to log in.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Auth {
    #[default]
    Auto,
    Signature,
    EapTls,
}

/// What becomes of DNS.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Dns {
    /// The gateway's servers: for the domains that it or --match names, else for all names
    #[default]
    Auto,
    /// None: DNS is left alone
    Off,
    /// All names
    All,
}

/// Whether the kernel cuts and joins packets.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Offload {
    /// Wherever the system can
    #[default]
    Auto,
    /// Not at all: one packet for each system call
    Off,
}

impl Up {
    /// The options for the daemon; their values are not checked yet.
    pub(super) fn options(&self) -> UpOptions {
        UpOptions {
            auth: match self.auth {
                Auth::Auto => AuthChoice::Auto,
                Auth::Signature => AuthChoice::Signature,
                Auth::EapTls => AuthChoice::EapTls,
            },
            server_name: self.server_name.clone(),
            gateway_address: self.address.clone(),
            local_id: self.local_id.clone(),
            allow_weak: self.allow_weak,
            transport: if self.port_4500 {
                PortChoice::Only4500
            } else {
                PortChoice::From500
            },
            timeout_ms: self.timeout,
            dns: match self.dns {
                Dns::Auto => DnsChoice::Auto,
                Dns::Off => DnsChoice::Off,
                Dns::All => DnsChoice::All,
            },
            match_domains: self.match_domains.clone(),
            mtu: self.mtu,
            dscp: self.dscp,
            offload: match self.expert.offload {
                Offload::Auto => OffloadChoice::Auto,
                Offload::Off => OffloadChoice::Off,
            },
            local_port: self.expert.local_port,
            gateway_ports: self.expert.gateway_ports,
            ike_proposals: self.expert.ike_proposals.clone(),
            esp_proposals: self.expert.esp_proposals.clone(),
            fragment_size: self.expert.fragment_size,
            child_lifetime_s: self.expert.child_lifetime,
            ike_lifetime_s: self.expert.ike_lifetime,
            child_octets: self.expert.child_octets,
            child_packets: self.expert.child_packets,
        }
    }
}

#[cfg(test)]
mod tests;
