//! Pulling the images of a boot, in the words of docker without a terminal.
//!
//! Layers and their sizes are made up from the name of the image, so that they are the same in every run.

use crate::sandbox::{document::Service, moment::Moment, shapes::sha256};

/// Layers of an image.
const LAYERS: usize = 3;
/// Seconds between the beginnings of two images.
const APART: f64 = 1.0;

/// The lines from the beginning of the pulling to its end; images and their layers come side by side.
pub(super) fn lines(services: &[Service], from: Moment, to: Moment) -> Vec<(Moment, String)> {
    let mut lines = Vec::new();
    let mut begin = from;
    for service in services {
        begin = begin.plus(APART).min(to);
        image(service, begin, to.since(begin), &mut lines);
    }
    lines.sort_by_key(|line| line.0);
    lines
}

fn image(service: &Service, begin: Moment, length: f64, lines: &mut Vec<(Moment, String)>) {
    let name = &service.name;
    let digest = sha256(&service.image);
    let mut say = |part: f64, text: String| {
        lines.push((begin.plus(length * part), format!("{name} {text}")));
    };
    say(0.0, "Pulling".to_owned());
    for (place, digits) in digest.as_bytes().chunks(12).take(LAYERS).enumerate() {
        let layer = String::from_utf8_lossy(&digits[..6]);
        let draw = u32::from(digits[7]) * 16 + u32::from(digits[9]);
        let megabytes = 4.0 + f64::from(draw % 900) / 10.0;
        // Each layer is there a little later than the one before.
        let from = 0.04 + 0.08 * part_of(place);
        let to = 0.45 + 0.5 * part_of(place + 1);
        let at = |part: f64| from + (to - from) * part;
        say(from, format!("{layer} Pulling fs layer"));
        for part in [0.15, 0.4, 0.65] {
            let so_far = megabytes * (part + 0.1);
            say(
                at(part),
                format!("{layer} Downloading {so_far:.1}MB/{megabytes:.1}MB"),
            );
        }
        say(at(0.8), format!("{layer} Download complete"));
        say(at(0.85), format!("{layer} Extracting"));
        say(at(1.0), format!("{layer} Pull complete"));
    }
    say(1.0, "Pulled".to_owned());
}

/// How far along the layers this one is, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
fn part_of(place: usize) -> f64 {
    place as f64 / LAYERS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulling_is_spread_over_its_time_and_ends_with_it() {
        let service = |name: &str| Service {
            name: name.to_owned(),
            image: format!("example/{name}:1"),
            ports: Vec::new(),
        };
        let from = Moment::from_unix(0);
        let to = from.plus(76.0);
        let lines = lines(&[service("api"), service("worker")], from, to);
        assert_eq!(lines.len(), 2 * (2 + LAYERS * 7));
        assert!(lines.is_sorted_by_key(|line| line.0));
        let (first, last) = (&lines[0], &lines[lines.len() - 1]);
        assert_eq!(first, &(from.plus(1.0), "api Pulling".to_owned()));
        assert_eq!(last, &(to, "worker Pulled".to_owned()));
        // Something is said in every tenth of the time.
        for tenth in 0..10 {
            let since = from.plus(7.6 * f64::from(tenth));
            let so_many = lines.iter().filter(|line| {
                let after = line.0.since(since);
                (0.0..=7.6).contains(&after)
            });
            assert!(so_many.count() > 0, "{tenth}");
        }
        let layers = |name: &str| {
            let is_layer = |line: &&(Moment, String)| {
                line.1.starts_with(name) && line.1.ends_with("Pull complete")
            };
            lines.iter().filter(is_layer).count()
        };
        assert_eq!((layers("api "), layers("worker ")), (LAYERS, LAYERS));
    }
}
