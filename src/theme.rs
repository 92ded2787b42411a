//! How meanings look: colours, and the signs in front of lines. Widgets never name a colour.
//!
//! Only the sixteen named colours are used, so a terminal's own palette decides on light and dark. The background is the
//! terminal's, and nothing is grey by name: what that looks like on it is not known here. Nothing needed is said by
//! colour alone: every sign stands beside a word.

pub mod address;

use ratatui::style::{Color, Modifier, Style};

use crate::wizard::page::{Mark, Tone};

/// The looks of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    /// Whether there are colours at all.
    pub colours: Colours,
    /// Only ASCII is drawn.
    pub ascii: bool,
    /// What is not drawn around the page.
    pub hides: Hidden,
}

/// What is left out around the page, for people who want less on the screen, or less read to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hidden {
    /// The rows that say what this is, who is signed in and how far it is. In the sandbox the first of them stays.
    pub banner: bool,
    /// The row of keys. The help has them all the same.
    pub footer: bool,
}

impl Hidden {
    /// Everything is drawn.
    pub const NOTHING: Self = Self {
        banner: false,
        footer: false,
    };
}

/// How much colour there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colours {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// None: bold, dim and reverse only.
    None,
}

/// Which colours are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Those that go with the terminal's background.
    #[default]
    Auto,
    /// Those for a dark one.
    Dark,
    /// Those for a light one.
    Light,
    /// None.
    Mono,
}

impl Palette {
    /// The words for it, on the command line and in the configuration file.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("auto", Self::Auto),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("mono", Self::Mono),
    ];
}

impl Colours {
    /// Those that go with a background of this colour: red, green and blue from 0 to 1.
    pub fn on(red: f32, green: f32, blue: f32) -> Self {
        // What an eye makes of it.
        if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 {
            Self::Light
        } else {
            Self::Dark
        }
    }
}

impl Theme {
    /// The style of a meaning.
    pub fn tone(self, tone: Tone) -> Style {
        let style = Style::new();
        let accent = match self.colours {
            Colours::Dark => Color::Cyan,
            Colours::Light => Color::Blue,
            Colours::None => Color::Reset,
        };
        let style = match tone {
            Tone::Plain => style,
            Tone::Strong => style.add_modifier(Modifier::BOLD),
            Tone::Dim | Tone::Comment => Self::dim(),
            Tone::Accent | Tone::Address | Tone::Name | Tone::Key => style.fg(accent),
            Tone::Title => style.fg(accent).add_modifier(Modifier::BOLD),
            Tone::Good | Tone::Added | Tone::Literal => style.fg(Color::Green),
            Tone::Warn => style.fg(if self.colours == Colours::Light {
                Color::Magenta
            } else {
                Color::Yellow
            }),
            Tone::Bad => style.fg(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Removed => style.fg(Color::Red),
            Tone::Match => style.add_modifier(Modifier::REVERSED),
        };
        self.without_colour(style, tone)
    }

    /// The style of an address; where it can be opened, its cells are marked as a part of it.
    pub fn address(self, text: &str) -> Style {
        let style = self.tone(Tone::Address);
        match address::mark(text) {
            Some(mark) => style.underline_color(mark),
            None => style,
        }
    }

    /// Borders, rules and other lines.
    pub fn rule(self) -> Style {
        Self::dim()
    }

    /// What names the row under the cursor.
    pub fn cursor(self) -> Style {
        match self.colours {
            Colours::None => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// The rest of that row: what is not written anew costs nothing over a slow line.
    pub fn beside_cursor(self) -> Style {
        match self.colours {
            Colours::None => self.cursor(),
            _ => Style::new(),
        }
    }

    /// A button in focus.
    pub fn button(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The badge that says that this is the sandbox.
    pub fn badge(self) -> Style {
        match self.colours {
            Colours::None => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            // The two sides of a colour and the terminal's background change places: no background is set.
            _ => self
                .tone(Tone::Warn)
                .add_modifier(Modifier::REVERSED | Modifier::BOLD),
        }
    }

    /// A key's name in the footer.
    pub fn key(self) -> Style {
        self.tone(Tone::Accent).add_modifier(Modifier::BOLD)
    }

    /// The sign of a mark.
    pub fn sign(self, mark: Mark) -> (&'static str, Style) {
        let tone = match mark {
            Mark::Ok => Tone::Good,
            Mark::Warn => Tone::Warn,
            Mark::Bad => Tone::Bad,
            Mark::Busy | Mark::Chosen | Mark::Arrow => Tone::Accent,
            Mark::Todo | Mark::Free | Mark::Dot => Tone::Dim,
            Mark::Here => Tone::Plain,
        };
        let sign = if self.ascii {
            match mark {
                Mark::Arrow => ">",
                mark => mark.word(),
            }
        } else {
            match mark {
                Mark::Ok => "✓",
                Mark::Warn => "!",
                Mark::Bad => "✗",
                Mark::Busy => "◌",
                Mark::Todo => "·",
                Mark::Chosen => "◉",
                Mark::Free => "○",
                Mark::Arrow => "▸",
                Mark::Dot => "•",
                Mark::Here => "*",
            }
        };
        (sign, self.tone(tone))
    }

    /// The levels of a graph, from nothing at all to everything.
    pub fn levels(self) -> [char; 8] {
        if self.ascii {
            ['_', '.', '-', ':', '=', '+', '*', '#']
        } else {
            ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        }
    }

    /// The filled and the empty part of a bar.
    pub fn bar(self) -> (&'static str, &'static str) {
        if self.ascii {
            ("#", ".")
        } else {
            ("█", "░")
        }
    }

    /// The sign of what was cut on the right.
    pub fn cut(self) -> &'static str {
        if self.ascii { ">" } else { "…" }
    }

    /// The sign of the row under the cursor.
    pub fn here(self) -> &'static str {
        if self.ascii { ">" } else { "▌" }
    }

    /// The signs for more above and more below.
    pub fn up_and_down(self) -> (&'static str, &'static str) {
        if self.ascii {
            ("^", "v")
        } else {
            ("↑", "↓")
        }
    }

    fn dim() -> Style {
        // Bright black vanishes on some backgrounds; dim is made by the terminal from its own foreground.
        Style::new().add_modifier(Modifier::DIM)
    }

    fn without_colour(self, style: Style, tone: Tone) -> Style {
        if self.colours != Colours::None {
            return style;
        }
        let plain = Style {
            fg: None,
            bg: None,
            ..style
        };
        match tone {
            Tone::Good | Tone::Warn | Tone::Accent | Tone::Address => {
                plain.add_modifier(Modifier::BOLD)
            }
            Tone::Bad => plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            // Without colours the row under the cursor is reversed as a whole.
            Tone::Match => plain.add_modifier(Modifier::UNDERLINED),
            _ => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_style_sets_the_background_or_names_a_grey() {
        for colours in [Colours::Dark, Colours::Light, Colours::None] {
            let theme = Theme {
                colours,
                ..Theme::default()
            };
            let tones = [Tone::Plain, Tone::Dim, Tone::Warn, Tone::Bad, Tone::Match];
            let tones = tones.map(|tone| theme.tone(tone));
            let own = [
                theme.badge(),
                theme.button(),
                theme.cursor(),
                theme.beside_cursor(),
                theme.rule(),
                theme.key(),
            ];
            for style in tones.into_iter().chain(own) {
                assert_eq!(style.bg, None, "{style:?}");
                let greys = [Color::Black, Color::White, Color::Gray, Color::DarkGray];
                assert!(style.fg.is_none_or(|it| !greys.contains(&it)), "{style:?}");
            }
        }
    }
}
