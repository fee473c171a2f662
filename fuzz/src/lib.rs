//! What several fuzz targets need.

pub mod edits;
pub mod encrypted;
pub mod point;
pub mod signed;
pub mod strict;
pub mod values;
