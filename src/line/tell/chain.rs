//! What is new at the chain step, and why it ends there.

use super::unconfirmed;
use crate::api::types::ComposeHash;
use crate::line::decide::{Orders, SoFar};
use crate::line::news::{News, Trouble};
use crate::wizard::status::{Registration, Status, Work};

/// What is new at the chain step.
pub(super) fn news(before: Option<&Status>, registration: &Registration) -> Vec<News> {
    let old = match before {
        Some(Status::Chain(old)) => Some(old),
        _ => None,
    };
    let mut news = Vec::new();
    if matches!(
        before,
        Some(Status::Preparing | Status::Sent | Status::Unknown { .. })
    ) {
        news.push(News::prepared(registration));
    }
    let needs = |registration: &Registration| {
        (
            registration.hash_allowed,
            registration.device_allowed,
            registration.all,
        )
    };
    if let Some(read) = &registration.read
        && old.is_none_or(|old| old.read.is_none())
    {
        news.push(News::contract_read(read));
    }
    if let Some(signer) = &registration.signer
        && old.is_none_or(|old| old.signer.as_ref() != Some(signer))
    {
        news.push(News::key_opened(signer));
    }
    for transaction in &registration.transactions {
        let known = old.is_some_and(|old| old.transactions.contains(transaction));
        if !known {
            news.push(News::transaction(transaction));
        }
    }
    if let Some(file) = &registration.handed
        && old.is_none_or(|old| old.handed.is_none())
    {
        news.push(News::HandedOver {
            file: file.to_string(),
        });
    }
    match old {
        Some(old) if needs(old) == needs(registration) => (),
        _ if registration.all => news.push(News::Registered),
        _ => news.push(News::waiting_for_chain(registration)),
    }
    news
}

/// Why it ends before the contract allowed everything; `None` where that is how it should.
pub(super) fn unregistered(
    registration: &Registration,
    orders: &Orders,
    so_far: &SoFar,
) -> Option<Trouble> {
    if registration.hash_checked == Some(false) {
        return Some(another_content(registration));
    }
    match &registration.work {
        Work::Forbidden { allowed } => return Some(not_that_hash(registration, allowed)),
        Work::Stopped(why) if !registration.all => {
            return Some(Trouble::new(format!(
                "{}; nothing was created",
                why.join("; ")
            )));
        }
        Work::Idle | Work::Busy | Work::Ready | Work::Stopped(_) => (),
    }
    if orders.prepare_only {
        return None;
    }
    if so_far.confirmed {
        return Some(asked_anew());
    }
    if !orders.yes {
        return Some(unconfirmed());
    }
    if registration.handed.is_some() && orders.wait_chain.is_none() {
        return None;
    }
    let (option, seconds) = match orders.wait_chain {
        Some(seconds) => ("--wait-chain", seconds),
        None => ("--timeout", orders.timeout),
    };
    Some(Trouble {
        option: Some(option),
        asked: registration
            .trouble
            .as_ref()
            .map(|error| error.asked.to_string()),
        ..Trouble::new(format!(
            "the contract did not allow it within {seconds} s; nothing was created"
        ))
    })
}

pub(super) fn another_content(registration: &Registration) -> Trouble {
    Trouble::new(format!(
        "the compose hash 0x{} is that of another content than was planned. Nothing was created. Only a person goes on \
         with it: phala-wizard resume",
        registration.hash
    ))
}

fn not_that_hash(registration: &Registration, allowed: &ComposeHash) -> Trouble {
    let hash = registration.hash;
    Trouble {
        option: Some("--allow-hash"),
        usable: vec![format!("0x{hash}")],
        ..Trouble::new(format!(
            "the compose hash is 0x{hash}, and 0x{allowed} was named: nothing was signed or created. Compare both with \
             your release before you name another"
        ))
    }
}

pub(super) fn asked_anew() -> Trouble {
    Trouble::new(
        "the service asks for a registration instead of creating; nothing was created, and nothing is sent again",
    )
}
