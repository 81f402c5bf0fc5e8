//! Numbers that IANA keeps: a newtype for each registry, a constant for each value we know.
//!
//! An unknown number is an ordinary value of the type. It survives decode and encode, and it
//! can never be equal to a known one.
//!
//! Source: IANA, "Internet Key Exchange Version 2 (IKEv2) Parameters" and "EAP Registry".

pub use authentication::{AuthMethod, CertificateEncoding, IdType, SignatureHash};
pub use configuration::{ConfigAttributeType, ConfigType};
pub use eap::{EapCode, EapType};
pub use message::{ExchangeType, PayloadType, ProtocolId, TrafficSelectorType};
pub use notify::NotifyType;
pub use transform::{
    EncryptionId, ExtendedSequenceNumbers, IntegrityId, KeyExchangeMethod, PrfId, TransformType,
};

/// Defines the newtype of one registry.
///
/// `Display` and `Debug` print the constant's name, or `Type(number)` for a number without one.
macro_rules! codepoint {
    (
        $(#[$type_doc:meta])*
        $name:ident($number:ty) {
            $($(#[$value_doc:meta])* $constant:ident = $value:expr,)+
        }
    ) => {
        $(#[$type_doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub $number);

        impl $name {
            $($(#[$value_doc])* pub const $constant: Self = Self($value);)+

            /// The registry's name of this number, if we know it.
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$constant => Some(stringify!($constant)),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}({})", stringify!($name), self.0),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

mod authentication;
mod configuration;
mod eap;
mod message;
mod notify;
mod transform;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_number_prints_the_name_of_the_registry() {
        assert_eq!(ExchangeType(34).to_string(), "IKE_SA_INIT");
        assert_eq!(NotifyType(17).to_string(), "INVALID_KE_PAYLOAD");
        assert_eq!(format!("{:?}", KeyExchangeMethod(31)), "CURVE25519");
    }

    #[test]
    fn unknown_number_prints_its_registry_and_itself() {
        assert_eq!(NotifyType(54321).to_string(), "NotifyType(54321)");
        assert_eq!(format!("{:?}", PayloadType(200)), "PayloadType(200)");
    }

    #[test]
    fn unknown_number_is_never_equal_to_a_known_one() {
        assert_eq!(ExchangeType(34), ExchangeType::IKE_SA_INIT);
        assert_ne!(ExchangeType(33), ExchangeType::IKE_SA_INIT);
    }
}
