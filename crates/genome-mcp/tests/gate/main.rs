//! What the gate does with messages: the table of lines, the table of methods, what is pinned, and a model that was written apart.

mod agreement;
mod answers;
mod definitions;
mod drift;
mod due;
mod lines;
mod listing;
mod methods;
mod model;
mod pinned;
mod pins;
mod results;
mod server;
mod sides;
mod troubles;
