//! Any text is an address or is not; an address reads as itself again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_model::address::{Address, PlusAddressing};

fuzz_target!(|text: &str| {
    for plus in [PlusAddressing::Refused, PlusAddressing::Allowed] {
        if let Ok(address) = Address::parse(text, plus) {
            assert_eq!(address.as_typed(), text);
            let again = Address::parse(address.key(), plus);
            assert!(again.is_ok_and(|again| again.key() == address.key()));
        }
    }
});
