// Package tlog answers what a transparency log says and how one checks it
// without asking anybody: the bytes of a log entry, the Merkle tree over them
// (RFC 6962), the signed head of that tree, and its tiles, entry bundles and
// proofs, in the formats c2sp.org specifies, so that other people's tools work.
//
// It does no input or output and has no clock: what it needs of a tree it asks
// of a [HashReader], and the instant of a cosignature is an argument. Parsers
// take one spelling only: what they accept prints back the same. All of them
// refuse with [ErrMalformed].
//
// An entry, four lines without a final newline: the format, the instant it was
// logged in Unix milliseconds, its index in the status list (or -), a compact
// JWS ([Entry]):
//
//	tegata-entry/v1
//	1795392000123
//	4711
//	eyJhbGciOiJFZERTQSJ9.e30.c2ln
//
// A checkpoint as the log signs it, with one cosignature, 311 bytes
// (c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature; [Sign], [Cosign],
// [OpenCheckpoint]):
//
//	reg.example.jp/log
//	2
//	W8XqDVNf71MFmnYOPoNkK+yrwQOGMo2Bilm2sHar3cY=
//
//	— reg.example.jp/log U280q7bDaE4GYeqhjqzea7QUStLWq94VOgYZVWMl4Sjqgztu54YiqYyFsnaOEwlvw2Yp6/eMH4fQ8x3NVkc1dyaCTQg=
//	— reg.example.jp/log N29ErgAAAABrBCrA2nKosrEyqV9FSqk//HD+Z+ZzfQeLlZBpfWXqdtI/2y08CTHBGLy9AeZSK8b7hJI69f1sQTBHZ7XcpBvmKMHODw==
//
// The verifier keys that open it, the log's and the cosigner's
// (c2sp.org/signed-note; [ParseLogKey], [ParseCosignerKey]):
//
//	reg.example.jp/log+536f34ab+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c
//	reg.example.jp/log+376f44ae+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU
//
// A proof that the entry above is the first of that tree
// (c2sp.org/tlog-proof; [Proof]); after the empty line comes the checkpoint,
// whole:
//
//	c2sp.org/tlog-proof@v1
//	index 0
//	HZ/7xJF/lOq9VfUY/4pdPZx6J0m0wSXIzMhu/c8BNBk=
//
// Names of a full tile of leaf hashes (index 1,234,067), of a partial one two
// levels up, and of a bundle of entries (c2sp.org/tlog-tiles; [TilePath]):
//
//	tile/0/x001/x234/067
//	tile/2/000.p/17
//	tile/entries/273.p/112
//
// A bundle of the entries "a" and "bc", each behind its length in two bytes,
// the high one first ([MarshalBundle]):
//
//	00 01 61 00 02 62 63
package tlog
