//! Fuzzes what `bodies/compose_file.rs` does.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| phala_wizard_fuzz::compose_file::run(data));
