//! Furnishes a world from its scenario: keys, nodes, apps with their history, instances that already run.

use super::{
    apps::{App, Revision},
    boot::Life,
    cvm::{Cvm, Draft, Size},
    document::Document,
    kms::Kms,
    moment::Moment,
    nodes::Node,
    rpc::{Founding, Ledger, test_address},
    scenario::{AppSpec, InstanceSpec, Scenario},
    world::World,
};

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3600.0;

/// Puts everything into an empty world that its scenario names.
pub(super) fn furnish(world: &mut World) {
    let scenario = world.scenario.clone();
    let Scenario {
        workspace,
        chains,
        kms,
        nodes,
        apps,
        ..
    } = &scenario;
    world.ledgers = chains
        .values()
        .map(|spec| Ledger::new(spec, world.start, &world.mint))
        .collect();
    world.kms = kms
        .iter()
        .map(|(slug, spec)| Kms::new(slug, spec, &world.mint))
        .collect();
    world.nodes = workspace
        .nodes
        .iter()
        .filter_map(|name| Some(Node::new(name, nodes.get(name)?, &world.mint)))
        .collect();
    for name in &workspace.apps {
        if let Some(spec) = apps.get(name) {
            let name = spec.name.as_ref().unwrap_or(name);
            add_app(world, name, spec);
        }
    }
    if let Some(like) = apps.get(&workspace.crowd_like) {
        for number in 0..workspace.crowd {
            add_app(world, &crowd_name(number), like);
        }
    }
    world.mine();
}

fn add_app(world: &mut World, name: &str, spec: &AppSpec) {
    let Some(kms) = world.kms.iter().position(|kms| kms.slug == spec.kms) else {
        return;
    };
    let app_id = world.mint.hex(&format!("app {name}"), 20);
    let created_at = world.start.plus(-spec.age_days * DAY);
    let deployer = spec
        .owned_by_test_key
        .then(|| format!("{:#x}", test_address(&world.mint)));
    let contract = world.found(
        kms,
        &app_id,
        Founding {
            owner: deployer.as_deref(),
            owner_kind: spec.owner.as_deref(),
            generation: spec.generation,
            allow_any_device: spec.allow_any_device,
            upgrades_disabled: spec.upgrades_disabled,
        },
    );
    let mut app = App {
        id: format!("prj_{}", &app_id[..8]),
        app_id,
        name: name.to_owned(),
        kms,
        created_at,
        contract,
        owner: spec.owner.clone(),
        deployer,
        owner_signs_after: spec.owner_signs_after,
        revisions: Vec::new(),
    };
    let documents: Vec<Document> = std::iter::once(&spec.compose)
        .chain(&spec.earlier)
        .map(|compose| Document::new(name, compose, &spec.pre_launch_script, &spec.allowed_envs))
        .collect();
    let cvms: Vec<Cvm> = spec
        .instances
        .iter()
        .filter_map(|instance| {
            running(
                world,
                &app,
                spec,
                instance,
                documents.get(instance.revision)?,
            )
        })
        .collect();
    app.revisions = history(&app, &documents, &cvms);
    let hashes = registered_hashes(&app, &documents);
    let devices = registered_devices(world, spec, &cvms, created_at);
    world.apps.push(app);
    world.cvms.extend(cvms);
    world.contract_history(world.apps.len() - 1, &hashes, &devices);
}

/// The compose hashes its contract allows, oldest first, with the moment of their registration.
fn registered_hashes(app: &App, documents: &[Document]) -> Vec<(Moment, String)> {
    let since = |document: &Document| {
        let revision = app
            .revisions
            .iter()
            .find(|revision| revision.document.hash() == document.hash());
        revision.map_or(app.created_at, |revision| revision.created_at)
    };
    let oldest_first = documents.iter().rev();
    oldest_first
        .map(|document| (since(document), document.hash()))
        .collect()
}

/// The devices its contract allows: those its instances are on, since they are there, and those the story names.
fn registered_devices(
    world: &World,
    spec: &AppSpec,
    cvms: &[Cvm],
    created_at: Moment,
) -> Vec<(Moment, String)> {
    let since = |node: &Node| {
        let first = cvms.iter().filter(|cvm| cvm.node == node.id);
        let named = spec.devices.contains(&node.name).then_some(created_at);
        named.or(first.map(|cvm| cvm.created_at).min())
    };
    let mut devices: Vec<_> = world
        .nodes
        .iter()
        .filter_map(|node| Some((since(node)?, node.device_id.clone())))
        .collect();
    devices.sort();
    devices
}

/// An instance that is there from the start. What it takes is not in the node's free figures.
fn running(
    world: &mut World,
    app: &App,
    spec: &AppSpec,
    instance: &InstanceSpec,
    document: &Document,
) -> Option<Cvm> {
    let node = world
        .nodes
        .iter()
        .find(|node| node.name == instance.node)?
        .id;
    let since = world.start.plus(-instance.age_hours * HOUR);
    let draft = Draft {
        app_id: app.app_id.clone(),
        name: Some(instance.name.clone()),
        node,
        instance_type: spec.instance_type.clone(),
        size: Size::from(world.instance_type(&spec.instance_type)),
        image: world.default_image(false),
        document: document.clone(),
        environment: Ok(super::environment::Environment::new()),
        encrypted_env: String::new(),
        listed: false,
    };
    let number = world.next_number();
    let mut cvm = Cvm::new(number, draft, &world.mint, since, Life::settled(since));
    if instance.stopped {
        cvm.begin("stop", Life::stopping(since.plus(HOUR), false));
    }
    Some(cvm)
}

/// One revision per compose file, newest first, evenly spread over the app's age.
fn history(app: &App, documents: &[Document], cvms: &[Cvm]) -> Vec<Revision> {
    let Some(first) = cvms.first() else {
        return Vec::new();
    };
    let oldest = documents.len() - 1;
    documents
        .iter()
        .enumerate()
        .map(|(age, document)| {
            let owner = cvms
                .iter()
                .find(|cvm| cvm.hash == document.hash())
                .unwrap_or(first);
            Revision {
                vm_uuid: owner.vm_uuid.clone(),
                document: document.clone(),
                created_at: moment_of(age, oldest, app.created_at, first.created_at),
                operation: if age == oldest { "create" } else { "update" },
                encrypted_env: String::new(),
            }
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a handful of revisions")]
fn moment_of(age: usize, oldest: usize, from: Moment, to: Moment) -> Moment {
    if oldest == 0 {
        return from;
    }
    from.plus(to.since(from) * (1.0 - age as f64 / oldest as f64))
}

fn crowd_name(number: usize) -> String {
    const FIRST: [&str; 10] = [
        "amber", "brisk", "calm", "dusty", "early", "frozen", "gentle", "hidden", "ivory", "jolly",
    ];
    const SECOND: [&str; 10] = [
        "ledger", "mirror", "notary", "oracle", "parser", "queue", "relay", "signer", "tracker",
        "vault",
    ];
    format!(
        "{}-{}-{:02}",
        FIRST[number % 10],
        SECOND[number / 10 % 10],
        number / 100
    )
}
