//! A log: only the rows on the screen are made, however many there are, and wrapped rows count with all their lines.
//!
//! What is in it, and what was searched for in it, is not known here.

use std::collections::VecDeque;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::body::more;
use super::text::{self, Runs, put};
use crate::theme::Theme;
use crate::wizard::page::{Anchor, LogView, Tone};

/// Room for the cursor's sign; always there, so that a search does not move the text.
const CURSOR: u16 = 1;

/// Draws the part of the log that the anchor says.
pub fn draw(view: &LogView, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let line_of = |line: usize| Rect {
        y: area.y + u16::try_from(line).unwrap_or(0),
        height: 1,
        ..area
    };
    if view.len == 0 {
        let lines = text::wrap(&view.empty, area.width, theme);
        for (line, runs) in lines.iter().enumerate().take(usize::from(area.height)) {
            put(runs, line_of(line), theme, buffer);
        }
        return;
    }
    let seen = Window::new(view, theme, area).filled();
    for (line, (index, runs)) in seen.lines.iter().enumerate() {
        let at = line_of(line);
        let text_at = Rect {
            x: at.x + CURSOR.min(at.width),
            width: at.width.saturating_sub(CURSOR),
            ..at
        };
        let mut runs = runs.clone();
        if view.selected == Some(*index) {
            buffer.set_string(at.x, at.y, theme.here(), theme.tone(Tone::Title));
            for (_, style) in &mut runs {
                *style = style.patch(theme.cursor());
            }
        }
        put(&runs, text_at, theme, buffer);
        if !view.wrap && is_cut(&runs, text_at.width) {
            let x = text_at.right().saturating_sub(1);
            buffer.set_stringn(x, at.y, theme.cut(), 1, theme.tone(Tone::Dim));
        }
    }
    let below = (view.len - seen.next) + usize::from(seen.cut);
    if below > 0 && area.height > 0 {
        let (_, down) = theme.up_and_down();
        more(down, below, area.bottom() - 1, theme, area, buffer);
    }
}

/// Whether more than blanks is lost at the right edge.
fn is_cut(runs: &Runs, room: u16) -> bool {
    let text: String = runs.iter().map(|(text, _)| text.as_str()).collect();
    text::width(text.trim_end()) > usize::from(room)
}

/// Lines next to each other, and the rows they come from. It grows at both ends, row by row.
struct Window<'v, 'a> {
    view: &'v LogView<'a>,
    theme: Theme,
    width: u16,
    height: usize,
    /// Each with the row it is of.
    lines: VecDeque<(usize, Runs)>,
    /// The first row that was made.
    first: usize,
    /// The row behind the last one that was made.
    next: usize,
    /// Whether the last row goes on below the last line.
    cut: bool,
}

impl<'v, 'a> Window<'v, 'a> {
    fn new(view: &'v LogView<'a>, theme: Theme, area: Rect) -> Self {
        let start = match view.anchor {
            Anchor::Bottom => view.len,
            Anchor::Top(row) | Anchor::Show(row) => row.min(view.len - 1),
        };
        Self {
            view,
            theme,
            width: area.width.saturating_sub(CURSOR),
            height: usize::from(area.height),
            lines: VecDeque::new(),
            first: start,
            next: start,
            cut: false,
        }
    }

    /// Every row that is made has a line on the screen.
    fn filled(mut self) -> Self {
        let height = self.height;
        // Lines of the first row that stand above the screen.
        let mut above = 0;
        if matches!(self.view.anchor, Anchor::Show(_)) && height > 0 {
            self.grow_down(1);
            let own = self.lines.len();
            let wanted = own + height.saturating_sub(own) / 2;
            self.grow_up(wanted);
            above = self.lines.len() - wanted.min(self.lines.len());
        }
        self.grow_down(height + above);
        if self.lines.len() < height + above {
            // That was the end, and there is room left.
            self.grow_up(height);
            above = self.lines.len().saturating_sub(height);
        }
        self.lines.drain(..above);
        self.cut = self.lines.len() > height;
        self.lines.truncate(height);
        self
    }

    /// Takes rows below until there are this many lines.
    fn grow_down(&mut self, lines: usize) {
        while self.lines.len() < lines && self.next < self.view.len {
            let made = self.made(self.next);
            self.lines
                .extend(made.into_iter().map(|line| (self.next, line)));
            self.next += 1;
        }
    }

    /// Takes rows above until there are this many lines.
    fn grow_up(&mut self, lines: usize) {
        while self.lines.len() < lines && self.first > 0 {
            self.first -= 1;
            for line in self.made(self.first).into_iter().rev() {
                self.lines.push_front((self.first, line));
            }
        }
    }

    fn made(&self, index: usize) -> Vec<Runs> {
        let line = (self.view.row)(index);
        if self.view.wrap {
            text::wrap_under(&line, self.view.indent, self.width, self.theme)
        } else {
            vec![text::fitted(&line, usize::from(self.width), self.theme)]
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;
    use crate::theme::Colours;
    use crate::wizard::page::Line;

    const PLAIN: Theme = Theme {
        colours: Colours::None,
        ascii: true,
        hides: crate::theme::Hidden::NOTHING,
    };

    /// A log whose row `n` is so many words long, and what was made of it.
    struct Made<'a> {
        view: LogView<'a>,
        rows: &'a RefCell<Vec<usize>>,
    }

    fn log<'a>(
        rows: &'a RefCell<Vec<usize>>,
        len: usize,
        words: impl Fn(usize) -> usize + 'a,
        anchor: Anchor,
    ) -> Made<'a> {
        let row = move |index: usize| {
            rows.borrow_mut().push(index);
            Line::from(format!("{index}{}", " word".repeat(words(index))))
        };
        let view = LogView {
            len,
            row: Box::new(row),
            anchor,
            wrap: true,
            indent: 2,
            selected: None,
            empty: vec![Line::from("nothing yet")],
        };
        Made { view, rows }
    }

    impl Made<'_> {
        /// What stands on a screen of 20 columns.
        fn drawn(&self, height: u16) -> Vec<String> {
            let area = Rect::new(0, 0, 20, height);
            let mut buffer = Buffer::empty(area);
            draw(&self.view, PLAIN, area, &mut buffer);
            let row = |y| (0..20).map(move |x| (x, y));
            let text = |y| row(y).map(|at| buffer[at].symbol()).collect::<String>();
            (0..height).map(|y| text(y).trim_end().to_owned()).collect()
        }

        fn count(&self) -> usize {
            self.rows.borrow().len()
        }
    }

    const MANY: usize = 1_000_000;

    #[test]
    fn only_the_rows_on_screen_are_made() {
        for anchor in [
            Anchor::Bottom,
            Anchor::Top(0),
            Anchor::Top(500_000),
            Anchor::Top(usize::MAX),
            Anchor::Show(3),
            Anchor::Show(500_000),
            Anchor::Show(MANY),
        ] {
            for (wrap, words, most) in [(false, 9, 10), (true, 0, 10), (true, 9, 5)] {
                let rows = RefCell::default();
                let mut log = log(&rows, MANY, |_| words, anchor);
                log.view.wrap = wrap;
                log.drawn(10);
                assert!(log.count() <= most, "{anchor:?}: {rows:?}");
            }
        }
    }

    #[test]
    fn at_the_bottom_the_last_row_is_whole_and_the_first_one_may_be_cut() {
        let rows = RefCell::default();
        let log = log(&rows, MANY, |_| 5, Anchor::Bottom);
        assert_eq!(
            log.drawn(5),
            [
                "   word word word",
                " 999998 word word",
                "   word word word",
                " 999999 word word",
                "   word word word",
            ]
        );
        assert_eq!(*rows.borrow(), [999_999, 999_998, 999_997]);
    }

    #[test]
    fn a_last_row_higher_than_the_screen_shows_its_end() {
        let rows = RefCell::default();
        let log = log(&rows, 3, |_| 7, Anchor::Bottom);
        assert_eq!(log.drawn(2), ["   word word word", "   word"]);
        assert_eq!(*rows.borrow(), [2]);
    }

    #[test]
    fn from_the_top_it_says_how_much_is_below() {
        let rows = RefCell::default();
        let log = log(&rows, 100, |_| 0, Anchor::Top(7));
        assert_eq!(log.drawn(3), [" 7", " 8", " 9        v 90 more"]);
        let rows = RefCell::default();
        let log = self::log(&rows, 100, |_| 0, Anchor::Top(99));
        assert_eq!(log.drawn(3), [" 97", " 98", " 99"]);
    }

    #[test]
    fn a_row_that_is_to_be_shown_stands_about_in_the_middle() {
        let rows = RefCell::default();
        let mut log = log(&rows, 100, |_| 0, Anchor::Show(50));
        log.view.selected = Some(50);
        assert_eq!(
            log.drawn(5),
            [" 48", " 49", ">50", " 51", " 52       v 47 more"]
        );
        for (show, first) in [(0, " 0"), (1, " 0"), (97, " 95"), (98, " 95"), (99, " 95")] {
            let rows = RefCell::default();
            let log = self::log(&rows, 100, |_| 0, Anchor::Show(show));
            assert_eq!(log.drawn(5)[0], first, "{show}");
        }
    }

    #[test]
    fn a_row_that_is_not_wrapped_is_cut_with_a_sign() {
        let rows = RefCell::default();
        let mut log = log(&rows, 2, |_| 5, Anchor::Bottom);
        log.view.wrap = false;
        assert_eq!(
            log.drawn(2),
            [" 0 word word word w>", " 1 word word word w>"]
        );
    }

    #[test]
    fn without_rows_it_says_so() {
        let rows = RefCell::default();
        assert_eq!(
            log(&rows, 0, |_| 0, Anchor::Bottom).drawn(1),
            ["nothing yet"]
        );
    }

    proptest! {
        #[test]
        fn the_screen_is_full_and_shows_what_it_was_told_to(
            sizes in proptest::collection::vec(0..12_usize, 1..40),
            at in 0..50_usize,
            kind in 0..3_u8,
            height in 1..12_u16,
            wrap: bool,
        ) {
            let anchor = match kind {
                0 => Anchor::Bottom,
                1 => Anchor::Top(at),
                _ => Anchor::Show(at),
            };
            let rows = RefCell::default();
            let mut log = log(&rows, sizes.len(), |row| sizes[row], anchor);
            log.view.wrap = wrap;
            let area = Rect::new(0, 0, 20, height);
            let all: usize = (0..sizes.len())
                .map(|row| Window::new(&log.view, PLAIN, area).made(row).len())
                .sum();
            rows.borrow_mut().clear();
            let seen = Window::new(&log.view, PLAIN, area).filled();
            prop_assert_eq!(seen.lines.len(), all.min(usize::from(height)));
            let here = match anchor {
                Anchor::Bottom => sizes.len() - 1,
                Anchor::Top(row) | Anchor::Show(row) => row.min(sizes.len() - 1),
            };
            prop_assert!(seen.lines.iter().any(|(row, _)| *row == here));
            for made in rows.borrow().iter() {
                prop_assert!(seen.lines.iter().any(|(row, _)| row == made), "{} is not seen", made);
            }
            let mut made = rows.borrow().clone();
            made.sort_unstable();
            prop_assert!(made.windows(2).all(|pair| pair[0] < pair[1]), "made twice");
        }
    }
}
