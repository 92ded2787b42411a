//! The API version a client asks for, which decides the shape of many answers (section 2 of the API reference).

use super::message::Request;

/// In the order of their days, so that they can be compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Version {
    /// Flat shapes with integer ids.
    V20251028,
    /// CvmInfo, but VM keeps its integer id.
    V20260121,
    /// String ids everywhere.
    V20260522,
    /// KMS contracts in place of KMS nodes.
    V20260623,
}

impl Version {
    /// What `X-Phala-Version` says. A missing or unknown word means 2026-01-21 (inference): it never fails.
    pub(super) fn of(request: &Request) -> Self {
        match request.header("x-phala-version") {
            Some("2025-10-28") => Self::V20251028,
            Some("2026-05-22") => Self::V20260522,
            Some("2026-06-23") => Self::V20260623,
            _ => Self::V20260121,
        }
    }

    /// Whether instances are named by `cvm_…` in every answer.
    pub(super) fn has_string_ids(self) -> bool {
        self >= Self::V20260522
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_version_is_the_usual_one() {
        let asking = |word: &str| {
            Version::of(&Request {
                headers: vec![("x-phala-version".to_owned(), word.to_owned())],
                ..Request::default()
            })
        };
        assert_eq!(asking("2025-10-28"), Version::V20251028);
        assert_eq!(asking("2031-01-01"), Version::V20260121);
        assert_eq!(Version::of(&Request::default()), Version::V20260121);
        assert!(asking("2026-06-23") > asking("2026-05-22"));
        assert!(asking("2026-05-22").has_string_ids() && !asking("2026-01-21").has_string_ids());
    }
}
