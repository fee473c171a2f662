//! What the server does, seen from outside, and what all programs have in common: one test binary, a module for each thing that is held.
//!
//! The modules share a process, and run at once: none may change its working directory, its variables, its umask or its signals. What a program is
//! to find otherwise is given to the program alone.

#[cfg(target_os = "linux")]
mod adversary;
mod approvals;
mod authorize;
mod authzen;
mod authzen_clients;
mod boot;
mod clients;
mod decision_log;
mod deploy;
mod kubernetes;
mod load;
mod log;
mod opening;
mod page;
mod proxies;
mod schemathesis;
mod sockets;
mod streams;
#[cfg(target_os = "linux")]
mod supervisor;
mod variables;
#[cfg(target_os = "linux")]
mod verify_faults;
mod walk;
