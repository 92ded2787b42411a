//! What may be asked: `https` anywhere, plain `http` only inside this machine.
//!
//! One rule stops the tricks: the host must read, to us and to the URL parser, exactly as it was written. So neither
//! `127.0.0.1.evil.example` nor `2130706433` nor a host hidden behind `@` is taken for this machine. A path or a query
//! may hold a key, so of an address only its host is ever shown.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::shown::Shown;

/// Shorter parts of an address than this are no keys; looked for in a text, they would match by accident.
const SHORTEST_SECRET: usize = 8;

/// An address that was found fit to be asked. Prints its scheme and host only.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    loopback: bool,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}://{}/..)", self.url.scheme(), self.host())
    }
}

impl Address {
    /// Checks an address under which paths are asked; it has no query.
    ///
    /// The reason of a refusal names what is wrong, never the address itself: it may hold a password.
    pub fn base(text: &str) -> Result<Self, &'static str> {
        Self::check(text, text)
    }

    /// Checks an address that is asked as it stands, query included. Reasons are as for a base.
    pub fn endpoint(text: &str) -> Result<Self, &'static str> {
        let place = text.split_once('?').map_or(text, |(place, _)| place);
        if text.contains('#') {
            return Err("the address has a # in it");
        }
        Self::check(text, place)
    }

    /// `place` is the part of the text that says where, before any query.
    fn check(text: &str, place: &str) -> Result<Self, &'static str> {
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("the address has blanks or letters outside ASCII");
        }
        let (scheme, rest) = place
            .split_once("://")
            .ok_or("the address does not begin with https://")?;
        if rest.contains(['@', '\\', '?', '#']) {
            return Err("the address has a user name, a query or a backslash in it");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let host = bare_host(authority);
        let url = Url::parse(text).map_err(|_| "the address cannot be read")?;
        if url.host_str() != Some(&host.to_ascii_lowercase()) {
            return Err("the host is not written in its plain form");
        }
        let loopback = is_loopback(host);
        match scheme {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err("plain http would show everything to the network; use https"),
            _ => return Err("only https can be used"),
        }
        Ok(Self { url, loopback })
    }

    /// The whole address, without a slash at its end. Of an endpoint it may hold a key.
    pub fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The name of the machine, with its port where one is written; may be shown.
    pub fn host(&self) -> Shown {
        host(self.url.as_str())
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether a secure connection is needed.
    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The address of a path under this one. What would act in an address is escaped.
    pub(super) fn join(&self, path: &[String], query: &[(&'static str, String)]) -> Url {
        let mut url = self.url.clone();
        if !path.is_empty()
            && let Ok(mut segments) = url.path_segments_mut()
        {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The host that a redirect points to, with its port where one is written.
    pub(super) fn redirect_host(&self, location: &str) -> Option<Shown> {
        let target = self.url.join(location).ok()?;
        target.host_str()?;
        Some(host(target.as_str()))
    }

    /// A text of the other side in which parts of our own address, should they be repeated there, are masked.
    pub fn masked_in(&self, text: &str) -> String {
        let path = self.url.path().split('/');
        let query = self.url.query().unwrap_or_default().split(['&', '=']);
        let mut parts: Vec<&str> = path
            .chain(query)
            .filter(|part| part.len() >= SHORTEST_SECRET)
            .collect();
        // A part may lie in another one.
        parts.sort_unstable_by_key(|part| std::cmp::Reverse(part.len()));
        parts
            .into_iter()
            .fold(text.to_owned(), |text, part| text.replace(part, "****"))
    }
}

/// The name of the machine that any address points to, with its port where it has one; may be shown.
pub fn host(address: &str) -> Shown {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    Shown::line(authority.rsplit('@').next().unwrap_or(authority))
}

/// The host of `host:port`, brackets of an IPv6 address included.
fn bare_host(authority: &str) -> &str {
    if authority.starts_with('[') {
        let end = authority.find(']').map_or(authority.len(), |at| at + 1);
        return &authority[..end];
    }
    authority.split(':').next().unwrap_or_default()
}

/// `localhost`, `127.0.0.0/8` in four plain numbers, or `[::1]`.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|ip| IpAddr::V4(ip).is_loopback())
        || host == format!("[{}]", Ipv6Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_stays_here() {
        for (text, loopback) in [
            ("https://cloud-api.phala.com/api/v1", false),
            ("https://cloud-api.phala.com/api/v1/", false),
            ("https://api.example:8443", false),
            ("https://192.0.2.7/x", false),
            ("https://[2001:db8::1]/x", false),
            ("https://localhost:1", true),
            ("http://localhost:8080/api/v1", true),
            ("http://127.0.0.1:18777/api/v1", true),
            ("http://127.5.6.7", true),
            ("http://[::1]:9/api", true),
        ] {
            let base = Address::base(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(base.is_loopback(), loopback, "{text}");
            assert!(!base.as_str().ends_with('/'));
        }
    }

    #[test]
    fn whatever_could_lead_a_key_elsewhere_is_refused() {
        for text in [
            "",
            "cloud-api.phala.com",
            "//cloud-api.phala.com",
            "http://cloud-api.phala.com/api/v1",
            "HTTP://cloud-api.phala.com",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https:cloud-api.phala.com",
            "https:/cloud-api.phala.com",
            "https://",
            "https:///path",
            // Not this machine, however it looks.
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://evil.example/127.0.0.1",
            "http://localhost./",
            "http://LOCALHOST/",
            "http://localhost%2eevil.example/",
            "http://127.0.0.1%2eevil.example/",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://10.0.0.1/",
            "http://192.168.0.1/",
            "http://169.254.169.254/",
            // Other spellings of an address.
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://127.0.0.01/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            // User names, queries, other letters.
            "https://user@evil.example/",
            "https://user:pass@evil.example/",
            "https://cloud-api.phala.com@evil.example/",
            "https://cloud-api.phala.com%40evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:80@evil.example/",
            "https://a.example\\@evil.example/",
            "https://a.example\\evil.example/",
            "https://a.example/?x=1",
            "https://a.example/#x",
            "https://cloud\u{2010}api.phala.com/",
            "https://сloud-api.phala.com/",
            "https://127。0。0。1/",
            "https://a.example/\tb",
            "ht\ntp://a.example/",
            " https://a.example/",
            "https://a.example /",
            "https://a.example:99999/",
            "https://a.example:port/",
            "https://[::1/",
            "https://%61.example/",
        ] {
            assert!(Address::base(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_cannot_leave_the_base() {
        let base = Address::base("https://a.example/api/v1/").expect("a base");
        let path = ["kms", "../..//evil?x#y", "..", "pubkey"].map(str::to_owned);
        let url = base.join(&path, &[("search", "a&b=c d".to_owned())]);
        assert_eq!(
            url.as_str(),
            "https://a.example/api/v1/kms/..%2F..%2F%2Fevil%3Fx%23y/pubkey?search=a%26b%3Dc+d"
        );
    }

    #[test]
    fn a_redirect_is_named_by_its_host_alone() {
        let base = Address::base("https://a.example/api/v1").expect("a base");
        for (location, host) in [
            ("https://evil.example/x?key=1", Some("evil.example")),
            ("http://evil.example:81/", Some("evil.example:81")),
            ("//evil.example/x", Some("evil.example")),
            ("/login", Some("a.example")),
            ("mailto:x", None),
        ] {
            let found = base.redirect_host(location);
            assert_eq!(found.as_ref().map(Shown::as_str), host, "{location}");
        }
    }

    #[test]
    fn an_endpoint_may_have_a_query_and_everything_else_stays_refused() {
        for text in [
            "https://a.example/v2/KEY",
            "https://a.example?key=a@b",
            "https://a.example/rpc?to=https://evil.example/",
            "http://127.0.0.1:8545/?x=1",
        ] {
            let address = Address::endpoint(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(
                address.join(&[], &[]).as_str(),
                Url::parse(text).unwrap().as_str()
            );
        }
        for text in [
            "http://a.example/?http://127.0.0.1/",
            "https://user@a.example/?x",
            "https://a.example/?x#y",
            "https://a.example\\@evil.example/?x",
            "http://evil.example?@127.0.0.1/",
            "?https://a.example/",
        ] {
            assert!(Address::endpoint(text).is_err(), "{text}");
        }
        assert!(Address::base("https://a.example?x").is_err());
    }

    #[test]
    fn a_slash_at_the_end_of_an_endpoint_stays() {
        let address = Address::endpoint("https://a.example/rpc/").expect("an address");
        assert_eq!(address.join(&[], &[]).as_str(), "https://a.example/rpc/");
    }

    #[test]
    fn no_more_than_the_host_is_ever_printed() {
        let text = "https://a.example:8443/v2/canary_in_path?key=canary_in_query&canary_name=1";
        let address = Address::endpoint(text).expect("an address");
        assert_eq!(format!("{address:?}"), "Address(https://a.example:8443/..)");
        let said = "bad key canary_in_path or canary_in_query for v2 (canary_name)";
        assert_eq!(
            address.masked_in(said),
            "bad key **** or **** for v2 (****)"
        );
    }

    #[test]
    fn the_host_is_what_would_be_connected_to() {
        for (address, expected) in [
            ("https://cloud-api.phala.com/api/v1", "cloud-api.phala.com"),
            ("http://127.0.0.1:4100/api/v1", "127.0.0.1:4100"),
            ("https://cloud.phala.com@evil.example/x", "evil.example"),
            ("https://a.example?key=canary", "a.example"),
            ("not an address", "not an address"),
        ] {
            assert_eq!(host(address).as_str(), expected);
        }
    }
}
