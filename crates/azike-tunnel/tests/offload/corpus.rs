//! Replays what the fuzzer found or started from: `fuzz/corpus/offload` of the repository.

use std::fs;
use std::path::Path;

use crate::invariant;

#[test]
fn every_input_of_the_fuzz_corpus_is_harmless() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/offload");
    let mut replayed = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        let input = fs::read(entry.unwrap().path()).unwrap();
        invariant::check(&input);
        replayed += 1;
    }
    assert!(
        replayed >= 10,
        "{} has {replayed} inputs only",
        corpus.display()
    );
}
