//! Opens addresses in the person's browser, and nothing but web addresses.

/// Opens it, and does not wait for it. The address stays on screen, so a browser that does not come is no error.
pub(super) fn open(address: &str) {
    if is_web(address) {
        let _ = open::that_detached(address);
    }
}

/// Whether this is an address of the web. A path, a `file:` or a `mailto:` would start who knows what.
fn is_web(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::is_web;

    #[test]
    fn only_the_web_is_opened() {
        for good in [
            "https://cloud.phala.com/acme/apps",
            "http://127.0.0.1:4100/x?y=1#z",
        ] {
            assert!(is_web(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "/etc/passwd",
            "file:///etc/passwd",
            "mailto:a@b",
            "javascript:alert(1)",
            "--help",
            "https://x y",
            "https://x\u{1b}",
        ] {
            assert!(!is_web(bad), "{bad}");
        }
    }
}
