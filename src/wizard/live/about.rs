//! What is known of an instance beside what is heard of it: from the plan it was made by, or from the service's list.

use crate::api::types::{AppId, Found};
use crate::secret::mask::Mask;
use crate::shown::Shown;
use crate::wizard::facts::Session;
use crate::wizard::form::app::price_words;
use crate::wizard::form::node::size_words;
use crate::wizard::launch::brief::{Brief, Run};

/// What is known of an instance from elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// Its app; `None` where the service does not say.
    pub app: Option<AppId>,
    /// What it is called as long as the service has no name for it.
    pub name: Shown,
    /// Where it was to be made, in words.
    pub place: String,
    /// Its size, in words; empty where it is not known.
    pub size: String,
    /// Its price, in words, where the service says one.
    pub price: Option<String>,
    /// Whether it runs another content than the app's other instances.
    pub changed: bool,
    /// Whether all of this is made up.
    pub sandbox: bool,
    /// Names of the variables that this deployment sets.
    pub env_names: Vec<String>,
    /// Their values, to be hidden in logs.
    pub mask: Mask,
    /// How it came on screen.
    pub origin: Origin,
}

/// How an instance came on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was made here, and the answers it was made from are in the form.
    Made,
    /// It was made by an earlier run of the program.
    TakenUp,
    /// Somebody wanted to watch it.
    Watched,
}

impl About {
    /// What a plan says of the instance it made.
    pub fn brief(brief: &Brief) -> Self {
        Self {
            app: Some(brief.plan.app),
            name: brief.plan.name.clone(),
            place: brief.place(),
            size: brief.size.clone(),
            price: brief.price.clone(),
            changed: brief.plan.compose.is_some() || brief.plan.env.is_some(),
            sandbox: brief.sandbox,
            env_names: brief.env_names.clone(),
            mask: brief.mask.clone(),
            origin: match brief.run {
                Run::This => Origin::Made,
                Run::Earlier => Origin::TakenUp,
            },
        }
    }

    /// What the service says of an instance that somebody wants to watch.
    pub fn found(found: &Found, session: &Session) -> Self {
        let resource = &found.instance.resource;
        Self {
            app: found.app,
            name: found.instance.name.clone(),
            place: "-".to_owned(),
            size: size_words(resource),
            price: price_words(resource),
            changed: false,
            sandbox: session.sandbox.is_some(),
            env_names: Vec::new(),
            mask: Mask::default(),
            origin: Origin::Watched,
        }
    }
}
