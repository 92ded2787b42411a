//! Remarks on the bytes of a text: line ends and byte order mark. They are sent as they are.

use super::Finding;

const KEPT: &str = "it is sent byte for byte as it is";

/// CRLF line ends, a byte order mark, a missing last line end.
pub(super) fn remarks(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if text.starts_with('\u{feff}') {
        found.push(Finding::remark("starts with a byte order mark", KEPT).at(1, 1));
    }
    if let Some(line) = first_crlf_line(text) {
        let column = text
            .lines()
            .nth(line - 1)
            .map_or(1, |content| content.chars().count() + 1);
        found.push(Finding::remark("has Windows line ends (CRLF)", KEPT).at(line, column));
    }
    if !text.is_empty() && !text.ends_with('\n') {
        found.push(Finding::remark("the last line has no line end", KEPT));
    }
    found
}

/// First line that ends in CRLF, counted from 1.
pub(super) fn first_crlf_line(text: &str) -> Option<usize> {
    let at = text.find("\r\n")?;
    Some(text[..at].matches('\n').count() + 1)
}
