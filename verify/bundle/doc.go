// Package bundle holds what lets somebody check a label without asking the
// registry, and without believing it: the trust file that a verifier brings, the
// bundle of everything that one code's answer rests on, and the words that a
// registry signs with its answer key.
//
// It does no input or output and has no clock. Statements are signed by keys
// that no server holds, and proofs show that the log has them; that nothing was
// left out, no proof can show. So the registry signs a manifest of what a bundle
// must hold, and one that leaves a revocation out has signed its lie.
package bundle
