//! Whether plain lines are spoken, and by what that was decided: a terminal, a variable, a setting, an option.

/// What decided for plain lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The option.
    Flag,
    /// The configuration file.
    Setting,
    /// The variable `ACCESSIBLE`.
    Variable,
    /// A terminal that can do nothing else.
    Terminal,
    /// A console of Windows that can do nothing else.
    Console,
}

/// What speaks for plain lines, where something does. The option beats the setting, which beats the variable; a
/// terminal that cannot show a screen gets them unless the option says no.
pub fn because(
    flag: Option<bool>,
    setting: Option<bool>,
    variable: Option<&str>,
    no_screen: Option<Because>,
) -> Option<Because> {
    let variable = variable
        .filter(|value| !value.is_empty())
        .map(|value| value != "0" && !value.eq_ignore_ascii_case("false"));
    let said = [
        (flag, Because::Flag),
        (setting, Because::Setting),
        (variable, Because::Variable),
    ];
    let said = said
        .into_iter()
        .find_map(|(said, because)| said.map(|is_on| is_on.then_some(because)));
    match said {
        Some(Some(because)) => Some(because),
        _ => no_screen.filter(|_| flag != Some(false)),
    }
}

impl Because {
    /// The first line: that plain lines are on, why, and how they are turned off.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Console => {
                "Plain lines are on, because this console obeys no sequences and cannot show a screen."
            }
            Self::Flag => "Plain lines are on, because --accessible asks for them.",
            Self::Setting => {
                "Plain lines are on, because config.toml says accessible = true. --accessible=off turns them off."
            }
            Self::Variable => {
                "Plain lines are on, because ACCESSIBLE is set. --accessible=off turns them off."
            }
            Self::Terminal => {
                "Plain lines are on, because this terminal (TERM=dumb) cannot show a screen."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_beats_the_setting_and_the_setting_the_variable() {
        let on = |flag, setting, variable| because(flag, setting, variable, None);
        assert_eq!(on(None, None, None), None);
        assert_eq!(on(None, None, Some("1")), Some(Because::Variable));
        assert_eq!(on(None, Some(false), Some("1")), None);
        assert_eq!(on(None, Some(true), Some("0")), Some(Because::Setting));
        assert_eq!(on(Some(false), Some(true), Some("1")), None);
        assert_eq!(on(Some(true), Some(false), None), Some(Because::Flag));
    }

    #[test]
    fn an_empty_variable_says_nothing_and_two_words_say_no() {
        for off in ["", "0", "false", "FALSE"] {
            assert_eq!(because(None, None, Some(off), None), None, "{off:?}");
        }
        assert_eq!(
            because(None, None, Some("yes"), None),
            Some(Because::Variable)
        );
    }

    #[test]
    fn a_dumb_terminal_gets_them_unless_the_option_says_no() {
        let dumb = |flag, variable| because(flag, None, variable, Some(Because::Terminal));
        assert_eq!(dumb(None, None), Some(Because::Terminal));
        assert_eq!(dumb(None, Some("0")), Some(Because::Terminal));
        assert_eq!(dumb(Some(false), Some("1")), None);
        assert_eq!(dumb(None, Some("1")), Some(Because::Variable));
    }

    #[test]
    fn the_first_line_says_by_what() {
        assert!(Because::Variable.sentence().contains("ACCESSIBLE"));
        assert!(Because::Terminal.sentence().contains("TERM=dumb"));
        assert!(Because::Setting.sentence().contains("accessible = true"));
    }
}
