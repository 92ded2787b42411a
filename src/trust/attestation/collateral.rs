//! Intel's lists of good and revoked hardware: which ones a quote needs, and how they become one collateral.
//!
//! Four lists, as the PCS and every PCCS serve them (Intel's API, version 4): [`Need`] says for which kind of machine,
//! and [`Collateral::assemble`] puts the answers together. Signed texts are taken over byte for byte; written anew they
//! would not verify. Whether the lists are true is for the verification of a quote to say. This file asks nobody, and
//! does not know where they lie.

use std::collections::BTreeMap;
use std::fmt;

use dcap_qvl::config::PckCa;
use dcap_qvl::{QuoteCollateralV3, intel, quote::Quote};
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;
use thiserror::Error;

use super::bundle::{Bundle, Given, Picked};
use super::quote::reason;

/// Bytes of a collateral that are read at most. Real ones are some 30 KB; revocation lists grow.
pub const MAX_COLLATERAL_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of an issuer chain that are read at most. Real ones have two certificates, some 2 KB.
const MAX_CHAIN_BYTES: usize = 64 * 1024;
/// How a certificate begins in a PEM text.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
/// How every list in DER begins.
const SEQUENCE: u8 = 0x30;

/// Intel's lists for one kind of machine: good firmware, revoked certificates, each signed and valid for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collateral(QuoteCollateralV3);

/// Why something is no collateral.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CollateralError {
    /// Too long to be one.
    #[error("the collateral has {bytes} bytes, at most {MAX_COLLATERAL_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not the JSON of one.
    #[error("the collateral is not readable: {0}")]
    Json(String),
    /// One of the lists is not what it should be.
    #[error("{part}: {why}")]
    Part {
        /// Which one.
        part: Part,
        /// The rest of a sentence about it, safe to show.
        why: String,
    },
}

/// Which authority issued a machine's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ca {
    /// For single processors.
    Processor,
    /// For machines with several.
    Platform,
}

/// For which kind of machine lists are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Family, model, stepping, platform and custom SKU, as the machine's certificate has it.
    pub fmspc: [u8; 6],
    /// Who issued that certificate.
    pub ca: Ca,
}

/// Why it cannot be said what is needed; the rest of a sentence, safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("which of Intel's lists are needed cannot be read: {0}")]
pub struct NeedError(String);

/// One of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Withdrawn certificates of machines.
    PckCrl,
    /// Good firmware of this kind of machine.
    TcbInfo,
    /// The enclaves that sign quotes.
    QeIdentity,
    /// Withdrawn certificates of the authorities.
    RootCrl,
}

/// A list as a server gave it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// Byte for byte.
    pub body: Vec<u8>,
    /// The certificates of whoever signed it, as the header had them; the root's list has none.
    pub chain: Option<String>,
}

/// All lists as a server gave them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lists {
    /// [`Part::PckCrl`].
    pub pck_crl: Listed,
    /// [`Part::TcbInfo`].
    pub tcb_info: Listed,
    /// [`Part::QeIdentity`].
    pub qe_identity: Listed,
    /// [`Part::RootCrl`].
    pub root_crl: Listed,
}

impl Need {
    /// Of the instance in this bundle; with several, of the one with this id.
    pub fn of(bundle: &Bundle, instance: Option<[u8; 20]>) -> Result<Self, NeedError> {
        let evidence = match bundle.pick(instance) {
            Picked::One(evidence) => evidence,
            Picked::Unclear(why) | Picked::Absent(why) => {
                return Err(NeedError(why.trim_end_matches('.').to_owned()));
            }
        };
        match &evidence.quote {
            Given::Is(quote) => Self::of_quote(quote),
            Given::Unreadable(why) => Err(NeedError(format!("the quote is unreadable, {why}"))),
            Given::Missing => Err(NeedError("the bundle holds no quote".to_owned())),
        }
    }

    /// Of the machine that made this quote, by the certificate in it. Nothing is believed of it yet.
    pub fn of_quote(quote: &[u8]) -> Result<Self, NeedError> {
        let unread = |error: anyhow::Error| NeedError(reason(&format!("{error:#}")));
        let quote = Quote::parse(quote).map_err(unread)?;
        let fmspc = intel::quote_fmspc(&quote).map_err(unread)?;
        let ca = match intel::quote_ca(&quote).map_err(unread)? {
            PckCa::Processor => Ca::Processor,
            PckCa::Platform => Ca::Platform,
        };
        Ok(Self { fmspc, ca })
    }
}

impl Lists {
    fn bytes(&self) -> usize {
        [
            &self.pck_crl,
            &self.tcb_info,
            &self.qe_identity,
            &self.root_crl,
        ]
        .into_iter()
        .map(|listed| listed.body.len())
        .sum()
    }
}

impl Part {
    /// In the order they are asked for.
    pub const ALL: [Self; 4] = [Self::PckCrl, Self::TcbInfo, Self::QeIdentity, Self::RootCrl];

    fn flawed(self, why: impl Into<String>) -> CollateralError {
        CollateralError::Part {
            part: self,
            why: why.into(),
        }
    }
}

impl Collateral {
    /// Reads the JSON that PCCS clients write: PEM chains and signed texts as text, the rest as hex.
    pub fn parse(bytes: &[u8]) -> Result<Self, CollateralError> {
        if bytes.len() > MAX_COLLATERAL_BYTES {
            return Err(CollateralError::TooLarge { bytes: bytes.len() });
        }
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|error| CollateralError::Json(reason(&error)))
    }

    /// Puts together what a server gave. Of each list only the form is looked at.
    pub fn assemble(lists: &Lists) -> Result<Self, CollateralError> {
        let bytes = lists.bytes();
        if bytes > MAX_COLLATERAL_BYTES {
            return Err(CollateralError::TooLarge { bytes });
        }
        let (tcb_info, tcb_info_signature) = signed(Part::TcbInfo, "tcbInfo", &lists.tcb_info)?;
        let (qe_identity, qe_identity_signature) =
            signed(Part::QeIdentity, "enclaveIdentity", &lists.qe_identity)?;
        Ok(Self(QuoteCollateralV3 {
            pck_crl_issuer_chain: chain(Part::PckCrl, &lists.pck_crl)?,
            root_ca_crl: crl(Part::RootCrl, &lists.root_crl)?,
            pck_crl: crl(Part::PckCrl, &lists.pck_crl)?,
            tcb_info_issuer_chain: chain(Part::TcbInfo, &lists.tcb_info)?,
            tcb_info,
            tcb_info_signature,
            qe_identity_issuer_chain: chain(Part::QeIdentity, &lists.qe_identity)?,
            qe_identity,
            qe_identity_signature,
            // The quote has its own, and that is the one to verify.
            pck_certificate_chain: None,
        }))
    }

    /// As the verifier takes them.
    pub(super) fn lists(&self) -> &QuoteCollateralV3 {
        &self.0
    }
}

/// The list as DER. PCCS serves the root's as hex, Intel serves both as they are, and no DER of that length is hex too.
fn crl(part: Part, listed: &Listed) -> Result<Vec<u8>, CollateralError> {
    let der = hex::decode(listed.body.trim_ascii()).unwrap_or_else(|_| listed.body.clone());
    if der.first() != Some(&SEQUENCE) {
        return Err(part.flawed("the answer is neither DER nor hex of it"));
    }
    Ok(der)
}

/// The certificates of whoever signed the list, as PEM.
fn chain(part: Part, listed: &Listed) -> Result<String, CollateralError> {
    let Some(header) = &listed.chain else {
        return Err(part.flawed("the issuer chain is missing"));
    };
    if header.len() > MAX_CHAIN_BYTES {
        return Err(part.flawed("the issuer chain is longer than one is"));
    }
    percent_decode_str(header)
        .decode_utf8()
        .ok()
        .filter(|pem| pem.contains(CERTIFICATE))
        .map(Into::into)
        .ok_or_else(|| part.flawed("the issuer chain holds no certificate"))
}

/// The text in this member, exactly as it was signed, and the signature over it.
fn signed(part: Part, member: &str, listed: &Listed) -> Result<(String, Vec<u8>), CollateralError> {
    let answer: BTreeMap<String, &RawValue> = serde_json::from_slice(&listed.body)
        .map_err(|error| part.flawed(format!("the answer is no JSON of it: {}", reason(&error))))?;
    let text = answer
        .get(member)
        .ok_or_else(|| part.flawed(format!("the answer has no {member}")))?;
    let signature = answer
        .get("signature")
        .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
        .and_then(|digits| hex::decode(digits).ok())
        .filter(|signature| !signature.is_empty())
        .ok_or_else(|| part.flawed("the answer has no signature in hex"))?;
    Ok((text.get().to_owned(), signature))
}

impl fmt::Display for Ca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Processor => "processor",
            Self::Platform => "platform",
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PckCrl => "the list of withdrawn machines (PCK CRL)",
            Self::TcbInfo => "the list of good firmware (TCB info)",
            Self::QeIdentity => "the list of signing enclaves (QE identity)",
            Self::RootCrl => "the list of withdrawn authorities (root CA CRL)",
        })
    }
}

#[cfg(test)]
mod tests;
