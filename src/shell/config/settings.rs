//! Everything that can be set, once: the commented file of `config init` and the README's table are made from here.
//!
//! What a setting does is not known here; that the reader takes each of them, and that the values here are the usual
//! ones, a test sees to.

use std::fmt::Write;

use crate::wizard::keymap::{self, BINDINGS};

/// Something that can be set.
#[derive(Debug)]
pub struct Setting {
    /// The table it stands in; none is the top of the file.
    pub table: Option<&'static str>,
    /// Its name.
    pub name: &'static str,
    /// A value, as it is written: the usual one, where there is one.
    pub value: &'static str,
    /// The usual value, in a word.
    pub usual: &'static str,
    /// What it does, and what else it may be.
    pub help: &'static str,
    /// Options and variables that come before it.
    pub before: &'static str,
}

impl Setting {
    /// Its name with the table it stands in.
    pub fn full_name(&self) -> String {
        match self.table {
            Some("rpc_urls") => "[rpc_urls]".to_owned(),
            Some(table) => format!("[{table}] {}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// All of them, in the order of the file. Keys have a table of their own, the key table.
pub const SETTINGS: &[Setting] = &[
    Setting {
        table: None,
        name: "theme",
        value: "\"auto\"",
        usual: "`\"auto\"`",
        help: "colours for a \"dark\" or a \"light\" background, or \"mono\" for none; \"auto\" asks the terminal for its \
               background once the first frame is on screen",
        before: "`--theme`, `--color`, `NO_COLOR`, `CLICOLOR`; for \"auto\", `COLORFGBG` where the terminal does not answer",
    },
    Setting {
        table: None,
        name: "ascii",
        value: "\"auto\"",
        usual: "`\"auto\"`",
        help: "true draws with ASCII characters only, false with others too; \"auto\" goes by the locale",
        before: "`--ascii`; for \"auto\", `LC_ALL`, `LC_CTYPE`, `LANG`",
    },
    Setting {
        table: None,
        name: "alt_screen",
        value: "true",
        usual: "`true`",
        help: "false draws over what is on screen, and leaves the last frame there",
        before: "`--no-alt-screen`",
    },
    Setting {
        table: None,
        name: "banner",
        value: "true",
        usual: "`true`",
        help: "false leaves out the rows that say who is signed in and how far it is; in the sandbox the first one stays",
        before: "",
    },
    Setting {
        table: None,
        name: "footer",
        value: "true",
        usual: "`true`",
        help: "false leaves out the row of keys; `?` has them all the same",
        before: "",
    },
    Setting {
        table: None,
        name: "motion",
        value: "true",
        usual: "`true`",
        help: "nothing is animated; false also keeps the seconds of a wait from being drawn anew more than once in ten",
        before: "`--reduce-motion`, `CI`",
    },
    Setting {
        table: None,
        name: "links",
        value: "\"auto\"",
        usual: "`\"auto\"`",
        help: "true tells the terminal where the addresses on screen lead (OSC 8), so that it opens them, false never does; \
               \"auto\" tells those that are known to understand",
        before: "for \"auto\", `TERM`, `TERM_PROGRAM`, `VTE_VERSION`, `WT_SESSION`, `TMUX`, `STY`",
    },
    Setting {
        table: None,
        name: "guide",
        value: "true",
        usual: "`true`",
        help: "the terms of the field are explained once, each where it first matters; false leaves them to the help",
        before: "",
    },
    Setting {
        table: None,
        name: "accessible",
        value: "false",
        usual: "`false`",
        help: "true asks line by line instead of drawing a screen",
        before: "`--accessible`, `ACCESSIBLE`",
    },
    Setting {
        table: None,
        name: "pccs",
        value: "\"https://pccs.example\"",
        usual: "none",
        help: "a PCCS to fetch Intel's lists from, to check the hardware's signature with",
        before: "`--pccs`, `PCCS_URL`",
    },
    Setting {
        table: Some("rpc_urls"),
        name: "8453",
        value: "[\"https://base.example/key\", \"https://another.example\"]",
        usual: "none",
        help: "by the number of a chain, one or two nodes of it that contracts are read at",
        before: "`--rpc-url`, `ETH_RPC_URL`",
    },
    Setting {
        table: Some("alert"),
        name: "bell",
        value: "true",
        usual: "`true`",
        help: "the terminal's bell, when a long wait is over while the terminal has not the focus",
        before: "",
    },
    Setting {
        table: Some("alert"),
        name: "note",
        value: "\"off\"",
        usual: "`\"off\"`",
        help: "a note on the desktop then: \"osc9\" (iTerm2, kitty, WezTerm, Ghostty), \"osc777\" (foot, urxvt), or \"off\"",
        before: "",
    },
    Setting {
        table: Some("alert"),
        name: "title",
        value: "true",
        usual: "`true`",
        help: "the window's title says where it stands; the one of before comes back at the end",
        before: "",
    },
];

/// The names that may stand in a table, or at the top of the file.
pub(super) fn names(table: Option<&str>) -> Vec<&'static str> {
    let mut names: Vec<&str> = SETTINGS
        .iter()
        .filter(|setting| setting.table == table)
        .map(|setting| setting.name)
        .collect();
    if table.is_none() {
        for setting in SETTINGS {
            names.extend(setting.table.filter(|table| !names.contains(table)));
        }
        names.push("keys");
    }
    names
}

/// The file that `config init` writes: nothing in it says anything until a `#` is taken away. Sentences have a blank
/// after it, settings have none.
pub fn template() -> String {
    let mut text = String::from(
        "# Settings of phala-wizard. All of them are comments, with the usual values: take the # away in front of\n\
         # what shall be different. Options come first, then variables, then this file.\n",
    );
    let mut table = None;
    for setting in SETTINGS {
        if setting.table != table {
            table = setting.table;
            let _ = write!(text, "\n#[{}]\n", table.unwrap_or_default());
        }
        let _ = writeln!(text, "\n{}", comment(setting.help));
        let _ = writeln!(text, "#{} = {}", setting.name, setting.value);
    }
    text.push_str(
        "\n# Keys by what they do; a row replaces all usual keys of its command. Enter, Esc and Ctrl-C keep their\n\
         # meaning. Keys are written as here: letters, PgDn, Space, F5, Shift-Tab, Ctrl-G, Alt-Y.\n\n#[keys]\n",
    );
    for row in BINDINGS {
        let Some(word) = keymap::word(row.command) else {
            continue;
        };
        let keys = row.always.iter().chain(&*row.letters);
        let keys: Vec<String> = keys
            .map(|key| format!("\"{}\"", keymap::name(*key)))
            .collect();
        let _ = writeln!(text, "#{word} = [{}]", keys.join(", "));
    }
    text
}

/// A sentence as comment lines.
fn comment(sentence: &str) -> String {
    const WIDTH: usize = 100;
    let mut lines = vec![String::from("#")];
    for word in sentence.split_whitespace() {
        let line = lines.last().map_or(0, String::len);
        if line + 1 + word.len() > WIDTH {
            lines.push(String::from("#"));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::read::all;
    use super::super::{Config, Looks};
    use super::*;
    use crate::theme::Palette;

    /// The file with every setting taken out of its comment.
    fn said() -> String {
        let template = template();
        let lines = template.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn as_it_is_written_the_file_says_nothing() {
        for line in template().lines() {
            assert!(line.is_empty() || line.starts_with('#'), "{line}");
            assert!(line.chars().count() <= 112, "{line}");
        }
        let (config, wrong) = all(&template());
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(config, Config::default());
    }

    #[test]
    fn without_the_comments_it_says_what_is_usual() {
        let said = said();
        for setting in SETTINGS {
            let line = format!("\n{} = {}\n", setting.name, setting.value);
            assert!(said.contains(&line), "{line}");
        }
        let (config, wrong) = all(&said);
        assert!(wrong.is_empty(), "{wrong:?}");
        let usual = Config::default();
        let looks = Looks {
            theme: Some(Palette::Auto),
            ascii: None,
            alt_screen: Some(true),
            banner: Some(true),
            footer: Some(true),
            motion: Some(true),
            links: None,
        };
        assert_eq!(config.looks, looks);
        assert_eq!(config.accessible, Some(false));
        assert_eq!(config.alert, usual.alert);
        assert_eq!(config.rpc_urls.of(8453).len(), 2);
        assert!(config.pccs.is_some());
        assert_eq!(config.keys.as_deref(), Some(BINDINGS));
    }

    #[test]
    fn what_can_be_set_is_all_that_is_understood() {
        for setting in SETTINGS {
            let table = setting
                .table
                .map_or(String::new(), |name| format!("[{name}]\n"));
            let (_, wrong) = all(&format!("{table}{} = {}", setting.name, setting.value));
            assert!(wrong.is_empty(), "{}: {wrong:?}", setting.name);
            assert!(names(setting.table).contains(&setting.name));
        }
        // A name of the table that is none any more would be offered where a name is not understood.
        for name in names(None).into_iter().filter(|name| *name != "keys") {
            let known = SETTINGS
                .iter()
                .any(|it| it.name == name || it.table == Some(name));
            assert!(known, "{name}");
        }
    }
}
