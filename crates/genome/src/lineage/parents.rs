//! The parents of a genome, as their files describe them.

use super::Ancestors;
use crate::attribution::Attribution;
use crate::digest::GenomeId;
use crate::document::Document;
use crate::model::Genome;

/// A genome's parents as their files describe them, in order; `None` for those that are not found. They are not verified: their ids show
/// that they are the parents which the genome's signers meant.
pub(crate) fn parents(document: &Document<'_>, ancestors: &dyn Ancestors) -> Vec<(GenomeId, Option<Genome>)> {
    let read = |id| {
        let copies = ancestors.find(id).unwrap_or_default();
        let bytes = copies.iter().filter_map(|copy| copy.bytes.as_ref().ok());
        let mut documents = bytes.filter_map(|bytes| Document::read(bytes).ok()).filter(|document| document.id == id);
        documents.next().map(|document| document.genome)
    };
    document.genome.parents.iter().map(|&id| (id, read(id))).collect()
}

/// Tries the open signatures with the keys of a document's parents, as far as these are found. Returns the parents.
pub(crate) fn attribute_among_parents(
    attribution: &mut Attribution,
    document: &Document<'_>,
    ancestors: Option<&dyn Ancestors>,
) -> Vec<(GenomeId, Option<Genome>)> {
    let parents = ancestors.map(|ancestors| parents(document, ancestors)).unwrap_or_default();
    for parent in parents.iter().filter_map(|(_, parent)| parent.as_ref()) {
        attribution.attribute(&parent.authority.signers, document.canonical.as_bytes());
    }
    parents
}
