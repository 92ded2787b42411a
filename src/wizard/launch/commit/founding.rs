//! What is particular about the confirmation of a new app: what its provision brought, and what people forget.

use crate::api::types::{Provision, Ticket};
use crate::wizard::form::app::shorten;
use crate::wizard::launch::brief::Brief;
use crate::wizard::page::{Line, Mark, counted};

/// What people forget about a new app.
pub(super) const FORGOTTEN: [&str; 2] = [
    "whoever knows its address reaches the ports it publishes, as soon as it runs",
    "its id and keys stay; another compose file later is another compose hash of the same app",
];

/// What was provisioned, a line each.
pub(super) fn lines(brief: &Brief, ticket: &Ticket) -> Vec<Line> {
    let label = |name| Line::label(name, 15);
    let hash = &ticket.compose_hash;
    let mut lines = vec![
        label("   app id").plain(format!("0x{}", shorten(&brief.plan.app.to_string()))),
        match (brief.plan.kms_chain(), &ticket.provision) {
            (Some(chain), Some(provision)) => label("   keys").mark(Mark::Ok).plain(format!(
                "its contract on {}{}",
                chain.name(),
                provision
                    .founded
                    .as_ref()
                    .map_or_else(String::new, |founded| format!(
                        ", owned by {}",
                        shorten(founded.owner.as_str())
                    ))
            )),
            _ => label("   keys").plain("Phala KMS: no contract and no transaction"),
        },
        label("   hash")
            .plain(format!("{}  ", hash.short()))
            .join(brief.hash_note(hash)),
    ];
    if let Some(Provision {
        env_key: Some(key),
        sealed: Some(_),
        ..
    }) = &ticket.provision
    {
        lines.push(
            label("   values")
                .mark(Mark::Ok)
                .plain(format!(
                    "{} encrypted here ",
                    counted(brief.env_names.len(), "value")
                ))
                .dim(format!("to 0x{}, the app's key", shorten(key.as_str()))),
        );
    }
    lines.push(
        label("   provision").dim("kept by the service for 14 days; nothing is billed for it"),
    );
    lines
}
