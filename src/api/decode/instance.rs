//! An instance in whichever of its shapes it comes.
//!
//! The service describes one thing in five ways, by version and endpoint: a row of 5.4, the older ones of 5.5 to 5.7,
//! and the answer to its creation (6.6). Each field is looked for under all of its names.

use super::line;
use super::look::Look;
use crate::api::types::{
    ComposeHash, CvmUuid, DeviceId, Instance, KmsInfo, NodeId, NodeRef, Resource,
};

/// Whatever this row says about an instance; nothing in it is needed.
pub(super) fn instance(row: Look) -> Instance {
    let hosted = row.at("hosted");
    let kms = row.at("kms_info");
    Instance {
        uuid: row.at("vm_uuid").or(hosted.at("id")).read(CvmUuid::parse),
        name: line(row.at("name").or(hosted.at("name"))),
        instance_id: row.at("instance_id").or(hosted.at("instance_id")).line(),
        status: line(row.at("status").or(hosted.at("status"))),
        in_progress: row.at("in_progress").is_true(),
        node: node_ref(row),
        compose_hash: row.at("compose_hash").read(ComposeHash::parse),
        resource: resource(row),
        image: row
            .at("os")
            .at("name")
            .or(row.at("base_image"))
            .or(hosted.at("image_version"))
            .line(),
        kms: KmsInfo {
            chain_id: kms.at("chain_id").whole(),
            contract: kms.at("dstack_app_address").line(),
            env_key: kms
                .at("encrypted_env_pubkey")
                .or(row.at("encrypted_env_pubkey"))
                .line(),
            kms_contract: kms
                .at("dstack_kms_address")
                .or(kms.at("kms_contract_address"))
                .line(),
            signer: kms.at("k256_pubkey").line(),
        },
        kms_word: row.at("kms_type").line(),
        urls: row
            .at("endpoints")
            .or(row.at("public_urls"))
            .rows()
            .flat_map(|urls| [urls.at("app").link(), urls.at("instance").link()])
            .flatten()
            .collect(),
        created_at: row.at("created_at").line(),
    }
}

/// `node_info`, or one of its older spellings: `node`, `teepod`, `teepod_id` beside `teepod_name`.
fn node_ref(row: Look) -> Option<NodeRef> {
    let info = row.at("node_info").or(row.at("node")).or(row.at("teepod"));
    let node = NodeRef {
        id: info
            .at("id")
            .or(row.at("teepod_id"))
            .or(row.at("node_id"))
            .whole()
            .map(NodeId),
        name: line(info.at("name").or(row.at("teepod_name"))),
        region: info
            .at("region")
            .or(info.at("region_identifier"))
            .or(row.at("region_identifier"))
            .line(),
        device: info.at("device_id").read(DeviceId::parse),
    };
    (node != NodeRef::default()).then_some(node)
}

fn resource(row: Look) -> Resource {
    let size = row.at("resource");
    Resource {
        kind: size.at("instance_type").or(row.at("instance_type")).line(),
        vcpu: size.at("vcpu").or(row.at("vcpu")).number(),
        memory_gb: size
            .at("memory_in_gb")
            .number()
            // The older shapes count memory in MB.
            .or_else(|| row.at("memory").number().map(|mb| mb / 1024.0)),
        disk_gb: size.at("disk_in_gb").or(row.at("disk_size")).number(),
        price: size.at("compute_billing_price").line(),
        period: size.at("billing_period").line(),
    }
}
