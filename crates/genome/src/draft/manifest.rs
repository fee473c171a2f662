//! The draft's manifest.

use super::Draft;
use super::fault::DraftError;
use crate::digest::Digest;
use crate::model::ListKind;
use crate::path::ManifestPath;
use genome_json::Value;
use std::collections::hash_map::Entry as Slot;

impl Draft<'_> {
    /// The paths of the manifest, in its order.
    #[must_use]
    pub fn files(&self) -> Vec<ManifestPath> {
        self.files.texts(ListKind::File.key()).filter_map(|path| path.parse().ok()).collect()
    }

    /// Sets the digests of files; files that the manifest lacks are added at its end.
    pub fn put_files(&mut self, files: impl IntoIterator<Item = (ManifestPath, Digest)>) {
        let mut places = self.files.places();
        for (path, digest) in files {
            let digest = Value::string(digest.to_string());
            match places.entry(path.to_string()) {
                Slot::Occupied(place) => self.files.set(*place.get(), "sha256", digest),
                Slot::Vacant(place) => {
                    place.insert(self.files.len());
                    self.files.push(Value::object([("path", Value::string(path.to_string())), ("sha256", digest)]));
                }
            }
        }
    }

    /// Takes a file out of the manifest.
    ///
    /// # Errors
    /// [`DraftError::Unknown`].
    pub fn remove_file(&mut self, path: &ManifestPath) -> Result<(), DraftError> {
        self.files.remove(path.as_str())
    }
}
