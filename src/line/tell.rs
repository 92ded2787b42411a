//! What is new where the wizard stands, compared with where it stood; and why it ends there, where it does.

mod chain;

use super::decide::{Orders, SoFar, Stay};
use super::news::{News, Trouble};
use crate::api::types::Container;
use crate::shown::Shown;
use crate::wizard::answers::{Problem, Stop};
use crate::wizard::event::Outcome;
use crate::wizard::status::{
    Cause, Life, Noted, Recalling, Rereading, Reviewing, Seeking, SignedOut, Status, Verdict,
};

/// What is new. `seconds` is the time at this place.
pub fn news(before: Option<&Status>, now: &Status, seconds: u64) -> Vec<News> {
    if before == Some(now) {
        return Vec::new();
    }
    match (before, now) {
        (before, Status::Reviewing(Reviewing::Ready(overview))) => match before {
            Some(Status::Reviewing(Reviewing::Ready(_))) => Vec::new(),
            _ => vec![News::plan(overview)],
        },
        (before, Status::Recalling(Recalling::Found(begun))) => match before {
            Some(Status::Recalling(Recalling::Found(_))) => Vec::new(),
            _ => vec![News::unfinished(begun)],
        },
        (Some(Status::Recalling(_) | Status::Refused { .. }), Status::Unknown { .. }) => {
            vec![News::Looking]
        }
        (_, Status::Preparing) => vec![News::Preparing],
        (_, Status::Rereading(Rereading::Changed(files))) => vec![News::FilesChanged {
            files: files.clone(),
        }],
        (before, Status::Chain(registration)) => chain::news(before, registration),
        (
            Some(Status::Preparing | Status::Unknown { .. }),
            Status::Asking {
                registered: Some(registration),
                ..
            },
        ) => vec![News::prepared(registration)],
        (
            Some(Status::Asking {
                before: Noted::Reading,
                ..
            }),
            Status::Asking {
                before: Noted::Known { alike },
                ..
            },
        ) if !alike.is_empty() => vec![News::Alike {
            instances: alike.clone(),
        }],
        (before, Status::Sent) if !matches!(before, Some(Status::Sent)) => vec![News::Creating],
        (Some(Status::Unknown { .. }), Status::Unknown { .. }) => Vec::new(),
        (
            _,
            Status::Unknown {
                error: Some(error), ..
            },
        ) => vec![News::AnswerLost {
            message: error.to_string(),
        }],
        (_, Status::Unknown { error: None, .. }) => vec![News::Looking],
        (Some(Status::Live(old)), Status::Live(life)) => changes(old, life, seconds),
        (before, Status::Live(life)) => {
            let found = matches!(before, Some(Status::Unknown { .. }));
            let mut news = vec![if life.made {
                News::created(life, found)
            } else {
                News::watching(life)
            }];
            news.extend(phase(None, life, seconds));
            // What is watched may have come up, or failed, long ago.
            if life.verdict != Verdict::Booting {
                news.push(News::verdict(life, seconds));
            }
            news
        }
        _ => Vec::new(),
    }
}

fn changes(old: &Life, life: &Life, seconds: u64) -> Vec<News> {
    let mut news = Vec::new();
    if let (None, Some(uuid)) = (&old.uuid, &life.uuid) {
        news.push(News::Identified {
            uuid: uuid.to_string(),
        });
    }
    news.extend(phase(old.phase.as_ref(), life, seconds));
    if old.verdict != life.verdict
        || life.verdict != Verdict::Booting && old.headline != life.headline
    {
        news.push(News::verdict(life, seconds));
    }
    // While more of its logs is still to come, a cause may yet rest on a better line.
    let told = |life: &Life| life.why.clone().filter(|_| life.settled);
    let why = told(life);
    if why != told(old) {
        news.extend(why.as_ref().map(News::cause));
    }
    if old.figures != life.figures {
        news.extend(life.figures.as_ref().map(News::stats));
    }
    if old.unread != life.unread {
        let unread = life.unread.as_ref();
        news.extend(unread.map(|(log, message)| News::LogUnread {
            log: log.to_string(),
            message: message.clone(),
        }));
    }
    if are_others(&old.containers, &life.containers) {
        news.push(News::containers(&life.containers));
    }
    if old.addresses != life.addresses {
        let addresses = life.addresses.iter();
        news.push(News::Addresses {
            addresses: addresses.map(ToString::to_string).collect(),
        });
    }
    if old.proof != life.proof {
        news.extend(life.proof.as_ref().map(News::proof));
    }
    news
}

/// Whether something else is told of a container than the time that went by.
fn are_others(old: &[Container], new: &[Container]) -> bool {
    let told = |all: &[Container]| -> Vec<(Shown, Shown, bool)> {
        all.iter()
            .map(|one| {
                let is_unhealthy = one.status.as_str().contains("unhealthy");
                (one.name.clone(), one.state.clone(), is_unhealthy)
            })
            .collect()
    };
    told(old) != told(new)
}

fn phase(old: Option<&Shown>, life: &Life, seconds: u64) -> Option<News> {
    let phase = life.phase.as_ref()?;
    (old != Some(phase)).then(|| News::Phase {
        phase: phase.to_string(),
        seconds,
        usual: life.usual,
    })
}

/// Why it ends here, where that is not how it should.
pub fn reason(status: &Status, orders: &Orders, so_far: &SoFar) -> Option<News> {
    let trouble = match status {
        Status::SignedOut { why, .. } => signed_out(why),
        Status::Recalling(recalling) => not_recalled(recalling)?,
        Status::Choosing { stop, .. } => stopped(stop.as_ref()?),
        Status::Reviewing(Reviewing::Failed(why)) => {
            Trouble::new(format!("the values could not be encrypted: {why}"))
        }
        Status::Reviewing(Reviewing::Ready(_)) if orders.prepare_only => Trouble {
            option: Some("--yes"),
            ..Trouble::new(
                "nothing was sent: no contract governs this app, so preparing it may create an instance at once; \
                 --yes creates it",
            )
        },
        Status::Reviewing(Reviewing::Ready(overview)) if !overview.changed.is_empty() => {
            changed(&overview.changed, so_far)
        }
        Status::Reviewing(_) => Trouble {
            option: Some("--yes"),
            ..Trouble::new("nothing was sent: this is what --yes would do")
        },
        Status::Unprepared(error) if !error.left() => {
            Trouble::of("not prepared: this was not sent", error)
        }
        Status::Unprepared(error) => Trouble::of("not prepared, nothing was created", error),
        Status::Doubt { named, computed } => Trouble::new(format!(
            "the service names the compose hash 0x{named}, and what was planned gives 0x{computed}: another content. \
             Nothing was created. Ask the service what it changed, with both hashes"
        )),
        Status::Chain(registration) => chain::unregistered(registration, orders, so_far)?,
        Status::Asking {
            registered: Some(registration),
            ..
        } if registration.hash_checked == Some(false) => chain::another_content(registration),
        Status::Asking { .. } if orders.prepare_only => return None,
        Status::Asking { .. } if so_far.confirmed => chain::asked_anew(),
        Status::Asking {
            before: Noted::Unread(error),
            ..
        } => Trouble::of(
            "nothing was created, because the app's instances could not be listed before",
            error,
        ),
        Status::Asking { .. } => unconfirmed(),
        Status::Unknown {
            error,
            outcome,
            candidates,
            ..
        } => {
            let why = not_found(*outcome, candidates.len());
            let trouble = error.as_ref().map(|error| Trouble::of(why, error));
            Trouble {
                usable: candidates.iter().map(|one| one.told.clone()).collect(),
                readable: candidates.iter().map(|one| one.said.clone()).collect(),
                ..trouble.unwrap_or_else(|| Trouble::new(why))
            }
        }
        Status::Refused { cause, error } => Trouble::of(
            match cause {
                Cause::Token => "the commit token is no longer good",
                Cause::Transaction => {
                    "the transaction does not prove the registration; nothing was created"
                }
                Cause::NotAllowed => "the contract says no; nothing was created",
                Cause::Other if !error.left() => "this was not sent",
                Cause::Other if error.never_arrived() => {
                    "the service was not reached; nothing was created"
                }
                Cause::Other => "the service said no; nothing was created",
            },
            error,
        ),
        Status::Seeking(seeking) => sought(seeking)?,
        Status::Live(life) => return not_running(life, orders),
        Status::SigningIn | Status::Rereading(_) | Status::Preparing | Status::Sent => return None,
    };
    Some(News::Error(Box::new(trouble)))
}

fn changed(files: &[String], so_far: &SoFar) -> Trouble {
    let so_far = if so_far.prepared {
        "It was prepared, and nothing was created"
    } else {
        "Nothing was sent"
    };
    Trouble::new(format!(
        "changed on the disk after the plan was shown: {}. {so_far}. Run it again to deploy what the files say now",
        files.join(", ")
    ))
}

fn signed_out(why: &SignedOut) -> Trouble {
    match why {
        SignedOut::NoKey(note) => {
            let note = note.as_ref().map(|note| format!("; {note}"));
            Trouble::new(format!(
                "there is no API key: phala-wizard login, or set PHALA_CLOUD_API_KEY{}",
                note.unwrap_or_default()
            ))
        }
        SignedOut::No(error) if error.is_signed_out() => {
            Trouble::of("the service does not accept this key", error)
        }
        SignedOut::No(error) => Trouble::of("it could not be asked whose key this is", error),
        SignedOut::NoSandbox(why) => Trouble {
            option: Some("--sandbox"),
            ..Trouble::new(format!("the sandbox did not start: {why}"))
        },
    }
}

fn not_recalled(recalling: &Recalling) -> Option<Trouble> {
    Some(match recalling {
        Recalling::Reading | Recalling::Opening => return None,
        Recalling::Found(_) => unconfirmed(),
        Recalling::Missing(why) => Trouble {
            option: Some("--id"),
            ..Trouble::new(why.to_string())
        },
        Recalling::Refused(why) => Trouble::new(format!("nothing was sent: {why}")),
    })
}

/// Why it ends while the instance is looked for, with this outcome and so many that could be it.
fn not_found(outcome: Outcome, candidates: usize) -> &'static str {
    match (outcome, candidates) {
        (Outcome::Unknown, 0) => "sent once, and no instance of it was found; it may still appear",
        (Outcome::Unknown, 1) => {
            "sent once, and one new instance could be the one, while others appeared too; phala-wizard resume asks"
        }
        (Outcome::Unknown, _) => "sent once, and several new instances could be the one",
        (Outcome::TokenDead, 1..) => {
            "the commit token is no longer good, and new instances could be of it; phala-wizard resume asks"
        }
        (_, 1..) => "new instances could be the one; nothing was sent",
        (Outcome::TokenDead, 0) => {
            "the commit token is no longer good, and no instance of it was found"
        }
        (_, 0) => "the app's instances could not be listed, so nothing was sent",
    }
}

fn unconfirmed() -> Trouble {
    Trouble {
        option: Some("--yes"),
        ..Trouble::new("nothing was sent: --yes is the confirmation that creates")
    }
}

fn stopped(stop: &Stop) -> Trouble {
    let trouble = match &stop.problem {
        Problem::Unusable(why) | Problem::NotFound(why) => Trouble::new(why.clone()),
        // No option mends what the service did not say.
        Problem::Trouble(error) => return Trouble::of("the service did not say", error),
    };
    Trouble {
        option: Some(stop.question.option()),
        usable: stop.usable.clone(),
        ..trouble
    }
}

fn sought(seeking: &Seeking) -> Option<Trouble> {
    Some(match seeking {
        Seeking::Asking => return None,
        Seeking::Unreadable => Trouble::new(
            "that names no instance: give its uuid, its instance id, its name, or the id of its app",
        ),
        Seeking::Several(instances) => Trouble {
            usable: instances.clone(),
            ..Trouble::new("the app has several instances: name one of them")
        },
        Seeking::None => Trouble::new("the app has no instance"),
        Seeking::Failed(error) => Trouble::of("the instance could not be found", error),
    })
}

fn not_running(life: &Life, orders: &Orders) -> Option<News> {
    let message = match life.verdict {
        Verdict::Running => return None,
        Verdict::Failed | Verdict::Gone | Verdict::Deleted => life.headline.clone(),
        _ if orders.stay == Stay::No => return None,
        _ => {
            let headline = life.headline.trim_end_matches('.');
            format!("{headline}; it was watched for {} s", orders.timeout)
        }
    };
    Some(News::error(message))
}
