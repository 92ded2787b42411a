//! Fetches Intel's lists of good and revoked hardware from a server of them.
//!
//! A PCCS (a cache, such as Phala's) and Intel's own PCS speak the same API, version 4. Only the named host is asked,
//! with one exception: Intel's PCS has no path for the root's list, so where the base is exactly `https` on
//! `api.trustedservices.intel.com`, that one list comes from where Intel publishes it,
//! `https://certificates.trustedservices.intel.com/IntelSGXRootCA.der`. The lists are signed, so whoever serves them is
//! not trusted; they are not verified here. The server learns the kind of machine, and not which instance.

use crate::api::elsewhere::{self, Heard, Limits, Place};
use crate::api::error::{Error, ErrorKind};
use crate::http::{Address, HeaderValue, Method, Request, Way};
use crate::shown::Shown;
use crate::trust::attestation::{Collateral, CollateralError, Listed, Lists, Need, Part};

/// A cache that anybody may ask.
pub const PUBLIC: &str = "https://pccs.phala.network";

/// Intel's own server, which has no path for the root's list.
const INTEL: &str = "https://api.trustedservices.intel.com";
/// Where Intel publishes that list, and its name there.
const INTEL_ROOT: (&str, &str) = (
    "https://certificates.trustedservices.intel.com",
    "IntelSGXRootCA.der",
);
/// Ends that others write after the address of a server; our paths begin with them.
const VERSIONED: [&str; 2] = ["/sgx/certification/v4", "/tdx/certification/v4"];

/// Fetches the lists for this kind of machine and puts them together.
///
/// `base` is the address of the server, `https` or on this machine. Every list is asked for by a GET, again where that
/// may help; the first that cannot be had or read ends it, and the error names it.
pub async fn collateral(base: &str, need: &Need) -> Result<Collateral, Error> {
    Pccs::new(base, Limits::default())?.collateral(need).await
}

/// A server of Intel's lists.
#[derive(Debug)]
pub struct Pccs {
    place: Place,
    /// Where the root's list is instead, with the path to it.
    root: Option<(Place, &'static str)>,
}

impl Pccs {
    /// A server at this address. Nothing is opened yet.
    ///
    /// Fails as [`Unreachable::NotSent`](crate::http::Unreachable::NotSent) where the address is not fit to be asked.
    pub fn new(base: &str, limits: Limits) -> Result<Self, Error> {
        let checked = |base| {
            let asked = Shown::line("Intel's lists of hardware");
            Address::base(base).map_err(|why| elsewhere::not_sent(&asked, why))
        };
        let address = checked(without_version(base))?;
        let root = match address.as_str() {
            INTEL => Some((Place::new(checked(INTEL_ROOT.0)?, limits), INTEL_ROOT.1)),
            _ => None,
        };
        Ok(Self {
            place: Place::new(address, limits),
            root,
        })
    }

    /// As [`collateral`], from this server.
    pub async fn collateral(&self, need: &Need) -> Result<Collateral, Error> {
        let lists = Lists {
            pck_crl: self.list(Part::PckCrl, need).await?,
            tcb_info: self.list(Part::TcbInfo, need).await?,
            qe_identity: self.list(Part::QeIdentity, need).await?,
            root_crl: self.list(Part::RootCrl, need).await?,
        };
        Collateral::assemble(&lists).map_err(|error| {
            let asked = match &error {
                CollateralError::Part { part, .. } => self.asked(*part),
                _ => Shown::line(&format!("Intel's lists at {}", self.place.host())),
            };
            let kind = ErrorKind::Garbled {
                status: 200,
                cause: Shown::line(&error.to_string()),
                excerpt: Shown::default(),
            };
            elsewhere::error(&asked, kind)
        })
    }

    async fn list(&self, part: Part, need: &Need) -> Result<Listed, Error> {
        let (place, path) = self.way(part);
        let request = Request {
            path,
            query: query(part, *need),
            headers: vec![("Accept", HeaderValue::from_static("*/*"))],
            ..Request::of(Method::GET, Way::Shared)
        };
        let listed = |heard: &Heard<'_>| {
            let answer = &heard.answer;
            let names = chain_headers(part);
            let chain = names.iter().find_map(|name| answer.header(name));
            if chain.is_none() && !names.is_empty() {
                let names = names.join(" or ");
                return Err(heard.garbled(&format!("{part}: the answer has no header {names}")));
            }
            Ok(Listed {
                body: answer.body.clone(),
                chain: chain.map(str::to_owned),
            })
        };
        place
            .read(&self.asked(part), &request, listed, Error::again)
            .await
    }

    /// Whom to ask for a list, and under which path.
    fn way(&self, part: Part) -> (&Place, Vec<String>) {
        match (&self.root, part) {
            (Some((place, name)), Part::RootCrl) => (place, vec![(*name).to_owned()]),
            _ => (
                &self.place,
                path(part).iter().map(|&name| name.to_owned()).collect(),
            ),
        }
    }

    fn asked(&self, part: Part) -> Shown {
        let (place, _) = self.way(part);
        Shown::line(&format!("{part} at {}", place.host()))
    }
}

/// Where a list lies below a server: segments of the path.
fn path(part: Part) -> &'static [&'static str] {
    match part {
        Part::PckCrl => &["sgx", "certification", "v4", "pckcrl"],
        Part::TcbInfo => &["tdx", "certification", "v4", "tcb"],
        Part::QeIdentity => &["tdx", "certification", "v4", "qe", "identity"],
        Part::RootCrl => &["sgx", "certification", "v4", "rootcacrl"],
    }
}

/// What else the server has to be told.
fn query(part: Part, need: Need) -> Vec<(&'static str, String)> {
    match part {
        Part::PckCrl => vec![("ca", need.ca.to_string()), ("encoding", "der".to_owned())],
        Part::TcbInfo => vec![("fmspc", hex::encode_upper(need.fmspc))],
        Part::QeIdentity | Part::RootCrl => Vec::new(),
    }
}

/// The header with the certificates of whoever signed a list; any of these names.
fn chain_headers(part: Part) -> &'static [&'static str] {
    match part {
        Part::PckCrl => &["SGX-PCK-CRL-Issuer-Chain"],
        Part::TcbInfo => &["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"],
        Part::QeIdentity => &["SGX-Enclave-Identity-Issuer-Chain"],
        Part::RootCrl => &[],
    }
}

/// The address of the server itself, where somebody gave it with the API's version.
fn without_version(base: &str) -> &str {
    let base = base.trim_end_matches('/');
    VERSIONED
        .iter()
        .find_map(|end| base.strip_suffix(end))
        .unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::attestation::Ca;

    fn server(base: &str) -> Pccs {
        Pccs::new(base, Limits::default()).expect("a server")
    }

    #[test]
    fn only_for_intels_own_server_is_another_host_asked() {
        for base in [
            INTEL,
            "https://api.trustedservices.intel.com/sgx/certification/v4/",
        ] {
            let intel = server(base);
            let (place, path) = intel.way(Part::RootCrl);
            assert_eq!(
                place.host().as_str(),
                "certificates.trustedservices.intel.com"
            );
            assert_eq!(path, ["IntelSGXRootCA.der"]);
            let (place, _) = intel.way(Part::TcbInfo);
            assert_eq!(place.host().as_str(), "api.trustedservices.intel.com");
        }
        for base in [
            PUBLIC,
            "https://api.trustedservices.intel.com.evil.example",
            "https://api.trustedservices.intel.com:8443",
            "https://api.trustedservices.intel.com/x",
            "https://evil.example/api.trustedservices.intel.com",
        ] {
            let other = server(base);
            let (place, path) = other.way(Part::RootCrl);
            assert_eq!(place.host(), crate::http::host(base), "{base}");
            assert_eq!(path, super::path(Part::RootCrl));
        }
    }

    #[test]
    fn the_version_at_the_end_of_an_address_is_no_part_of_it() {
        for base in [
            "https://a.example/x",
            "https://a.example/x/",
            "https://a.example/x/sgx/certification/v4",
            "https://a.example/x/tdx/certification/v4/",
        ] {
            assert_eq!(without_version(base), "https://a.example/x");
        }
    }

    #[test]
    fn an_address_that_is_not_fit_is_never_asked() {
        for base in ["http://a.example", "a.example", "https://u@a.example", ""] {
            let error = Pccs::new(base, Limits::default()).expect_err("refused");
            assert_eq!(error.tries, 0);
            assert!(error.is_offline() && !error.may_have_acted(), "{base}");
        }
    }

    #[test]
    fn every_list_is_asked_for_where_intels_api_has_it() {
        let need = Need {
            fmspc: [0xb0, 0xc0, 0x6f, 0, 0, 0],
            ca: Ca::Platform,
        };
        let line = |part: Part| {
            let query: Vec<String> = query(part, need)
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("/{}?{}", path(part).join("/"), query.join("&"))
        };
        assert_eq!(
            Part::ALL.map(line),
            [
                "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
                "/tdx/certification/v4/tcb?fmspc=B0C06F000000",
                "/tdx/certification/v4/qe/identity?",
                "/sgx/certification/v4/rootcacrl?",
            ]
        );
    }
}
