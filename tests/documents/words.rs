//! The words of the documents: current English, for people to whom it is a second language.

use crate::documents;
use crate::runner::read;

/// Words that most people read and do not say.
const RARE: [&str; 4] = ["whoever", "nobody", "whom", "thereof"];

#[test]
fn the_words_are_common_ones() {
    let (mut words, mut rare) = (0, 0);
    let mut of_each = Vec::new();
    for document in documents() {
        let text = read(&document).to_lowercase();
        let split = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let (all, found) = split.fold((0, 0), |(all, found), word| (all + 1, found + usize::from(RARE.contains(&word))));
        words += all;
        rare += found;
        of_each.push((document, all, found));
    }
    assert!(words > 10_000 && rare * 200 <= words, "{rare} of {words}: {of_each:?}");
    // One page must not take what the others leave.
    for (document, all, found) in of_each.iter().filter(|(document, ..)| document.starts_with("docs/")) {
        assert!(found * 200 <= all + 200, "{document}: {found} of {all}");
    }
}
