// Package credential writes what a registry holds for programs that know nothing
// of it: a label or a declaration as a W3C Verifiable Credential (Data Model 2.0,
// secured as a token by VC-JOSE-COSE), in the shape of a UNTP Digital Conformity
// Credential; and its status lists as Bitstring Status Lists.
//
// A credential promises no more than was signed. The registry issues it, as who
// keeps and publishes the statement; the attestation in it is that of the issuer
// of the label or of the maker, whose statement is named with its place in the
// log. It says that conformity was declared or attested and that this stands, and
// it is given out only while that is so: the format has one boolean, and no way
// to say suspended, in grace, not yet or not trusted. What became of it later is
// in the status lists.
//
// What a label or declaration counts for in the other country has no field in
// UNTP, and is nowhere in a credential: the registry's verdict, which it links,
// answers that. The contexts are names; nothing here fetches them.
package credential
