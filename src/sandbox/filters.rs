//! Which apps a list shows: search and filters of `GET /apps`, and the values they can have.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    apps::App,
    chain::normal,
    cvm::Cvm,
    message::{Reply, Request},
    nodes::Node,
    refusal::Refusal,
    world::World,
};

/// What somebody looks for. All but the search must fit exactly.
pub(super) struct Filter<'a> {
    search: String,
    statuses: Vec<&'a str>,
    listed: Option<bool>,
    base_image: Option<&'a str>,
    instance_type: Option<&'a str>,
    kms_slug: Option<&'a str>,
    kms_type: Option<&'a str>,
    node: Option<&'a str>,
    region: Option<&'a str>,
}

impl<'a> Filter<'a> {
    pub(super) fn read(request: &'a Request) -> Result<Self, Refusal> {
        let listed = request.flag("listed")?;
        let given = |name| request.parameter(name).filter(|text| !text.is_empty());
        Ok(Self {
            search: given("search").unwrap_or_default().to_lowercase(),
            statuses: request.parameters("status").collect(),
            listed,
            base_image: given("base_image"),
            instance_type: given("instance_type"),
            kms_slug: given("kms_slug"),
            kms_type: given("kms_type"),
            node: given("node"),
            region: given("region"),
        })
    }

    /// An app fits if it does itself, and one of its instances does.
    pub(super) fn fits(&self, world: &World, app: &App) -> bool {
        let kms = world.kms_of(app);
        world.mentions(app, &self.search)
            && self.kms_slug.is_none_or(|slug| slug == kms.slug)
            && self.kms_type.is_none_or(|word| word == kms.kind())
            && (!self.asks_for_instances()
                || world.cvms_of(app).any(|cvm| self.fits_cvm(world, cvm)))
    }

    fn asks_for_instances(&self) -> bool {
        !self.statuses.is_empty()
            || self.listed.is_some()
            || [self.base_image, self.instance_type, self.node, self.region]
                .iter()
                .any(Option::is_some)
    }

    fn fits_cvm(&self, world: &World, cvm: &Cvm) -> bool {
        let node = world.node(cvm.node);
        let same = |wanted: Option<&str>, has: Option<&str>| {
            wanted.is_none_or(|wanted| has == Some(wanted))
        };
        (self.statuses.is_empty() || self.statuses.contains(&cvm.state(world.now).status))
            && self.listed.is_none_or(|listed| listed == cvm.listed)
            && same(self.base_image, Some(&cvm.image))
            && same(self.instance_type, Some(&cvm.instance_type))
            && same(self.node, node.map(|node| node.name.as_str()))
            && same(self.region, node.map(|node| node.region.as_str()))
    }
}

impl World {
    /// Seven lists, none of which may be missing.
    pub(super) fn filter_options(&self) -> Reply {
        let state = |cvm: &Cvm| cvm.state(self.now).status.to_owned();
        let node = |cvm: &Cvm, word: fn(&Node) -> &str| {
            let node = self.node(cvm.node);
            node.map(word).unwrap_or_default().to_owned()
        };
        let apps = |word: fn(&World, &App) -> String| -> Value {
            distinct(self.apps.iter().map(|app| word(self, app)))
        };
        let answer = json!({
            "statuses": distinct(self.cvms.iter().map(state)),
            "image_versions": distinct(self.cvms.iter().map(|cvm| cvm.image.clone())),
            "instance_types": distinct(self.cvms.iter().map(|cvm| cvm.instance_type.clone())),
            "kms_slugs": apps(|world, app| world.kms_of(app).slug.clone()),
            "kms_types": apps(|world, app| world.kms_of(app).kind().to_owned()),
            "regions": distinct(self.cvms.iter().map(|cvm| node(cvm, |node| &node.region))),
            "nodes": distinct(self.cvms.iter().map(|cvm| node(cvm, |node| &node.name))),
        });
        Reply::json(200, &answer)
    }

    fn mentions(&self, app: &App, search: &str) -> bool {
        search.is_empty()
            || app.name.to_lowercase().contains(search)
            || app.app_id.contains(&normal(search))
            || self
                .cvms_of(app)
                .any(|cvm| cvm.vm_uuid.contains(search) || cvm.instance_id.contains(search))
    }
}

fn distinct(words: impl Iterator<Item = String>) -> Value {
    words
        .filter(|word| !word.is_empty())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}
