//! What happened and what was decided, kept so that a crash loses nothing that was acknowledged
//! and nobody can change it unseen: REMEMBERS.
