//! Where we may send a key: `https` anywhere, plain `http` only inside this machine.
//!
//! One rule stops the tricks: the host must read, to us and to the URL parser, exactly as it was written. So neither
//! `127.0.0.1.evil.example` nor `2130706433` nor a host hidden behind `@` is taken for this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// A base address that a key may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    url: Url,
    text: String,
    loopback: bool,
}

impl Base {
    /// Checks an address. The reason of a refusal names what is wrong, never the whole address: it may hold a password.
    pub(super) fn check(text: &str) -> Result<Self, &'static str> {
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("the address has blanks or letters outside ASCII");
        }
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("the address does not begin with https://")?;
        if rest.contains(['@', '\\', '?', '#']) {
            return Err("the address has a user name, a query or a backslash in it");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let host = host(authority);
        let url = Url::parse(text).map_err(|_| "the address cannot be read")?;
        if url.host_str() != Some(&host.to_ascii_lowercase()) {
            return Err("the host is not written in its plain form");
        }
        let loopback = is_loopback(host);
        match scheme {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err("plain http would show the key to the network; use https"),
            _ => return Err("only https can be used"),
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            url,
            text,
            loopback,
        })
    }

    /// The address without a slash at its end.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether a secure connection is needed.
    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The address of a path under this base. What would act in an address is escaped.
    pub(super) fn join(&self, path: &[String], query: &[(&'static str, String)]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The host that a redirect points to, with its port where one is written.
    pub(super) fn redirect_host(&self, location: &str) -> Option<String> {
        let target = self.url.join(location).ok()?;
        let host = target.host_str()?;
        Some(match target.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    }
}

/// The host of `host:port`, brackets of an IPv6 address included.
fn host(authority: &str) -> &str {
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
            let base = Base::check(text).unwrap_or_else(|why| panic!("{text}: {why}"));
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
            assert!(Base::check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_cannot_leave_the_base() {
        let base = Base::check("https://a.example/api/v1/").expect("a base");
        let path = ["kms", "../..//evil?x#y", "..", "pubkey"].map(str::to_owned);
        let url = base.join(&path, &[("search", "a&b=c d".to_owned())]);
        assert_eq!(
            url.as_str(),
            "https://a.example/api/v1/kms/..%2F..%2F%2Fevil%3Fx%23y/pubkey?search=a%26b%3Dc+d"
        );
    }

    #[test]
    fn a_redirect_is_named_by_its_host_alone() {
        let base = Base::check("https://a.example/api/v1").expect("a base");
        for (location, host) in [
            ("https://evil.example/x?key=1", Some("evil.example")),
            ("http://evil.example:81/", Some("evil.example:81")),
            ("//evil.example/x", Some("evil.example")),
            ("/login", Some("a.example")),
            ("mailto:x", None),
        ] {
            assert_eq!(base.redirect_host(location).as_deref(), host, "{location}");
        }
    }
}
