//! The rules of the library, held against counts, plain methods and large inputs: one test binary, a module for each thing that is held.

mod bounds;
mod comparison;
mod drafting;
mod lineage;
mod policies;
mod properties;
mod scale;
