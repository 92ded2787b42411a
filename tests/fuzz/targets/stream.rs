//! Fuzzes what `bodies/stream.rs` does.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| phala_wizard_fuzz::stream::run(data));
