//! The pretend service's side of a sign-in: codes, what becomes of them, profiles, and where a key is kept.

use std::collections::VecDeque;

use phala_wizard::api::error::Error;
use phala_wizard::api::types::{Approval, DeviceCode};
use phala_wizard::secret::Secret;
use phala_wizard::wizard::event::{Answer, SignedIn};
use phala_wizard::wizard::signin::{Login, Places, Profile, Told};

pub const USER_CODE: &str = "WXKD-4471";

/// What a test can turn.
#[derive(Debug, Clone, Default)]
pub struct SignIn {
    /// What the next questions come to, in order; then it is approved.
    pub polls: VecDeque<Result<Approval, Error>>,
    /// The workspace of every new key; else the one of before.
    pub workspace: Option<&'static str>,
    /// Nothing can be written.
    pub disk_is_full: bool,
    /// The file must be left alone.
    pub file_blocked: bool,
}

impl SignIn {
    /// What is said to this, where a good key is said to be `good`.
    pub fn answer(&mut self, login: &Login, good: SignedIn) -> Answer {
        Answer::Login(match login {
            Login::Begin => Told::Begun(Ok(code())),
            Login::Poll(_) => Told::Polled(
                self.polls
                    .pop_front()
                    .unwrap_or_else(|| Ok(Approval::Token(Secret::new("phak_approved_0123")))),
            ),
            Login::Enter(_) | Login::Use(_) => return Answer::SignedIn(self.elsewhere(good)),
            Login::Profiles => Told::Profiles(Ok(profiles())),
            Login::Places => Told::Places(Box::new(self.places())),
            Login::Keep(_) if self.disk_is_full => Told::Kept(Err("the disk is full".into())),
            Login::LayDown => Told::LaidDown(Ok(())),
            Login::Keep(_) => {
                Told::Kept(Ok("profile acme in ~/.phala-cloud/credentials.json".into()))
            }
        })
    }

    /// The same sign-in, of the workspace that was set.
    pub fn elsewhere(&self, good: SignedIn) -> SignedIn {
        match (good, self.workspace) {
            (
                SignedIn::Yes {
                    host,
                    base,
                    key,
                    mut identity,
                    elsewhere,
                },
                Some(workspace),
            ) => {
                identity.workspace = workspace.into();
                identity.slug = Some(workspace.into());
                SignedIn::Yes {
                    host,
                    base,
                    key,
                    identity,
                    elsewhere,
                }
            }
            (good, _) => good,
        }
    }

    fn places(&self) -> Places {
        Places {
            file: "~/.phala-cloud/credentials.json".into(),
            profile: "acme".into(),
            replaces: true,
            file_blocked: self
                .file_blocked
                .then(|| "credentials.json is a link, and is left as it is".into()),
            shadowed: false,
            keyring: Some(Ok(
                "the kernel's: it forgets at a restart, and after some days without use".into(),
            )),
        }
    }
}

fn code() -> DeviceCode {
    DeviceCode {
        code: Secret::new("canary-device-code"),
        user_code: USER_CODE.into(),
        page: "https://cloud.example/device".into(),
        page_with_code: Some("https://cloud.example/device?code=WXKD-4471".into()),
        expires_in: 600,
        interval: 5,
    }
}

fn profiles() -> Vec<Profile> {
    let profile = |name: &str, workspace: &str, is_current| Profile {
        name: name.into(),
        key_name: name.to_owned(),
        workspace: Some(workspace.into()),
        user: Some("dana".into()),
        host: "api.example".into(),
        tail: Some("****09c1".to_owned()),
        is_current,
    };
    vec![
        profile("acme", "Acme", true),
        profile("acme-lab", "Acme Lab", false),
        Profile {
            tail: None,
            ..profile("beta", "Beta Team", false)
        },
    ]
}
