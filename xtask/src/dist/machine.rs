//! The kinds of Linux computer that packages are made for.

/// One kind, under the name that each tool has for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Machine {
    /// In file names; also rpm's name and the beginning of rustc's.
    pub(super) name: &'static str,
    /// rustc's target.
    pub(super) target: &'static str,
    /// Debian's name.
    pub(super) debian: &'static str,
    /// clang's target, and the name of musl's folders.
    pub(super) musl: &'static str,
}

/// All of them. This machine's own is the first.
pub(super) const ALL: [Machine; 2] = [
    Machine {
        name: "x86_64",
        target: "x86_64-unknown-linux-musl",
        debian: "amd64",
        musl: "x86_64-linux-musl",
    },
    Machine {
        name: "aarch64",
        target: "aarch64-unknown-linux-musl",
        debian: "arm64",
        musl: "aarch64-linux-musl",
    },
];
