//! What runs while a tunnel is up: the engine, and the server that lets the command line reach it.

mod board;
pub mod engine;
pub mod engine_face;
pub(crate) mod keep_alive;
pub(crate) mod keychain;
pub mod process;
mod profiles;
pub mod server;
mod session;
mod setup;
mod stages;
