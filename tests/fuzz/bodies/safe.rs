//! Texts that go to a screen.

use phala_wizard::shown::Shown;

/// A line in which nothing is left that a terminal could obey, hide or reorder.
#[track_caller]
pub fn line(text: &str) {
    assert_eq!(Shown::line(text).as_str(), text, "not safe to show");
}

/// The same for a text of several lines.
#[track_caller]
pub fn text(text: &str) {
    assert_eq!(Shown::text(text).as_str(), text, "not safe to show");
}
