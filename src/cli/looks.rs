//! How the screen shall look: what the options say, else the variables, else the configuration file.
//!
//! What the terminal itself says of its background is not known here, only whether it is to be asked.

use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use phala_wizard::shell;
use phala_wizard::shell::config;
use phala_wizard::theme::{Colours, Hidden, Palette, Theme};

/// How the screen shall look.
#[derive(Debug, Clone, Copy, PartialEq, Args)]
pub(crate) struct Looks {
    /// Colours; auto leaves them out where NO_COLOR or CLICOLOR=0 is set.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,

    /// Colours for which background; auto asks the terminal, mono has none.
    #[arg(long, value_name = "WHICH", value_parser = palettes())]
    theme: Option<Palette>,

    /// Draw with ASCII characters only, as it is done by itself where the locale is not UTF-8.
    #[arg(long)]
    ascii: bool,

    /// Draw over what is on screen, and leave the last frame there.
    #[arg(long)]
    no_alt_screen: bool,

    /// Draw the passing of time every ten seconds only. Nothing else moves by itself.
    #[arg(long)]
    reduce_motion: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// Where nothing speaks against it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Looks {
    /// How it looks then, in this environment and with this file.
    pub(crate) fn resolve(
        self,
        file: config::Looks,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> shell::Looks {
        let variable = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let palette = self.palette(file.theme, variable);
        let colours = match palette {
            Palette::Dark => Colours::Dark,
            Palette::Light => Colours::Light,
            Palette::Mono => Colours::None,
            Palette::Auto => guessed(variable),
        };
        let is_in_ci = variable("CI").is_some_and(|value| is_yes(&value));
        shell::Looks {
            theme: Theme {
                colours,
                ascii: self.ascii || file.ascii.unwrap_or_else(|| needs_ascii(variable)),
                hides: Hidden {
                    banner: file.banner == Some(false),
                    footer: file.footer == Some(false),
                },
            },
            asks_background: palette == Palette::Auto,
            alternate: !self.no_alt_screen && file.alt_screen != Some(false),
            still: self.reduce_motion || is_in_ci || file.motion == Some(false),
            links: file
                .links
                .unwrap_or_else(|| shell::links::are_known(variable)),
        }
    }

    /// Which colours; mono where none are wanted.
    fn palette(self, file: Option<Palette>, variable: impl Fn(&str) -> Option<String>) -> Palette {
        let is_set = |name| variable(name).is_some_and(|value: String| !value.is_empty());
        let is_forced = || variable("CLICOLOR_FORCE").is_some_and(|value| is_yes(&value));
        let wanted = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if is_set("NO_COLOR") => false,
            Color::Auto => is_forced() || variable("CLICOLOR").as_deref() != Some("0"),
        };
        match (wanted, self.theme, file) {
            (false, ..) => Palette::Mono,
            (true, Some(told), _) => told,
            // An option that wants colours comes before a file that wants none.
            (true, None, Some(Palette::Mono)) if self.color == Color::Always => Palette::Auto,
            (true, None, told) => told.unwrap_or_default(),
        }
    }
}

/// Some terminals say which of their colours lie in front and behind; 7 and 15 are the light ones.
fn guessed(variable: impl Fn(&str) -> Option<String>) -> Colours {
    let pair = variable("COLORFGBG").unwrap_or_default();
    match pair.rsplit_once(';') {
        Some((_, "7" | "15")) => Colours::Light,
        _ => Colours::Dark,
    }
}

/// Whether the locale, or the console of Linux with its few characters, has no others than ASCII. Where no variable
/// names a locale, as in many containers, the terminal outside knows more than C does.
fn needs_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let mut locales = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let locale = locales.find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let is_utf8 = |locale: String| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    variable("TERM").as_deref() == Some("linux") || locale.is_some_and(|locale| !is_utf8(locale))
}

fn is_yes(value: &str) -> bool {
    !matches!(value, "" | "0" | "false")
}

fn palettes() -> impl TypedValueParser<Value = Palette> {
    let words = Palette::WORDS.map(|(word, _)| word);
    PossibleValuesParser::new(words).map(|word| {
        let mut named = Palette::WORDS.into_iter();
        let named = named.find(|(known, _)| *known == word);
        named.map_or(Palette::Auto, |(_, palette)| palette)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;

    fn looks(arguments: &str, file: config::Looks, variables: &[(&str, &str)]) -> shell::Looks {
        let arguments = std::iter::once("phala-wizard").chain(arguments.split_whitespace());
        let cli = Cli::parse(arguments.map(OsString::from).collect()).unwrap();
        cli.looks.resolve(file, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn themed(theme: Palette) -> config::Looks {
        config::Looks {
            theme: Some(theme),
            ..config::Looks::default()
        }
    }

    #[test]
    fn colours_follow_the_option_then_the_variables_then_the_file() {
        use Colours::{Dark, Light, None};
        use Palette as P;
        let silent = config::Looks::default();
        for (options, file, variables, expected, asks) in [
            ("", silent, &[][..], Dark, true),
            ("", silent, &[("NO_COLOR", "1")], None, false),
            ("", silent, &[("NO_COLOR", "")], Dark, true),
            ("", silent, &[("CLICOLOR", "0")], None, false),
            (
                "",
                silent,
                &[("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")],
                Dark,
                true,
            ),
            (
                "",
                silent,
                &[("CLICOLOR", "0"), ("CLICOLOR_FORCE", "0")],
                None,
                false,
            ),
            (
                "",
                silent,
                &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
                None,
                false,
            ),
            ("--color always", silent, &[("NO_COLOR", "1")], Dark, true),
            (
                "--color never",
                silent,
                &[("CLICOLOR_FORCE", "1")],
                None,
                false,
            ),
            ("", silent, &[("COLORFGBG", "0;15")], Light, true),
            ("", silent, &[("COLORFGBG", "0;default;7")], Light, true),
            ("", silent, &[("COLORFGBG", "15;0")], Dark, true),
            (
                "--color never",
                silent,
                &[("COLORFGBG", "0;15")],
                None,
                false,
            ),
            (
                "--theme light",
                silent,
                &[("COLORFGBG", "15;0")],
                Light,
                false,
            ),
            ("--theme dark", themed(P::Light), &[], Dark, false),
            ("--theme mono", themed(P::Light), &[], None, false),
            ("--theme auto", themed(P::Light), &[], Dark, true),
            ("--theme light", silent, &[("NO_COLOR", "1")], None, false),
            (
                "--theme light --color always",
                silent,
                &[("NO_COLOR", "1")],
                Light,
                false,
            ),
            ("", themed(P::Light), &[], Light, false),
            ("", themed(P::Mono), &[], None, false),
            ("", themed(P::Light), &[("NO_COLOR", "1")], None, false),
            ("--color always", themed(P::Mono), &[], Dark, true),
            ("--color always", themed(P::Light), &[], Light, false),
        ] {
            let got = looks(options, file, variables);
            let seen = (got.theme.colours, got.asks_background);
            assert_eq!(seen, (expected, asks), "{options} {file:?} {variables:?}");
        }
    }

    #[test]
    fn without_utf8_everything_is_ascii() {
        let said = |ascii| config::Looks {
            ascii,
            ..config::Looks::default()
        };
        for (options, file, variables, expected) in [
            ("", None, &[][..], false),
            ("", None, &[("LANG", "C")], true),
            ("", None, &[("LANG", "de_DE.ISO-8859-1")], true),
            ("", None, &[("LANG", "en_US.UTF-8")], false),
            ("", None, &[("LANG", "C.utf8")], false),
            (
                "",
                None,
                &[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "POSIX")],
                true,
            ),
            (
                "",
                None,
                &[("LC_CTYPE", "C"), ("LC_ALL", "en_US.UTF-8")],
                false,
            ),
            ("", None, &[("LC_ALL", ""), ("LANG", "C")], true),
            ("", None, &[("TERM", "linux"), ("LANG", "C.UTF-8")], true),
            ("", Some(false), &[("LANG", "C")], false),
            ("", Some(true), &[], true),
            ("--ascii", Some(false), &[("LANG", "C.UTF-8")], true),
        ] {
            let got = looks(options, said(file), variables).theme.ascii;
            assert_eq!(got, expected, "{options} {file:?} {variables:?}");
        }
    }

    #[test]
    fn the_screen_and_what_moves_on_it_can_be_switched_off() {
        let usual = looks("", config::Looks::default(), &[]);
        assert!(usual.alternate && !usual.still);
        let file = config::Looks {
            alt_screen: Some(false),
            motion: Some(false),
            ..config::Looks::default()
        };
        let said = looks("", file, &[]);
        assert!(!said.alternate && said.still);
        let told = looks(
            "--no-alt-screen --reduce-motion",
            config::Looks::default(),
            &[],
        );
        assert!(!told.alternate && told.still);
        for (value, still) in [("true", true), ("1", true), ("", false), ("false", false)] {
            let got = looks("", config::Looks::default(), &[("CI", value)]);
            assert_eq!(got.still, still, "CI={value}");
        }
    }

    #[test]
    fn a_theme_that_is_none_is_refused_with_those_that_are() {
        let words = ["phala-wizard", "--theme", "drak"].map(OsString::from);
        let error = Cli::parse(words.to_vec()).unwrap_err().to_string();
        assert!(error.contains("'dark'"), "{error}");
    }
}
