//! The values of a new app, encrypted as soon as its key is known: with the answer to its provision.
//!
//! It happens before that answer is written down, so that whoever goes on later has the ciphertext and needs no value.

use crate::api::error::{Error, ErrorKind};
use crate::api::types::Prepared as Answered;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::trust::env_blob;

/// The same answer with the values in it, encrypted. One without a key that they can be encrypted to is of no use.
pub(super) fn sealed(
    answer: Answered,
    values: &[(String, Secret)],
    asked: &Shown,
) -> Result<Answered, Error> {
    let mut answer = answer;
    let Answered::Ticket(ticket) = &mut answer else {
        return Ok(answer);
    };
    let Some(provision) = ticket.provision.as_mut().filter(|_| !values.is_empty()) else {
        return Ok(answer);
    };
    let key = provision.env_key.as_ref();
    let key = key.ok_or_else(|| "it names no key for the values".to_owned());
    let sealed = key.and_then(|key| env_blob::seal_hex(key.as_str(), values));
    match sealed {
        Ok(hex) => provision.sealed = Some(hex),
        Err(cause) => {
            return Err(Error {
                asked: asked.clone(),
                tries: 1,
                kind: ErrorKind::Garbled {
                    status: 200,
                    cause: Shown::line(&cause),
                    excerpt: Shown::default(),
                },
            });
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::{ComposeHash, Provision, Ticket};

    const KEY: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

    fn ticket(provision: Option<Provision>) -> Answered {
        let hash = ComposeHash::from([7; 32]);
        Answered::Ticket(Box::new(Ticket {
            token: Secret::new(hash.to_string()),
            compose_hash: hash,
            app: None,
            device: None,
            chain_id: None,
            hash_allowed: true,
            device_allowed: true,
            commit_url: None,
            provision,
        }))
    }

    fn provision(key: Option<&str>) -> Provision {
        Provision {
            env_key: key.map(Shown::line),
            ..Provision::default()
        }
    }

    fn values() -> Vec<(String, Secret)> {
        vec![("NAME".to_owned(), Secret::new("canary-value"))]
    }

    fn blob(answer: &Answered) -> Option<&str> {
        match answer {
            Answered::Ticket(ticket) => ticket.provision.as_ref()?.sealed.as_deref(),
            Answered::Created(_) => None,
        }
    }

    #[test]
    fn values_are_encrypted_with_the_answer_and_not_written_in_it() {
        let asked = Shown::line("POST /cvms/provision");
        let answer =
            sealed(ticket(Some(provision(Some(KEY)))), &values(), &asked).expect("an answer");
        let hex = blob(&answer).expect("a blob");
        // Key, nonce, tag and the shortest text that holds the value.
        assert!(hex.len() > 2 * (32 + 12 + 16 + "canary-value".len()));
        assert!(!format!("{answer:?}").contains("canary-value"));
        let none = sealed(ticket(Some(provision(Some(KEY)))), &[], &asked).expect("an answer");
        assert_eq!(blob(&none), None);
    }

    #[test]
    fn without_a_good_key_there_is_no_answer() {
        let asked = Shown::line("POST /cvms/provision");
        for key in [None, Some("00"), Some("not hex")] {
            let error =
                sealed(ticket(Some(provision(key))), &values(), &asked).expect_err("no key");
            assert!(!error.to_string().contains("canary-value"), "{error}");
            assert!(matches!(error.kind, ErrorKind::Garbled { status: 200, .. }));
        }
        // The ticket of an app that exists carries nothing of this.
        assert!(sealed(ticket(None), &values(), &asked).is_ok());
    }
}
