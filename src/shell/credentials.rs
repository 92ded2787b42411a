//! Finds the API key and the service to talk to, where the official CLI finds them (API reference, section 10).
//!
//! The key comes from `PHALA_CLOUD_API_KEY`, else from a profile of the official CLI's credentials file: the one of
//! `--profile`, else the one a `phala.toml` in the current folder names, else the file's current one. The address comes
//! from `PHALA_CLOUD_API_PREFIX`, else from the same profile, else it is Phala's. Reading happens when the wizard asks
//! for it, which is after the first frame. A file that cannot be used is a note, not an end. [`keep`] writes, where a
//! person said so. A key that was to be kept in the keyring has its profile in a file of ours of the same layout, without
//! the key: the official CLI would take a profile without one for broken.

pub(super) mod keep;
mod profiles;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use etcetera::BaseStrategy;
use serde::Deserialize;

use super::files;
use super::folders;
use super::keyring::{self, Keyring};
use crate::api::DEFAULT_BASE;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::wizard::event::KeyInfo;

/// The one version of the file's layout that is known.
const SCHEMA_VERSION: u64 = 1;

/// What decides where keys are looked for.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `PHALA_CLOUD_API_KEY`.
    pub key: Option<Secret>,
    /// `PHALA_CLOUD_API_PREFIX`.
    pub base: Option<String>,
    /// `PHALA_CLOUD_DIR`.
    pub folder: Option<PathBuf>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// Where a `phala.toml` is looked for; `None` looks for none.
    pub project: Option<PathBuf>,
    /// The folder for what has to outlive the program: `phala-wizard` in `XDG_STATE_HOME`, or what stands for it.
    pub state: Option<PathBuf>,
    /// The folder for what may be lost at any time: `phala-wizard` in `XDG_CACHE_HOME`, or what stands for it.
    pub cache: Option<PathBuf>,
    /// Where keys are that lie in no file.
    pub keyring: Keyring,
}

impl Environment {
    /// The environment of this process. Variables that are empty count as not set.
    pub fn here(profile: Option<String>) -> Self {
        let text = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            key: text("PHALA_CLOUD_API_KEY").and_then(key),
            base: text("PHALA_CLOUD_API_PREFIX"),
            folder: env::var_os("PHALA_CLOUD_DIR")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            home: etcetera::choose_base_strategy()
                .ok()
                .map(|base| base.home_dir().to_owned()),
            profile,
            project: env::current_dir().ok(),
            state: folders::state(),
            cache: folders::cache(),
            keyring: Keyring::of_the_system(),
        }
    }

    /// The same, where a profile was chosen in the meantime: it, and no variable with a key.
    pub(super) fn with_profile(mut self, name: &str) -> Self {
        self.profile = Some(name.to_owned());
        self.key = None;
        self
    }

    /// Looks for a key and an address. Reads the credentials file.
    pub(super) fn find(&self) -> Found {
        let (profile, note) = match self.wanted().and_then(|wanted| self.profile_of(wanted)) {
            Ok(profile) => (profile, None),
            Err(note) => (None, Some(note)),
        };
        let mut found = Found {
            base: DEFAULT_BASE.to_owned(),
            key: None,
            note,
        };
        if let Some(profile) = profile {
            found.base = profile.base.unwrap_or(found.base);
            found.key = profile.key.map(|key| (key, profile.origin));
        }
        if let Some(base) = &self.base {
            base.trim().clone_into(&mut found.base);
        }
        if let Some(key) = &self.key {
            found.key = Some((key.clone(), "PHALA_CLOUD_API_KEY".into()));
        }
        found
    }

    /// The profile of this name, else the one that was signed in to last with the keyring, else the file's current one.
    fn profile_of(&self, wanted: Option<String>) -> Result<Option<FromFile>, Shown> {
        let home = self.home.as_deref();
        let in_file = || {
            let file = self.file();
            file.map_or(Ok(None), |path| from_file(&path, wanted.as_deref(), home))
        };
        let Some(ours) = self.in_keyring().filter(|path| path.exists()) else {
            return in_file();
        };
        let in_keyring = || {
            let profile = from_file(&ours, wanted.as_deref(), home)?;
            profile.map(|profile| self.open(profile)).transpose()
        };
        if wanted.is_none() {
            return if profiles::current(&ours).is_some() {
                in_keyring()
            } else {
                in_file()
            };
        }
        // What was kept in the keyring is newer than what the file has under the same name.
        if wanted
            .as_deref()
            .is_some_and(|name| profiles::has(&ours, name))
        {
            return in_keyring();
        }
        in_file().or_else(|note| in_keyring().map_err(|_| note))
    }

    /// Fetches the key of such a profile from the keyring.
    fn open(&self, profile: FromFile) -> Result<FromFile, Shown> {
        let key = self.keyring.get(&profile.name)?;
        let key = key.ok_or_else(|| {
            Shown::line(&format!(
                "the key of profile {} is not in {} any more: sign in again",
                profile.name,
                keyring::NAME
            ))
        })?;
        let origin = format!("profile {} in {}", profile.name, keyring::NAME);
        Ok(FromFile {
            key: Some(key),
            origin: Shown::line(&origin),
            ..profile
        })
    }

    /// The profile that was asked for, here or in the project's own file.
    fn wanted(&self) -> Result<Option<String>, Shown> {
        /// `phala.toml`, as far as it concerns us.
        #[derive(Deserialize)]
        struct Project {
            profile: Option<String>,
        }
        let path = self
            .project
            .as_ref()
            .map(|folder| folder.join("phala.toml"));
        let (None, Some(path)) = (&self.profile, path.filter(|path| path.exists())) else {
            return Ok(self.profile.clone());
        };
        let text = files::read_text(&path)?;
        match toml::from_str::<Project>(text.expose()) {
            Ok(project) => Ok(project.profile),
            // The parser's own words may quote the file.
            Err(_) => Err("phala.toml in this folder is not understood".into()),
        }
    }

    /// The official CLI's file.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let folder = self.folder.clone();
        let folder = folder.or_else(|| Some(self.home.as_ref()?.join(".phala-cloud")))?;
        Some(folder.join("credentials.json"))
    }

    /// Our own file of the profiles whose keys are in the keyring.
    pub(super) fn in_keyring(&self) -> Option<PathBuf> {
        Some(self.state.as_ref()?.join("keyring.json"))
    }

    /// The profile that is used, by its name, and who says so; `None` where there is none.
    pub(super) fn named(&self) -> Result<Option<(String, &'static str)>, Shown> {
        let by = if self.profile.is_some() {
            "--profile"
        } else {
            "phala.toml"
        };
        if let Some(name) = self.wanted()? {
            return Ok(Some((name, by)));
        }
        let ours = self.in_keyring().and_then(|path| profiles::current(&path));
        if let Some(name) = ours {
            return Ok(Some((name, "the last sign-in with the keyring")));
        }
        let current = self.file().and_then(|path| profiles::current(&path));
        Ok(current.map(|name| (name, "the credentials file")))
    }

    /// Takes a profile out, wherever it is kept. Where it was, as people write it; nothing where it is not there.
    pub(super) fn forget(&self, name: &str) -> Result<Vec<Shown>, Shown> {
        let mut was = Vec::new();
        if let Some(ours) = self.in_keyring()
            && keep::take(&ours, name)?
        {
            self.keyring.remove(name)?;
            was.push(keyring::NAME.into());
        }
        if let Some(path) = self.file()
            && keep::take(&path, name)?
        {
            was.push(Shown::line(&short(&path, self.home.as_deref())));
        }
        Ok(was)
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Found {
    /// Base address of the service, with the `/api/v1` of it.
    pub base: String,
    /// The key, and where it came from.
    pub key: Option<(Secret, Shown)>,
    /// What kept the credentials file from being used.
    pub note: Option<Shown>,
}

/// The key, as far as it may be shown.
pub(super) fn about(key: &Secret, origin: &Shown) -> KeyInfo {
    KeyInfo {
        tail: key.tail(),
        origin: origin.clone(),
    }
}

struct FromFile {
    name: String,
    key: Option<Secret>,
    base: Option<String>,
    origin: Shown,
}

/// The file, as far as it concerns us. Borrowed from the text, so that wiping that wipes every key in it.
#[derive(Deserialize)]
struct Credentials<'a> {
    schema_version: Option<serde_json::Value>,
    #[serde(borrow)]
    current_profile: Option<Cow<'a, str>>,
    #[serde(borrow)]
    profiles: Option<BTreeMap<Cow<'a, str>, Option<Profile<'a>>>>,
}

#[derive(Deserialize)]
struct Profile<'a> {
    #[serde(borrow)]
    token: Option<Cow<'a, str>>,
    #[serde(borrow)]
    api_prefix: Option<Cow<'a, str>>,
    #[serde(borrow)]
    workspace: Option<Workspace<'a>>,
    #[serde(borrow)]
    user: Option<User<'a>>,
}

#[derive(Deserialize)]
struct User<'a> {
    #[serde(borrow)]
    username: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Workspace<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    slug: Option<Cow<'a, str>>,
}

/// The wanted profile; `None` where there is no file. `Err` is a note.
fn from_file(
    path: &Path,
    wanted: Option<&str>,
    home: Option<&Path>,
) -> Result<Option<FromFile>, Shown> {
    let name = short(path, home);
    if !path.exists() {
        return match wanted {
            Some(wanted) => Err(Shown::line(&format!(
                "no profile {wanted}: there is no {name}"
            ))),
            None => Ok(None),
        };
    }
    let text = files::read_text(path)?;
    let file: Credentials = serde_json::from_str(text.expose()).map_err(|error| {
        // The position only: the parser's own words may quote the file.
        let (line, column) = (error.line(), error.column());
        Shown::line(&format!(
            "{name} is not understood at line {line}, column {column}"
        ))
    })?;
    if file
        .schema_version
        .as_ref()
        .and_then(serde_json::Value::as_u64)
        != Some(SCHEMA_VERSION)
    {
        return Err(Shown::line(&format!(
            "{name} has a layout that is not known here"
        )));
    }
    let profiles = file.profiles.unwrap_or_default();
    let current = file.current_profile.as_deref().unwrap_or("default");
    let asked = wanted.unwrap_or(current);
    let Some((profile_name, profile)) = pick(&profiles, asked) else {
        return Err(Shown::line(&match wanted {
            Some(_) => format!("no profile {asked} in {name}; it has: {}", names(&profiles)),
            None => format!("{name} names the profile {asked}, but has none of that name"),
        }));
    };
    let warning = if files::others_can_read(path) {
        " (other users can read this file)"
    } else {
        ""
    };
    let base = profile.api_prefix.as_deref().map(str::trim);
    Ok(Some(FromFile {
        name: profile_name.to_owned(),
        key: profile
            .token
            .as_deref()
            .and_then(|token| key(token.to_owned())),
        base: base.filter(|base| !base.is_empty()).map(str::to_owned),
        origin: Shown::line(&format!("profile {profile_name} in {name}{warning}")),
    }))
}

/// By name, else by the slug of the workspace, else by its name.
fn pick<'p, 'a>(
    profiles: &'p BTreeMap<Cow<'a, str>, Option<Profile<'a>>>,
    asked: &str,
) -> Option<(&'p str, &'p Profile<'a>)> {
    let mut known = profiles
        .iter()
        .filter_map(|(name, profile)| Some((name.as_ref(), profile.as_ref()?)));
    let workspace = |field: fn(&'p Workspace<'a>) -> &'p Option<Cow<'a, str>>| {
        move |profile: &'p Profile<'a>| {
            let workspace = profile.workspace.as_ref();
            workspace.and_then(|workspace| field(workspace).as_deref()) == Some(asked)
        }
    };
    let by_slug = workspace(|workspace| &workspace.slug);
    let by_name = workspace(|workspace| &workspace.name);
    known
        .clone()
        .find(|(name, _)| *name == asked)
        .or_else(|| known.clone().find(|(_, profile)| by_slug(profile)))
        .or_else(|| known.find(|(_, profile)| by_name(profile)))
}

fn names(profiles: &BTreeMap<Cow<'_, str>, Option<Profile<'_>>>) -> String {
    if profiles.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = profiles.keys().map(AsRef::as_ref).collect();
    names.join(", ")
}

fn key(text: String) -> Option<Secret> {
    let text = Secret::new(text);
    let trimmed = text.expose().trim();
    (!trimmed.is_empty()).then(|| Secret::new(trimmed))
}

/// A path as people write it, from `~`.
pub(super) fn short(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~{MAIN_SEPARATOR}{}", rest.display()),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const FILE: &str = r#"{
        "schema_version": 1, "current_profile": "acme", "later": {"x": [1]},
        "profiles": {
            "acme": {"token": " phak_acme_0001 ", "api_prefix": null, "workspace": null, "user": {"email": null}},
            "beta": {"token": "phak_beta_0002", "api_prefix": "https://beta.example/api/v1",
                     "workspace": {"name": "Beta Team", "slug": "beta-team"}},
            "empty": {"token": null},
            "gone": null
        }
    }"#;

    /// A home with this credentials file, readable by its owner only.
    fn home(file: &str) -> (TempDir, Environment) {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".phala-cloud");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("credentials.json");
        fs::write(&path, file).unwrap();
        set_mode(&path, 0o600);
        let environment = Environment {
            home: Some(home.path().to_owned()),
            ..Environment::default()
        };
        (home, environment)
    }

    #[cfg(unix)]
    fn set_mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn set_mode(_path: &Path, _mode: u32) {}

    fn found(key: Option<(&str, &str)>, base: &str) -> Found {
        Found {
            base: base.into(),
            key: key.map(|(key, origin)| (Secret::new(key), origin.into())),
            note: None,
        }
    }

    #[test]
    fn the_projects_file_names_a_profile_and_the_option_wins() {
        let (home, environment) = home(FILE);
        let project = |text: &str| {
            fs::write(home.path().join("phala.toml"), text).unwrap();
            Environment {
                project: Some(home.path().to_owned()),
                ..environment.clone()
            }
        };
        let tail = |environment: &Environment| environment.find().key.map(|(key, _)| key.tail());
        let beta = project("profile = 'beta'\nname = 'x'\n[later]\n");
        assert_eq!(tail(&beta).as_deref(), Some("****0002"));
        let option = Environment {
            profile: Some("acme".into()),
            ..beta
        };
        assert_eq!(tail(&option).as_deref(), Some("****0001"));
        assert_eq!(tail(&project("name = 'x'")).as_deref(), Some("****0001"));
        let broken = note(&project("profile = phak_secret"));
        assert_eq!(broken, "phala.toml in this folder is not understood");
        assert!(note(&project("profile = 'nope'")).contains("no profile nope"));
    }

    fn note(environment: &Environment) -> String {
        let found = environment.find();
        assert_eq!(found.key, None);
        found.note.unwrap().as_str().to_owned()
    }

    #[test]
    fn nothing_anywhere_is_no_key_and_no_note() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment {
            home: Some(home.path().to_owned()),
            ..Environment::default()
        };
        assert_eq!(environment.find(), found(None, DEFAULT_BASE));
        assert_eq!(Environment::default().find(), found(None, DEFAULT_BASE));
    }

    #[test]
    fn the_current_profile_is_used() {
        let (_home, environment) = home(FILE);
        let origin = files::as_here("profile acme in ~/.phala-cloud/credentials.json");
        let expected = found(Some(("phak_acme_0001", &origin)), DEFAULT_BASE);
        assert_eq!(environment.find(), expected);
    }

    #[test]
    fn a_profile_is_found_by_name_slug_and_workspace() {
        let (_home, environment) = home(FILE);
        for asked in ["beta", "beta-team", "Beta Team"] {
            let environment = Environment {
                profile: Some(asked.into()),
                ..environment.clone()
            };
            let origin = files::as_here("profile beta in ~/.phala-cloud/credentials.json");
            let base = "https://beta.example/api/v1";
            let expected = found(Some(("phak_beta_0002", &origin)), base);
            assert_eq!(environment.find(), expected, "{asked}");
        }
    }

    #[test]
    fn variables_beat_the_file() {
        let (_home, mut environment) = home(FILE);
        environment.profile = Some("beta".into());
        environment.key = Some(Secret::new("phak_variable"));
        let origin = Some(("phak_variable", "PHALA_CLOUD_API_KEY"));
        let expected = found(origin, "https://beta.example/api/v1");
        assert_eq!(environment.find(), expected);
        environment.base = Some("https://other.example/v1".into());
        let expected = found(origin, "https://other.example/v1");
        assert_eq!(environment.find(), expected);
    }

    #[test]
    fn another_folder_can_be_named() {
        let (home, _) = home(FILE);
        let folder = home.path().join(".phala-cloud");
        let environment = Environment {
            folder: Some(folder.clone()),
            ..Environment::default()
        };
        let (_, origin) = environment.find().key.unwrap();
        let path = folder.join("credentials.json");
        assert_eq!(
            origin.as_str(),
            format!("profile acme in {}", path.display())
        );
    }

    #[test]
    fn a_profile_without_a_token_is_no_key() {
        let (_home, mut environment) = home(FILE);
        environment.profile = Some("empty".into());
        assert_eq!(environment.find(), found(None, DEFAULT_BASE));
    }

    #[test]
    fn what_cannot_be_used_is_a_note() {
        let file = files::as_here("~/.phala-cloud/credentials.json");
        for (text, expected) in [
            (
                "{\"x\":",
                format!("{file} is not understood at line 1, column 5"),
            ),
            (
                "[]",
                format!("{file} is not understood at line 1, column 2"),
            ),
            ("{}", format!("{file} has a layout that is not known here")),
            (
                "{\"schema_version\": 2}",
                format!("{file} has a layout that is not known here"),
            ),
            (
                "{\"schema_version\": 1, \"profiles\": null}",
                format!("{file} names the profile default, but has none of that name"),
            ),
        ] {
            let (_home, environment) = home(text);
            assert_eq!(note(&environment), expected);
        }
        let (_home, mut environment) = home(FILE);
        environment.profile = Some("gone".into());
        let expected = format!("no profile gone in {file}; it has: acme, beta, empty, gone");
        assert_eq!(note(&environment), expected);
    }

    #[test]
    fn a_broken_file_never_quotes_a_key() {
        let (_home, environment) = home("{\"profiles\": {\"a\": {\"token\": phak_canary}}}");
        assert!(!note(&environment).contains("canary"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_pointed_out() {
        let (home, environment) = home(FILE);
        set_mode(&home.path().join(".phala-cloud/credentials.json"), 0o644);
        let (_, origin) = environment.find().key.unwrap();
        let origin = origin.as_str();
        assert!(
            origin.ends_with("(other users can read this file)"),
            "{origin}"
        );
    }

    #[test]
    fn a_profile_that_was_chosen_comes_before_the_variable_and_the_variable_before_the_file() {
        let (_home, environment) = home(FILE);
        let environment = Environment {
            key: Some(Secret::new("phak_variable_0009")),
            ..environment
        };
        let key = |environment: &Environment| {
            let (key, origin) = environment.find().key.unwrap();
            format!("{} from {origin}", key.tail())
        };
        assert_eq!(key(&environment), "****0009 from PHALA_CLOUD_API_KEY");
        let chosen = environment.with_profile("beta");
        assert!(key(&chosen).starts_with("****0002 from profile beta"));
    }
}
