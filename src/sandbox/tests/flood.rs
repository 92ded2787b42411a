//! A log nobody can read to its end: that only the lines of a span are made, each once and in order.

use super::*;

impl Visitor {
    /// Follows the log of the flooding service, such as with `&tail=10`.
    fn follows(&mut self, options: &str) -> crate::sandbox::Watch {
        let log = self.container_log("orders-api-1", 0);
        let reply = self.opened(&format!("{log}&bare&follow{options}"));
        let Delivery::Stream(watch) = reply.delivery else {
            panic!("a stream")
        };
        watch
    }

    /// The numbers of the lines that are new at this look.
    fn heard(&mut self, watch: &crate::sandbox::Watch) -> Vec<u64> {
        let (text, ends) = self.world.watched(self.now, self.now, watch);
        assert!(!ends);
        text.lines().map(number).collect()
    }
}

fn number(line: &str) -> u64 {
    assert!((90..=120).contains(&line.len()), "{line}");
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn is_gapless(numbers: &[u64]) -> bool {
    numbers.windows(2).all(|pair| pair[0] + 1 == pair[1])
}

#[test]
fn two_looks_hear_exactly_the_lines_in_between() {
    let mut visitor = Visitor::to("flood");
    let watch = visitor.follows("");
    assert_eq!(watch.interval, Duration::from_millis(100), "it looks often");
    let first = visitor.heard(&watch);
    assert_eq!(first.len(), 1000, "the last thousand");
    let mut all = first;
    for span in [0.1, 0.1, 0.0, 0.037, 1.0] {
        visitor.wait(span);
        let news = visitor.heard(&watch);
        let wanted = Duration::from_secs_f64(span * 10_000.0).as_secs();
        assert_eq!(news.len() as u64, wanted, "{span}");
        all.extend(news);
    }
    assert!(is_gapless(&all));
}

#[test]
fn whoever_was_away_hears_all_of_it_in_bearable_pieces() {
    let mut visitor = Visitor::to("flood");
    let watch = visitor.follows("&tail=1");
    let mut all = visitor.heard(&watch);
    assert_eq!(all.len(), 1);
    visitor.wait(5.0);
    for _ in 0..3 {
        let news = visitor.heard(&watch);
        assert!(news.len() <= 20_000, "{}", news.len());
        all.extend(news);
    }
    assert_eq!(all.len(), 1 + 50_000);
    assert!(is_gapless(&all));
}

#[test]
fn a_look_costs_no_more_after_weeks_than_after_a_second() {
    let mut visitor = Visitor::to("flood");
    // Two months at ten thousand a second: who made them all would not come back.
    let log = visitor.container_log("orders-api-1", 0);
    let numbers: Vec<u64> = visitor
        .lines(&format!("{log}&bare&tail=5"))
        .iter()
        .map(|line| number(line))
        .collect();
    assert!(numbers.len() == 5 && is_gapless(&numbers));
    assert!(numbers[0] > 50_000_000_000, "{}", numbers[0]);
    let recent = visitor.lines(&format!("{log}&bare&tail=5000&since=0.05s"));
    assert_eq!(
        recent.len(),
        510,
        "ten in a millisecond, and both ends count"
    );
    let greedy = visitor.lines(&format!("{log}&bare&tail=99999999"));
    assert_eq!(greedy.len(), 20_000);
}

#[test]
fn a_flood_goes_on_after_a_restart_and_other_services_stay_readable() {
    let mut visitor = Visitor::to("flood");
    let watch = visitor.follows("&tail=3");
    visitor.heard(&watch);
    visitor.post("/cvms/orders-api-1/restart", &json!({ "force": true }));
    visitor.wait(1.0);
    assert_eq!(visitor.heard(&watch), Vec::<u64>::new(), "it is off");
    visitor.wait(100.0);
    let news = visitor.heard(&watch);
    assert!(news[0] == 1 && is_gapless(&news), "counts from one again");
    let other = visitor.container_log("orders-api-1", 1);
    let lines = visitor.lines(&format!("{other}&bare"));
    assert!(lines.iter().any(|line| line.contains("beat")));
}
