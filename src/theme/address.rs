//! Addresses that can be opened from the screen: which texts are one, and how a cell says that it is part of one.
//!
//! A cell has no room for an address, so it has a mark of it, where the colour of an underline would be: no tone has
//! such a colour. A cell that leads elsewhere than before is therefore another cell, and is drawn anew. Whether the
//! terminal can open anything, and how it is told, is not known here.

use std::hash::{DefaultHasher, Hash, Hasher};

use ratatui::style::Color;

/// Most characters of an address: terminals take some more.
const LONGEST: usize = 2000;

/// Where the marks of a frame lead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links(Vec<(Color, String)>);

impl Links {
    /// Adds what this text leads to, where it is an address.
    pub fn add(&mut self, text: &str) {
        let link = mark(text).map(|mark| (mark, text.to_owned()));
        self.0
            .extend(link.filter(|link| self.0.iter().all(|known| known != link)));
    }

    /// The address of this mark. Where two addresses have the same one it leads nowhere.
    pub fn find(&self, mark: Color) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| *known == mark);
        match (found.next(), found.next()) {
            (Some((_, address)), None) => Some(address),
            _ => None,
        }
    }
}

/// The mark of a text that is an address; the same text has always the same.
pub fn mark(text: &str) -> Option<Color> {
    is_address(text).then(|| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let [red, green, blue, ..] = hasher.finish().to_le_bytes();
        Color::Rgb(red, green, blue)
    })
}

/// Whether a text is, from its first letter to its last, the address of a page: of http or https, with a host, without
/// a name or password in front of it, and of letters that no terminal and no browser reads as something else.
fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let Some(rest) = rest.filter(|_| text.len() <= LONGEST) else {
        return false;
    };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let in_path = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && host.bytes().all(in_host)
        && path.bytes().all(in_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_address_of_a_page_has_a_mark() {
        for text in [
            "https://cloud.phala.com",
            "http://127.0.0.1:8080/a?b=c&d=%20#e;f",
            "https://[::1]:8443/",
            "https://f2e4c1a088d24c0eb5b6-8080.dstack-prod6.phala.network",
        ] {
            assert!(mark(text).is_some(), "{text}");
        }
        let long = format!("https://a.example/{}", "x".repeat(LONGEST));
        for text in [
            "",
            "https://",
            "https:///path",
            "cloud.phala.com",
            "HTTPS://a.example",
            "see https://a.example",
            "https://a.example and more",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "ssh://a.example",
            "https://phala.com@b.example",
            "https://phala.com:x@b.example/",
            "https://a.example/\u{1b}\\",
            "https://a.example/\u{7}",
            "https://a.example/\u{9c}",
            "https://a.example/ü",
            "https://аpple.example",
            "https://a.example\\@b.example",
            "https://-a.example",
            &long,
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }

    #[test]
    fn a_mark_leads_to_its_address_and_to_no_other() {
        let (one, other) = ("https://a.example", "https://b.example");
        let mut links = Links::default();
        for text in [one, one, "no address"] {
            links.add(text);
        }
        assert_eq!(links.0.len(), 1);
        let mark = |text| super::mark(text).unwrap();
        assert_eq!(links.find(mark(one)), Some(one));
        assert_eq!(links.find(mark(other)), None);
        assert_eq!(links.find(Color::Reset), None);
        links.0.push((mark(one), other.to_owned()));
        assert_eq!(links.find(mark(one)), None, "nobody knows which is meant");
    }
}
