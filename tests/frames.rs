//! What each screen looks like at 80x24, and that it can be drawn at every size.

#[path = "support/cloud.rs"]
mod cloud;
#[path = "support/journey.rs"]
mod journey;

use cloud::Cloud;
use journey::Journey;

#[test]
fn look() {
    let mut j = Journey::signed_in(Cloud::default());
    for (w, h) in [(100, 30), (80, 24), (40, 12)] {
        println!("{}", j.frame_at(w, h));
    }
    j.press("<enter>");
    for (w, h) in [(100, 30), (80, 24), (40, 12)] {
        println!("{}", j.frame_at(w, h));
    }
    j.press("<enter><enter><enter><enter>");
    for (w, h) in [(100, 30), (80, 24), (40, 12)] {
        println!("{}", j.frame_at(w, h));
    }
    j.press("<tab>");
    println!("{}", j.frame_at(100, 30));
    j.press("<tab><tab>");
    println!("{}", j.frame_at(100, 30));
    j.press("<enter>");
    println!("{}", j.frame_at(100, 30));
    println!("{}", j.frame_at(80, 24));
    j.wait(10);
    j.press("<enter>");
    println!("{}", j.frame_at(100, 30));
    println!("{}", j.frame_at(40, 12));
    j.press("?");
    println!("{}", j.frame_at(100, 30));
}
