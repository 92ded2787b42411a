//! Which size the first instance can have: what is left of the workspace's limits and on the nodes decides.

use super::left;
use crate::api::types::{Node, Size};
use crate::wizard::facts::Facts;

/// Why an instance of this size cannot be made here; `None` where it can, or where nothing speaks against it.
pub fn unfit(size: &Size, facts: &Facts) -> Option<String> {
    if size.gpu {
        return Some("needs a GPU: not from here yet; phala deploy takes one".into());
    }
    let wants = [
        ("vm_slots", Some(1.0), "instances"),
        ("vcpu", size.vcpu, "vCPU"),
        ("memory_mb", size.memory_mb, "MB of memory"),
    ];
    if let Some(quotas) = facts.quotas.get() {
        for (name, want, unit) in wants {
            if let (Some(left), Some(want)) = (left(quotas, name), want)
                && want > left
            {
                return Some(format!(
                    "the workspace has {left:.0} {unit} left, and it takes {want:.0}"
                ));
            }
        }
    }
    let nodes = &facts.nodes.get()?.nodes;
    let room = nodes.is_empty() || nodes.iter().any(|node| has_room(node, size));
    (!room).then(|| "no node has room for it now".into())
}

fn has_room(node: &Node, size: &Size) -> bool {
    let enough = |left: Option<f64>, want: Option<f64>| {
        left.zip(want).is_none_or(|(left, want)| left >= want)
    };
    node.slots != Some(0) && enough(node.vcpu, size.vcpu) && enough(node.memory_mb, size.memory_mb)
}

/// The place of the cheapest size that can be had; of several at one price, the first.
pub fn smallest(sizes: &[Size], facts: &Facts) -> Option<usize> {
    let price = |size: &Size| size.hourly.as_ref()?.as_str().parse::<f64>().ok();
    let usable = |(_, size): &(usize, &Size)| unfit(size, facts).is_none();
    let cheapest = |(_, one): &(usize, &Size), (_, other): &(usize, &Size)| {
        let cost = |size: &Size| price(size).unwrap_or(f64::MAX);
        cost(one).total_cmp(&cost(other))
    };
    let found = sizes.iter().enumerate().filter(usable).min_by(cheapest);
    found.map(|(index, _)| index)
}
