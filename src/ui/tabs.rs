//! The names of pages in one line. How much is left of them where there is little room is decided here; what a page
//! is about, it does not know.

use super::text::{Runs, width};
use crate::theme::Theme;
use crate::wizard::page::Tone;

/// A name is shortened to no less than this many letters.
const SHORTEST: usize = 3;

/// The names, the one in front in brackets. The others are shortened before it is, and scrolled where that is not
/// enough.
pub fn runs(names: &[&str], front: usize, room: u16, theme: Theme) -> Runs {
    let room = usize::from(room);
    let longest = names.iter().map(|name| name.chars().count()).max();
    let mut most = longest.unwrap_or(0).max(SHORTEST);
    while most > SHORTEST && taken(names, front, most) > room {
        most -= 1;
    }
    let mut first = 0;
    if taken(names, front, most) > room {
        // One column for the sign that there is more to the left.
        while first < front && taken(&names[first..=front], front - first, most) + 1 > room {
            first += 1;
        }
    }
    let mut runs: Runs = Vec::new();
    if first > 0 {
        let sign = if theme.ascii { "<" } else { "‹" };
        runs.push((sign.to_owned(), theme.tone(Tone::Dim)));
    }
    for (index, name) in names.iter().enumerate().skip(first) {
        if index == front {
            runs.push((format!("[{name}]"), theme.button()));
        } else {
            let name: String = name.chars().take(most).collect();
            // As wide as with the brackets, so that nothing moves when another one comes to the front.
            runs.push((format!(" {name} "), theme.tone(Tone::Plain)));
        }
    }
    runs
}

/// Columns that all of them take with names of at most this many letters.
fn taken(names: &[&str], front: usize, most: usize) -> usize {
    let columns = |(index, name): (usize, &&str)| {
        let whole = width(name);
        2 + if index == front {
            whole
        } else {
            whole.min(most)
        }
    };
    names.iter().enumerate().map(columns).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &["Status", "Containers", "Logs", "Network", "Stats", "Proof"];

    fn drawn(front: usize, room: u16) -> String {
        let runs = runs(NAMES, front, room, Theme::default());
        runs.into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn with_room_every_name_is_whole_and_none_moves() {
        assert_eq!(
            drawn(0, 80),
            "[Status] Containers  Logs  Network  Stats  Proof "
        );
        assert_eq!(
            drawn(2, 80),
            " Status  Containers [Logs] Network  Stats  Proof "
        );
    }

    #[test]
    fn in_forty_columns_the_one_in_front_is_whole_and_the_others_are_short() {
        assert_eq!(drawn(0, 40), "[Status] Cont  Logs  Netw  Stat  Proo ");
        assert_eq!(drawn(1, 40), " Sta [Containers] Log  Net  Sta  Pro ");
        for (front, name) in NAMES.iter().enumerate() {
            let line = drawn(front, 40);
            assert!(width(&line) <= 40, "{line}");
            assert!(line.contains(&format!("[{name}]")), "{line}");
        }
    }

    #[test]
    fn where_even_that_is_too_long_the_one_in_front_is_seen() {
        for (front, name) in NAMES.iter().enumerate() {
            for room in 14..30 {
                let line = drawn(front, room);
                let seen: String = line.chars().take(usize::from(room)).collect();
                assert!(seen.contains(&format!("[{name}]")), "{line}");
            }
        }
        assert_eq!(drawn(5, 14), "‹ Sta [Proof]");
    }

    #[test]
    fn the_one_in_front_is_in_the_style_of_what_has_the_focus() {
        let theme = Theme::default();
        let runs = runs(NAMES, 3, 80, theme);
        let focused: Vec<&str> = runs
            .iter()
            .filter(|(_, style)| *style == theme.button())
            .map(|(text, _)| text.as_str())
            .collect();
        assert_eq!(focused, ["[Network]"]);
    }
}
