//! The colour behind the text, as the terminal tells it (OSC 11).
//!
//! The question leaves once the first frame is on screen, and nobody waits for the answer: it comes among the keys, is
//! taken out of them ([`answers`](super::keyboard)), and what is on screen changes its colours once. A terminal that is
//! silent, slow or answers nonsense keeps the colours it has. So there is no need for a second question that every
//! terminal answers, to mark the end of a wait. What a terminal would print or pass on wrongly is not asked.

use crate::theme::Colours;

/// What the colour behind the text is.
pub(super) const QUESTION: &str = "\x1b]11;?\x1b\\";
/// How the answer begins, after the sequence's own beginning.
pub(super) const ANSWER: &str = "11;";

/// Whether this terminal can be asked: screen hands nothing on, and the console of Linux has no such sequence.
pub(super) fn can_be_asked(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value: String| !value.is_empty());
    let term = variable("TERM").unwrap_or_default();
    match term.as_str() {
        "" | "dumb" | "linux" => false,
        _ if is_set("TMUX") => true,
        term => !term.starts_with("screen") && !is_set("STY"),
    }
}

/// Which colours go with this answer; `None` where it is none.
pub(super) fn read(answer: &str) -> Option<Colours> {
    let colour = answer.strip_prefix(ANSWER)?;
    let parts = match colour.split_once(':')? {
        ("rgb", parts) => parts.split('/').collect::<Vec<_>>(),
        ("rgba", parts) => {
            let mut parts: Vec<&str> = parts.split('/').collect();
            parts.pop();
            parts
        }
        _ => return None,
    };
    let shares: Option<Vec<f32>> = parts.into_iter().map(share).collect();
    match shares?[..] {
        [red, green, blue] => Some(Colours::on(red, green, blue)),
        _ => None,
    }
}

/// One to four hex digits, as a share of the most they could say.
fn share(digits: &str) -> Option<f32> {
    if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    let value = u16::from_str_radix(digits, 16).ok()?;
    let most = u16::MAX >> (16 - 4 * digits.len());
    Some(f32::from(value) / f32::from(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_dark_are_told_apart_in_every_form() {
        for (answer, colours) in [
            ("11;rgb:0000/0000/0000", Colours::Dark),
            ("11;rgb:ffff/ffff/ffff", Colours::Light),
            ("11;rgb:fd/f6/e3", Colours::Light),
            ("11;rgb:0000/2b2b/3636", Colours::Dark),
            ("11;rgb:f/f/f", Colours::Light),
            ("11;rgba:ffff/ffff/ffff/0000", Colours::Light),
            ("11;rgb:0000/0000/ffff", Colours::Dark),
            ("11;rgb:FFFF/FFFF/0000", Colours::Light),
        ] {
            assert_eq!(read(answer), Some(colours), "{answer}");
        }
    }

    #[test]
    fn nonsense_is_no_answer() {
        for answer in [
            "",
            "11;",
            "11;?",
            "11;rgb:",
            "11;rgb:ffff/ffff",
            "11;rgb:ffff/ffff/ffff/ffff",
            "11;rgba:ffff/ffff/ffff",
            "11;rgb:fffff/0/0",
            "11;rgb:+f/0/0",
            "11;rgb:gg/00/00",
            "11;#ffffff",
            "10;rgb:ffff/ffff/ffff",
        ] {
            assert_eq!(read(answer), None, "{answer}");
        }
    }

    #[test]
    fn who_would_not_hand_it_on_is_not_asked() {
        for (variables, asked) in [
            (&[("TERM", "xterm-256color")][..], true),
            (&[("TERM", "tmux-256color"), ("TMUX", "/tmp/s,1,0")], true),
            (&[("TERM", "screen-256color"), ("TMUX", "/tmp/s,1,0")], true),
            (&[("TERM", "screen-256color")], false),
            (&[("TERM", "xterm"), ("STY", "1.pts")], false),
            (&[("TERM", "linux")], false),
            (&[("TERM", "dumb")], false),
            (&[], false),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(can_be_asked(variable), asked, "{variables:?}");
        }
    }
}
