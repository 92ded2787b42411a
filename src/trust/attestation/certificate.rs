//! A TLS certificate as people have it in a file: which key is in it.
//!
//! Nothing of a certificate is believed here, neither who issued it nor for how long. Whether its key is the
//! instance's, the quote says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

use super::quote::reason;

/// Bytes of a file of certificates that are read at most. Real ones have a few KB.
pub const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;
/// Around a certificate in a PEM text.
const PEM: (&str, &str) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");

/// Why a file has no certificate to read a key from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// Too long to be one.
    #[error("it has {bytes} bytes, at most {MAX_CERTIFICATE_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// PEM that does not close, or holds no base64.
    #[error("its PEM text is damaged")]
    Pem,
    /// Neither PEM nor a certificate in DER; with the reason, safe to show.
    #[error("it is no certificate in PEM or DER: {0}")]
    Der(String),
}

/// The key of a certificate, SubjectPublicKeyInfo in DER. Of several in a PEM text it is the first: whoever shows a
/// chain shows its own certificate before those that vouch for it.
pub(super) fn key(file: &[u8]) -> Result<Vec<u8>, CertificateError> {
    if file.len() > MAX_CERTIFICATE_BYTES {
        return Err(CertificateError::TooLarge { bytes: file.len() });
    }
    let text = String::from_utf8_lossy(file);
    let der = match text.split_once(PEM.0) {
        Some((_, rest)) => {
            let (body, _) = rest.split_once(PEM.1).ok_or(CertificateError::Pem)?;
            let digits: String = body.split_ascii_whitespace().collect();
            STANDARD.decode(digits).map_err(|_| CertificateError::Pem)?
        }
        None => file.to_vec(),
    };
    let unread = |error| CertificateError::Der(reason(&error));
    let certificate = Certificate::from_der(&der).map_err(unread)?;
    certificate
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .map_err(unread)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CERTIFICATE: &str = include_str!("../../../tests/vectors/certificate.pem");
    /// As `openssl x509 -pubkey` has it.
    const KEY: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004e44b965440169072edc552e67d3ef3174461d80b9b1d\
                       c6b0573599720786291033538abb635d4632ed9015846db8ede62beeae0bdb311802a2303ba8387d6c1a";

    fn der() -> Vec<u8> {
        let body: String = CERTIFICATE
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        STANDARD.decode(body).unwrap()
    }

    #[test]
    fn the_key_is_the_same_from_pem_and_der() {
        let wanted = hex::decode(KEY).unwrap();
        assert_eq!(key(CERTIFICATE.as_bytes()), Ok(wanted.clone()));
        assert_eq!(key(&der()), Ok(wanted.clone()));
        let windows = CERTIFICATE.replace('\n', "\r\n");
        assert_eq!(key(windows.as_bytes()), Ok(wanted.clone()));
        let chain = format!("subject=CN=x\n{CERTIFICATE}{}\nAAAA\n{}\n", PEM.0, PEM.1);
        assert_eq!(key(chain.as_bytes()), Ok(wanted), "the first one");
    }

    #[test]
    fn what_is_no_certificate_says_so() {
        let is_der = |file: &[u8]| matches!(key(file), Err(CertificateError::Der(_)));
        assert!(is_der(b""));
        assert!(is_der(b"{}"));
        assert!(is_der(&der()[..100]));
        assert!(is_der(&[der(), vec![0]].concat()), "more behind it");
        let open = CERTIFICATE.replace(PEM.1, "");
        assert_eq!(key(open.as_bytes()), Err(CertificateError::Pem));
        let garbled = CERTIFICATE.replace("MIIB", "MI*B");
        assert_eq!(key(garbled.as_bytes()), Err(CertificateError::Pem));
        let bytes = MAX_CERTIFICATE_BYTES + 1;
        let large = vec![0; bytes];
        assert_eq!(key(&large), Err(CertificateError::TooLarge { bytes }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(key(&bytes).is_err());
        }

        #[test]
        fn any_damage_is_read_without_panic(at in 0_usize..390, byte in any::<u8>()) {
            let mut der = der();
            let at = at % der.len();
            der[at] = byte;
            let _ = key(&der);
        }
    }
}
