//! stub
use crate::chain::key::Key;
use crate::chain::transaction::{Signed, Unsigned};
use crate::shown::Shown;
use crate::wizard::keys::{FoundKey, KeySource, Opened, Password};
use std::sync::{Arc, Mutex, PoisonError, Weak};
#[derive(Debug, Default)]
pub(super) struct Signer {
    open: Mutex<Weak<Mutex<Option<Key>>>>,
}
#[derive(Debug, Clone)]
pub(super) struct Held(Arc<Mutex<Option<Key>>>);
impl Signer {
    pub(super) async fn list(&self) -> Vec<FoundKey> {
        Vec::new()
    }
    pub(super) async fn open(
        &self,
        source: KeySource,
        _password: Password,
    ) -> Result<(Opened, Held), Shown> {
        let KeySource::Typed(text) = source else {
            return Err("stub".into());
        };
        let key = Key::parse(&text).map_err(|e| Shown::line(&e.to_string()))?;
        let address = key.address();
        let slot = Arc::new(Mutex::new(Some(key)));
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&slot);
        Ok((
            Opened {
                address,
                remarks: Vec::new(),
            },
            Held(slot),
        ))
    }
    pub(super) async fn sign(&self, unsigned: &Unsigned, more: bool) -> Result<Signed, Shown> {
        let slot = self
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade();
        let slot = slot.ok_or("the key is not open any more")?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = slot
            .as_ref()
            .map(|key| unsigned.sign(key))
            .ok_or("the key was wiped after it signed")?;
        if !more {
            *slot = None;
        }
        Ok(signed)
    }
}
