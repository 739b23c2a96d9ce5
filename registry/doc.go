// Package registry keeps the log: it decides what is entered, gives receipts,
// looks records up, and audits itself.
//
// A registry is one bbolt file. Only the entries are forever; all else is an
// index that points at entries, never says anything an entry does not say, and can
// be made again by replaying the log. Hashes and head are written in the transaction
// of the entry, and so are its rows where few statements come; of many, rows wait in
// memory to be written together, and are made again from the entries at the start
// where a crash takes them.
// Numbers in keys and values are 8 bytes, big endian.
//
//	bucket      key                                  value
//	entry       index                                the entry's bytes (see tlog.Entry)
//	hash        stored-hash index                    a hash of 32 bytes
//	head        "checkpoint"                         the signed checkpoint
//	head        "order"                              who decides the order of entries, where the file does not
//	head        "ahead"                              how many entries there are, where a head of the last is still to come
//	head        "filed"                              of how many entries all rows of indexes are here, where some wait
//	code        code (12 bytes), index               nothing: entries about a code
//	governance  index                                nothing: entries about no code
//	id          statement id                         index of the statement
//	number      scheme, 0, registration number       index of the first entry that says so
//	model       folded model, 0, code                index of the first entry that says so
//	gtin        14 digits, 0, code                   index of the first entry that says so
//	holder      folded name, 0, code                 index of the first entry that says so
//	status      status-list index                    index of the entry it is given to
//	basis       code of a declaration, 0, code       index of the first entry that says so: a label that rests on it
//	standing    code, index                          nothing: entries that may make their record other than valid
//
// Who decides the order of entries is a [sequencer.Sequencer]: the file itself, or
// others. What they entered is checked like an audit would before it is shown.
//
// What records are found by in words stands in a second file beside it, which is
// made from the log in the background, and made again where it is not there or
// not right. Nothing else rests on it.
//
// Whoever can change the file can hide a record, not forge or alter one: what
// is read is checked against the signed head before it is believed.
//
// A verdict is an answer, a [Refusal] a decision, an error an accident.
package registry
