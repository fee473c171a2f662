//! What the programs do, seen from outside: one test binary, a module for each thing that is held.
//!
//! The modules share a process, and run at once: none may change its working directory, its variables, its umask, its limits or its signals. What
//! a program is to find otherwise is given to the program alone.

mod audit;
mod audit_chain;
mod audit_crash;
mod audit_faults;
mod audit_stream;
mod custody;
mod diff;
mod diff_git;
mod diff_hostile;
mod diff_step;
mod draft;
mod exec;
mod exposure;
mod floors;
mod hostile;
mod hostile_proposals;
mod hygiene;
mod inherited;
mod interoperation;
mod interruption;
mod key_file;
mod key_formats;
mod keygen;
mod keys_in_git;
mod lineage;
mod manifest;
mod merge;
mod mounts;
mod passphrase;
mod pasted;
mod pkcs11;
mod production;
mod proposals;
mod proposing;
mod published_keys;
mod refused;
mod reports;
mod review;
mod rollback;
mod root;
mod rotation;
mod schemas;
mod secret_file;
mod sign;
mod ssh_agent;
mod state;
mod strict_manifest;
mod surroundings;
mod texts;
mod trust;
mod trust_vectors;
mod vectors;
mod verify;
