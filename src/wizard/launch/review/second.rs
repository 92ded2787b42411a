//! The second request of a new app, which follows the confirmation: all of it that is known before the provision.

use crate::api::preview;
use crate::api::types::ComposeHash;
use crate::wizard::launch::brief::Brief;
use crate::wizard::page::{Line, counted, title};

/// How it will look.
pub(super) fn lines(brief: &Brief) -> Vec<Line> {
    let hash = match &brief.foretold {
        Ok(foretold) => ComposeHash::from(foretold.likeliest()).to_string(),
        Err(_) => "(as the provision names it)".to_owned(),
    };
    let values = match brief.seal.len() {
        0 => None,
        count => Some(format!(
            "({}, encrypted to the key {})",
            counted(count, "value"),
            match brief.plan.kms_chain() {
                Some(_) => "that the KMS signed for the app",
                None => "that the provision names",
            }
        )),
    };
    let base = brief.base.as_str().trim_end_matches('/');
    let mut lines = vec![
        Line::new(),
        title("And once you have confirmed, with the same headers"),
        Line::new()
            .strong("POST ")
            .plain(format!("{base}{}", brief.plan.commit_path())),
    ];
    let body = preview::creation(&brief.plan, &hash, values.as_deref());
    lines.extend(body.lines().map(Line::from));
    lines
}
