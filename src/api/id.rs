//! Identifiers, checked once and comparable ever after.
//!
//! The service writes the same id bare, with `0x` or with a prefix; people paste links. Inside the program each id
//! has one form, and what is not an id never becomes one.

use std::fmt;

/// Defines an id of a fixed number of bytes, written as lower-case hex.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Reads hex of exactly the right length, with or without `0x`, in either case.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim();
                let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes).ok()?;
                Some(Self(bytes))
            }

            /// The raw bytes.
            pub fn bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// Head and tail, for a narrow column: `0x46d9bc5f..99310d9`.
            pub fn short(&self) -> String {
                let hex = hex::encode(self.0);
                format!("0x{}..{}", &hex[..8], &hex[hex.len() - 6..])
            }
        }

        impl From<[u8; $bytes]> for $name {
            fn from(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

hex_id! {
    /// The id of an app: 20 bytes, for an on-chain app also the address of its contract.
    AppId, 20
}

hex_id! {
    /// SHA-256 of an app-compose document, as the guest measures it.
    ComposeHash, 32
}

hex_id! {
    /// The id of the machine under a node, as the app's contract knows it.
    DeviceId, 32
}

hex_id! {
    /// The hash of a transaction on the app's chain.
    TransactionHash, 32
}

impl AppId {
    /// Finds an app id in whatever a person pastes: bare, `0x…`, `app_…`, or a link to the dashboard.
    pub fn find(text: &str) -> Option<Self> {
        text.split(['/', '?', '#', '&', '=', ' '])
            .map(|part| part.strip_prefix("app_").unwrap_or(part))
            .find_map(Self::parse)
    }
}

/// The UUID of a CVM, the one identifier that every endpoint understands. Canonical: lower case, with dashes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CvmUuid(String);

impl CvmUuid {
    /// Reads 32 hex digits with or without dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .trim()
            .chars()
            .filter(|c| *c != '-')
            .collect::<String>()
            .to_ascii_lowercase();
        if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let parts = [
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..],
        ];
        Some(Self(parts.join("-")))
    }

    /// Finds a UUID in whatever a person pastes, a dashboard link included.
    pub fn find(text: &str) -> Option<Self> {
        text.split(['/', '?', '#', '&', '=', ' '])
            .find_map(Self::parse)
    }

    /// The form that the official clients put into paths: without dashes.
    pub fn in_path(&self) -> String {
        self.0.replace('-', "")
    }

    /// Head and tail, for a narrow column.
    pub fn short(&self) -> String {
        format!("{}..{}", &self.0[..4], &self.0[32..])
    }
}

impl fmt::Display for CvmUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for CvmUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CvmUuid({})", self.0)
    }
}

/// The number of a node; `node_id` and `teepod_id` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u64);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "3f91deaf16ff7c823ee65081d6bafa1ceea05ffc";

    #[test]
    fn an_app_id_is_found_in_every_form_people_paste() {
        let id = AppId::parse(HEX);
        assert!(id.is_some());
        let upper = HEX.to_uppercase();
        for text in [
            HEX.to_owned(),
            format!("0x{HEX}"),
            format!("app_{HEX}"),
            format!("app_0x{upper}"),
            format!("https://cloud.phala.com/acme/apps/{HEX}/instances"),
            format!("https://cloud.phala.com/acme/apps/app_{HEX}?tab=logs"),
        ] {
            assert_eq!(AppId::find(&text), id, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_id_never_becomes_one() {
        for text in [
            "",
            "orders-api",
            "0x",
            "3f91",
            &format!("{HEX}00"),
            &HEX.replace('f', "g"),
        ] {
            assert_eq!(AppId::find(text), None, "{text}");
        }
        assert_eq!(ComposeHash::parse(HEX), None);
    }

    #[test]
    fn a_uuid_has_one_form_inside_and_another_in_paths() {
        let uuid = CvmUuid::parse("7A2D3E4F5c6b4d7e9f80112233445566").expect("a uuid");
        assert_eq!(uuid.to_string(), "7a2d3e4f-5c6b-4d7e-9f80-112233445566");
        assert_eq!(uuid.in_path(), "7a2d3e4f5c6b4d7e9f80112233445566");
        assert_eq!(uuid.short(), "7a2d..5566");
        assert_eq!(CvmUuid::parse("7a2d3e4f"), None);
    }
}
