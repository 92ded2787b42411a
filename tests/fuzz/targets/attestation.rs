//! Fuzzes what `bodies/attestation.rs` does.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| phala_wizard_fuzz::attestation::run(data));
