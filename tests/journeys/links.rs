//! What can be opened from the screen: an address leads to what it says, and nothing else leads anywhere.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a message to us"
)]

use std::collections::BTreeMap;

use phala_wizard::shown::Shown;
use phala_wizard::theme::Theme;
use phala_wizard::ui;
use phala_wizard::wizard::Start;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::cloud::Cloud;
use super::cockpit::typed;
use super::journey::Journey;

/// Where cells lead, and what stands in them, row by row.
fn linked(journey: &Journey, width: u16, height: u16) -> BTreeMap<String, Vec<String>> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut links = None;
    terminal
        .draw(|frame| {
            let theme = Theme::default();
            links = Some(ui::draw_linked(&journey.wizard, &theme, frame));
        })
        .unwrap();
    let links = links.unwrap();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let cells = &terminal.backend().buffer().content;
    for row in cells.chunks(usize::from(width)) {
        let marked = |cell: &&ratatui::buffer::Cell| cell.underline_color != Color::Reset;
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for cell in row.iter().filter(marked) {
            let address = links.find(cell.underline_color).expect("an address");
            *texts.entry(address.to_owned()).or_default() += cell.symbol();
        }
        for (address, text) in texts {
            found.entry(address).or_default().push(text);
        }
    }
    found
}

fn with_addresses(urls: &[&str]) -> Journey {
    let mut cloud = Cloud {
        hash_allowed: true,
        ..Cloud::default()
    };
    if let Ok(told) = &mut cloud.cockpit.network {
        told.urls = urls.iter().map(|url| Shown::line(url)).collect();
    }
    let mut journey = typed(cloud);
    journey.cloud.boots_well();
    journey.wait(10).sees("Running");
    journey.press("<right><right><right>").sees("The way there");
    journey
}

#[test]
fn an_address_leads_to_what_it_says_however_narrow_the_screen() {
    let (one, two) = (
        "https://f2e4c1a088d24c0eb5b6-8080.dstack-prod6.phala.network",
        "http://127.0.0.1:9090/path?a=b",
    );
    let journey = with_addresses(&[one, two]);
    for (width, height) in [(120, 40), (80, 24), (40, 24)] {
        let found = linked(&journey, width, height);
        let said: Vec<(&str, String)> = found
            .iter()
            .map(|(address, rows)| (address.as_str(), rows.concat()))
            .collect();
        assert_eq!(
            said,
            [(two, two.to_owned()), (one, one.to_owned())],
            "{width}"
        );
    }
    assert!(linked(&journey, 40, 24)[one].len() > 1, "it was wrapped");
}

#[test]
fn what_a_service_calls_an_address_and_is_none_leads_nowhere() {
    let good = "https://a-8080.example";
    let journey = with_addresses(&[
        "https://a.example/\u{1b}]8;;https://b.example\u{7}",
        "https://phala.com@b.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://a.example and more",
        good,
    ]);
    let found = linked(&journey, 100, 40);
    assert_eq!(found.into_keys().collect::<Vec<_>>(), [good]);
}

#[test]
fn what_stands_in_front_of_an_address_leads_nowhere() {
    let address = "https://f2e4c1a088d24c0eb5b6-8080.dstack-prod6.phala.network";
    let mut journey = with_addresses(&[address]);
    assert_eq!(linked(&journey, 100, 40).len(), 1);
    journey.press("?").sees("These keys work here");
    let left = linked(&journey, 100, 40);
    let rows: Vec<&String> = left.values().flatten().collect();
    assert!(
        rows.iter().all(|row| address.contains(row.as_str())),
        "{rows:?}"
    );
    let shown: usize = rows.iter().map(|row| row.len()).sum();
    assert!(shown < address.len(), "{rows:?}");
}

#[test]
fn the_page_where_a_key_is_made_is_one() {
    let cloud = Cloud {
        signed_in: false,
        ..Cloud::default()
    };
    let mut journey = Journey::begin(cloud, Start::default());
    journey.settle();
    journey.press("2").sees("Paste an API key");
    let found = linked(&journey, 80, 24);
    let made_at = "https://cloud.phala.com";
    assert_eq!(found[made_at].concat(), made_at);
}
