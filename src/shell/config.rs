//! What is set once and for all: `phala-wizard/config.toml` in `XDG_CONFIG_HOME`, or what stands for it.
//!
//! An option comes before a variable, a variable before this file, and this file before what is usual. What can be set
//! stands once, in [`settings`]; the commented file of `config init` and the README's table are made from there.
//! Whatever else stands in the file is an error and no guess: a name that is misspelt would do nothing, silently. An
//! address may hold a key, so none is ever shown.

mod read;
pub mod settings;
mod write;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::alert::Alert;
use super::{credentials, files};
use crate::secret::Secret;
use crate::shown::Shown;
use crate::theme::Palette;
use crate::wizard::keymap::Binding;

pub use write::init;

/// All that the file says. `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// How the screen looks.
    pub looks: Looks,
    /// Whether terms are explained where they first matter.
    pub guide: Option<bool>,
    /// Questions as lines instead of a screen.
    pub accessible: Option<bool>,
    /// A PCCS to fetch Intel's lists from.
    pub pccs: Option<Secret>,
    /// Nodes of chains.
    pub rpc_urls: RpcUrls,
    /// How a person who looks elsewhere is told that a wait is over.
    pub alert: Alert,
    /// The table of keys, where other keys than the usual ones are wanted.
    pub keys: Option<Vec<Binding>>,
}

/// How the screen looks, as far as the file says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looks {
    /// Which colours.
    pub theme: Option<Palette>,
    /// Nothing beyond ASCII, or other characters whatever the locale says.
    pub ascii: Option<bool>,
    /// A screen of its own.
    pub alt_screen: Option<bool>,
    /// The rows above the page.
    pub banner: Option<bool>,
    /// The row of keys.
    pub footer: Option<bool>,
    /// Whether seconds that pass are drawn as they do.
    pub motion: Option<bool>,
    /// Whether the terminal is told where addresses lead, whatever it is.
    pub links: Option<bool>,
}

/// Nodes of chains, as the file names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RpcUrls {
    nodes: BTreeMap<u64, Vec<Secret>>,
    remark: Option<Shown>,
}

/// Where the file is, and whose home that is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, whether there is one or not.
    pub path: PathBuf,
    home: Option<PathBuf>,
}

impl Place {
    /// The file of this person. `None` where no folder is known that it could be in.
    pub fn here() -> Option<Self> {
        let base = etcetera::choose_base_strategy().ok()?;
        Some(Self {
            path: file(&base.config_dir()),
            home: Some(base.home_dir().to_owned()),
        })
    }

    /// The path as people write it.
    pub fn name(&self) -> String {
        credentials::short(&self.path, self.home.as_deref())
    }

    /// Whether there is a file.
    pub fn is_there(&self) -> bool {
        let about = std::fs::symlink_metadata(&self.path);
        !about.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// What the file says, and everything in it that is not understood, with its line.
    ///
    /// # Errors
    ///
    /// It is there and cannot be read.
    pub fn read(&self) -> Result<(Config, Vec<Shown>), Shown> {
        let name = self.name();
        if !self.is_there() {
            return Ok((Config::default(), Vec::new()));
        }
        let text = files::read_text(&self.path)
            .map_err(|why| Shown::line(&format!("{name} cannot be used: {why}")))?;
        let (mut config, wrong) = read::all(text.expose());
        let is_private = config.rpc_urls.nodes.is_empty() && config.pccs.is_none();
        config.rpc_urls.remark = (!is_private && files::others_can_read(&self.path)).then(|| {
            Shown::line(&format!(
                "{name} can be read by other users, and addresses in it may hold keys"
            ))
        });
        let told = wrong.into_iter().map(|wrong| {
            let line = read::line_of(text.expose(), wrong.at);
            Shown::line(&format!("{name}, line {line}: {}", wrong.why))
        });
        Ok((config, told.collect()))
    }
}

impl Config {
    /// What the file of this person says; nothing, where there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or something in it is not understood; the error says which line, and quotes no address.
    pub fn here() -> Result<Self, Shown> {
        match Place::here() {
            Some(place) => Self::at(&place),
            None => Ok(Self::default()),
        }
    }

    fn at(place: &Place) -> Result<Self, Shown> {
        let (config, wrong) = place.read()?;
        match &wrong[..] {
            [] => Ok(config),
            [only] => Err(only.clone()),
            [first, more @ ..] => Err(Shown::line(&format!(
                "{first} (and {} more: phala-wizard config check)",
                more.len()
            ))),
        }
    }
}

impl RpcUrls {
    /// The nodes of this chain, in the order they are asked.
    pub fn of(&self, chain_id: u64) -> &[Secret] {
        self.nodes.get(&chain_id).map_or(&[], Vec::as_slice)
    }

    /// The nodes of every chain that is named.
    pub fn into_nodes(self) -> BTreeMap<u64, Vec<Secret>> {
        self.nodes
    }

    /// What is to be said of the file itself: that others can read what may hold keys.
    pub fn remark(&self) -> Option<&Shown> {
        self.remark.as_ref()
    }
}

/// Where the file of this person is, whether or not there is one.
pub(super) fn path() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(file(&base.config_dir()))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("phala-wizard").join("config.toml")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::super::alert::Note;
    use super::*;
    use crate::wizard::keymap::{Command, all_keys};

    /// A home with this file, readable by its owner only.
    fn home(text: &str) -> (TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let path = file(&home.path().join(".config"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        (home, path)
    }

    fn place(path: &Path, home: &Path) -> Place {
        Place {
            path: path.to_owned(),
            home: Some(home.to_owned()),
        }
    }

    #[cfg(unix)]
    fn set_mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn set_mode(_path: &Path, _mode: u32) {}

    fn told(text: &str) -> Result<RpcUrls, String> {
        Ok(all(text)?.rpc_urls)
    }

    fn all(text: &str) -> Result<Config, String> {
        let (home, path) = home(text);
        let told = Config::at(&place(&path, home.path()));
        told.map_err(|why| why.as_str().to_owned())
    }

    fn shown(urls: &RpcUrls, chain_id: u64) -> Vec<&str> {
        urls.of(chain_id).iter().map(Secret::expose).collect()
    }

    #[test]
    fn a_chain_has_one_node_or_two() {
        let urls = told(
            "# mine\n[rpc_urls]\n1 = \"https://eth.example/canary\"\n8453 = [\n  'https://a.example?k=canary',\n  \
             'http://127.0.0.1:8545',\n]\n\"5\" = ['https://b.example']\n",
        )
        .unwrap();
        assert_eq!(shown(&urls, 1), ["https://eth.example/canary"]);
        assert_eq!(
            shown(&urls, 8453),
            ["https://a.example?k=canary", "http://127.0.0.1:8545"]
        );
        assert_eq!(shown(&urls, 5), ["https://b.example"]);
        assert_eq!(shown(&urls, 2), Vec::<&str>::new());
        assert_eq!(urls.remark(), None);
        assert!(!format!("{urls:?}").contains("canary"));
    }

    #[test]
    fn no_file_and_an_empty_one_say_nothing() {
        let home = tempfile::tempdir().unwrap();
        let none = Config::at(&place(&home.path().join("none/config.toml"), home.path()));
        assert_eq!(none, Ok(Config::default()));
        for text in ["", "# nothing yet\n", "[rpc_urls]\n"] {
            assert_eq!(told(text), Ok(RpcUrls::default()));
        }
    }

    #[test]
    fn what_is_not_said_of_an_alert_stays_as_it_was() {
        let alert = |text: &str| all(text).unwrap().alert;
        assert_eq!(alert("[alert]\n"), Alert::default());
        for (word, note) in Note::WORDS {
            let said = alert(&format!("[alert]\nnote = '{word}'\n[rpc_urls]\n"));
            assert_eq!((said.note, said.bell, said.title), (note, true, true));
        }
        let said = alert("[alert]\nbell = false\ntitle = false\n");
        assert_eq!(
            (said.note, said.bell, said.title),
            (Note::Off, false, false)
        );
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_line() {
        let long = format!("{} = 1", "x".repeat(41));
        for (text, line, why) in [
            (
                "[rpc_url]\n1 = 'https://a.example'",
                1,
                "rpc_url is not known here; did you mean rpc_urls?",
            ),
            (
                "\n\nprofile = 'x'\n[rpc_urls]",
                3,
                "profile is not known here; theme, ascii, alt_screen, banner, footer, motion, links, guide, accessible, pccs, rpc_urls, alert and \
                 keys are",
            ),
            (
                "'https://a.example/canary' = 1",
                1,
                "this name is not known here; theme, ascii, alt_screen, banner, footer, motion, links, guide, accessible, pccs, rpc_urls, alert and \
                 keys are",
            ),
            (
                &long,
                1,
                "this name is not known here; theme, ascii, alt_screen, banner, footer, motion, links, guide, accessible, pccs, rpc_urls, alert and \
                 keys are",
            ),
            (
                "rpc_urls = 'https://a.example'",
                1,
                "rpc_urls is a table: [rpc_urls]",
            ),
            ("alert = true", 1, "alert is a table: [alert]"),
            (
                "[alert]\nring = true",
                2,
                "ring is not known here; bell, note and title are",
            ),
            ("[alert]\nbell = 'loud'", 2, "bell is true or false"),
            ("[alert]\ntitle = 1", 2, "title is true or false"),
            (
                "[alert]\nbell = true\nnote = true",
                3,
                "note is \"off\", \"osc9\" or \"osc777\"",
            ),
            (
                "[rpc_urls]\nbase = 'https://a.example'",
                2,
                "the names in rpc_urls are numbers of chains, such as 8453",
            ),
            ("[rpc_urls]\n+1 = 'https://a.example'", 2, "this is no TOML"),
            (
                "[rpc_urls]\n01 = 'https://a.example'",
                2,
                "the names in rpc_urls are numbers of chains, such as 8453",
            ),
            (
                "[rpc_urls]\n1 = 5",
                2,
                "the address of a node is text in quotes",
            ),
            (
                "[rpc_urls]\n1 = ['https://a.example', 5]",
                2,
                "the address of a node is text in quotes",
            ),
            (
                "[rpc_urls]\n1 = []",
                2,
                "a chain has one or two nodes, and here are 0",
            ),
            (
                "[rpc_urls]\n1 = ['https://a.example', 'https://b.example', 'https://c.example']",
                2,
                "a chain has one or two nodes, and here are 3",
            ),
            ("[rpc_urls]\n1 = canary", 2, "this is no TOML"),
            (
                "[rpc_urls]\n1 = 'https://a.example'\n1 = 'https://b.example'",
                3,
                "this is no TOML",
            ),
        ] {
            let file = files::as_here("~/.config/phala-wizard/config.toml");
            let expected = format!("{file}, line {line}: {why}");
            assert_eq!(told(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn looks_are_what_the_file_says() {
        let looks = |text: &str| all(text).unwrap().looks;
        assert_eq!(looks(""), Looks::default());
        for (word, palette) in [
            ("auto", Palette::Auto),
            ("dark", Palette::Dark),
            ("light", Palette::Light),
            ("mono", Palette::Mono),
        ] {
            let text = format!("theme = '{word}'");
            assert_eq!(looks(&text).theme, Some(palette));
        }
        assert_eq!(looks("ascii = 'auto'").ascii, None);
        assert_eq!(looks("ascii = false").ascii, Some(false));
        let said = looks("ascii = true\nalt_screen = false\nmotion = false");
        assert_eq!(
            (said.ascii, said.alt_screen, said.motion),
            (Some(true), Some(false), Some(false))
        );
        assert_eq!(all("accessible = true").unwrap().accessible, Some(true));
        let pccs = all("pccs = 'https://pccs.example/canary'").unwrap().pccs;
        assert_eq!(pccs.unwrap().expose(), "https://pccs.example/canary");
    }

    #[test]
    fn keys_are_those_of_the_file() {
        assert_eq!(all("[keys]\n").unwrap().keys, None);
        let keys = all("[keys]\nrefresh = ['F5', 'u']\nfaster = 'b'\n")
            .unwrap()
            .keys;
        let keys = keys.unwrap();
        let row = |command| keys.iter().find(|row| row.command == command).unwrap();
        assert_eq!(all_keys(row(Command::Refresh)), "F5 u");
        assert_eq!(all_keys(row(Command::Faster)), "b");
        assert_eq!(all_keys(row(Command::Copy)), "y");
    }

    #[test]
    fn everything_that_is_wrong_is_told_in_the_order_of_its_lines() {
        let (home, path) = home(
            "them = 'dark'\nmotion = 1\n\n[keys]\nrefresh = 'y'\nrefesh = 'x'\ncopy = ['Ctrl-I']\n",
        );
        let (_, wrong) = place(&path, home.path()).read().unwrap();
        let wrong: Vec<&str> = wrong
            .iter()
            .map(|why| why.as_str().rsplit_once("config.toml, ").unwrap().1)
            .collect();
        assert_eq!(
            wrong,
            [
                "line 1: them is not known here; did you mean theme?",
                "line 2: motion is true or false",
                "line 6: refesh is not known here; did you mean refresh?",
                "line 7: Ctrl-I is no key for copy: a terminal sends the same for it as for Tab",
            ]
        );
        let why = Config::at(&place(&path, home.path())).unwrap_err();
        let end = "did you mean theme? (and 3 more: phala-wizard config check)";
        assert!(why.as_str().ends_with(end), "{why}");
        // Whether two keys collide can be said once every key is one.
        let why = all("[keys]\n\nrefresh = 'y'\n").unwrap_err();
        let expected =
            "line 3: y would be refresh and copy on one screen; give one of them another key";
        assert!(why.ends_with(expected), "{why}");
    }

    #[test]
    fn a_setting_with_another_value_is_told_what_it_may_be() {
        for (text, line, why) in [
            (
                "theme = 'blue'",
                1,
                "theme is \"auto\", \"dark\", \"light\" or \"mono\"",
            ),
            ("ascii = 'no'", 1, "ascii is true, false or \"auto\""),
            ("\naccessible = 'yes'", 2, "accessible is true or false"),
            ("pccs = 1", 1, "the address of a PCCS is text in quotes"),
            (
                "[keys]\nrefresh = 5",
                2,
                "refresh has keys in quotes: \"x\", or [\"x\", \"F5\"]",
            ),
            (
                "[keys]\nchoose_1 = 'x'",
                2,
                "choose_1 is not known here; the README's table of keys names them all",
            ),
            (
                "[keys]\ncopy = ['y', 'Enter']",
                2,
                "Enter is next and stays so",
            ),
        ] {
            let file = files::as_here("~/.config/phala-wizard/config.toml");
            let expected = format!("{file}, line {line}: {why}");
            assert_eq!(told(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_address_that_may_not_be_asked_is_refused_and_not_quoted() {
        for address in [
            "http://a.example/canary",
            "canary",
            "https://a.example/#canary",
            "",
        ] {
            for value in [
                format!("'{address}'"),
                format!("[\n'https://b.example',\n'{address}']"),
            ] {
                let line = 2 + value.lines().count().saturating_sub(1);
                let why = told(&format!("[rpc_urls]\n8453 = {value}\n")).unwrap_err();
                assert!(why.contains(&format!(", line {line}: ")), "{why}");
                assert!(!why.contains("canary"), "{why}");
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let (home, path) = home("");
        fs::write(&path, b"caf\xe9").unwrap();
        let why = Config::at(&place(&path, home.path())).unwrap_err();
        let start = files::as_here("~/.config/phala-wizard/config.toml cannot be used: ");
        assert!(why.as_str().starts_with(&start), "{why}");
        assert!(
            Config::at(&place(home.path(), home.path())).is_err(),
            "a folder"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_pointed_out_where_it_names_a_node() {
        let (home, path) = home("[rpc_urls]\n1 = 'https://a.example/key'\n");
        set_mode(&path, 0o644);
        let urls = Config::at(&place(&path, home.path())).unwrap().rpc_urls;
        let remark = urls.remark().expect("a remark").as_str();
        assert!(
            remark.starts_with("~/.config/phala-wizard/config.toml can be read"),
            "{remark}"
        );
        fs::write(&path, "[rpc_urls]\n").unwrap();
        let urls = Config::at(&place(&path, home.path())).unwrap().rpc_urls;
        assert_eq!(urls.remark(), None);
    }
}
