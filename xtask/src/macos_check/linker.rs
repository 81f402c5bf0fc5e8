//! What the linker complains about, with the advice it does not give.

use std::collections::BTreeSet;

use super::frameworks;

/// What to do about names and frameworks that the linker does not know.
pub(super) fn advice(complaints: &str) -> Option<String> {
    let names = after(complaints, "undefined symbol: ");
    let libraries: BTreeSet<String> = [
        "framework not found for -framework ",
        "library not found for -l",
    ]
    .into_iter()
    .flat_map(|words| after(complaints, words))
    .collect();
    let mut text = Vec::new();
    let folder = frameworks::folder();
    let folder = folder.display();
    if !names.is_empty() {
        text.push(format!(
            "names that are neither in libSystem nor in the lists of {folder}:\n  {}\n\
             If it is spelled so in Apple's documentation and is in macOS 11, add a line with the name to the list of \
             its framework, in order.",
            Vec::from_iter(names).join("\n  ")
        ));
    }
    if !libraries.is_empty() {
        text.push(format!(
            "frameworks or libraries without a list in {folder}:\n  {}\n\
             Add FRAMEWORK.txt there: why azike uses it, then the names it uses, a line each, in order. A library \
             that is not a framework also has a line `library /usr/lib/…`.",
            Vec::from_iter(libraries).join("\n  ")
        ));
    }
    (!text.is_empty()).then(|| text.join("\n"))
}

/// The words behind each place that says `words`.
fn after(complaints: &str, words: &str) -> BTreeSet<String> {
    let places = complaints.split(words).skip(1);
    let names = places.filter_map(|rest| rest.split_whitespace().next());
    names
        .map(|name| name.trim_matches(['`', '\'', '"']).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_and_an_unknown_framework_are_told() {
        let said = "  = note: ld64.lld: error: undefined symbol: _CFNoSuchApi\n\
                    >>> referenced by x.o\n ld64.lld: error: framework not found for -framework Photos\n";
        let advice = advice(said).unwrap();
        assert!(advice.contains("\n  _CFNoSuchApi\n"), "{advice}");
        assert!(advice.contains("\n  Photos\n"), "{advice}");
    }

    #[test]
    fn other_complaints_get_no_advice() {
        assert_eq!(advice("error[E0308]: mismatched types"), None);
    }
}
