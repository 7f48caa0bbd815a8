//! Any query string and any filter is read or refused; what was read prints as text that reads as the same tree.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_odata::{
    Advanced, EdmType, ElementRule, Options, Property, Schema, Selectable, Support, filter,
};

fuzz_target!(|text: &str| {
    let _ = Options::parse(text);
    let _ = filter::parse(text, &Anything, Advanced::No);
    if let Ok(tree) = filter::parse(text, &Anything, Advanced::Yes) {
        let printed = tree.display(&Anything).to_string();
        assert_eq!(filter::parse(&printed, &Anything, Advanced::Yes), Ok(tree), "{printed}");
    }
});

/// One short-named property of each type, all of which allow everything.
struct Anything;

impl Schema for Anything {
    type Id = EdmType;

    fn type_name(&self) -> &'static str {
        "fuzz.anything"
    }

    fn resource(&self) -> &'static str {
        "Anything"
    }

    fn properties(&self) -> &'static [Property<EdmType>] {
        &PROPERTIES
    }

    fn element_rule(&self, _: EdmType) -> ElementRule {
        ElementRule::With("m")
    }
}

static PROPERTIES: [Property<EdmType>; 8] = [
    anything("s", EdmType::String),
    anything("b", EdmType::Boolean),
    anything("d", EdmType::DateTimeOffset),
    anything("g", EdmType::Guid),
    anything("i", EdmType::Int32),
    anything("c", EdmType::Complex),
    anything("ss", EdmType::StringCollection),
    anything("cc", EdmType::ComplexCollection),
];

const fn anything(name: &'static str, edm: EdmType) -> Property<EdmType> {
    Property {
        id: edm,
        name,
        edm,
        eq: Support::Default,
        ne: Support::Default,
        not: Support::Default,
        order: Support::Default,
        in_list: Support::Default,
        startswith: Support::Default,
        endswith: Support::Default,
        contains: Support::Default,
        eq_null: Support::Default,
        orderby: Support::Default,
        members: &["value", "m"],
        selectable: Selectable::Yes,
    }
}
