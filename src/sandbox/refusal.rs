//! Refusals in the shapes of the API reference (section 4.1): with a code (A), plain (C), per field (D), OAuth (F).
//!
//! It knows every code the sandbox uses and its status, not when to use one.

use serde_json::{Value, json};

use super::message::Reply;

/// A code of the catalogue with the status it travels under.
#[derive(Clone, Copy)]
pub(super) struct Code(pub(super) &'static str, pub(super) u16);

pub(super) const NODE_NOT_AVAILABLE: Code = Code("ERR-01-001", 404);
pub(super) const COMPOSE_REQUIRED: Code = Code("ERR-01-002", 400);
pub(super) const COMPOSE_INVALID: Code = Code("ERR-01-003", 400);
pub(super) const NAME_TAKEN: Code = Code("ERR-01-004", 409);
pub(super) const REGISTRATION_NEEDED: Code = Code("ERR-01-005", 465);
pub(super) const TOKEN_INVALID: Code = Code("ERR-01-006", 466);
pub(super) const TRANSACTION_UNVERIFIED: Code = Code("ERR-01-007", 467);
pub(super) const HASH_NOT_ALLOWED: Code = Code("ERR-01-008", 468);
pub(super) const NO_SUCH_TYPE: Code = Code("ERR-02-001", 400);
pub(super) const NO_RESOURCES: Code = Code("ERR-02-002", 400);
pub(super) const NODE_LACKS_VCPU: Code = Code("ERR-02-003", 400);
pub(super) const NODE_LACKS_MEMORY: Code = Code("ERR-02-004", 400);
pub(super) const NODE_LACKS_SLOTS: Code = Code("ERR-02-005", 400);
pub(super) const NO_GPU: Code = Code("ERR-02-007", 400);
pub(super) const INVALID_PARAMETERS: Code = Code("ERR-02-008", 400);
pub(super) const IMAGE_NOT_FOUND: Code = Code("ERR-02-010", 400);
pub(super) const NO_KMS_ON_NODE: Code = Code("ERR-02-011", 400);
pub(super) const QUOTA_REACHED: Code = Code("ERR-02-015", 400);
pub(super) const CVM_NOT_FOUND: Code = Code("ERR-03-001", 404);
pub(super) const SEVERAL_OF_NAME: Code = Code("ERR-03-002", 400);
pub(super) const APP_ID_TAKEN: Code = Code("ERR-03-007", 409);
pub(super) const SEVERAL_REVISIONS: Code = Code("ERR-03-009", 400);
pub(super) const SEVERAL_CVMS: Code = Code("ERR-03-010", 400);
/// Its status is a rule of the scenario.
pub(super) const BALANCE_TOO_LOW: &str = "ERR-04-001";

/// An answer other than the one asked for.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    /// Shape A. Without a `detail` member, which would hide the code from the official TypeScript client.
    pub(super) fn coded(Code(code, status): Code, message: impl Into<String>) -> Self {
        Self {
            status,
            body: json!({
                "error_code": code,
                "message": message.into(),
                "details": [],
                "suggestions": [],
                "links": [{
                    "url": "https://docs.phala.com/phala-cloud/references/error-codes",
                    "label": "Error codes",
                }],
            }),
        }
    }

    /// Shape C.
    pub(super) fn plain(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            body: json!({ "detail": text.into() }),
        }
    }

    /// Shape F, which only the poll of a device login reads.
    pub(super) fn oauth(error: &str, description: &str) -> Self {
        Self {
            status: 400,
            body: json!({ "detail": { "error": error, "error_description": description } }),
        }
    }

    /// Shape D with one entry.
    pub(super) fn field(problem: FieldProblem) -> Self {
        Self::fields(vec![problem])
    }

    /// Shape D.
    pub(super) fn fields(problems: Vec<FieldProblem>) -> Self {
        Self {
            status: 422,
            body: json!({ "detail": problems.into_iter().map(|problem| problem.0).collect::<Vec<_>>() }),
        }
    }

    /// Adds the `details` of shape A, each with a field name and its value.
    pub(super) fn with_details(
        mut self,
        details: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        self.body["details"] = details
            .into_iter()
            .map(|(field, value)| json!({ "field": field, "value": value, "message": null }))
            .collect();
        self
    }

    /// Adds one of the `suggestions` of shape A.
    pub(super) fn advising(mut self, advice: &str) -> Self {
        if let Some(list) = self.body["suggestions"].as_array_mut() {
            list.push(advice.into());
        }
        self
    }

    /// Shape D for a member of the body that must be there.
    pub(super) fn missing(field: &str) -> Self {
        Self::field(FieldProblem::body(field, "missing", "Field required"))
    }

    /// Shape D for a member of the body that cannot be used as it is.
    pub(super) fn value(field: &str, cause: &str) -> Self {
        let message = format!("Value error, {cause}");
        Self::field(FieldProblem::body(field, "value_error", &message))
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn into_reply(self) -> Reply {
        Reply::json(self.status, &self.body)
    }
}

/// One entry of a 422.
pub(super) struct FieldProblem(Value);

impl FieldProblem {
    pub(super) fn body(field: &str, kind: &str, message: &str) -> Self {
        Self(json!({ "type": kind, "loc": ["body", field], "msg": message }))
    }

    pub(super) fn whole_body(kind: &str, message: &str) -> Self {
        Self(json!({ "type": kind, "loc": ["body"], "msg": message }))
    }

    pub(super) fn query(field: &str, kind: &str, message: &str) -> Self {
        Self(json!({ "type": kind, "loc": ["query", field], "msg": message }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coded_refusal_never_carries_detail() {
        let reply = Refusal::coded(TOKEN_INVALID, "x").into_reply();
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(reply.status, 466);
        assert_eq!(body["error_code"], "ERR-01-006");
        assert!(body.get("detail").is_none());
    }
}
