//! OS images: which ones there are, and which of them an instance runs or could run.

use serde_json::{Value, json};

use super::{
    message::{Reply, Request},
    refusal::{IMAGE_NOT_FOUND, Refusal},
    scenario::ImageSpec,
    world::{Answer, World, page},
};

impl World {
    pub(super) fn os_images(&self, request: &Request) -> Answer {
        let wanted = request.flag("is_dev")?;
        let items: Vec<Value> = self
            .newest_images()
            .filter(|(_, image)| wanted.is_none_or(|wanted| wanted == image.dev))
            .map(|(name, image)| {
                json!({
                    "name": name,
                    "slug": self.image_slug(name),
                    "version": dotted(image),
                    "os_image_hash": self.image_hash(name),
                    "is_dev": image.dev,
                    "requires_gpu": false,
                })
            })
            .collect();
        Ok(Reply::json(200, &page(request, &items, 20, 100)?))
    }

    /// One row per version, newest first, each with its production and its development build.
    pub(super) fn available_images(&self, id: &str) -> Answer {
        let cvm = self.cvm(id)?;
        let mut versions: Vec<&[u64; 3]> = self
            .newest_images()
            .map(|(_, image)| &image.version)
            .collect();
        versions.dedup();
        let rows: Value = versions
            .into_iter()
            .map(|version| {
                let build = |dev: bool| {
                    let mut all = self.scenario.images.iter();
                    all.find(|(_, image)| image.version == *version && image.dev == dev)
                        .map(|(name, _)| {
                            json!({
                                "name": name,
                                "slug": self.image_slug(name),
                                "os_image_hash": self.image_hash(name),
                                "is_current": *name == cvm.image,
                            })
                        })
                };
                json!({ "version": version, "prod": build(false), "dev": build(true) })
            })
            .collect();
        Ok(Reply::json(200, &rows))
    }

    /// What a node says of the images it has; all of them have all.
    pub(super) fn node_images(&self) -> Value {
        self.newest_images()
            .map(|(name, image)| {
                json!({
                    "name": name,
                    "slug": self.image_slug(name),
                    "is_dev": image.dev,
                    "version": image.version,
                    "os_image_hash": self.image_hash(name),
                    "requires_gpu": false,
                })
            })
            .collect()
    }

    /// `os` of CvmInfo.
    pub(super) fn os_shape(&self, name: &str) -> Value {
        let image = self.scenario.images.get(name);
        json!({
            "name": name,
            "version": image.map(dotted),
            "is_dev": image.is_some_and(|image| image.dev),
            "os_image_hash": self.image_hash(name),
        })
    }

    /// The newest image for production or development, which is taken if nobody names one.
    pub(super) fn default_image(&self, dev: bool) -> String {
        self.newest_images()
            .find(|(_, image)| image.dev == dev)
            .map(|(name, _)| name.to_owned())
            .unwrap_or_default()
    }

    /// The image of this name or slug.
    pub(super) fn image_named(&self, wanted: &str) -> Result<String, Refusal> {
        self.newest_images()
            .map(|(name, _)| name)
            .find(|name| *name == wanted || self.image_slug(name) == wanted)
            .map(str::to_owned)
            .ok_or_else(|| Refusal::coded(IMAGE_NOT_FOUND, "There is no such OS image"))
    }

    pub(super) fn image_hash(&self, name: &str) -> String {
        self.mint.hex(&format!("os image {name}"), 32)
    }

    fn image_slug(&self, name: &str) -> String {
        format!("{name}-{}", &self.image_hash(name)[..8])
    }

    /// By version, and production before development.
    fn newest_images(&self) -> impl Iterator<Item = (&str, &ImageSpec)> {
        let mut images: Vec<_> = self.scenario.images.iter().collect();
        images.sort_by(|(_, a), (_, b)| b.version.cmp(&a.version).then(a.dev.cmp(&b.dev)));
        images
            .into_iter()
            .map(|(name, image)| (name.as_str(), image))
    }
}

fn dotted(image: &ImageSpec) -> String {
    image.version.map(|part| part.to_string()).join(".")
}
