//! The questions and the two requests around a new app.
//!
//! A provision makes nothing and costs nothing, and is sent once all the same; so is the request that creates.

use super::Client;
use crate::api::decode;
use crate::api::error::Error;
use crate::api::preview;
use crate::api::types::{AppId, CreateBody, NextApp, Plan, Prepared, Size, Ticket};

impl Client {
    /// `GET /kms/phala/next_app_id` (5.3).
    pub async fn next_app(&self) -> Result<NextApp, Error> {
        let question = self.get(["kms", "phala", "next_app_id"]);
        self.0.read(question, decode::next_app).await
    }

    /// `GET /instance-types` (9.9).
    pub async fn sizes(&self) -> Result<Vec<Size>, Error> {
        let question = self.get(["instance-types"]);
        self.0.read(question, decode::sizes).await
    }

    /// `POST /cvms/provision`. Sent once.
    pub(super) async fn provision(&self, plan: &Plan) -> Result<Prepared, Error> {
        let mut question = self.post(["cvms", "provision"], preview::body(plan));
        question.limit = self.0.limits.creating;
        let answer = self.0.ask_once(&question).await?;
        let ticket = |bytes: &[u8]| {
            let ticket = decode::provision(&decode::json(bytes)?)?;
            Ok(Prepared::Ticket(Box::new(ticket)))
        };
        self.0.accept(&question, answer, ticket, &[])
    }

    /// `POST /cvms`: makes what was provisioned under this id. Sent once.
    pub async fn create_app(&self, app: AppId, ticket: &Ticket) -> Result<Prepared, Error> {
        let provision = ticket.provision.as_ref();
        let sealed = provision.and_then(|provision| provision.sealed.as_deref());
        let body = CreateBody::new(app, ticket.compose_hash.to_string(), sealed);
        let body = match provision {
            Some(provision) => body.founded(provision),
            None => body,
        };
        // A struct of texts always has a JSON form.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let mut question = self.post(["cvms"], body);
        question.limit = self.0.limits.creating;
        self.0.create(question, &[]).await
    }
}
