//! What a new app can be made from: its id, and the sizes there are.
//!
//! What fits and what it costs in a month is not worked out here.

use serde_json::Value;

use super::look::Look;
use super::{Unreadable, missing, object};
use crate::api::types::{AppId, NextApp, Size};

/// `GET /kms/phala/next_app_id` (5.3): the first of the list.
pub fn next_app(value: &Value) -> Result<NextApp, Unreadable> {
    let next = |row: Look| {
        Some(NextApp {
            app: row.at("app_id").read(AppId::find)?,
            nonce: row.at("nonce").whole()?,
        })
    };
    let first = object(value)?.at("app_ids").rows().find_map(next);
    first.ok_or_else(|| missing("app_ids"))
}

/// `GET /instance-types` (9.9): the types of every family, in the service's order.
pub fn sizes(value: &Value) -> Result<Vec<Size>, Unreadable> {
    let families = object(value)?.at("result");
    if !families.is_list() {
        return Err(missing("result"));
    }
    let size = |row: Look| {
        Some(Size {
            id: row.at("id").line().filter(|id| !id.is_empty())?,
            vcpu: row.at("vcpu").number(),
            memory_mb: row.at("memory_mb").number(),
            disk_gb: row.at("default_disk_size_gb").number(),
            hourly: row.at("hourly_rate").line(),
            gpu: row.at("requires_gpu").is_true(),
        })
    };
    let rows = families.rows().flat_map(|family| {
        let rows: Vec<Look> = family.at("items").rows().collect();
        rows
    });
    Ok(rows.filter_map(size).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_next_app_is_the_first_one_that_can_be_read() {
        let app = "ab".repeat(20);
        let rows = json!({ "app_ids": [{ "app_id": "x" }, { "app_id": app, "nonce": 4 }] });
        let next = next_app(&rows).expect("an app");
        assert_eq!((next.app.to_string(), next.nonce), (app, 4));
        assert_eq!(next_app(&json!({ "app_ids": [] })), Err(missing("app_ids")));
        assert!(next_app(&json!([])).is_err());
    }

    #[test]
    fn sizes_come_from_every_family_and_odd_rows_are_passed_over() {
        let rows = json!({ "result": [
            { "name": "cpu", "items": [
                { "id": "tdx.small", "vcpu": 1, "memory_mb": 2048, "hourly_rate": "0.058", "requires_gpu": false,
                  "default_disk_size_gb": 20 },
                { "name": "nameless" },
            ], "total": 2 },
            { "name": "gpu", "items": [{ "id": "h200.small", "requires_gpu": true }], "total": 1 },
        ] });
        let sizes = sizes(&rows).expect("sizes");
        let ids: Vec<_> = sizes
            .iter()
            .map(|size| (size.id.as_str(), size.gpu))
            .collect();
        assert_eq!(ids, [("tdx.small", false), ("h200.small", true)]);
        assert_eq!(
            sizes[0].hourly.as_ref().map(crate::shown::Shown::as_str),
            Some("0.058")
        );
        assert_eq!(
            (sizes[0].memory_mb, sizes[0].disk_gb),
            (Some(2048.0), Some(20.0))
        );
        assert_eq!(sizes[1].vcpu, None);
        assert!(super::sizes(&json!({})).is_err());
    }
}
