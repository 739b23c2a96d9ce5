// Package keys answers where a private key is kept, and has it sign there. A key
// is a [crypto.Signer], whether its file was read or it never leaves a token: a
// hardware security module, a smart card, or what else is reached by PKCS #11.
//
// A file holds a PKCS #8 private key in PEM, or in its place one line that is the
// URI (RFC 7512) of a key in a token. Secrets are read from files of mode 0600 of
// one's own and from nowhere else:
//
//	pkcs11:token=tegata;object=log?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/tegata/pin
//
// A token that is away, does not answer or signs something else is an accident of
// that one signature: the next one tries again from the beginning. It takes cgo,
// and so a C compiler, to build with tokens; without, all else is the same.
package keys

// A Kind is one of the two kinds of key that sign here.
type Kind string

const (
	Ed25519 Kind = "Ed25519"
	P256    Kind = "P-256"
)
