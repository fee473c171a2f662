//! What the gate does with messages: the table of lines, the table of methods, and a model that was written apart.

mod answers;
mod lines;
mod methods;
mod model;
mod pins;
mod results;
mod server;
mod sides;
