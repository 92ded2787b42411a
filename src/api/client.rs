//! stub
/// stub
pub const DEFAULT_BASE: &str = "https://cloud-api.phala.com/api/v1";
